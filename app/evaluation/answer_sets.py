"""Question sets with their answers: a pool to search, or a few documents dealt to each question."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.evaluation.sets import Half, half
from retrieval.documents import Document
from retrieval.errors import UserError

DEALT = 5
"""Documents that each question of RGB is given (Chen et al. 2024, 2309.01431)."""

NOISE = (0.0, 0.4, 0.8, 1.0)
"""Shares of the dealt documents that do not hold the answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, the half it belongs to, and the strings of which an answer holds one.

    No string means that nothing answers it. `own` are documents dealt to it alone, none where the
    pool of the set is searched.
    """

    id: str
    question: str
    half: Half
    golds: tuple[str, ...]
    own: tuple[Document, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.golds)


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """Documents, and questions about them. `long`: the golds are whole answers, of which a right
    one holds most words, not strings that it holds."""

    name: str
    documents: tuple[Document, ...]
    readings: tuple[Reading, ...]
    long: bool = False

    def asked(self, half: Half) -> list[Reading]:
        """Return the questions of one half."""
        return [reading for reading in self.readings if reading.half == half]


def load(name: str, folder: Path) -> ReadingSet:
    """Read one of `SETS` out of the folder of data. `UserError` for one that is not there."""
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


def _squad(name: str, path: Path) -> ReadingSet:
    documents, readings = [], []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = article["title"]
        for number, paragraph in enumerate(article["paragraphs"]):
            named = title.replace("_", " ")
            documents.append(Document(f"{title}/{number}", named, paragraph["context"]))
            for item in paragraph["qas"]:
                answers = () if item.get("is_impossible") else item["answers"]
                golds = tuple(dict.fromkeys(answer["text"] for answer in answers))
                asked = str(item["question"]).strip()
                readings.append(Reading(str(item["id"]), asked, half(title), golds))
    return ReadingSet(name, tuple(documents), tuple(readings))


def _clapnq(name: str, path: Path) -> ReadingSet:
    documents, readings = [], []
    for file in (path, path.with_name("clapnq_unanswerable_A.jsonl")):
        for item in _lines(file):
            passage = item["passages"][0]
            title = passage["title"]
            documents.append(Document(item["id"], title, passage["text"]))
            golds = tuple(o["answer"] for o in item["output"] if o.get("answer"))
            golds = golds if file == path else ()
            readings.append(Reading(item["id"], item["input"], half(title), golds))
    return ReadingSet(name, tuple(documents), tuple(readings), long=True)


def _rgb(noise: float) -> Callable[[str, Path], ReadingSet]:
    """RGB with a share of noise: of five documents so many do not hold the answer."""

    def read(name: str, path: Path) -> ReadingSet:
        return ReadingSet(name, (), tuple(_dealt(item, noise) for item in _lines(path)))

    return read


def _dealt(item: dict[str, Any], noise: float) -> Reading:
    noisy = round(DEALT * noise)
    positive = item["positive"][: DEALT - noisy]
    texts = [*positive, *item["negative"][: DEALT - len(positive)]]
    own = tuple(Document(f"{item['id']}/{at}", "", text) for at, text in enumerate(texts))
    golds = tuple(_flat(item["answer"])) if positive else ()
    return Reading(str(item["id"]), item["query"], half(item["query"]), golds, own)


def _flat(answer: Any) -> Iterator[str]:
    """RGB nests the ways of writing an answer in lists."""
    if isinstance(answer, str):
        yield answer
        return
    for part in answer:
        yield from _flat(part)


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


SETS: dict[str, tuple[str, Callable[[str, Path], ReadingSet]]] = {
    "xquad-en": ("xquad/xquad.en.json", _squad),
    "xquad-zh": ("xquad/xquad.zh.json", _squad),
    "squad2": ("squad2_cs224n/dev-v2.0.json", _squad),
    "clapnq": ("clapnq/clapnq_answerable_A.jsonl", _clapnq),
    **{f"rgb-en-{noise:g}": ("rgb/en_fact_A.json", _rgb(noise)) for noise in NOISE},
    **{f"rgb-zh-{noise:g}": ("rgb/zh_refine_A.json", _rgb(noise)) for noise in NOISE},
}
"""The sets by name: the file of their questions below the folder of data, and their reader."""
