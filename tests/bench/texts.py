"""Makes any number of short texts out of the real sentences of public sets, and real questions.

A text takes three sentences: two of one real passage and one of another, drawn with a fixed seed,
so words keep the company and the frequencies they have. What is drawn from a bounded stock knows no
new words, though, and in real text they never end (Heaps' law: N times the text has about N**0.6
times the words). So a Latin word that stands in at most two sentences of the stock gets one of
that many numbered forms each time it is drawn: what is rare there stays rare here.
"""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.sentences import sentences

DATA = Path("../shared/data")
_LATIN = re.compile(r"[A-Za-z]{3,}")
_EACH = 3


@dataclass(frozen=True, slots=True)
class Stock:
    """The sentences of each passage, cut before and after its rare words."""

    passages: list[list[list[str]]]

    @property
    def size(self) -> int:
        """How many sentences there are."""
        return sum(map(len, self.passages))


def stock() -> Stock:
    """Read the passages of all sets and find the words that are rare in them."""
    found = [_cut(text) for text in dict.fromkeys(_passages())]
    often = Counter(
        word for passage in found for line in passage for word in set(_LATIN.findall(line))
    )
    rare = {word for word, count in often.items() if count <= 2}
    return Stock([[_parts(line, rare) for line in passage] for passage in found if passage])


def texts(held: Stock, rows: int, seed: int = 0) -> Iterator[str]:
    """Yield `rows` texts; each is of one line."""
    draw = random.Random(seed)
    forms = max(1, round((rows * _EACH / held.size) ** 0.6))
    for _ in range(rows):
        passage = draw.choice(held.passages)
        drawn = [
            draw.choice(passage),
            draw.choice(passage),
            draw.choice(draw.choice(held.passages)),
        ]
        yield " ".join(_said(parts, draw, forms) for parts in drawn)


def questions(language: str, count: int) -> list[str]:
    """Return questions of XQuAD's report half, drawn with a fixed seed."""
    path = DATA / "xquad" / f"xquad.{language}.json"
    found = [
        item["question"]
        for article in json.loads(path.read_text("utf-8"))["data"]
        if hashlib.sha256(article["title"].encode()).digest()[0] % 2
        for paragraph in article["paragraphs"]
        for item in paragraph["qas"]
    ]
    return random.Random(0).sample(found, min(count, len(found)))


def _said(parts: list[str], draw: random.Random, forms: int) -> str:
    """Join a sentence; every second part is a rare word."""
    if len(parts) == 1 or forms == 1:
        return "".join(parts)
    said = list(parts)
    for at in range(1, len(said), 2):
        number = draw.randrange(forms)
        said[at] += _letters(number) if number else ""
    return "".join(said)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _parts(line: str, rare: set[str]) -> list[str]:
    parts, at = [], 0
    for match in _LATIN.finditer(line):
        if match[0] in rare:
            parts += [line[at : match.start()], match[0]]
            at = match.end()
    return [*parts, line[at:]]


def _cut(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentences(text)]


def _passages() -> Iterator[str]:
    for name in ("squad2_cs224n/dev-v2.0", "drcd/DRCD_dev", "cmrc2018/cmrc2018_dev"):
        yield from _squad(DATA / f"{name}.json")
    for language in ("en", "zh"):
        yield from _squad(DATA / f"xquad/xquad.{language}.json")
    for name in ("musique_train_corpus", "2wikimultihopqa_corpus"):
        for item in json.loads((DATA / f"hipporag/{name}.json").read_text("utf-8")):
            yield f"{item['title']}. {item['text']}"
    for path in sorted((DATA / "chunking_eval").glob("*.md")):
        if path.name != "README.md":
            yield from path.read_text("utf-8").split("\n\n")


def _squad(path: Path) -> Iterator[str]:
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"]
