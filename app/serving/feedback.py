"""What people think of answers, as calls: only a person's own event comes through here."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.feedback.intake import read_comparison, read_mark
from app.feedback.marks import Mark, latest
from app.feedback.selection import FORMATS, Include, Which
from app.serving.fitting import fitting
from app.serving.params import number
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.feedback.cases import Side
    from app.feedback.exporting import Order, Truth
    from app.feedback.pairs import Pair
    from app.feedback.scrub import Scrubber
    from app.house import House
    from app.options import Settings

LINES = 200


class Feedback:
    """Marks on runs, comparisons of two, and the pairs that they give."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "feedback.add": CallSpec(self.add),
            "feedback.of": CallSpec(self.of),
            "feedback.list": CallSpec(self.listed),
            "feedback.pairs": CallSpec(self.pairs),
            "feedback.agreement": CallSpec(self.agreement),
            "feedback.export": CallSpec(self.export),
            "compare.next": CallSpec(self.next),
            "compare.add": CallSpec(self.compare),
        }

    def add(self, params: Params, cancel: Cancel) -> Items:
        mark, fresh = self._house.opinions.mark(read_mark(params))
        yield from ()
        return _told(mark) | {"fresh": fresh}

    def of(self, params: Params, cancel: Cancel) -> Items:
        runs = [str(run) for run in params.get("runs") or []]
        marks = self._house.opinions.of(runs, str(params.get("by") or "local"))
        yield from ()
        told, _ = fitting(map(_told, marks.values()))
        return {"marks": {mark["run"]: mark for mark in told}}

    def compare(self, params: Params, cancel: Cancel) -> Items:
        from app.store.evidence import answered

        given = read_comparison(params)
        cases, _ = answered(self._house.database, (given.left, given.right))
        prompts = {case.prompt.id for case in cases.values()}
        if len(prompts) == 1:
            given = replace(given, prompt=prompts.pop())
        kept, fresh = self._house.opinions.compare(given)
        yield from ()
        return asdict(kept) | {"fresh": fresh}

    def next(self, params: Params, cancel: Cancel) -> Items:
        """Give the next pair to compare, {} if none is left; `skip` lists pairs of runs."""
        from app.feedback.next_pair import next_pair
        from app.store.evidence import answered

        by = str(params.get("by") or "local")
        skipped = {frozenset(map(str, two)) for two in params.get("skip") or []}
        cases, _ = answered(self._house.database)
        done = self._house.opinions.comparisons(by)
        found = next_pair(cases, done, by, skipped, self._house.pseudonyms)
        yield from ()
        if found is None:
            return {}
        names = {"left": found.left, "right": found.right, "order": found.order}
        return {"prompt": found.question, **names}

    def listed(self, params: Params, cancel: Cancel) -> Items:
        """List marks and comparisons, newest first; `counts` tells the mark that holds."""
        limit = _limit(params)
        truth = self._truth()
        counting = {mark.id for mark in latest([*truth.marks]).values()}
        questions = {run: case.asked.question for run, case in truth.cases.items()}
        yield from ()
        marks, _ = fitting(
            _told(mark) | {"question": questions.get(mark.run), "counts": mark.id in counting}
            for mark in [*reversed(truth.marks)][:limit]
        )
        return {
            "marks": marks,
            "comparisons": [
                asdict(one) | {"question": questions.get(one.left) or questions.get(one.right)}
                for one in [*reversed(truth.comparisons)][:limit]
            ],
            "totals": {"marks": len(truth.marks), "comparisons": len(truth.comparisons)},
        }

    def pairs(self, params: Params, cancel: Cancel) -> Items:
        """List preference pairs, newest first, with the reasons that keep them out of an export."""
        from app.feedback.choosing import distinct
        from app.feedback.pairs import REASONS

        limit = _limit(params)
        truth = self._truth()
        free = [pair for pair in truth.pairs if not pair.reasons]
        copies = {pair.id for pair in free} - {pair.id for pair in distinct(free)}
        yield from ()
        lines, _ = fitting(_line(pair, copies) for pair in [*reversed(truth.pairs)][:limit])
        return {
            "pairs": lines,
            "totals": {"pairs": len(truth.pairs), "exported": len(free) - len(copies)},
            "reasons": REASONS,
        }

    def agreement(self, params: Params, cancel: Cancel) -> Items:
        from app.feedback.agreement import agreement

        truth = self._truth()
        yield from ()
        return agreement(truth.cases, truth.marks, truth.comparisons)

    def export(self, params: Params, cancel: Cancel) -> Items:
        """Write an export into the folder `output` (absolute) and give its manifest."""
        from app.feedback.exporting import export

        order = _order(params)
        today = time.strftime("%Y-%m-%d", time.gmtime())
        names, scrub = self._house.pseudonyms, self._scrubber()
        yield from ()
        return export(self._truth(), order, names, scrub, today)

    def _truth(self) -> "Truth":
        """Read what stands, derive the pairs, and let their rows say the same."""
        from app.feedback.exporting import Truth
        from app.feedback.pairs import derive
        from app.store.evidence import answered
        from app.store.pairs import refresh

        opinions, journal = self._house.opinions, self._house.journal
        cases, damaged = answered(self._house.database)
        marks, comparisons = opinions.marks(), opinions.comparisons()
        pairs = derive(cases, marks, comparisons)
        refresh(self._house.database, pairs)
        return Truth(
            cases,
            marks,
            comparisons,
            pairs,
            lambda run: [entry.event for entry in journal.entries(run)],
            damaged,
        )

    def _scrubber(self) -> "Scrubber":
        from app.feedback.scrub import Scrubber, homes

        places = (self._house.settings.home, Path.home())
        return Scrubber(_secrets(self._house.settings), homes(*places))


def _limit(params: Params) -> int:
    """How many lines are told at once."""
    return max(1, min(number(params, "limit", 50), LINES))


def _secrets(settings: "Settings") -> tuple[str, ...]:
    """The values that must stand in no export: keys and passwords of the settings."""
    from pydantic import SecretStr

    from app.options import KEYS

    values = [settings.value(key) for key in KEYS]
    kept = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    plain = [value for value in values if isinstance(value, str)]
    passwords = [password for value in (*kept, *plain) if (password := _password(value))]
    return tuple(value for value in (*kept, *passwords) if value)


def _password(address: str) -> str:
    """The password that an address carries, "" for none: it is secret without its address too."""
    try:
        return unquote(urlsplit(address).password or "")
    except ValueError:
        return ""


def _told(mark: Mark) -> dict[str, Any]:
    return asdict(mark) | {"tags": [*mark.tags]}


def _line(pair: "Pair", copies: set[str]) -> Mapping[str, Any]:
    def side(side: "Side") -> dict[str, Any]:
        return {"run": side.run, "model": side.model, "text": side.text, "words": side.words}

    return {
        "id": pair.id,
        "prompt": pair.prompt.id,
        "question": pair.prompt.question,
        "origin": pair.origin,
        "chosen": side(pair.chosen),
        "rejected": side(pair.rejected),
        "tags": [*pair.tags],
        "reasons": [*pair.reasons, *(("near-copy",) if pair.id in copies else ())],
        "score": pair.score,
        "by": pair.by,
        "face": pair.face,
        "order": pair.order,
        "at": pair.at,
    }


def _order(params: Params) -> "Order":
    from app.feedback.exporting import Order

    format = params.get("format")
    if format not in FORMATS:
        raise UserError(f"there is no format {format!r}", cure=f"use {', '.join(FORMATS)}")
    folder = Path(str(params.get("output") or ""))
    if not folder.is_absolute():
        raise UserError("the export has no absolute folder", cure="name one with -o DIR")
    include = _included(params.get("include") or ())
    force, test = bool(params.get("force")), _share(params.get("test"))
    return Order(format, folder, include, _which(params.get("runs")), test, force)


def _which(value: Any) -> Which:
    if value in (None, "up"):
        return "up"
    if value == "answered":
        return "answered"
    raise UserError(f"there are no runs {value!r}", cure="use up or answered")


def _included(values: Sequence[Any]) -> frozenset[Include]:
    known: dict[Any, Include] = {"edits": "edits", "repairs": "repairs"}
    for value in values:
        if value not in known:
            raise UserError(f"there is nothing called {value!r} to include", cure="see --help")
    return frozenset(known[value] for value in values)


def _share(value: Any) -> float:
    share = 0.1 if value is None else value
    if not isinstance(share, int | float) or not 0 <= share < 1:
        raise UserError(f"the share for testing is {value!r}", cure="give 0 or more, below 1")
    return float(share)
