"""Measures whole systems on question sets: right, wrong, declined, unsupported, lost, risk."""

import json
import os
import random
import re
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, ItemsView, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.check.facts import facts, missing_things
from agents.check.words import bare, is_cjk
from agents.claims import split
from agents.dropping import is_evidence
from agents.events import Claim, Quoted, Verdict
from app.batch.compare import interval
from app.evaluation.answer_sets import Reading, ReadingSet
from app.evaluation.sets import Half
from app.evaluation.systems import CHECKED, SYSTEMS, Means, Shelf, Shown
from retrieval.documents import Document
from retrieval.sentences import sentences

SEED = 20_26
ENOUGH = 0.5
"""Share of the words of a long gold answer that a right one holds."""

UNCHECKED = " without its check"
"""What is added to the name of a system for what it would have shown unchecked."""

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_MARKS = re.compile(r"\[\d+\]")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Scored:
    """How one answer did. `f1` is that of its first sentence and the nearest gold, by tokens, or
    characters where they are Chinese. `claims` are those of shown model prose, `absent` those of
    them with a number, date or name that no cited document holds; `correct` are the claims of the
    draft that hold a gold string, `lost` those whose gold the shown text no longer holds."""

    answerable: bool
    declined: bool
    right: bool
    f1: float
    prose: bool
    claims: int
    absent: int
    correct: int
    lost: int
    score: float
    seconds: float

    @property
    def wrong(self) -> bool:
        """An answer was shown and is not right."""
        return not self.declined and not self.right


@dataclass(frozen=True, slots=True)
class Measured:
    """The answers of each system to the same questions of one set."""

    name: str
    half: Half
    systems: dict[str, tuple[Scored, ...]]


Told = Callable[[int, int, str], None]


def measured(
    given: ReadingSet,
    half: Half,
    questions: int,
    systems: Sequence[str],
    means: Means,
    kept: "Record",
    tell: Told = lambda done, of, system: None,
) -> Measured:
    """Ask the systems the questions of one half, drawn with a fixed seed, and score the answers.

    What `kept` holds is not asked again.
    """
    asked = drawn(given, half, questions)
    found: dict[str, list[Scored]] = {}
    with tempfile.TemporaryDirectory() as folder:
        shelves = _shelves(given, means, Path(folder))
        for done, reading in enumerate(asked):
            for system in systems:
                tell(done, len(asked), system)
                shown = kept.find(given.name, system, reading.id)
                if shown is None:
                    shown = SYSTEMS[system](reading.question, shelves(reading), means)
                    kept.keep(given.name, system, reading.id, shown)
                texts = {doc.id: doc.text for doc in (*given.documents, *reading.own)}
                if system.startswith(CHECKED):
                    bare_one = scored(unchecked(shown), reading, given.long, texts)
                    found.setdefault(system + UNCHECKED, []).append(bare_one)
                found.setdefault(system, []).append(scored(shown, reading, given.long, texts))
    return Measured(given.name, half, {name: tuple(rows) for name, rows in found.items()})


def drawn(given: ReadingSet, half: Half, questions: int) -> list[Reading]:
    """Return so many questions of one half at most, drawn with a fixed seed."""
    asked = sorted(given.asked(half), key=lambda reading: reading.id)
    return random.Random(SEED).sample(asked, min(questions, len(asked)))


def _shelves(given: ReadingSet, means: Means, folder: Path) -> Callable[[Reading], Shelf]:
    """Return who gives a question its shelf: one for all, or one for each question's own."""
    made: dict[str, Shelf] = {}

    def shelf(reading: Reading) -> Shelf:
        key = reading.id if reading.own else ""
        if key not in made:
            made.clear()
            place = folder / (str(abs(hash(key))) if key else "all")
            made[key] = Shelf(reading.own or given.documents, means, place)
        return made[key]

    return shelf


class Record:
    """The answers so far, one JSON object a line; none is asked for twice.

    A line that a process died over is cut off when the file is opened again.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held: dict[tuple[str, str, str], Shown] = {}
        for line in _whole_lines(path) if path else ():
            values = json.loads(line)
            key = (values["set"], values["system"], values["id"])
            self._held[key] = _read(values["shown"])

    def find(self, name: str, system: str, id: str) -> Shown | None:
        """Return what a system showed, if it was asked."""
        return self._held.get((name, system, id))

    def items(self) -> ItemsView[tuple[str, str, str], Shown]:
        """Return every answer by its set, system and question's id."""
        return self._held.items()

    def keep(self, name: str, system: str, id: str, shown: Shown) -> None:
        """Add an answer."""
        self._held[name, system, id] = shown
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = {"set": name, "system": system, "id": id, "shown": asdict(shown)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _whole_lines(path: Path) -> list[str]:
    """Read a file's lines; what follows the last line end is taken off it."""
    with suppress(FileNotFoundError):
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(path, len(whole))
        return whole.decode("utf-8").removesuffix("\n").split("\n") if whole else []
    return []


def _read(values: dict[str, Any]) -> Shown:
    quotes = tuple(Quoted(**quote) for quote in values.pop("quotes"))
    verdicts, first = (tuple(map(_verdict, values.pop(name))) for name in ("verdicts", "first"))
    return Shown(**values, quotes=quotes, verdicts=verdicts, first=first)


def _verdict(values: dict[str, Any]) -> Verdict:
    claim = values.pop("claim")
    return Verdict(Claim(**{**claim, "cites": tuple(claim["cites"])}), **values)


def unchecked(shown: Shown) -> Shown:
    """Return what the same run would have shown without its check: the draft."""
    if shown.draft is None:
        return shown
    form = "prose" if _prose(shown.draft) else "quotes"
    return Shown(shown.draft, "answered", form, shown.seconds, shown.score, quotes=shown.quotes)


def _prose(text: str) -> list[Claim]:
    """The claims of a text that are no quotes."""
    return [claim for claim in split(text) if not is_evidence(text, claim)]


def scored(shown: Shown, reading: Reading, long: bool, texts: dict[str, str]) -> Scored:
    """Score one answer; `texts` are the documents by their ids."""
    declined = shown.outcome == "declined"
    said = "" if declined else shown.text
    right = any(holds(said, gold, long) for gold in reading.golds)
    written = _prose(said) if shown.form == "prose" else []
    correct = [claim for claim in _prose(shown.draft or "") if _gold(claim, reading, long)]
    return Scored(
        answerable=reading.answerable,
        declined=declined,
        right=right,
        f1=max((f1(first_sentence(said), gold) for gold in reading.golds), default=0.0),
        prose=bool(written),
        claims=len(written),
        absent=sum(absent(claim, shown.quotes, texts) for claim in written),
        correct=len(correct),
        lost=len(correct) if correct and not right else 0,
        score=shown.score,
        seconds=shown.seconds,
    )


def _gold(claim: Claim, reading: Reading, long: bool) -> bool:
    return any(holds(claim.text, gold, long) for gold in reading.golds)


def absent(claim: Claim, quotes: Sequence[Quoted], texts: dict[str, str]) -> bool:
    """Say whether a claim has a number, date or name that no document it cites holds anywhere.

    A claim without citations is held to every quoted document. No judge takes part.
    """
    cited = [q for q in quotes if not claim.cites or q.number in claim.cites]
    whole = "\n\n".join(dict.fromkeys(texts.get(q.document, q.text) for q in cited))
    return any(True for _ in missing_things(facts(bare(claim.text)), facts(whole)))


def holds(text: str, gold: str, long: bool = False) -> bool:
    """Say whether a text holds a gold string after SQuAD's normalisation, or, of a long gold
    answer, most of its words."""
    if long:
        wanted = normal(gold).split()
        common = Counter(wanted) & Counter(normal(text).split())
        return bool(wanted) and common.total() >= ENOUGH * len(wanted)
    wanted_text = normal(gold)
    return bool(wanted_text) and wanted_text in normal(text)


def normal(text: str) -> str:
    """Return the text in lower case without citation marks, punctuation and articles; Chinese
    without spaces (Rajpurkar et al. 2016; Cui et al. 2019)."""
    flat = _NO_WORD.sub(" ", _MARKS.sub(" ", text).lower())
    flat = " ".join(_ARTICLES.sub(" ", flat).split())
    return flat.replace(" ", "") if any(map(is_cjk, flat)) else flat


def first_sentence(text: str) -> str:
    """Return the first sentence or line of an answer, without citation marks."""
    line = _MARKS.sub("", text.strip().split("\n")[0])
    found = sentences(line)
    return line[found[0][0] : found[0][1]] if found else line


def f1(guess: str, gold: str) -> float:
    """Return SQuAD's token F1 (0..1); of Chinese that of characters."""
    a, b = (_tokens(normal(text)) for text in (guess, gold))
    shared = (Counter(a) & Counter(b)).total()
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


def _tokens(flat: str) -> list[str]:
    return list(flat) if any(map(is_cjk, flat)) else flat.split()


def aurc(rows: Sequence[Scored]) -> float:
    """Return the area under the risk-coverage curve (0..1, lower is better): the mean, over how
    many of the most confident answers are given, of the share of wrong ones among them (Geifman
    and El-Yaniv 2017). What nothing answers is wrong however it is answered."""
    risks, wrong = [], 0
    for count, row in enumerate(sorted(rows, key=lambda row: -row.score), start=1):
        wrong += not row.right
        risks.append(wrong / count)
    return statistics.mean(risks) if risks else 0.0


def curve(rows: Sequence[Scored]) -> list[tuple[float, float]]:
    """Return (coverage, risk) from the most confident answer on."""
    points, wrong = [], 0
    for count, row in enumerate(sorted(rows, key=lambda row: -row.score), start=1):
        wrong += not row.right
        points.append((count / len(rows), wrong / count))
    return points


def balanced(rows: Sequence[Scored]) -> float | None:
    """Return the balanced accuracy of declining; None where all or none can be answered."""
    sides = [[r for r in rows if r.answerable is side] for side in (True, False)]
    if not all(sides):
        return None
    kept, left = sides
    good = statistics.mean(not row.declined for row in kept)
    return (good + statistics.mean(row.declined for row in left)) / 2


def difference(
    after: Sequence[Scored], before: Sequence[Scored], value: Callable[[Scored], float]
) -> tuple[float, float, float]:
    """Return the mean difference of a value and its 95 % interval, paired by question."""
    gaps = np.array([value(a) - value(b) for a, b in zip(after, before, strict=True)], float)
    return float(gaps.mean()), *interval(gaps)


def share(
    rows: Sequence[Scored], count: Callable[[Scored], int], of: Callable[[Scored], int]
) -> float:
    """Return a share of claims over all answers; not a number where there are none."""
    whole = sum(map(of, rows))
    return sum(map(count, rows)) / whole if whole else float("nan")


def documents(given: ReadingSet) -> Iterator[Document]:
    """Yield every document of a set."""
    yield from given.documents
    for reading in given.readings:
        yield from reading.own
