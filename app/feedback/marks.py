"""What a person says of answers: a mark on one, or a comparison of two."""

from dataclasses import dataclass
from typing import Literal

MarkKind = Literal["up", "down", "edit", "none"]
Order = Literal["asked", "swapped"]

MARKS: tuple[MarkKind, ...] = ("up", "down", "edit", "none")
"""Good, bad, "it should have said", and the last mark taken back."""

TAGS_DOWN = (
    "wrong", "unsupported", "incomplete", "off-topic", "unclear", "too long", "too short",
    "outdated", "bad source", "other",
)  # fmt: skip
"""Reasons of a thumb down, or of an edit."""

TAGS_UP = ("correct", "well supported", "complete", "clear", "to the point", "other")
"""Reasons of a thumb up."""

TAGS = tuple(dict.fromkeys(TAGS_DOWN + TAGS_UP))


@dataclass(frozen=True, slots=True)
class Mark:
    """One person's word on one run. `text` is the answer as it should have been, for an edit;
    `at` is UTC in seconds."""

    id: str
    run: str
    mark: MarkKind
    tags: tuple[str, ...] = ()
    comment: str = ""
    text: str | None = None
    by: str = "local"
    face: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One person's comparison of two runs, after WebGPT's form (Nakano 2021, appendix C).

    The scores run from -2 (the left one is much better) over 0 (a tie) to 2 (the right one).
    `order` is "asked" where the run that began first stood on the left, else "swapped". The
    `unsupported` lists hold numbers of claims, from 1.
    """

    id: str
    left: str
    right: str
    order: Order
    core: int
    coherence: int
    overall: int
    unsupported_left: tuple[int, ...] = ()
    unsupported_right: tuple[int, ...] = ()
    prompt: str = ""
    by: str = "local"
    face: str = ""
    at: float = 0.0


def latest(marks: "list[Mark]") -> dict[tuple[str, str], Mark]:
    """Return the mark that counts by (run, person): the last one, unless it was taken back."""
    found: dict[tuple[str, str], Mark] = {}
    for mark in sorted(marks, key=lambda mark: (mark.at, mark.id)):
        found[mark.run, mark.by] = mark
    return {key: mark for key, mark in found.items() if mark.mark != "none"}
