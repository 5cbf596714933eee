"""Lets the library answer like a search engine: its documents that were taken from the web."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from retrieval.documents import Hit
from retrieval.errors import UserError
from retrieval.web.search.cleaning import findings
from retrieval.web.types import Cancelled, Finding, SearchFault

SearchHits = Callable[[str, int], Sequence[Hit]]
"""Returns at most so many passages for a query, best first."""

_PASSAGES = 4
"""Passages asked for one result: a page often holds several of the best."""


@dataclass(frozen=True, slots=True)
class Own:
    """The library. A document from a file is left out: it has no address that could be opened."""

    hits: SearchHits = field(repr=False)
    name: str = "library"

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` pages, each with its best passage; raises `SearchFault`."""
        try:
            hits = self.hits(query, _PASSAGES * k)
        except UserError as error:
            raise SearchFault(f"the {self.name} gave no answer: {error}") from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SearchFault(f"the {self.name} could not be read ({why}).") from error
        rows = ((hit.passage.source, hit.passage.title, hit.passage.text) for hit in hits)
        return findings(self.name, rows, k)
