"""Writes drafts and picks the best: one by default, or n sampled over one prompt (best of n).

Ranking sampled answers is the strongest lever that WebGPT found (Nakano et al. 2021, section 4).
The judges of the self-check rank here. Where a reward was learned from people's comparisons, it
decides among the drafts of which equally few claims fail; it never puts more of them before fewer.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from agents import compose, view
from agents.answering import Read
from agents.asked import Style
from agents.check.judge import ContainmentJudge
from agents.claims import split
from agents.entailing import read
from agents.events import Asked, Drafted, Event, Quoted, Working
from agents.kit import Kit, rank, speak, speak_together
from agents.models.base import ContextOverflow, ModelLost, Reply, Sampling
from agents.revising import ANSWER_TOKENS, Version, tried

SHORT_TOKENS = 40

WARM = 0.8
"""Temperature of sampled drafts; the first one is always greedy."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The draft that was chosen of `of`, the share (0..1) of the others that say the same, and the
    reward that ranked them, "" for none."""

    text: str
    of: int = 1
    agreement: float = 1.0
    ranker: str = ""


def write(events: Sequence[Event], kit: Kit) -> Generator[Event, None, Choice | None]:
    """Write the drafts that the run asks for, yield `Drafted` for the best and return it.

    None if the model was cut off. Errors: those of `Model.reply`.
    """
    asked, quotes = view.asked(events), view.quotes(events)
    yield Working("writing", asked.best_of if asked.best_of > 1 else 0)
    replies = yield from _replies(events, kit)
    if any(reply.finish == "cancelled" for reply in replies) or kit.cancel.is_set():
        return None
    known = read(events)
    picked = yield from _picked(events, kit, known)
    if kit.cancel.is_set():
        return None
    every = [
        compose.draft(r.text, asked.question, quotes, asked.style, picked, known) for r in replies
    ]
    choice = Choice(every[0])
    if len(every) > 1:
        choice = yield from _best(every, events, kit)
    yield Drafted(choice.text, choice.of, choice.agreement, choice.ranker)
    return choice


def _replies(events: Sequence[Event], kit: Kit) -> Generator[Event, None, tuple[Reply, ...]]:
    asked, quotes = view.asked(events), view.quotes(events)
    messages = compose.write_prompt(asked.question, quotes, asked.style)
    greedy = _greedy(asked, quotes, asked.style, kit)
    template = compose.SHORT if asked.style == "short" else compose.PROSE
    if asked.best_of == 1:
        return ((yield from speak(kit, "write", template, messages, greedy)),)
    warm = [replace(greedy, temperature=WARM, seed=seed) for seed in range(1, asked.best_of)]
    return (yield from speak_together(kit, "write", template, messages, [greedy, *warm]))


def _picked(events: Sequence[Event], kit: Kit, known: Read) -> Generator[Event, None, str]:
    """Return what a model that leads its quotes in picks from their phrases besides; "" where none
    of them is likely enough to be shown, or the model does not come to an end."""
    asked, quotes = view.asked(events), view.quotes(events)
    led = asked.picks and asked.style == "led"
    if not led or not compose.pickable(asked.question, quotes, known):
        return ""
    messages = compose.write_prompt(asked.question, quotes, "short")
    sampling = _greedy(asked, quotes, "short", kit)
    try:
        reply = yield from speak(kit, "write", compose.SHORT, messages, sampling)
    except (ModelLost, ContextOverflow):
        # What was written stands without it.
        return ""
    return reply.text if reply.finish == "stop" else ""


def _greedy(asked: Asked, quotes: Sequence[Quoted], style: Style, kit: Kit) -> Sampling:
    bound = kit.model.capabilities.grammar == "gbnf"
    grammar = compose.write_grammar(quotes, style, asked.question) if bound else None
    most = SHORT_TOKENS if style == "short" else ANSWER_TOKENS
    # What the shipped weights were taught is English.
    adapter = "" if style == "short" and asked.language == "zh" else "write"
    return Sampling(most, grammar=grammar, prefix="write", adapter=adapter)


def _best(
    every: Sequence[str], events: Sequence[Event], kit: Kit
) -> Generator[Event, None, Choice]:
    """Judge each different draft; the best fails least, is supported most, and is said most. A
    reward, if there is one, comes before how much is supported. What is not judged is voted on."""
    texts = list(dict.fromkeys(every))
    versions: list[Version] = []
    for text in texts if view.asked(events).check else ():
        verdicts = yield from tried(split(text), view.quotes(events), kit)
        versions.append(Version(text, verdicts))
    shares = {text: agreement(text, every) for text in texts}
    scores = yield from _scores(versions, events, kit)
    worths = {
        one.text: (*one.worth[:2], score, one.worth[2])
        for one, score in zip(versions, scores or [0.0] * len(versions), strict=True)
    }
    best = max(texts, key=lambda text: (worths.get(text, ()), shares[text]))
    by = view.asked(events).ranker if scores else ""
    return Choice(best, len(every), round(shares[best], 4), by)


def _scores(
    versions: Sequence[Version], events: Sequence[Event], kit: Kit
) -> Generator[Event, None, tuple[float, ...]]:
    """Return the reward of each version; nothing where there is none, or nothing to choose."""
    if kit.ranker is None or len(versions) < 2:
        return ()
    question, quotes = view.asked(events).question, view.quotes(events)
    drafts = [(version.text, version.verdicts) for version in versions]
    return (yield from rank(kit.ranker, question, quotes, drafts))


def agreement(text: str, every: Sequence[str]) -> float:
    """Return the share (0..1) of the other drafts that say what `text` says.

    A draft says it in the same words, or holds each of its claims as a quote would.
    """
    others = list(every)
    others.remove(text)
    if not others:
        return 1.0
    return sum(other == text or _holds(other, text) for other in others) / len(others)


def _holds(other: str, text: str) -> bool:
    judge = ContainmentJudge()
    source = (Quoted(1, "draft", "", "", other, 0, len(other)),)
    claims = [replace(claim, cites=(1,)) for claim in split(text)]
    return bool(claims) and all(
        judge.rule(claim, source, ()).ruling == "supported" for claim in claims
    )
