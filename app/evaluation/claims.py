"""Reads the public sets of claims with human labels out of a folder, each split by document."""

import csv
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.evaluation.sets import Half
from retrieval.errors import UserError


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim, the evidence that it was made from, and whether people found it supported.

    `document` names what its half goes by; claims of one document are drawn together.
    """

    set: str
    claim: str
    evidence: str
    supported: bool
    document: str
    title: str = ""

    @property
    def half(self) -> Half:
        digest = hashlib.sha256(self.document.encode()).hexdigest()
        return "report" if int(digest, 16) % 2 else "tune"


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """Where a set lies; `family` joins sets that share documents, and `fitted` is true where its
    licence allows that weights are fitted on its tune half."""

    name: str
    file: str
    read: Callable[[str, Path], Iterator[Claimed]]
    family: str
    fitted: bool


def load(given: ClaimSet, folder: Path, half: Half, most: int) -> list[Claimed]:
    """Return at most `most` claims of a half, of whole documents drawn by a fixed seed.

    Raises `UserError` for a set that is not there.
    """
    try:
        every = [one for one in given.read(given.name, folder / given.file) if one.half == half]
    except FileNotFoundError as error:
        raise UserError(
            f"the set {given.name!r} is not in {str(folder)!r}: there is no {given.file!r}",
            cure="get the data as docs/benchmarks.md says, and name its folder with --data FOLDER",
        ) from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(
            f"{str(folder / given.file)!r} is no set of the kind {given.name!r}: {error!r}",
            cure="get the data again as docs/benchmarks.md says",
        ) from error
    return _drawn(every, most)


def _drawn(every: list[Claimed], most: int) -> list[Claimed]:
    documents = sorted({one.document for one in every})
    random.Random(0).shuffle(documents)
    place = {document: at for at, document in enumerate(documents)}
    return sorted(every, key=lambda one: place[one.document])[:most]


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _wice(name: str, path: Path) -> Iterator[Claimed]:
    """WiCE claims beside their gold sentences, or the first twelve where none supports them;
    partially supported is not supported."""
    for row in _lines(path):
        chosen = sorted({at for group in row["supporting_sentences"] for at in group})
        evidence = [row["evidence"][at] for at in chosen] or row["evidence"][:12]
        yield _wiced(name, row, "\n".join(evidence))


def _chunks(name: str, path: Path) -> Iterator[Claimed]:
    """WiCE claims beside a chunk of the page, long and with much that has nothing to do with it."""
    for row in _lines(path):
        yield _wiced(name, row, "\n".join(row["evidence"]))


def _wiced(name: str, row: dict[str, Any], evidence: str) -> Claimed:
    title = str(row.get("meta", {}).get("claim_title", row["claim"]))
    return Claimed(name, row["claim"], evidence, row["label"] == "supported", title, title)


def _begin(name: str, folder: Path) -> Iterator[Claimed]:
    """BEGIN's three parts; generic replies, which claim nothing, are left out."""
    for part in ("wow", "cmu", "tc"):
        with (folder / f"begin_dev_{part}.tsv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                label, evidence = row["begin_label"].strip().lower(), row["knowledge"]
                if "generic" not in label:
                    supported = label.startswith("fully")
                    yield Claimed(name, row["response"], evidence, supported, evidence)


def _qags(name: str, path: Path) -> Iterator[Claimed]:
    """Summary sentences beside their article, as most of three people found them."""
    for row in _lines(path):
        for said in row["summary_sentences"]:
            votes = [one["response"] == "yes" for one in said["responses"]]
            supported = 2 * sum(votes) > len(votes)
            yield Claimed(name, said["sentence"], row["article"], supported, row["article"])


def _halueval(name: str, path: Path) -> Iterator[Claimed]:
    """Right and hallucinated answers, each behind its question."""
    for row in _lines(path):
        for key, supported in (("right_answer", True), ("hallucinated_answer", False)):
            claim = f"{row['question']} {row[key]}"
            yield Claimed(name, claim, row["knowledge"], supported, row["knowledge"])


def _healthver(name: str, path: Path) -> Iterator[Claimed]:
    """Health claims; refuted and neutral ones are not supported."""
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            supported = row["label"] == "Supports"
            yield Claimed(name, row["claim"], row["evidence"], supported, row["evidence"])


def _fever(name: str, path: Path) -> Iterator[Claimed]:
    """FEVER claims and evidence edited so that the claim alone tells nothing."""
    for row in _lines(path):
        supported = row["gold_label"] == "SUPPORTS"
        yield Claimed(name, row["claim"], row["evidence"], supported, row["evidence"])


SETS = {
    one.name: one
    for one in (
        ClaimSet("wice", "wice/claim/dev.jsonl", _wice, "wice", True),
        ClaimSet("wice-chunks", "wice/oracle_chunks/dev.jsonl", _chunks, "wice", True),
        ClaimSet("begin", "begin", _begin, "begin", True),
        ClaimSet("qags", "qags/mturk_cnndm.jsonl", _qags, "qags", False),
        ClaimSet("halueval", "halueval_qa_subset/qa_data.json", _halueval, "halueval", True),
        ClaimSet("healthver", "healthver/healthver_dev.csv", _healthver, "healthver", False),
        ClaimSet(
            "fever-symmetric",
            "fever_symmetric/fever_symmetric_dev_dedup.jsonl",
            _fever,
            "fever",
            True,
        ),
    )
}
