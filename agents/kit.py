"""What a run works with: everything outside the pure core, passed in by who starts the run."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from agents.events import Event, Measured, Phase, Prompted, Quoted, Replied, Token, Verdict
from agents.models.base import Cancel, Message, Model, Piece, Reply, Sampling, together
from agents.ports import Clock, NoWeb, Ranker, Scorer, Sources, Toolbox, Verifier, Web
from agents.prompt import estimate
from retrieval.documents import content_id

Step = Generator[Event, None, None]

VERIFIED = "verify"
"""What a verifier's scores are called in the record."""

RANKED = "rank"
"""What the rewards of drafts are called in the record."""


@dataclass(frozen=True, slots=True)
class Kit:
    """The model, the library, the scorer, the plugins, a clock, the user's stop, the web, the
    verifier, if there is one, and who ranks drafts, if anybody does.

    `seconds` is when the model must be done: a reply that is being made then is cut off.
    """

    model: Model
    sources: Sources
    scorer: Scorer
    tools: Toolbox
    clock: Clock
    cancel: Cancel
    seconds: float = math.inf
    web: Web = field(default_factory=NoWeb)
    verifier: Verifier | None = None
    ranker: Ranker | None = None


@dataclass(frozen=True, slots=True)
class _Deadline:
    """Set when the user stops the run or its time is over."""

    kit: Kit

    def is_set(self) -> bool:
        return self.kit.cancel.is_set() or self.kit.clock.elapsed() >= self.kit.seconds


def speak(
    kit: Kit, phase: Phase, template: str, messages: Sequence[Message], sampling: Sampling
) -> Generator[Event, None, Reply]:
    """Send a prompt and yield what comes back: `Prompted`, tokens, `Replied`; return the reply.

    A model that has no adapter for the job in hand writes as it is.
    """
    yield _prompted(phase, template, messages, sampling)
    for part in kit.model.reply(messages, _had(kit.model, sampling), _Deadline(kit)):
        match part:
            case Piece(text):
                yield Token(text)
            case Reply():
                yield _replied(part)
                return part
    return Reply("")


def speak_together(
    kit: Kit,
    phase: Phase,
    template: str,
    messages: Sequence[Message],
    samplings: Sequence[Sampling],
) -> Generator[Event, None, tuple[Reply, ...]]:
    """Send one prompt for several replies; yield `Prompted` and a `Replied` each, return them."""
    yield _prompted(phase, template, messages, samplings[0])
    wanted = [_had(kit.model, sampling) for sampling in samplings]
    replies = together(kit.model, messages, wanted, _Deadline(kit))
    for reply in replies:
        yield _replied(reply)
    return replies


def _had(model: Model, sampling: Sampling) -> Sampling:
    """The sampling without an adapter that the model says it does not have."""
    if not sampling.adapter or sampling.adapter in model.capabilities.adapters:
        return sampling
    return replace(sampling, adapter="")


def _prompted(
    phase: Phase, template: str, messages: Sequence[Message], sampling: Sampling
) -> Prompted:
    text = "\n".join(f"{message.role}: {message.content}" for message in messages)
    grammar = sampling.grammar or sampling.schema or ""
    digest = content_id(text, grammar, str(sampling.max_tokens))
    return Prompted(phase, template, digest, estimate(text))


def _replied(reply: Reply) -> Replied:
    seconds = reply.seconds_read + reply.seconds_write
    costs = (reply.read, reply.evaluated, reply.written, seconds)
    return Replied(reply.text, reply.finish, *costs, adapter=reply.adapter)


def measure(
    scorer: Scorer, what: str, pairs: Sequence[tuple[str, str]]
) -> Generator[Event, None, tuple[float, ...]]:
    """Score pairs of texts, yield the scores as an event and return them; none for no pairs."""
    if not pairs:
        return ()
    scores = tuple(round(float(score), 4) for score in scorer.similarities(pairs))
    yield Measured(what, content_id(*(text for pair in pairs for text in pair)), scores)
    return scores


def verify(
    verifier: Verifier, pairs: Sequence[tuple[str, str]], what: str = VERIFIED
) -> Generator[Event, None, tuple[tuple[float, float], ...]]:
    """Have (evidence, claim) pairs read, yield the probabilities as an event, one after the other,
    and return them by pair; none for no pairs."""
    if not pairs:
        return ()
    read = verifier.entailments(pairs)
    flat = tuple(round(float(chance), 4) for both in read for chance in both)
    yield Measured(what, content_id(*(text for pair in pairs for text in pair)), flat)
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def rank(
    ranker: Ranker,
    question: str,
    quotes: Sequence[Quoted],
    drafts: Sequence[tuple[str, Sequence[Verdict]]],
) -> Generator[Event, None, tuple[float, ...]]:
    """Have drafts with their verdicts ranked, yield the rewards as an event and return them."""
    scores = tuple(round(float(score), 4) for score in ranker.rank(question, quotes, drafts))
    yield Measured(RANKED, content_id(question, *(text for text, _ in drafts)), scores)
    return scores
