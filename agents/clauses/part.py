"""A part of an answer: where it stands, what it says alone, and what it speaks of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A clause or cell by its offsets in the answer.

    `stands` is what it says when it stands alone, "" where its own words do; `subject` is what it
    speaks of, "" where that is not plain; `marks` are numbers of quotes that its table names for
    it.
    """

    start: int
    end: int
    stands: str = ""
    subject: str = ""
    marks: tuple[int, ...] = ()
