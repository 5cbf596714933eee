"""A policy that needs no model: search, open and quote the best, search again, finish."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents import spans, view
from agents.actions import Action, Back, Finish, Malformed, Open, QuoteText, Search
from agents.events import Acted, Event, Found, Measured, Refused
from agents.excerpts import excerpts, key, unread
from agents.kit import Kit, measure
from agents.legal import Legal
from agents.sayings import language_of
from agents.wording import content, terms
from retrieval.following import following

LACKING = 0.5
"""Search again when no quote carries this share of the question's content words."""


@dataclass(frozen=True, slots=True)
class Target:
    """A sentence that should be quoted, on result number `link` of the newest results; `document`
    is its key."""

    link: int
    document: str
    text: str


SAYS = 6
"""Words from which a line without a full stop counts as a sentence."""

_ENDS = (".", "!", "?", "。", "！", "？", ".”", '."', "」")


class GuidedPolicy:
    """Chooses by rules over the embedder's scores, so a library answers without any able model.

    The plan is worked out anew from the events at every step and never kept.
    """

    name = "guided"

    def choose(
        self, events: Sequence[Event], now: Legal, kit: Kit
    ) -> Generator[Event, None, Action | Malformed]:
        found = view.listing(events)
        if found is None:
            return Search(_query(view.asked(events).question))
        vain = refused(events)
        step = unread(events, found)
        if step is not None and now.refusal(step) is None:
            return step
        scores = yield from measured(view.asked(events).question, events, found, kit)
        for target in _targets(events, found, scores):
            step = towards(target, events)
            if step not in vain and now.refusal(step) is None:
                return step
        words = _lacking(events)
        again = Search(_further(events, words))
        if words and again not in view.actions(events) and now.refusal(again) is None:
            return again
        return Finish()


def _query(question: str) -> str:
    return " ".join(question.split())


def _sentences(text: str) -> list[spans.Span]:
    """The sentences of a text that say something: headings and labels are left out."""
    every = spans.candidates(text)
    said = [span for span in every if len(terms(span.text)) >= SAYS or span.text.endswith(_ENDS)]
    return said or every


def measured(
    question: str, events: Sequence[Event], found: Found, kit: Kit
) -> Generator[Event, None, tuple[float, ...]]:
    """Return the scores of the sentences of what was found, measured once after each search."""
    since = len(events) - 1 - list(reversed(events)).index(found)
    for event in events[since:]:
        if isinstance(event, Measured) and event.what == "spans":
            return event.scores
    if not _embedded(question, found):
        return ()
    wanted = [
        pair
        for excerpt in excerpts(question, found, events)
        for pair in spans.pairs(question, excerpt.title, _sentences(excerpt.text))
    ]
    return (yield from measure(kit.scorer, "spans", wanted))


def _embedded(question: str, found: Found) -> bool:
    """Whether an embedder reads the question's language: the library's search tells, else we guess
    from the question."""
    inside = [result for result in found.results if not result.url]
    if inside:
        return any(result.cosine is not None for result in inside)
    return language_of(question) != "zh"


def ranked(
    question: str, found: Found, scores: Sequence[float], events: Sequence[Event]
) -> list[spans.Ranked]:
    """Return the sentences of the best results, best first; a page's key is its result's number."""
    pool: list[spans.Candidate] = []
    for excerpt in excerpts(question, found, events):
        for span in _sentences(excerpt.text):
            at = 2 * len(pool)
            near, wider = scores[at : at + 2] if scores else (0.0, 0.0)
            number, cosine = excerpt.number, excerpt.cosine
            pool.append(spans.Candidate(span, str(number), number, cosine, near, wider))
    return spans.rank(question, pool)


def fresh(chosen: Sequence[spans.Ranked], events: Sequence[Event], found: Found) -> list[Target]:
    """Return those of the chosen sentences that are not quoted yet, as targets."""
    kept = {" ".join(quote.text.split()) for quote in view.quotes(events)}
    targets = []
    for item in chosen:
        link, text = item.candidate.rank, " ".join(item.candidate.span.text.split())
        if not any(text in quote for quote in kept):
            targets.append(Target(link, key(found.results[link - 1]), text))
    return targets


def _targets(events: Sequence[Event], found: Found, scores: Sequence[float]) -> list[Target]:
    """Return the sentences worth quoting that are not quoted yet, best first."""
    best = ranked(view.asked(events).question, found, scores, events)
    first = sum(isinstance(event, Found) for event in events) == 1
    return fresh(spans.pick(best) if first else _new(best, events), events, found)


def _new(best: Sequence[spans.Ranked], events: Sequence[Event]) -> list[spans.Ranked]:
    """Of a later search, the best sentence that carries a word of its query."""
    searched = [event for event in events if isinstance(event, Found)]
    wanted = set(terms(searched[-1].query))
    held = [item for item in best if wanted & set(terms(item.candidate.span.text))]
    return held[:1]


def towards(target: Target, events: Sequence[Event]) -> Action:
    """Return the next action on the way to quoting the target."""
    screen = view.screen(events)
    if isinstance(screen, view.Listing):
        return Open(target.link)
    if isinstance(screen, view.Reading) and key(screen.opened) == target.document:
        return QuoteText(target.text)
    return Back()


def refused(events: Sequence[Event]) -> set[Action]:
    """The actions that the desk could not carry out; none of them is tried again."""
    pairs = pairwise(events)
    return {a.action for a, b in pairs if isinstance(a, Acted) and isinstance(b, Refused)}


def _further(events: Sequence[Event], words: Sequence[str]) -> str:
    """Return the query of a further search: the names that the first quote brings in, with what it
    leaves open, so that the second of two passages is found; else the words that are lacking."""
    quotes = view.quotes(events)
    question = view.asked(events).question
    found = following(question, quotes[0].title, quotes[0].text) if quotes else ""
    return found or " ".join(words)


def _lacking(events: Sequence[Event]) -> list[str]:
    """Return the question's words that no quote carries, if they are many enough to search for."""
    question = view.asked(events).question
    words = spans.lacking(question, (quote.text for quote in view.quotes(events)))
    return words if len(words) >= 2 and len(words) >= LACKING * len(content(question)) else []
