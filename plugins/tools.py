"""A tool: a plain typed function with a docstring, and what calling it gives back."""

from dataclasses import dataclass, field
from typing import Any

from retrieval.documents import Passage


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave back: text for the model, passages that may be quoted, data for programs.

    `failed` marks a call that did not do its work; `text` then says why and what to write instead.
    """

    text: str
    passages: tuple[Passage, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
