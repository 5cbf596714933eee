"""Reads the public question sets out of a folder, each as its publisher laid it out."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.evaluation.sets import Question, QuestionSet, Span, half, whole
from retrieval.documents import Document
from retrieval.errors import UserError


def load(name: str, folder: Path) -> QuestionSet:
    """Read one of `SETS` out of `folder`. Raises `UserError` for a set that is not there."""
    file, read = SETS[name]
    try:
        return read(name, folder / file)
    except FileNotFoundError as error:
        raise UserError(
            f"the question set {name!r} is not in {str(folder)!r}: there is no {file!r}",
            cure="get the data as docs/benchmarks.md says, and name its folder with --data FOLDER",
        ) from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(
            f"{str(folder / file)!r} is no question set of the kind {name!r}: {error!r}",
            cure="get the data again as docs/benchmarks.md says",
        ) from error


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _squad(name: str, path: Path) -> QuestionSet:
    """SQuAD's format: articles of paragraphs. An article without a title is named by its number."""
    documents, questions = [], []
    for article in _json(path)["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            title = article.get("title", "").replace("_", " ")
            key = article.get("title") or str(paragraph["id"])
            document = Document(f"{key}/{number}", title, paragraph["context"])
            documents.append(document)
            questions += [
                Question(item["question"], half(key), (whole(document),))
                for item in paragraph["qas"]
            ]
    return QuestionSet(name, tuple(documents), tuple(questions))


def _clapnq(name: str, path: Path) -> QuestionSet:
    """CLAP NQ: the answerable questions, over the passages of the unanswerable ones too."""
    documents, questions = [], []
    for item in _lines(path):
        document = _natural(item)
        documents.append(document)
        questions.append(Question(item["input"], half(document.title), (whole(document),)))
    documents += map(_natural, _lines(path.with_name("clapnq_unanswerable_A.jsonl")))
    return QuestionSet(name, tuple(documents), tuple(questions))


def _natural(item: Any) -> Document:
    passage = item["passages"][0]
    return Document(item["id"], passage["title"], passage["text"])


def _musique(name: str, path: Path) -> QuestionSet:
    """HippoRAG's sample of MuSiQue: a question needs two to four passages of the corpus."""
    documents, found = [], {}
    for number, item in enumerate(_json(path.with_name("musique_train_corpus.json"))):
        document = Document(str(number), item["title"], item["text"])
        documents.append(document)
        found[item["title"], item["text"]] = whole(document)
    questions = []
    for item in _json(path):
        needed = [p for p in item["paragraphs"] if p["is_supporting"]]
        gold = dict.fromkeys(found[p["title"], p["paragraph_text"]] for p in needed)
        questions.append(Question(item["question"], half(item["question"]), tuple(gold)))
    return QuestionSet(name, tuple(documents), tuple(questions), together=True)


def _codebase(name: str, path: Path) -> QuestionSet:
    """Anthropic's contextual-retrieval set: code files without names, cut into given chunks."""
    documents, cuts = [], []
    at: dict[tuple[str, int], Span] = {}
    for item in _json(path.with_name("codebase_chunks.json")):
        source, text = item["original_uuid"], item["content"]
        end, spans = 0, []
        for chunk in item["chunks"]:
            start = text.index(chunk["content"], end)
            end = start + len(chunk["content"])
            spans.append((start, end))
            at[source, chunk["original_index"]] = Span(source, start, end)
        documents.append(Document(source, "", text))
        cuts.append(tuple(spans))
    questions = []
    for item in _lines(path):
        gold = dict.fromkeys(at[source, number] for source, number in item["golden_chunk_uuids"])
        kept = half(item["golden_doc_uuids"][0])
        questions.append(Question(item["query"], kept, tuple(gold)))
    return QuestionSet(name, tuple(documents), tuple(questions), "cut", tuple(cuts))


def _chunking(name: str, path: Path) -> QuestionSet:
    """Chroma's chunking evaluation: five long documents, and the excerpts that answer."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["corpus_id"] for row in rows))
    documents = []
    for source in names:
        text = path.with_name(f"{source}.md").read_text(encoding="utf-8")
        documents.append(Document(source, source.replace("_", " "), text, "text/markdown"))
    return QuestionSet(name, tuple(documents), tuple(map(_excerpts, rows)), "span")


def _excerpts(row: dict[str, str]) -> Question:
    source = row["corpus_id"]
    gold = [Span(source, r["start_index"], r["end_index"]) for r in json.loads(row["references"])]
    return Question(row["question"], half(source), tuple(gold))


SETS: dict[str, tuple[str, Callable[[str, Path], QuestionSet]]] = {
    "xquad-en": ("xquad/xquad.en.json", _squad),
    "xquad-zh": ("xquad/xquad.zh.json", _squad),
    "drcd": ("drcd/DRCD_dev.json", _squad),
    "cmrc2018": ("cmrc2018/cmrc2018_dev.json", _squad),
    "clapnq": ("clapnq/clapnq_answerable_A.jsonl", _clapnq),
    "codebase": ("anthropic_cookbook_rag/evaluation_set.jsonl", _codebase),
    "musique": ("hipporag/musique_train.json", _musique),
    "chunking": ("chunking_eval/questions_df.csv", _chunking),
}
"""The sets by name: the file of their questions below the folder of data, and their reader."""
