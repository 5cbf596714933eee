"""The public sets that the verifier learns from: where each lies, and under which licence."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.learning.generated import Answer, Source
from app.learning.pairs import CARRIED, CONTRADICTED, NEUTRAL, NOT_CARRIED, Pair, tuned_on
from retrieval.errors import UserError

_LABELS = {
    "supported": CARRIED,
    "contradicted": CONTRADICTED,
    "neutral": NEUTRAL,
    "unsupported": NOT_CARRIED,
}


@dataclass(frozen=True, slots=True)
class Entailments:
    """A set of labelled pairs: the `share` (0..1) of it that is taken, and how many times, each
    time beside other distractors."""

    name: str
    licence: str
    share: float = 1.0
    times: int = 1

    @property
    def file(self) -> str:
        return f"nli/{self.name}.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Passages:
    """A set of passages; of those with questions, only the tune half is used."""

    file: str
    licence: str
    questions: bool = False


ENTAILMENTS = (
    Entailments("mnli_dev_matched", "OANC; parts CC BY 3.0, CC BY-SA 3.0, public domain", 1.0, 2),
    Entailments("snli_dev", "CC BY-SA 4.0", 0.4),
    Entailments("snli_test", "CC BY-SA 4.0", 0.4),
    Entailments("snli_cad", "Apache-2.0"),
    Entailments("scitail_test", "Apache-2.0"),
    Entailments("med", "CC BY-SA 4.0", 0.6),
    Entailments("conjnli", "MIT; sentences CC BY-SA", 0.08),
)
PASSAGES = (
    Passages("hipporag/musique_train_corpus.json", "MIT; text CC BY-SA"),
    Passages("hipporag/2wikimultihopqa_corpus.json", "MIT; text CC BY-SA"),
    Passages("squad2_cs224n/dev-v2.0.json", "CC BY-SA 4.0", questions=True),
    Passages("xquad/xquad.en.json", "CC BY-SA 4.0", questions=True),
)
"""What is shipped is trained on these alone. Left out are sets for non-commercial use (anli, sick,
control, ocnli), sets without a known open licence (rte, monli, covidfact, climate_fever, summaries
of news), and the relatives of what it is measured on (wice, fever)."""


def digests(data: Path) -> dict[str, str]:
    """Return the SHA-256 of every file learned from. Raises `UserError` if one is missing."""
    return {one.file: _digest(data / one.file) for one in (*ENTAILMENTS, *PASSAGES)}


def pairs(given: Entailments, data: Path) -> list[Pair]:
    """Return all the pairs of a set."""
    with _opened(data / given.file) as file:
        return [_pair(json.loads(line), given) for line in file]


def sources(data: Path) -> list[Source]:
    """Return all the passages, each text once."""
    found: dict[str, Source] = {}
    for given in PASSAGES:
        for source in _sources(given, data):
            found.setdefault(source.text, source)
    return list(found.values())


def _pair(row: dict[str, str], given: Entailments) -> Pair:
    return Pair(row["evidence"], row["claim"], _LABELS[row["label"]], row["doc"], given.name)


def _sources(given: Passages, data: Path) -> Iterator[Source]:
    with _opened(data / given.file) as file:
        read = json.load(file)
    if not given.questions:
        for row in read:
            yield Source(row["title"], row["title"], row["text"])
        return
    for article in read["data"]:
        title = article["title"]
        if tuned_on(title):
            for paragraph in article["paragraphs"]:
                answers = tuple(_answers(paragraph["qas"]))
                yield Source(title, title.replace("_", " "), paragraph["context"], answers)


def _answers(asked: list[dict[str, Any]]) -> Iterator[Answer]:
    for one in asked:
        for key, right in (("answers", True), ("plausible_answers", False)):
            for answer in one.get(key, ())[:1]:
                yield Answer(one["question"], answer["text"], answer["answer_start"], right)


def _opened(path: Path) -> Any:
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8")
        return path.open(encoding="utf-8")
    except FileNotFoundError as error:
        raise _missing(path) from error


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise _missing(path) from error


def _missing(path: Path) -> UserError:
    return UserError(
        f"the verifier learns from {path.name}, and there is no {str(path)!r}",
        origin="--data",
        cure="get the data as docs/verifier.md says, and name its folder with --data FOLDER",
    )
