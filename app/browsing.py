"""The web of a run: search engines asked in turn, and pages fetched, read apart, and kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.models.base import Cancel
from retrieval.errors import UserError
from retrieval.web.search.chain import Chain
from retrieval.web.types import WEB, CouldNotFetch, Finding, Searched, Visited

if TYPE_CHECKING:
    from retrieval.parsing import PageParsing
    from retrieval.web.fetch import Door
    from retrieval.web.page import Notice
    from retrieval.web.types import SearchEngine

_SAID: dict["Notice", str] = {
    "challenge": "it wants to see that a person is there",
    "login": "it asks for a login",
    "consent": "it asks for consent first",
    "error": "it is an error page",
    "empty": "it has no text",
}


@dataclass(frozen=True, slots=True)
class Browser:
    """What the loop knows of the web. Pages are read in the parser's child process."""

    chain: Chain
    door: "Door"
    parser: "PageParsing"

    def find(self, query: str, k: int, cancel: Cancel | None = None) -> Searched:
        """Ask the search engines; none that fails ends the search."""
        return self.chain.search(query, k, cancel)

    def visit(self, url: str, cancel: Cancel | None = None) -> Visited:
        """Fetch a page and read it.

        Raises `CouldNotFetch` for a page that is not there or stands in the way of its text, and
        `UserError` for one that cannot be read.
        """
        came = self.door.fetch(url, cancel)
        page = self.parser.page(came.body, came.url, came.media, came.charset)
        if page.notice:
            raise CouldNotFetch(f"could not read {url}: {_SAID[page.notice]}", "broken")
        return Visited(replace(page.document, collection=WEB), came.digest)


@dataclass(frozen=True, slots=True)
class Unset:
    """An engine that is named but lacks a setting: a search says so, and the next one is asked."""

    name: str
    fault: UserError

    def search(self, query: str, k: int, cancel: Cancel | None = None) -> Sequence[Finding]:
        """Raise `UserError` with what is lacking."""
        raise UserError(self.fault.what, origin=self.fault.origin, cure=self.fault.cure)


def engines(
    names: Sequence[str], make: "Callable[[str], SearchEngine]"
) -> "Iterator[SearchEngine]":
    """Yield the engines of these names; one that cannot be made ends no run, not even of those
    that never go to the web."""
    for name in dict.fromkeys(names):
        try:
            yield make(name)
        except UserError as fault:
            yield Unset(name, fault)
