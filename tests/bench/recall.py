"""Measures retrieval on the paragraphs of XQuAD: how often the gold paragraph is in the first k.

Run from the root of the repository: python tests/bench/recall.py [tune|report] [en|zh]
"""

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.documents import Document
from retrieval.embed import Embedder, SentenceEncoder
from retrieval.fuse import fuse
from retrieval.generations import Generations, Snapshot
from retrieval.split import in_context, split

DATA = Path("../shared/data/xquad")
DEPTH = 50
CUTS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the id of the paragraph that answers it."""

    question: str
    gold: str


def half(title: str) -> str:
    """Return the half that an article belongs to, by a hash of its title."""
    return "report" if hashlib.sha256(title.encode()).digest()[0] % 2 else "tune"


def paragraphs(path: Path) -> Iterator[tuple[str, str, Document, list[str]]]:
    """Yield the article's half, its title, a paragraph as a document, and its questions."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = article["title"]
        for number, paragraph in enumerate(article["paragraphs"]):
            name = title.replace("_", " ")
            document = Document(f"{title}/{number}", name, paragraph["context"])
            yield half(title), title, document, [item["question"] for item in paragraph["qas"]]


def index(documents: Sequence[Document], embedder: Embedder, folder: Path) -> Snapshot:
    """Return the documents indexed as the library indexes them."""
    passages = [passage for document in documents for passage in split(document)]
    vectors = embedder.encode([in_context(passage) for passage in passages])
    generations = Generations(folder)
    generations.write(passages, vectors, embedder=embedder.id, index="flat", version=1)
    return generations.open()


def rankings(snapshot: Snapshot, embedder: Embedder, question: str) -> dict[str, list[int]]:
    """Return the rows that words, meaning and both together find."""
    lexical = [row for row, _ in snapshot.words.search(question, DEPTH)]
    dense: list[int] = []
    if embedder.reads(question):
        _, rows = snapshot.vectors.search(embedder.encode([question], query=True), DEPTH)
        dense = rows[0].tolist()
    fused = [item.row for item in fuse({"dense": dense, "lexical": lexical})]
    return {"lexical": lexical, "dense": dense, "fused": fused}


def rank(snapshot: Snapshot, rows: list[int], gold: str) -> int:
    """Return the rank of the gold paragraph among paragraphs, from 1; 0 if it was not found."""
    seen = list(dict.fromkeys(snapshot.passages[row].document for row in rows))
    return seen.index(gold) + 1 if gold in seen else 0


def main(part: str = "report", language: str = "en") -> None:
    """Print a table of recall by ranking."""
    items = list(paragraphs(DATA / f"xquad.{language}.json"))
    questions = [Asked(q, d.id) for h, _, d, qs in items for q in qs if h == part]
    embedder = SentenceEncoder(device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        snapshot = index([document for _, _, document, _ in items], embedder, Path(folder))
        ranks: dict[str, list[int]] = {"lexical": [], "dense": [], "fused": []}
        began = time.perf_counter()
        for asked in questions:
            for name, rows in rankings(snapshot, embedder, asked.question).items():
                ranks[name].append(rank(snapshot, rows, asked.gold))
        each = (time.perf_counter() - began) / len(questions)
    print(f"xquad-{language}, {part} half: {len(questions)} questions, {len(items)} paragraphs,")
    print(f"{len(snapshot.passages)} passages, {1000 * each:.1f} ms a question\n")
    print("| ranking | " + " | ".join(f"R@{cut}" for cut in CUTS) + " |")
    print("|---|" + "---|" * len(CUTS))
    for name, found in ranks.items():
        cells = (sum(0 < r <= cut for r in found) / len(found) for cut in CUTS)
        print(f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
