"""The drafts of best of n with the judges' rulings, told again from the events of a run alone.

The journal holds every reply and every score that a ruling rests on, but of the drafts only the one
that was chosen. The others are made again as `agents.drafting` made them: no model is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents import compose, view
from agents.answers import Quoted, Verdict
from agents.asked import Asked
from agents.check.round import MEASURED, check
from agents.claims import split
from agents.entailing import read
from agents.events import Drafted, Event, Measured, Prompted, Replied
from agents.kit import VERIFIED
from retrieval.documents import content_id


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply and the draft that was made of it; no `verdicts` where it was not judged."""

    reply: str
    text: str
    verdicts: tuple[Verdict, ...] = ()


def several(events: Sequence[Event]) -> bool:
    """Whether a run wrote more than one draft."""
    return any(isinstance(event, Drafted) and event.of > 1 for event in events)


def drafts(events: Sequence[Event]) -> tuple[Draft, ...]:
    """Return the different drafts of a run that wrote several, in the order of their replies.

    None where the one that was chosen is not among them: another version of the program wrote it.
    Without verdicts where the run was not checked, or the record lacks a score that they rest on.
    """
    at = next((i for i, e in enumerate(events) if isinstance(e, Drafted) and e.of > 1), None)
    if at is None:
        return ()
    chosen, before = events[at], events[:at]
    assert isinstance(chosen, Drafted)
    asked, quotes = view.asked(before), view.quotes(before)
    picked, known = phrase(before), read(before)
    made: dict[str, Draft] = {}
    for reply in view.drafts(before)[: chosen.of]:
        text = compose.draft(reply, asked.question, quotes, asked.style, picked, known)
        made.setdefault(text, Draft(reply, text))
    if chosen.text not in made:
        return ()
    return _judged([*made.values()], asked, quotes, before) if asked.check else (*made.values(),)


def phrase(events: Sequence[Event]) -> str:
    """Return what the model picked besides the prose that it wrote; "" if it picked nothing."""
    prose = asking = False
    for event in events:
        if isinstance(event, Drafted):
            break
        if isinstance(event, Prompted):
            asking = prose and (event.phase, event.template) == ("write", compose.SHORT)
            prose = prose or event.template == compose.PROSE
        elif asking and isinstance(event, Replied):
            return event.text if event.finish == "stop" else ""
    return ""


def _judged(
    given: Sequence[Draft], asked: Asked, quotes: Sequence[Quoted], events: Sequence[Event]
) -> tuple[Draft, ...]:
    known = _Known({(e.what, e.digest): e.scores for e in events if isinstance(e, Measured)}, asked)
    try:
        return tuple(Draft(one.reply, one.text, known.verdicts(one.text, quotes)) for one in given)
    except _Unknown:
        return tuple(given)


class _Unknown(Exception):
    """The record does not hold a score that a ruling asks for."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The scores of a run by what they are of; stands for its scorer and its verifier."""

    scores: Mapping[tuple[str, str], tuple[float, ...]]
    asked: Asked

    @property
    def name(self) -> str:
        return self.asked.verifier

    @property
    def scripts(self) -> tuple[str, ...]:
        return self.asked.reads

    def verdicts(self, text: str, quotes: Sequence[Quoted]) -> tuple[Verdict, ...]:
        """Judge a text as the run did."""
        verifier = self if self.name else None
        judging = check(split(text), quotes, self, 0, verifier=verifier)
        while True:
            try:
                next(judging)
            except StopIteration as done:
                found: tuple[Verdict, ...] = done.value
                return found

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> tuple[float, ...]:
        return self._found(MEASURED, pairs)

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
        flat = self._found(VERIFIED, pairs)
        return list(zip(flat[::2], flat[1::2], strict=True))

    def _found(self, what: str, pairs: Sequence[tuple[str, str]]) -> tuple[float, ...]:
        key = what, content_id(*(text for pair in pairs for text in pair))
        if key not in self.scores:
            raise _Unknown(what)
        return self.scores[key]
