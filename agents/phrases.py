"""Short phrases of a text that could answer a question: runs of words without broken ends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.copying import WORD

MOST_WORDS = 9


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


EDGES = _set(
    "a an the of in on at by for from to with without into onto upon over under between among "
    "through during after before since until as than that which who whom whose what when where "
    "while if because although though and or but nor so is are was were be been being am has "
    "have had do does did will would shall should can could may might must not it its he she "
    "they them his her their him we us our you your i this these those there then also such "
    "both either neither thus however therefore very too only about against within"
)
"""Words that no answer ends with, and few begin with."""

_OPENERS = frozenset({"over", "about", "between", "under", "both", "not", "before", "after"})
_BREAK = re.compile(r"[;:()\[\]\"“”—，。、；：（）「」]|(?<![A-Z])\.\s|\s[-–]+\s")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text with the text between it and the next one."""

    text: str
    start: int
    end: int
    before: str
    after: str

    @property
    def low(self) -> str:
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words `first` to `last` (inclusive) of a text, as they stand there."""

    text: str
    first: int
    last: int


def words_of(text: str) -> list[Word]:
    """Return the words of a text in order."""
    found = list(WORD.finditer(text))
    starts = [word.start() for word in found] + [len(text)]
    ends = [0] + [word.end() for word in found]
    return [
        Word(
            word[0],
            word.start(),
            word.end(),
            text[ends[i] : word.start()],
            text[word.end() : starts[i + 1]],
        )
        for i, word in enumerate(found)
    ]


def phrases(text: str, found: Sequence[Word]) -> Iterator[Phrase]:
    """Yield runs of up to nine words that begin and end on a word of weight and cross no break."""
    for first, word in enumerate(found):
        if word.low in EDGES and word.low not in _OPENERS:
            continue
        for last in range(first, min(first + MOST_WORDS, len(found))):
            if last > first and _BREAK.search(found[last].before):
                break
            if found[last].low not in EDGES:
                yield Phrase(text[word.start : found[last].end], first, last)
