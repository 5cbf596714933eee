"""Asks the Brave Search API, which needs a key.

Web search: https://api-dashboard.search.brave.com/api-reference/web/search/get
Rate limits: https://api-dashboard.search.brave.com/app/documentation/web-search/response-headers
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.language import script
from retrieval.web.search.asking import Sender, Service, asked_rest, header, rest
from retrieval.web.search.cleaning import findings, shortened
from retrieval.web.types import Cancelled, Fetched, Finding, SearchFault

_CHARACTERS, _WORDS, _MOST = 400, 50, 20
_SERVICE = Service("brave", key_setting="web.brave_key")


@dataclass(frozen=True, slots=True)
class Brave:
    """Brave Search with a subscription key."""

    key: str = field(repr=False)
    sender: Sender = field(repr=False)
    base: str = "https://api.search.brave.com"

    @property
    def name(self) -> str:
        return _SERVICE.name

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` results, 20 at most; raises `SearchFault`."""
        params = {
            "q": shortened(query, _CHARACTERS, _WORDS),
            "count": str(min(max(k, 1), _MOST)),
            "result_filter": "web",
            "text_decorations": "false",
        }
        if script(query) == "Hani":
            params["search_lang"] = "zh-hans"
        answer = _SERVICE.ask(
            self.sender,
            "GET",
            f"{self.base}/res/v1/web/search",
            headers={"X-Subscription-Token": self.key},
            params=params,
            cancel=cancel,
        )
        if fault := _refused(answer):
            raise fault
        data = _SERVICE.read(answer)
        web = data.get("web")
        # A search without results of the web has no member "web", yet says that it is a search.
        if web is None and data.get("type") == "search":
            return ()
        if not isinstance(web, dict):
            raise _SERVICE.misshapen()
        rows = _SERVICE.rows(web.get("results"))
        found = ((row.get("url"), row.get("title"), row.get("description")) for row in rows)
        return findings(self.name, found, k)


def _refused(answer: Fetched) -> SearchFault | None:
    """Return the fault of the two statuses that Brave uses in its own way."""
    if answer.status == 422 and b"SUBSCRIPTION_TOKEN_INVALID" in answer.body:
        return _SERVICE.bad_key("status 422")
    if answer.status == 429:
        wait = asked_rest(answer)
        what = "asks for fewer questions (status 429)"
        return _SERVICE.fault(what, _reset(answer) if wait is None else wait)
    return None


def _reset(answer: Fetched) -> float | None:
    """Return the seconds until each used-up limit is whole again.

    The headers hold one number for each limit, as in X-RateLimit-Remaining: 0, 1000 and
    X-RateLimit-Reset: 1, 1419704.
    """
    left = header(answer, "x-ratelimit-remaining").split(",")
    resets = header(answer, "x-ratelimit-reset").split(",")
    used = [
        rest(reset, answer.at) for n, reset in zip(left, resets, strict=False) if n.strip() == "0"
    ]
    return max((wait for wait in used if wait is not None), default=None)
