"""Repairs a draft: a better quote, more evidence, the model's rewriting, and last of all dropping.

The order of repairs and the rounds follow GPT-4's procedure for closed domains (OpenAI 2023, system
card: list what is unsupported, rewrite, list again), with quotes as evidence. The version with the
fewest failing claims, and among those the most supported ones, is kept: no round makes it worse.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from agents import compose, view
from agents.check.agreeing import disagreed
from agents.check.round import check
from agents.citing import recite, rivals
from agents.claims import split
from agents.criticism import criticise
from agents.dropping import drop, failing
from agents.events import Claim, Claimed, Event, Judged, Quoted, Revised, Verdict, Working
from agents.kit import Kit, speak
from agents.models.base import Sampling
from agents.seeking import seek

ANSWER_TOKENS = 320

SOUGHT = 2
"""Claims of one answer for which more evidence is looked for."""

BESIDE = 2
"""Quotes that are put in the place of dropped claims at most."""


@dataclass(frozen=True, slots=True)
class Version:
    """A text of the answer with the verdicts on its claims."""

    text: str
    verdicts: tuple[Verdict, ...]

    @property
    def failed(self) -> int:
        """How many claims must not be shown."""
        return len(failing(self.verdicts))

    @property
    def worth(self) -> tuple[bool, int, int]:
        """What a version is chosen by: that anything of it is carried, fewest failing claims, then
        most supported ones."""
        held = sum(verdict.ruling == "supported" for verdict in self.verdicts)
        return held > 0, -self.failed, held


Repair = Generator[Event, None, Version | None]


def revise(events: Sequence[Event], kit: Kit, text: str) -> Generator[Event, None, Version]:
    """Judge the draft and repair it for as many rounds as the run allows; return the best version.

    Its failing claims are out of it, unless the user stopped the run before.
    """
    best = yield from judged(events, kit, text, 0)
    rounds = view.asked(events).limits.rewrites
    for round in range(1, rounds + 1):
        before = best
        for repair in (_cited, _sought, _rewritten):
            if best.failed and not kit.cancel.is_set():
                version = yield from repair(events, kit, best, round)
                best = max(best, version or best, key=lambda one: one.worth)
        if best is before:
            break
    if best.failed and not kit.cancel.is_set():
        best = yield from _dropped(events, kit, best, rounds + 1)
    return best


def judged(
    events: Sequence[Event], kit: Kit, text: str, round: int
) -> Generator[Event, None, Version]:
    """Split a text into claims and judge each by the quotes it cites."""
    claims = split(text)
    yield Working("checking", len(claims))
    yield Claimed(round, claims)
    quotes = view.quotes(events)
    verdicts = yield from check(claims, quotes, kit.scorer, round, verifier=kit.verifier)
    if view.asked(events).critic:
        verdicts = yield from criticise(verdicts, quotes, kit, round)
    if view.asked(events).agreement:
        verdicts = yield from _agreed(verdicts, events, round)
    return Version(text, verdicts)


def _agreed(
    verdicts: Sequence[Verdict], events: Sequence[Event], round: int
) -> Generator[Event, None, tuple[Verdict, ...]]:
    """Take back what most of the drafts do not say; yield a `Judged` for each."""
    changed = {one.claim: one for one in disagreed(verdicts, view.drafts(events))}
    for verdict in changed.values():
        yield Judged(round, verdict)
    return tuple(changed.get(verdict.claim, verdict) for verdict in verdicts)


def _cited(events: Sequence[Event], kit: Kit, version: Version, round: int) -> Repair:
    """Point claims to another quote that carries them."""
    quotes = view.quotes(events)
    tries = [
        replace(verdict.claim, cites=(number,))
        for verdict in failing(version.verdicts)
        for number in rivals(verdict.claim, quotes)
    ]
    carried = yield from _carried(tries, quotes, kit)
    if not carried:
        return None
    text = recite(version.text, [verdict.claim for verdict in version.verdicts], carried)
    yield Revised(round, "cite", text)
    return (yield from judged(events, kit, text, round))


def _sought(events: Sequence[Event], kit: Kit, version: Version, round: int) -> Repair:
    """Browse once for the evidence that claims lack, and point them to what was found."""
    before = len(view.quotes(events))
    if round == 1:
        yield Working("reading")
        lacking = [verdict for verdict in version.verdicts if verdict.ruling == "unsupported"]
        for verdict in lacking[:SOUGHT]:
            if not kit.cancel.is_set():
                yield from seek(verdict.claim, events, kit)
    return (yield from _cited(events, kit, version, round)) if _more(events, before) else None


def _more(events: Sequence[Event], before: int) -> bool:
    return len(view.quotes(events)) > before


def _rewritten(events: Sequence[Event], kit: Kit, version: Version, round: int) -> Repair:
    """Let the model write the answer again, with the rulings in hand."""
    asked, quotes = view.asked(events), view.quotes(events)
    yield Working("rewriting", version.failed)
    messages = compose.rewrite_prompt(asked.question, quotes, version.text, version.verdicts)
    bound = kit.model.capabilities.grammar == "gbnf"
    grammar = compose.rewrite_grammar(quotes) if bound else None
    sampling = Sampling(ANSWER_TOKENS, grammar=grammar, prefix="write", adapter="write")
    reply = yield from speak(kit, "rewrite", compose.REWRITE, messages, sampling)
    if reply.finish == "cancelled":
        return None
    text = compose.rewritten(reply.text, asked.question, quotes, asked.style)
    yield Revised(round, "rewrite", text)
    return (yield from judged(events, kit, text, round))


def _dropped(
    events: Sequence[Event], kit: Kit, version: Version, round: int
) -> Generator[Event, None, Version]:
    """Take out what failed; where that leaves other prose, the quotes it leaned on stand for it."""
    text = drop(version.text, version.verdicts)
    yield Revised(round, "drop", text)
    best = yield from judged(events, kit, text, round)
    lost = _lost(version, best, view.quotes(events))
    if best.failed or not best.verdicts or not lost:
        return best
    text = f"{best.text}\n\n{compose.quotes_answer(lost)}"
    yield Revised(round, "quote", text)
    return (yield from judged(events, kit, text, round))


def _lost(version: Version, kept: Version, quotes: Sequence[Quoted]) -> list[Quoted]:
    """The quotes that dropped claims were held to and that no other claim cites."""
    cited = {number for verdict in kept.verdicts for number in verdict.claim.cites}
    leaned = [v.evidence or next(iter(v.claim.cites), 0) for v in failing(version.verdicts)]
    return [quote for quote in quotes if quote.number in leaned and quote.number not in cited][
        :BESIDE
    ]


def _carried(
    tries: Sequence[Claim], quotes: Sequence[Quoted], kit: Kit
) -> Generator[Event, None, dict[int, int]]:
    """Return, by where a claim begins, the first quote that carries it."""
    verdicts = yield from tried(tries, quotes, kit)
    held = [v.claim for v in reversed(verdicts) if v.ruling == "supported"]
    return {claim.start: claim.cites[0] for claim in held}


def tried(
    claims: Sequence[Claim], quotes: Sequence[Quoted], kit: Kit
) -> Generator[Event, None, tuple[Verdict, ...]]:
    """Judge claims for a trial: what is measured is yielded, the rulings are no verdicts of the
    answer and only returned."""
    checking = check(claims, quotes, kit.scorer, 0, verifier=kit.verifier)
    while True:
        try:
            event = next(checking)
        except StopIteration as done:
            verdicts: tuple[Verdict, ...] = done.value
            return verdicts
        if not isinstance(event, Judged):
            yield event
