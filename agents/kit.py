"""What a run works with: everything outside the pure core, passed in by who starts the run."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from agents.events import Event, Measured, Phase, Prompted, Replied, Token
from agents.models.base import Cancel, Message, Model, Piece, Reply, Sampling
from agents.ports import Clock, NoWeb, Scorer, Sources, Toolbox, Web
from agents.prompt import estimate
from retrieval.documents import content_id

Step = Generator[Event, None, None]


@dataclass(frozen=True, slots=True)
class Kit:
    """The model, the library, the scorer, the plugins, a clock, the user's stop and the web.

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


@dataclass(frozen=True, slots=True)
class _Deadline:
    """Set when the user stops the run or its time is over."""

    kit: Kit

    def is_set(self) -> bool:
        return self.kit.cancel.is_set() or self.kit.clock.elapsed() >= self.kit.seconds


def speak(
    kit: Kit, phase: Phase, template: str, messages: Sequence[Message], sampling: Sampling
) -> Generator[Event, None, Reply]:
    """Send a prompt and yield what comes back: `Prompted`, tokens, `Replied`; return the reply."""
    text = "\n".join(f"{message.role}: {message.content}" for message in messages)
    grammar = sampling.grammar or sampling.schema or ""
    digest = content_id(text, grammar, str(sampling.max_tokens))
    yield Prompted(phase, template, digest, estimate(text))
    for part in kit.model.reply(messages, sampling, _Deadline(kit)):
        match part:
            case Piece(text):
                yield Token(text)
            case Reply():
                seconds = part.seconds_read + part.seconds_write
                yield Replied(
                    part.text, part.finish, part.read, part.evaluated, part.written, seconds
                )
                return part
    return Reply("")


def measure(
    scorer: Scorer, what: str, pairs: Sequence[tuple[str, str]]
) -> Generator[Event, None, tuple[float, ...]]:
    """Score pairs of texts, yield the scores as an event and return them; none for no pairs."""
    if not pairs:
        return ()
    scores = tuple(round(float(score), 4) for score in scorer.similarities(pairs))
    yield Measured(what, content_id(*(text for pair in pairs for text in pair)), scores)
    return scores
