"""Checks somebody's own text: looks every claim up, judges it by the quotes, rewrites nothing."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import chain

from agents import spans, view
from agents.actions import Action, Finish, Malformed, Open, Search
from agents.check.case import alone
from agents.check.round import check
from agents.claims import split
from agents.events import (
    Acted,
    Answer,
    Answered,
    Claim,
    Claimed,
    Event,
    Judged,
    Opened,
    Outcome,
    Quoted,
    Stopped,
    Verdict,
    Working,
)
from agents.guided import fresh, measured, ranked, refused, towards
from agents.kit import Kit, Step
from agents.legal import Legal
from agents.sayings import reason, say
from agents.wording import content, terms

CLAIMS = 12
"""Claims of one text that are looked up; the rest are shown as unchecked."""

QUOTES = 2
"""Sentences that are quoted for a claim at most."""

ALSO = 2
"""Quotes that were kept for other claims and share most words with a claim are held to it too."""


class ClaimPolicy:
    """Searches for each claim in turn, opens the best result and quotes its best sentences."""

    name = "claims"

    def choose(
        self, events: Sequence[Event], now: Legal, kit: Kit
    ) -> Generator[Event, None, Action | Malformed]:
        wanted = queries(view.asked(events).question)
        searched = [act.query for act in view.actions(events) if isinstance(act, Search)]
        found = view.listing(events)
        if found is not None and found.results and searched and found.query == searched[-1]:
            since = events.index(found)
            scores = yield from measured(found.query, events, found, kit)
            best = spans.pick(ranked(found.query, found, scores, events), most=QUOTES)
            vain = refused(events[since:])
            steps: list[Action] = [towards(target, events) for target in fresh(best, events, found)]
            if not any(isinstance(event, Opened) for event in events[since:]):
                # A page is opened for every claim, also where all of it is quoted already: no
                # third search is legal without.
                steps.append(Open(best[0].candidate.rank))
            for step in steps:
                if step not in vain and now.refusal(step) is None:
                    return step
        if len(searched) >= len(wanted):
            return Finish()
        search = Search(wanted[len(searched)])
        return search if now.refusal(search) is None else Finish()


def queries(text: str) -> list[str]:
    """Return what to search for: the words of each claim that is looked up, each once."""
    said = [" ".join(alone(claim).split()) for claim in split(text)[:CLAIMS]]
    return list({query.casefold(): query for query in reversed(said)}.values())[::-1]


def judge_text(events: Sequence[Event], kit: Kit) -> Step:
    """Judge the claims of the text by the quotes kept for them, and show it with its verdicts."""
    asked, quotes = view.asked(events), view.quotes(events)
    every = split(asked.question)
    held = _held(events)
    claims = tuple(_cited(claim, held, quotes) for claim in every[:CLAIMS]) + every[CLAIMS:]
    yield Working("checking", len(claims))
    yield Claimed(0, claims)
    sure = [claim for claim in claims[:CLAIMS] if claim.cites]
    verdicts = list((yield from check(sure, quotes, kit.scorer, 0, verifier=kit.verifier)))
    for place, claim in enumerate(claims):
        if place >= CLAIMS or not claim.cites:
            verdict = _unchecked(claim, events, beyond=place >= CLAIMS)
            verdicts.append(verdict)
            yield Judged(0, verdict)
    if kit.cancel.is_set():
        yield Stopped("cancelled")
        return
    verdicts.sort(key=lambda verdict: verdict.claim.start)
    yield Answered(_answer(events, quotes, tuple(verdicts)))


def _held(events: Sequence[Event]) -> dict[str, list[int]]:
    """Return the numbers of the quotes that were kept while each query was looked up."""
    held: dict[str, list[int]] = {}
    query = ""
    for event in events:
        if isinstance(event, Acted) and isinstance(event.action, Search):
            query = event.action.query
        elif isinstance(event, Quoted):
            held.setdefault(query.casefold(), []).append(event.number)
    return held


def _cited(claim: Claim, held: dict[str, list[int]], quotes: Sequence[Quoted]) -> Claim:
    """The claim with the quotes that it is held to, whatever numbers its author wrote."""
    said = alone(claim)
    own = held.get(" ".join(said.split()).casefold(), [])
    wanted = frozenset(content(said))
    shares = {quote.number: len(wanted & frozenset(terms(quote.text))) for quote in quotes}
    also = sorted((n for n in shares if shares[n]), key=lambda number: (-shares[number], number))
    return replace(claim, cites=tuple(sorted(set(chain(own, also[:ALSO])))))


def _unchecked(claim: Claim, events: Sequence[Event], beyond: bool) -> Verdict:
    language = view.asked(events).language
    because = say(language, "beyond", most=CLAIMS) if beyond else say(language, "no source")
    return Verdict(replace(claim, cites=()), "unchecked", "none", 0.0, because)


def _answer(
    events: Sequence[Event], quotes: tuple[Quoted, ...], verdicts: tuple[Verdict, ...]
) -> Answer:
    """The text as it was given, with what was found of it; `outcome` sums the verdicts up."""
    asked, ended = view.asked(events), view.stopped(events)
    language, many = asked.language, len(verdicts)
    good = sum(verdict.ruling == "supported" for verdict in verdicts)
    outcome: Outcome = "answered" if good == many else "partial"
    said = [say(language, "carried", held=good, all=many)] if good < many else []
    if not quotes:
        outcome, said = "declined", [say(language, "no source")]
    if many > CLAIMS:
        said.append(say(language, "cut", most=CLAIMS, all=many))
    if ended is not None and ended.reason != "finished":
        said.append(say(language, "early", reason=reason(language, ended.reason)))
    because = ("；" if language == "zh" else "; ").join(said)
    return Answer(asked.question, outcome, "prose", because, quotes, verdicts)
