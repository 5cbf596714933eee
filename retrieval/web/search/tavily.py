"""Asks the Tavily Search API, which needs a key.

Search: https://docs.tavily.com/documentation/api-reference/endpoint/search
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.web.search.asking import Sender, Service, asked_rest
from retrieval.web.search.cleaning import findings, shortened
from retrieval.web.types import Cancelled, Finding

_CHARACTERS, _MOST = 400, 20
_USED_UP = (432, 433)
"""Statuses for the limit of the plan, and for that of paying as one goes."""

_SERVICE = Service("tavily", key_setting="web.tavily_key")


@dataclass(frozen=True, slots=True)
class Tavily:
    """Tavily with a key."""

    key: str = field(repr=False)
    sender: Sender = field(repr=False)
    base: str = "https://api.tavily.com"

    @property
    def name(self) -> str:
        return _SERVICE.name

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` results, 20 at most; raises `SearchFault`."""
        answer = _SERVICE.ask(
            self.sender,
            "POST",
            f"{self.base}/search",
            headers={"Authorization": f"Bearer {self.key}"},
            json={
                "query": shortened(query, _CHARACTERS),
                "max_results": min(max(k, 1), _MOST),
                "search_depth": "basic",
                # Vouch writes its answers itself, from pages that it has read.
                "include_answer": False,
                "include_raw_content": False,
                "include_images": False,
            },
            cancel=cancel,
        )
        if answer.status in _USED_UP:
            what = f"has used up the limit of the key (status {answer.status})"
            raise _SERVICE.fault(what, asked_rest(answer))
        rows = _SERVICE.rows(_SERVICE.read(answer).get("results"))
        found = ((row.get("url"), row.get("title"), row.get("content")) for row in rows)
        return findings(self.name, found, k)
