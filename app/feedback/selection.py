"""What of the truth goes into an export, and what is left out for which reason."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from agents.events import Event
from app.feedback.cases import Case, Side, shown
from app.feedback.choosing import Example, capped, distinct
from app.feedback.formats import Step, Thumb
from app.feedback.marks import Mark, latest
from app.feedback.pairs import Pair
from app.feedback.trajectories import trajectory
from retrieval.documents import content_id

Format = Literal["trl", "kto", "webgpt", "trajectories"]
FORMATS: tuple[Format, ...] = ("trl", "kto", "webgpt", "trajectories")
Include = Literal["edits", "repairs", "drafts"]
Which = Literal["up", "answered"]

INCLUDES: Mapping[Format, Mapping[Include, frozenset[str]]] = {
    "trl": {
        "edits": frozenset({"edit"}),
        "repairs": frozenset({"repair:quotes", "rebuilt"}),
        "drafts": frozenset({"ranked"}),
    },
    "kto": {"repairs": frozenset({"repair:quotes", "rebuilt"})},
    "webgpt": {
        "edits": frozenset({"edit"}),
        "repairs": frozenset({"repair:quotes", "repair:browse", "rebuilt", "other quotes"}),
    },
    "trajectories": {},
}
"""The reasons that no longer keep an example out, by format and by what is asked to be included.

Answers from other quotes fit the WebGPT format alone, where each answer has quotes of its own. That
one is for rewards, which learn nothing new from drafts that judges ranked.
"""

ALWAYS: Mapping[Format, frozenset[str]] = {"webgpt": frozenset({"tie"})}
"""A tie is a comparison with the score 0 there (WebGPT trains on it as a soft half)."""

One = TypeVar("One", bound=Example)


@dataclass(frozen=True, slots=True)
class Selection(Generic[One]):
    """The examples of an export, and how many of the others went for which reason."""

    examples: list[One]
    derived: int
    left_out: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    capped: int = 0


def admitted(format: Format, include: Iterable[Include]) -> frozenset[str]:
    """Return the reasons that keep nothing out of this export."""
    allowed = ALWAYS.get(format, frozenset())
    for one in include:
        allowed |= INCLUDES[format].get(one, frozenset())
    return allowed


def select_pairs(pairs: Sequence[Pair], allowed: frozenset[str]) -> Selection[Pair]:
    """Choose pairs by their reasons, then without near-copies, then by person."""
    return _select(pairs, lambda pair: pair.reasons, allowed, distinct)


def select_thumbs(thumbs: Sequence[Thumb], allowed: frozenset[str]) -> Selection[Thumb]:
    """Choose thumbs by their reasons, each answer once for each label."""

    def key(thumb: Thumb) -> tuple[str, ...]:
        return thumb.prompt.id, thumb.side.completion, str(thumb.label)

    return _select(thumbs, lambda thumb: thumb.reasons, allowed, _once(key))


def select_steps(steps: Sequence[Step]) -> Selection[Step]:
    """Choose steps, each message list with its line once."""

    def key(step: Step) -> tuple[str, ...]:
        return (*(part for m in step.messages for part in (m.role, m.content)), step.line)

    return _select(steps, lambda step: (), frozenset(), _once(key))


def thumbs(cases: Mapping[str, Case], marks: Sequence[Mark]) -> list[Thumb]:
    """Return every thumb that counts on a run that stands, oldest first."""
    found = []
    for mark in latest(list(marks)).values():
        if mark.run in cases and mark.mark in ("up", "down"):
            case = cases[mark.run]
            side, label = shown(case), mark.mark == "up"
            given = (case.prompt, side, label, _reasons(side), mark.by, mark.face, mark.at)
            found.append(Thumb(mark.id, *given))
    return sorted(found, key=lambda thumb: (thumb.at, thumb.id))


def steps(
    cases: Mapping[str, Case],
    marks: Sequence[Mark],
    events: Callable[[str], Sequence[Event]],
    which: Which,
) -> list[Step]:
    """Return the steps of the runs that somebody held to be good, or of all that were answered.

    A run that somebody else held to be bad is none of the former.
    """
    found: list[Step] = []
    counting = list(latest(list(marks)).values())
    down = {mark.run for mark in counting if mark.mark in ("down", "edit")}
    up = {mark.run: mark.by for mark in counting if mark.mark == "up" and mark.run not in down}
    for case in sorted(cases.values(), key=lambda case: (case.at, case.run)):
        good = case.run in up if which == "up" else case.answer.outcome == "answered"
        if good:
            found += trajectory(case, events(case.run), up.get(case.run, case.by))
    return found


def _reasons(side: Side) -> tuple[str, ...]:
    names = {"quotes": "repair:quotes", "program": "rebuilt", "person": "person"}
    return (names[side.words],) if side.words in names else ()


def _select(
    given: Sequence[One],
    reasons: Callable[[One], tuple[str, ...]],
    allowed: frozenset[str],
    once: Callable[[list[One]], list[One]],
) -> Selection[One]:
    why = [next((r for r in reasons(one) if r not in allowed), None) for one in given]
    fit = [one for one, reason in zip(given, why, strict=True) if reason is None]
    single = once(fit)
    kept = capped(single)
    return Selection(
        _together(kept),
        len(given),
        dict(sorted(Counter(reason for reason in why if reason).items())),
        len(fit) - len(single),
        len(single) - len(kept),
    )


def _once(key: Callable[[One], tuple[str, ...]]) -> Callable[[list[One]], list[One]]:
    def keep(given: list[One]) -> list[One]:
        first: dict[str, One] = {}
        for one in given:
            first.setdefault(content_id(*key(one)), one)
        return list(first.values())

    return keep


def _together(examples: list[One]) -> list[One]:
    """Put the examples of a prompt side by side, so that a batch can hold them all."""
    places: dict[str, int] = {}
    for example in examples:
        places.setdefault(example.group, len(places))
    return sorted(examples, key=lambda example: places[example.group])
