"""Public pairs of claim and evidence with human labels, in tune and report halves."""

import csv
import gzip
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agents.check.words import cjk_share
from retrieval.sentences import sentences


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim beside its evidence, with the human label, in the half that its document falls in."""

    dataset: str
    claim: str
    evidence: tuple[str, ...]
    supported: bool
    tune: bool
    title: str = ""


def tune(title: str) -> bool:
    """True for the tune half: an even SHA-256 of the document or title."""
    return hashlib.sha256(title.encode()).digest()[-1] % 2 == 0


def wice(data: Path) -> Iterator[Pair]:
    """WiCE claims against their evidence sentences; partially supported is not supported."""
    for line in (data / "wice/claim/dev.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        chosen = sorted({n for group in row["supporting_sentences"] for n in group})
        evidence = [row["evidence"][n] for n in chosen] or row["evidence"][:12]
        key = row.get("meta", {}).get("claim_title", row["claim"])
        yield Pair(
            "wice (gold sentences)", row["claim"], ("\n".join(evidence),),
            row["label"] == "supported", tune(str(key)), str(key),
        )  # fmt: skip


def wice_chunks(data: Path) -> Iterator[Pair]:
    """WiCE against the retrieved chunk of the page, which is long."""
    for line in (data / "wice/oracle_chunks/dev.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        key = str(row.get("meta", {}).get("claim_title", row["claim"]))
        supported = row["label"] == "supported"
        yield Pair(
            "wice (chunks)", row["claim"], ("\n".join(row["evidence"]),), supported, tune(key), key
        )


def begin(data: Path) -> Iterator[Pair]:
    """BEGIN: fully attributable against not fully attributable; generic replies are left out."""
    for part in ("wow", "cmu", "tc"):
        with (data / f"begin/begin_dev_{part}.tsv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                label = row["begin_label"].strip().lower()
                if "generic" in label:
                    continue
                supported = label.startswith("fully")
                text = row["knowledge"]
                yield Pair(f"begin {part}", row["response"], (text,), supported, tune(text))


def fever(data: Path) -> Iterator[Pair]:
    """fever_symmetric: supports against refutes."""
    for line in (data / "fever_symmetric/fever_symmetric_dev_dedup.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        supported = row["gold_label"] == "SUPPORTS"
        yield Pair(
            "fever_symmetric", row["claim"], (row["evidence"],), supported, tune(row["evidence"])
        )


def xquad(data: Path, language: str) -> Iterator[Pair]:
    """XQuAD: a paragraph beside the sentence that answers, its answer kept or swapped.

    A number is swapped for another one, any other answer for another answer of its paragraph.
    """
    articles = json.loads((data / f"xquad/xquad.{language}.json").read_text("utf-8"))["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            yield from _swapped(article["title"], paragraph, f"xquad {language}, swapped")


def _swapped(title: str, paragraph: dict[str, Any], dataset: str) -> Iterator[Pair]:
    context = paragraph["context"]
    answers = [question["answers"][0] for question in paragraph["qas"]]
    for number, answer in enumerate(answers):
        dice = random.Random(f"{context}{number}")
        span = next((s for s in sentences(context) if s[0] <= answer["answer_start"] < s[1]), None)
        if span is None or answer["answer_start"] + len(answer["text"]) > span[1]:
            continue
        sentence = context[slice(*span)]
        right = answer["text"]
        wrong = _other(right, [a["text"] for a in answers if a["text"] not in sentence], dice)
        if wrong is None or len(right) > 40:
            continue
        at = answer["answer_start"] - span[0]
        swapped = sentence[:at] + wrong + sentence[at + len(right) :]
        said = _reworded(sentence, dice), _reworded(swapped, dice)
        for text, supported in zip(said, (True, False), strict=True):
            yield Pair(dataset, text, (context,), supported, tune(title), title)


def _other(right: str, others: list[str], dice: random.Random) -> str | None:
    if re.search(r"\d", right):
        return re.sub(r"\d+", lambda m: str(int(m[0]) + dice.randint(1, 3)), right)
    named = [
        other for other in others if other[:1].isupper() == right[:1].isupper() and len(other) < 40
    ]
    return dice.choice(named) if named else None


def _reworded(sentence: str, dice: random.Random) -> str:
    """Drop a word in eight, so that no claim is its sentence word for word."""
    if cjk_share(sentence) > 0.3:
        parts = re.split(r"(，|、)", sentence)
        return "".join(parts).rstrip("。") + "的。"
    dropped = re.compile(r"(?i)\b(?:the|a|an|very|also|of the|its|their|then|however)\s+")
    return "According to the text, " + dropped.sub(
        lambda m: m[0] if dice.random() < 0.5 else "", sentence
    )


def ocnli(data: Path) -> Iterator[Pair]:
    """OCNLI: Chinese sentence pairs, entailed against the rest."""
    with gzip.open(data / "nli/ocnli.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            supported = row["label"] == "supported"
            yield Pair("ocnli", row["claim"], (row["evidence"],), supported, tune(str(row["doc"])))


SETS: tuple[Callable[[Path], Iterator[Pair]], ...] = (
    wice, wice_chunks, begin, fever, partial(xquad, language="en"), partial(xquad, language="zh"),
    ocnli,
)  # fmt: skip
CHINESE = ("xquad zh, swapped", "ocnli")


def sample(data: Path, most: int) -> list[Pair]:
    """At most `most` pairs of each half of each set, by a fixed seed."""
    groups: dict[tuple[str, bool], list[Pair]] = {}
    for make in SETS:
        for pair in make(data):
            groups.setdefault((pair.dataset, pair.tune), []).append(pair)
    chosen: list[Pair] = []
    for key, group in groups.items():
        random.Random(str(key)).shuffle(group)
        chosen += group[:most]
    return chosen
