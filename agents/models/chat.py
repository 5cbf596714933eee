"""Chat messages to segments of a prompt: what a template wrote apart from what people wrote.

Only the template's own text may become control tokens; a page that holds "<|im_start|>" stays text.
"""

import secrets
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from agents.models.base import Message, ModelError

SECONDS = 2.0
CHARACTERS = 200_000
"""What a model file's own template may take, and how much it may write around the messages."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the prompt; `control` when the template wrote it."""

    text: str
    control: bool


class TemplateError(ModelError):
    """The model file's chat template cannot be used."""


def segments(messages: Sequence[Message], template: str, eos: str = "") -> list[Segment]:
    """Lay out `messages` for a reply: ChatML models get our layout, others their file's own.

    `template` is the model file's Jinja source, "" when it has none (then ChatML is used).
    """
    if not template or "<|im_start|>" in template:
        return _chatml(messages, thinking="enable_thinking" in template)
    try:
        return _rendered(messages, template, eos)
    except TemplateError:
        # Templates of several model families refuse a system turn.
        return _rendered(_without_system(messages), template, eos)


def _chatml(messages: Sequence[Message], thinking: bool) -> list[Segment]:
    laid: list[Segment] = []
    for message in messages:
        laid.append(Segment(f"<|im_start|>{message.role}\n", True))
        laid.append(Segment(message.content, False))
        laid.append(Segment("<|im_end|>\n", True))
    # Models that think aloud unless told not to are told by an empty thought.
    silence = "<think>\n\n</think>\n\n" if thinking else ""
    return [*laid, Segment(f"<|im_start|>assistant\n{silence}", True)]


def _without_system(messages: Sequence[Message]) -> list[Message]:
    said = [m.content for m in messages if m.role == "system"]
    rest = [m for m in messages if m.role != "system"]
    if not said or not rest:
        return list(messages)
    first = replace(rest[0], content="\n\n".join([*said, rest[0].content]))
    return [first, *rest[1:]]


def _rendered(messages: Sequence[Message], template: str, eos: str) -> list[Segment]:
    """Render with a stand-in for each content, then cut the text at the stand-ins."""
    mark = secrets.token_hex(8)
    turns = [
        {"role": message.role, "content": f"{mark}-{index}-"}
        for index, message in enumerate(messages)
    ]
    text = _render(template, turns, eos)
    head, *pieces = text.split(f"{mark}-")
    laid = [Segment(head, True)]
    for piece in pieces:
        index, _, rest = piece.partition("-")
        if not index.isdigit() or int(index) >= len(messages):
            raise TemplateError("the model file's chat template does not keep messages whole")
        laid += [Segment(messages[int(index)].content, False), Segment(rest, True)]
    return [segment for segment in laid if segment.text]


def _render(template: str, turns: list[dict[str, str]], eos: str) -> str:
    from jinja2 import TemplateError as JinjaError

    environment = _environment()
    environment.globals["raise_exception"] = _refuse
    values = {"messages": turns, "add_generation_prompt": True, "bos_token": "", "eos_token": eos}
    written: list[str] = []
    size = 0
    try:
        with _time_limit(SECONDS):
            for piece in environment.from_string(template).generate(values):
                written.append(piece)
                size += len(piece)
                if size > CHARACTERS:
                    raise TemplateError("the model file's chat template writes without end")
    except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError, MemoryError) as error:
        what = f"the model file's chat template cannot be used: {error}"
        raise TemplateError(what) from error
    return "".join(written)


def _refuse(message: str) -> None:
    raise TemplateError(f"the model file's chat template refuses the messages: {message}")


def _environment() -> Any:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(["*", "**", "%"])

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            numbers = isinstance(left, int | float) and isinstance(right, int | float)
            if not numbers or operator == "**":
                raise TemplateError("the model file's chat template multiplies text")
            return super().call_binop(context, operator, left, right)

    return Environment(trim_blocks=True, lstrip_blocks=True)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block after `seconds`, where signals can: in a main thread on POSIX."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TemplateError(f"the model file's chat template took more than {seconds:g} s")

    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
