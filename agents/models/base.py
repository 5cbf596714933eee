"""The one protocol every language model meets: messages in, tokens and then one reply out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

GrammarKind = Literal["gbnf", "json_schema", "none"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do: `context` is its window in tokens, `parallel` how many replies to one
    prompt it writes side by side (see `together`), and `adapters` name the jobs for which it has
    weights of their own (see `Sampling.adapter`)."""

    context: int
    grammar: GrammarKind = "none"
    prefix_cache: bool = False
    logprobs: bool = False
    parallel: int = 1
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to decode.

    `temperature` 0 is greedy. `grammar` is GBNF and `schema` a JSON schema, both as text; a back
    end uses the one it can enforce. Requests of one `prefix` name share the beginning of their
    prompts and should be kept in one cache slot. `adapter` is one of `Capabilities.adapters`, or ""
    for the model as it is.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    grammar: str | None = None
    schema: str | None = None
    prefix: str = ""
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text as it is decoded."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply with its costs.

    Tokens: `read` is the prompt's length, `evaluated` the part of it that was not in the cache,
    `written` the reply's length. Times are in seconds. `finish` is "stop", "length" (max_tokens
    reached) or "cancelled". `adapter` names the weights that were laid over the model's own.
    """

    text: str
    finish: Literal["stop", "length", "cancelled"] = "stop"
    read: int = 0
    evaluated: int = 0
    written: int = 0
    seconds_read: float = field(default=0.0, compare=False)
    seconds_write: float = field(default=0.0, compare=False)
    adapter: str = ""


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
        prompt does not fit; `ModelError` for an adapter that it does not have. A cancel ends the
        stream with `Reply(finish="cancelled")`.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class SideBySide(Protocol):
    """A model that can write several replies to one prompt at once; call it by `together`."""

    def replies(
        self,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        cancel: Cancel | None = None,
    ) -> tuple[Reply, ...]:
        """Return a reply for each of at most `capabilities.parallel` samplings; see `together`."""
        ...


class ModelError(Exception):
    """Something a model did that ends one call; the message is for people."""


class ModelLost(ModelError):
    """The model's process died, hung or its server is gone; other questions go on."""


class ContextOverflow(ModelError):
    """The prompt does not fit the model's window; or not with so many replies beside it, of which
    the first `fit` would."""

    def __init__(self, what: str, fit: int = 0) -> None:
        super().__init__(what)
        self.fit = fit


def check_adapters(model: Model, samplings: Sequence[Sampling]) -> None:
    """`ModelError` when a request is for an adapter that the model does not have."""
    known = model.capabilities.adapters
    for sampling in samplings:
        if sampling.adapter and sampling.adapter not in known:
            had = ", ".join(known) or "none"
            raise ModelError(f"{model.name} has no adapter {sampling.adapter!r} (it has: {had})")


def together(
    model: Model,
    messages: Sequence[Message],
    samplings: Sequence[Sampling],
    cancel: Cancel | None = None,
) -> tuple[Reply, ...]:
    """Return a reply to one prompt for each sampling, in that order.

    A model that can (`Capabilities.parallel` above 1) reads the prompt once and writes that many at
    a time side by side; another writes one after the other. `evaluated` and `seconds_read` stand
    with the first reply of those that were written side by side and are 0 with the others; the
    `seconds_write` of these overlap.

    Errors: those of `Model.reply`; `ContextOverflow` also when the prompt fits but not with so many
    replies. A cancel ends all with `finish="cancelled"`, and with what was written so far.
    """
    most = model.capabilities.parallel if isinstance(model, SideBySide) else 1
    found: list[Reply] = []
    for at in range(0, len(samplings), most):
        if isinstance(model, SideBySide) and most > 1:
            found += model.replies(messages, samplings[at : at + most], cancel)
        else:
            found.append(_alone(model, messages, samplings[at], cancel))
    if any(reply.finish == "cancelled" for reply in found):
        return tuple(replace(reply, finish="cancelled") for reply in found)
    return tuple(found)


def _alone(
    model: Model, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None
) -> Reply:
    if cancel is not None and cancel.is_set():
        return Reply("", "cancelled")
    *_, last = model.reply(messages, sampling, cancel)
    assert isinstance(last, Reply)
    return last
