"""What a writer learns from: a prompt, the reply to it, and where both come from."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.models.base import Message


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and the reply that should follow.

    `kind` tells prompts that begin alike ("prose", "short", "browse"), `group` the question that
    it is about.
    """

    prompt: tuple[Message, ...]
    reply: str
    kind: str
    group: str
    source: str


@dataclass(frozen=True, slots=True)
class Preference:
    """A prompt with a reply that is better than another one to it."""

    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    group: str
    source: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """A prompt and a reply that somebody called good or bad."""

    prompt: tuple[Message, ...]
    reply: str
    good: bool
    group: str
    source: str


Learned = Sequence[Example] | Sequence[Preference] | Sequence[Opinion]
