"""Looks an article of Wikipedia up: its introduction in plain text, to be quoted with its address.

MediaWiki Action API: https://www.mediawiki.org/wiki/API:Query (titles, redirects, generator),
https://www.mediawiki.org/wiki/Extension:TextExtracts (prop=extracts),
https://www.mediawiki.org/wiki/API:Info (inprop=url),
https://www.mediawiki.org/wiki/API:Links and API:Pageprops ("disambiguation").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from plugins.tools import ToolResult
from retrieval.documents import Passage, content_id
from retrieval.web.search.asking import Sender, Service
from retrieval.web.types import CouldNotFetch, SearchFault

BASE = "https://{language}.wikipedia.org"
LONGEST = 3_200
"""Characters of an introduction that are given; it is cut at the end of a paragraph."""
NAMED = 12
"""Other articles that are named beside one, or for a title that may mean several."""
QUERY = 300
"""Characters of a search that CirrusSearch takes."""

_SERVICE = Service("wikipedia")
_ASKED = {
    "action": "query", "format": "json", "formatversion": "2", "redirects": "1",
    "prop": "extracts|info|pageprops", "exintro": "1", "explaintext": "1", "exlimit": "max",
    "inprop": "url", "ppprop": "disambiguation",
}  # fmt: skip


def tools(sender: Sender, base: str = BASE) -> list[Callable[..., ToolResult]]:
    """Return the tool `wikipedia`, which reaches out through `sender` alone.

    In `base`, the address of a wiki, {language} stands for the code of the language.
    """

    def wikipedia(title: str, language: Literal["en", "zh"] = "en") -> ToolResult:
        """Look a person, place or thing up in Wikipedia and read the article's introduction.

        Args:
            title: the title of the article, or words to search for
            language: en for the English Wikipedia, zh for the Chinese one
        """
        try:
            return _Wiki(sender, base.format(language=language), language).looked_up(title)
        except (SearchFault, CouldNotFetch) as error:
            return ToolResult(str(error), failed=True)

    hosts = [base.format(language=code).partition("://")[2] for code in ("en", "zh")]
    wikipedia.__dict__["vouch"] = {"hosts": list(dict.fromkeys(hosts)), "folders": []}
    return [wikipedia]


@dataclass(frozen=True, slots=True)
class _Wiki:
    """One Wikipedia, at the address `base`."""

    sender: Sender
    base: str
    language: str

    def looked_up(self, title: str) -> ToolResult:
        wanted = " ".join(title.split()).replace("|", " ")[:QUERY]
        if not wanted:
            return ToolResult("write the title of an article or words to search for", failed=True)
        found = self._pages({"titles": wanted})
        if page := next((page for page in found if _exists(page)), None):
            return self._told(page, wanted, [])
        found = self._pages(
            {
                "generator": "search",
                "gsrsearch": wanted,
                "gsrlimit": str(NAMED),
                "gsrnamespace": "0",
            }
        )
        found = sorted(filter(_exists, found), key=lambda page: _number(page.get("index")))
        best = next((page for page in found if not _ambiguous(page)), found[0] if found else None)
        if best is None:
            return ToolResult(f"Wikipedia ({self.language}) has no article on {wanted!r}.")
        others = [str(page["title"]) for page in found if page is not best]
        return self._told(best, wanted, others)

    def _told(self, page: Mapping[str, Any], wanted: str, others: Sequence[str]) -> ToolResult:
        if _ambiguous(page):
            return self._several(str(page["title"]))
        title, text = str(page["title"]), _cut(str(page.get("extract") or "").strip())
        url = self._address(page)
        if not text:
            return ToolResult(f"The article {title!r} has no introduction; open {url}")
        passage = Passage(content_id(text), url, title, text, 0, len(text))
        also = f"\nOther articles: {'; '.join(others[:NAMED])}" if others else ""
        return ToolResult(f"{title} ({url})\n{text}{also}", passages=(passage,))

    def _several(self, title: str) -> ToolResult:
        """Tell what a title may mean: the articles that its page links to."""
        answer = self._asked(
            {"action": "query", "format": "json", "formatversion": "2", "titles": title,
             "prop": "links", "plnamespace": "0", "pllimit": "max"}
        )  # fmt: skip
        links = [
            str(link["title"])
            for page in _pages_of(answer)
            for link in page.get("links") or ()
            if isinstance(link, dict) and isinstance(link.get("title"), str)
        ]
        # Links stand in the order of the alphabet; those that begin with the title come first.
        links.sort(key=lambda link: not link.lower().startswith(title.lower().split(" (")[0]))
        named = "; ".join(links[: 2 * NAMED])
        return ToolResult(f"{title!r} may mean several things; look one of these up: {named}")

    def _address(self, page: Mapping[str, Any]) -> str:
        """Return the article's address: the one told if it is on this wiki, else one made."""
        told = page.get("canonicalurl") or page.get("fullurl")
        if isinstance(told, str) and told.startswith(f"{self.base}/") and told.isprintable():
            return told
        path = quote(str(page["title"]).replace(" ", "_"), safe="/:()',!*;@", errors="replace")
        return f"{self.base}/wiki/{path}"

    def _pages(self, more: Mapping[str, str]) -> list[dict[str, Any]]:
        # Chinese titles are found in either script: https://www.mediawiki.org/wiki/API:Query
        converted = {"converttitles": "1"} if self.language == "zh" else {}
        return _pages_of(self._asked({**_ASKED, **converted, **more}))

    def _asked(self, params: Mapping[str, str]) -> dict[str, Any]:
        url = f"{self.base}/w/api.php"
        data: dict[str, Any] = _SERVICE.read(
            _SERVICE.ask(self.sender, "GET", url, params=dict(params))
        )
        if "error" in data:
            code = data["error"].get("code") if isinstance(data["error"], dict) else None
            named = f" ({code})" if isinstance(code, str) and code.isascii() else ""
            raise _SERVICE.fault(f"refused the question{named[:80]}")
        return data


def _pages_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the pages of an answer; one that found nothing has no "query" at all."""
    found = data.get("query", {})
    pages = found.get("pages", []) if isinstance(found, dict) else None
    return [page for page in _SERVICE.rows(pages) if isinstance(page.get("title"), str)]  # type: ignore[misc]


def _exists(page: Mapping[str, Any]) -> bool:
    return not (page.get("missing") or page.get("invalid") or page.get("special"))


def _ambiguous(page: Mapping[str, Any]) -> bool:
    properties = page.get("pageprops")
    return isinstance(properties, dict) and "disambiguation" in properties


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else float("inf")


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    end = text.rfind("\n", 0, LONGEST)
    if end < LONGEST // 2:
        end = max(text.rfind(mark, 0, LONGEST) + len(mark) - 1 for mark in (". ", "。", "! ", "? "))
    return text[: end if end > LONGEST // 4 else LONGEST].rstrip()
