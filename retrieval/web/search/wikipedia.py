"""Asks Wikipedia through the MediaWiki Action API, in the language of the query.

API:Search: https://www.mediawiki.org/wiki/API:Search
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from retrieval.language import script
from retrieval.web.search.asking import Sender, Service, asked_rest
from retrieval.web.search.cleaning import findings, shortened
from retrieval.web.types import Cancelled, Finding

AUTO = "auto"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,10}){0,3}|simple")
"""The codes of Wikipedias, which become part of a host name."""

_BY_SCRIPT = {
    "Hani": "zh", "Jpan": "ja", "Hang": "ko", "Cyrl": "ru", "Arab": "ar", "Grek": "el",
    "Hebr": "he", "Thai": "th", "Deva": "hi",
}  # fmt: skip
"""The largest Wikipedia in a script; queries in any other script ask the English one."""

_LONGEST = 300
"""Characters of a query that CirrusSearch takes; longer ones are refused."""

_MOST = 50
_SERVICE = Service("wikipedia")


@dataclass(frozen=True, slots=True)
class Wikipedia:
    """Wikipedia in one language, or with "auto" in that of the query's script.

    `base` is the address of a wiki in which {language} stands for the code.
    """

    sender: Sender = field(repr=False)
    language: str = AUTO
    base: str = "https://{language}.wikipedia.org"

    @property
    def name(self) -> str:
        return _SERVICE.name

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` articles, 50 at most; raises `SearchFault`."""
        language = _BY_SCRIPT.get(script(query), "en") if self.language == AUTO else self.language
        base = self.base.format(language=language)
        params = {
            "action": "query",
            "list": "search",
            "srsearch": shortened(query, _LONGEST),
            "srlimit": str(min(max(k, 1), _MOST)),
            "srprop": "snippet",
            "format": "json",
            "formatversion": "2",
        }
        url = f"{base}/w/api.php"
        answer = _SERVICE.ask(self.sender, "GET", url, params=params, cancel=cancel)
        data = _SERVICE.read(answer)
        if "error" in data:
            raise _SERVICE.fault(f"refused the question{_code(data['error'])}", asked_rest(answer))
        found = data.get("query")
        if not isinstance(found, dict):
            raise _SERVICE.misshapen()
        rows = _SERVICE.rows(found.get("search"))
        articles = (
            (f"{base}/wiki/{_path(title)}", title, row.get("snippet"))
            for row in rows
            if isinstance(title := row.get("title"), str) and title.strip()
        )
        return findings(self.name, articles, k)


def _path(title: str) -> str:
    """Return the path of an article: Manual:Page title, underscores for spaces, then encoded."""
    return quote(title.strip().replace(" ", "_"), safe="/:()',!*;@", errors="replace")


def _code(error: object) -> str:
    """Return the code of an error of the API, which is made of small letters and hyphens."""
    code = error.get("code") if isinstance(error, dict) else None
    return f" ({code})" if isinstance(code, str) and re.fullmatch(r"[a-z_-]{1,60}", code) else ""
