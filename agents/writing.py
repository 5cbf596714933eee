"""From the quotes to the checked answer: draft, claims, verdicts, rewrite, and what is shown."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from agents import compose, view
from agents.check.round import check
from agents.claims import split
from agents.dropping import drop, failing, is_evidence
from agents.events import (
    Answer,
    Answered,
    Claimed,
    Drafted,
    Event,
    Form,
    Outcome,
    Quoted,
    Revised,
    Stopped,
    Verdict,
    Working,
)
from agents.kit import Kit, Step, speak
from agents.models.base import ContextOverflow, ModelLost, Reply, Sampling
from agents.wording import content, terms

CUT_SHORT = ("steps", "seconds", "tokens", "slips", "context", "repeating", "model lost")
PICKED = (
    "a small model picked the first line from the quotes; they carry its words, "
    "but read them to see whether it answers the question"
)
NOTHING = "the model wrote nothing that the quotes carry, so here are the quotes"
OVERTIME = "time ran out before the answer was written, so here are the quotes"
UNLIKELY = "no short answer stood out in the quotes, so here are the quotes"
ANSWER_TOKENS = 320
SHORT_TOKENS = 40


@dataclass(frozen=True, slots=True)
class _Version:
    """A text of the answer with the verdicts on its claims."""

    text: str
    verdicts: tuple[Verdict, ...]

    @property
    def failed(self) -> int:
        return len(failing(self.verdicts))

    @property
    def supported(self) -> int:
        return sum(verdict.ruling == "supported" for verdict in self.verdicts)

    def worth(self) -> tuple[int, int]:
        """What a version is chosen by: fewest failing claims, then most supported ones."""
        return -self.failed, self.supported


def write_answer(events: Sequence[Event], kit: Kit) -> Step:
    """Write, check and show; every exit but a user's stop is an `Answered`."""
    asked, quotes = view.asked(events), view.quotes(events)
    if not quotes or not compose.enough(asked.question, quotes, *_strength(events)):
        yield Answered(declined(events))
        return
    try:
        yield Working("writing")
        reply = yield from _draft(events, kit)
        if kit.cancel.is_set():
            yield Stopped("cancelled")
            return
        if reply.finish == "cancelled":
            yield Stopped("seconds")
            yield Answered(_quotes_alone(quotes, OVERTIME))
            return
        text = compose.draft(reply.text, asked.question, quotes, asked.style)
        yield Drafted(text)
        if not asked.check:
            yield Answered(_unchecked(text, quotes))
            return
        version = yield from _checked(events, kit, text)
    except (ModelLost, ContextOverflow) as error:
        reason = "model lost" if isinstance(error, ModelLost) else "context"
        yield Stopped(reason, str(error))
        yield Answered(_quotes_alone(quotes, str(error)))
        return
    if kit.cancel.is_set():
        yield Stopped("cancelled")
        return
    yield Answered(_shown(events, version))


def _draft(events: Sequence[Event], kit: Kit) -> Generator[Event, None, Reply]:
    asked, quotes = view.asked(events), view.quotes(events)
    messages = compose.write_prompt(asked.question, quotes, asked.style)
    short = asked.style == "short"
    grammar = compose.write_grammar(quotes, asked.style, asked.question) if _gbnf(kit) else None
    sampling = Sampling(SHORT_TOKENS if short else ANSWER_TOKENS, grammar=grammar, prefix="write")
    template = compose.SHORT if short else compose.PROSE
    return (yield from speak(kit, "write", template, messages, sampling))


def _gbnf(kit: Kit) -> bool:
    return kit.model.capabilities.grammar == "gbnf"


def _checked(events: Sequence[Event], kit: Kit, text: str) -> Generator[Event, None, _Version]:
    """Check the draft, let the model rewrite what failed, drop what fails again.

    The procedure is GPT-4's for closed domains (OpenAI 2023, system card), with quotes as evidence.
    """
    asked, quotes = view.asked(events), view.quotes(events)
    best = yield from _judge(events, kit, text, 0)
    rounds = asked.limits.rewrites
    for round in range(1, rounds + 1):
        if not best.failed or kit.cancel.is_set():
            break
        yield Working("rewriting", best.failed)
        messages = compose.rewrite_prompt(asked.question, quotes, best.text, best.verdicts)
        grammar = compose.rewrite_grammar(quotes) if _gbnf(kit) else None
        sampling = Sampling(ANSWER_TOKENS, grammar=grammar, prefix="write")
        reply = yield from speak(kit, "rewrite", compose.REWRITE, messages, sampling)
        if reply.finish == "cancelled":
            break
        rewritten = compose.draft(reply.text, asked.question, quotes, "prose")
        yield Revised(round, "rewrite", rewritten)
        version = yield from _judge(events, kit, rewritten, round)
        best = max(best, version, key=_Version.worth)
    if best.failed:
        kept = drop(best.text, best.verdicts)
        yield Revised(rounds + 1, "drop", kept)
        best = yield from _judge(events, kit, kept, rounds + 1)
    return best


def _judge(
    events: Sequence[Event], kit: Kit, text: str, round: int
) -> Generator[Event, None, _Version]:
    claims = split(text)
    yield Working("checking", len(claims))
    yield Claimed(round, claims)
    verdicts = yield from check(claims, view.quotes(events), kit.scorer, round)
    return _Version(text, verdicts)


def _shown(events: Sequence[Event], version: _Version) -> Answer:
    """Decide what is shown of the version that was left: prose that holds, or the quotes."""
    quotes = view.quotes(events)
    if version.failed or not _has_prose(version.text, version.verdicts):
        because = NOTHING if _tried(events) else UNLIKELY
        return _quotes_alone(quotes, because)
    dropped = any(isinstance(event, Revised) and event.how == "drop" for event in events)
    ended = view.stopped(events)
    outcome: Outcome = "answered"
    because = PICKED if view.asked(events).style == "short" else ""
    if any(verdict.ruling == "unchecked" for verdict in version.verdicts):
        outcome, because = "partial", "what no judge could decide is shown as unchecked"
    if dropped:
        outcome, because = "partial", "what the quotes do not carry was left out"
    if ended is not None and ended.reason in CUT_SHORT:
        outcome, because = "partial", f"browsing ended early: {ended.reason}"
    return Answer(version.text, outcome, "prose", because, quotes, version.verdicts)


def _tried(events: Sequence[Event]) -> bool:
    """True if the model's draft had words of its own, whatever became of them."""
    draft = next((event.text for event in events if isinstance(event, Drafted)), "")
    return any(not is_evidence(draft, claim) for claim in split(draft))


def _has_prose(text: str, verdicts: Sequence[Verdict]) -> bool:
    return any(not is_evidence(text, verdict.claim) for verdict in verdicts)


def _strength(events: Sequence[Event]) -> tuple[float, float]:
    """How well the quotes fit: the best share of the question's words that one carries, and the
    best cosine of the question and a quoted passage (0 where no embedder serves the language)."""
    wanted = frozenset(content(view.asked(events).question))
    quotes = view.quotes(events)
    shares = [len(wanted & frozenset(terms(quote.text))) for quote in quotes]
    cosines = [
        result.cosine or 0.0
        for found in view.searches(events)
        for result in found.results
        if any(q.document == result.document and q.start < result.end for q in quotes)
    ]
    return max(shares, default=0) / max(1, len(wanted)), max(cosines, default=0.0)


def _quotes_alone(quotes: tuple[Quoted, ...], because: str) -> Answer:
    text = compose.quotes_answer(quotes)
    verdicts = tuple(
        Verdict(claim, "supported", "verbatim", 1.0, "it is the quote itself", claim.cites[0])
        for claim in split(text)
        if claim.cites
    )
    return Answer(text, "partial", "quotes", because, quotes, verdicts)


def _unchecked(text: str, quotes: tuple[Quoted, ...]) -> Answer:
    verdicts = tuple(
        Verdict(claim, "unchecked", "none", 0.0, "the check was turned off")
        for claim in split(text)
    )
    form: Form = "prose" if _has_prose(text, verdicts) else "quotes"
    return Answer(text, "answered", form, "the check was turned off", quotes, verdicts)


def declined(events: Sequence[Event]) -> Answer:
    """Say that no usable quote was found, and what was looked for."""
    queries = list(dict.fromkeys(found.query for found in view.searches(events)))
    looked = "; ".join(f"“{query}”" for query in queries) or "nothing"
    titles = list(dict.fromkeys(opened.title for opened in view.opened(events)))
    read = f" It opened {', '.join(titles)}." if titles else ""
    text = f"No source in the library answers this. Vouch searched for {looked}.{read}"
    because = "no quote was found that could answer the question"
    return Answer(text, "declined", "none", because, view.quotes(events))
