"""From the quotes to the checked answer: draft, claims, verdicts, rewrite, and what is shown."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from agents import compose, view
from agents.asked import Style
from agents.claims import split
from agents.conflicts import conflicts
from agents.declining import declined, meaningless
from agents.drafting import write
from agents.dropping import is_evidence
from agents.entailing import entail
from agents.events import (
    Answer,
    Answered,
    Asked,
    Drafted,
    Event,
    Form,
    Language,
    Outcome,
    Quoted,
    Revised,
    Stopped,
    Verdict,
)
from agents.kit import Kit, Step
from agents.models.base import ContextOverflow, ModelLost
from agents.premises import nonsense, premises
from agents.revising import Version, revise
from agents.rules.round import ruled
from agents.sayings import Saying, reason, say
from agents.sufficiency import decide, sufficiency

HALF = 0.5
"""Share of the other drafts that must say the same for an answer to count as whole."""

_BY: dict[Style, Saying] = {"short": "picked", "led": "led"}
"""What is told of answers that a weak model began."""

_JOINT: dict[Language, str] = {"en": "; ", "zh": "；"}

CUT_SHORT = ("steps", "seconds", "tokens", "slips", "context", "repeating", "model lost")


def write_answer(events: Sequence[Event], kit: Kit) -> Step:
    """Write, check, classify and show; every exit but a user's stop is an `Answered`."""
    answer = yield from _made(events, kit)
    if answer is not None:
        answer = yield from ruled(events, kit, answer)
    if answer is None or kit.cancel.is_set():
        yield Stopped("cancelled")
        return
    yield Answered(answer)


def _made(events: Sequence[Event], kit: Kit) -> Generator[Event, None, Answer | None]:
    """Return the checked answer; None if the user stopped the run."""
    asked, quotes = view.asked(events), view.quotes(events)
    yield from entail(events, kit)
    found = sufficiency(events)
    if decide(found, asked.strictness) == "decline":
        texts = [result.text for search in view.searches(events) for result in search.results]
        senseless = nonsense(asked.question, texts)
        return meaningless(events) if senseless else declined(events, found if quotes else None)
    answer = yield from _written(events, kit)
    return answer and _noted(answer, asked, round(found.probability, 4))


def _written(events: Sequence[Event], kit: Kit) -> Generator[Event, None, Answer | None]:
    """Return the answer that is written from the quotes and checked; None if the user stopped."""
    asked, quotes = view.asked(events), view.quotes(events)
    try:
        choice = yield from write(events, kit)
        if kit.cancel.is_set():
            return None
        if choice is None:
            yield Stopped("seconds")
            return _quotes_alone(asked, quotes, say(asked.language, "overtime"))
        if not asked.check:
            return _unchecked(asked, choice.text, quotes)
        version = yield from revise(events, kit, choice.text)
    except (ModelLost, ContextOverflow) as error:
        reason = "model lost" if isinstance(error, ModelLost) else "context"
        yield Stopped(reason, str(error))
        return _quotes_alone(asked, quotes, str(error))
    return None if kit.cancel.is_set() else _shown(events, version, quotes)


def _noted(answer: Answer, asked: Asked, probability: float) -> Answer:
    """The answer with how likely its quotes are to answer, and what they contradict: each other,
    or what the question takes for granted. Either makes a whole answer partial, and is told beside
    what was told of it."""
    noted = replace(
        answer,
        sufficiency=probability,
        conflicts=conflicts(asked.question, answer.quotes),
        premises=premises(asked.question, answer.quotes),
    )
    if noted.outcome == "answered" and (noted.conflicts or noted.premises):
        because = say(asked.language, "mistaken" if noted.premises else "at odds")
        told = [because, *filter(None, [noted.because])]
        return replace(noted, outcome="partial", because=_JOINT[asked.language].join(told))
    return noted


def _shown(events: Sequence[Event], version: Version, quotes: tuple[Quoted, ...]) -> Answer:
    """Decide what is shown of the version that was left: prose that holds, or the quotes.

    `quotes` were kept for the question; of those that were looked up for claims later, only what is
    cited is shown.
    """
    asked = view.asked(events)
    if version.failed or not _has_prose(version.text, version.verdicts):
        because = say(asked.language, "nothing" if _tried(events) else "unlikely")
        return _quotes_alone(asked, quotes, because)
    outcome, because = _outcome(events, asked, version)
    cited = {number for verdict in version.verdicts for number in verdict.claim.cites}
    kept = tuple(q for q in view.quotes(events) if q in quotes or q.number in cited)
    return Answer(version.text, outcome, "prose", because, kept, version.verdicts)


def _outcome(events: Sequence[Event], asked: Asked, version: Version) -> tuple[Outcome, str]:
    """The last reason that holds is the one that is told."""
    language, ended = asked.language, view.stopped(events)
    outcome: Outcome = "answered"
    because = say(language, _BY[asked.style]) if asked.style in _BY else ""
    if any(verdict.ruling == "unchecked" for verdict in version.verdicts):
        outcome, because = "partial", say(language, "undecided")
    if any(isinstance(event, Revised) and event.how in ("drop", "quote") for event in events):
        outcome, because = "partial", say(language, "dropped")
    if _disputed(events):
        outcome, because = "partial", say(language, "disputed")
    if ended is not None and ended.reason in CUT_SHORT:
        outcome, because = "partial", say(language, "early", reason=reason(language, ended.reason))
    return outcome, because


def _disputed(events: Sequence[Event]) -> bool:
    """True if most of the drafts that were written say something else than the chosen one."""
    drafted = next(event for event in events if isinstance(event, Drafted))
    return drafted.of > 1 and drafted.agreement < HALF


def _tried(events: Sequence[Event]) -> bool:
    """True if the model's draft had words of its own, whatever became of them."""
    draft = next((event.text for event in events if isinstance(event, Drafted)), "")
    return any(not is_evidence(draft, claim) for claim in split(draft))


def _has_prose(text: str, verdicts: Sequence[Verdict]) -> bool:
    return any(not is_evidence(text, verdict.claim) for verdict in verdicts)


def _quotes_alone(asked: Asked, quotes: tuple[Quoted, ...], because: str) -> Answer:
    text = compose.quotes_answer(quotes)
    itself = say(asked.language, "verbatim")
    verdicts = tuple(
        Verdict(claim, "supported", "verbatim", 1.0, itself, claim.cites[0])
        for claim in split(text)
        if claim.cites
    )
    return Answer(text, "partial", "quotes", because, quotes, verdicts)


def _unchecked(asked: Asked, text: str, quotes: tuple[Quoted, ...]) -> Answer:
    off = say(asked.language, "off")
    verdicts = tuple(Verdict(claim, "unchecked", "none", 0.0, off) for claim in split(text))
    form: Form = "prose" if _has_prose(text, verdicts) else "quotes"
    return Answer(text, "answered", form, off, quotes, verdicts)
