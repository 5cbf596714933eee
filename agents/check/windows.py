"""The evidence of a quote in pieces: its sentences, and neighbouring sentences two by two."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agents.check.overlap import held
from agents.check.words import content
from agents.events import Quoted
from retrieval.sentences import sentences


@dataclass(frozen=True, slots=True)
class Window:
    """One or two neighbouring sentences of quote `number`.

    `stems` are their content words, and those of the quote's title and heading, which say what the
    sentences are about.
    """

    number: int
    text: str
    stems: frozenset[str]
    title: str = ""

    @property
    def whole(self) -> str:
        """The text under its title."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


def about(quote: Quoted) -> str:
    """Return title and heading of a quote as words."""
    return f"{quote.title} {quote.heading}".replace("_", " ").strip()


def evidence(quotes: Sequence[Quoted]) -> str:
    """Return all that the quotes say, each under its title, as one text."""
    return "\n\n".join(f"{about(quote)}\n\n{quote.text}" for quote in quotes)


def windows(quotes: Sequence[Quoted]) -> list[Window]:
    """Return every sentence, then every pair of neighbours, of each quote."""
    return [
        Window(quote.number, text, stems, about(quote))
        for quote in quotes
        for text, stems in _pieces(quote.text, about(quote))
    ]


@lru_cache(maxsize=256)
def _pieces(text: str, title: str) -> tuple[tuple[str, frozenset[str]], ...]:
    spans = sentences(text) or [(0, len(text))]
    spans += [(first[0], second[1]) for first, second in pairwise(spans)]
    head = content(title)
    return tuple((text[a:b], frozenset((*content(text[a:b]), *head))) for a, b in spans)


def best(wanted: set[str], choice: Sequence[Window], most: int) -> list[tuple[float, Window]]:
    """Return the windows that hold most of the wanted stems, best first, shorter ones first."""
    scored = [(held(wanted, window.stems), window) for window in choice]
    return sorted(scored, key=lambda pair: (-pair[0], len(pair[1].text)))[:most]
