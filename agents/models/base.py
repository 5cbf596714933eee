"""The one protocol every language model meets: messages in, tokens and then one reply out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

GrammarKind = Literal["gbnf", "json_schema", "none"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do: `context` is its window in tokens."""

    context: int
    grammar: GrammarKind = "none"
    prefix_cache: bool = False
    logprobs: bool = False
    parallel: int = 1


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to decode.

    `temperature` 0 is greedy. `grammar` is GBNF and `schema` a JSON schema, both as text; a back
    end uses the one it can enforce. Requests of one `prefix` name share the beginning of their
    prompts and should be kept in one cache slot.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    grammar: str | None = None
    schema: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text as it is decoded."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply with its costs.

    Tokens: `read` is the prompt's length, `evaluated` the part of it that was not in the cache,
    `written` the reply's length. Times are in seconds. `finish` is "stop", "length" (max_tokens
    reached) or "cancelled".
    """

    text: str
    finish: Literal["stop", "length", "cancelled"] = "stop"
    read: int = 0
    evaluated: int = 0
    written: int = 0
    seconds_read: float = field(default=0.0, compare=False)
    seconds_write: float = field(default=0.0, compare=False)


class Cancel(Protocol):
    """A token that a user's stop sets; looked at between steps and by the model while it works."""

    def is_set(self) -> bool: ...


class Model(Protocol):
    """A language model. `name` identifies it in journals ("smollm2-135m-instruct-f16")."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        """Yield pieces and, last, exactly one `Reply`.

        Errors: `ModelLost` when the model's process or server is gone; `ContextOverflow` when the
        prompt does not fit. A cancel ends the stream with `Reply(finish="cancelled")`.
        """
        ...

    def close(self) -> None: ...


class ModelError(Exception):
    """Something a model did that ends one call; the message is for people."""


class ModelLost(ModelError):
    """The model's process died, hung or its server is gone; other questions go on."""


class ContextOverflow(ModelError):
    """The prompt does not fit the model's window."""
