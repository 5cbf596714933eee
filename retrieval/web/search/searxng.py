"""Asks a SearXNG instance, the metasearch engine that one can run oneself.

Search API: https://docs.searxng.org/dev/search_api.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.web.search.asking import Sender, Service
from retrieval.web.search.cleaning import findings, plain, shortened
from retrieval.web.types import Cancelled, Finding

_LONGEST = 500
_SERVICE = Service(
    "searxng",
    cure="does it serve JSON? add json to search: formats: in the settings.yml of the instance",
)


@dataclass(frozen=True, slots=True)
class SearXNG:
    """An instance by its base address, such as https://search.example.org or one with a path."""

    base: str
    sender: Sender = field(repr=False)

    @property
    def name(self) -> str:
        return _SERVICE.name

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` results; raises `SearchFault`, also if all its engines are mute."""
        params = {"q": shortened(query, _LONGEST), "format": "json"}
        url = self.base.rstrip("/") + "/search"
        answer = _SERVICE.ask(self.sender, "GET", url, params=params, cancel=cancel, trusted=True)
        data = _SERVICE.read(answer)
        rows = _SERVICE.rows(data.get("results"))
        # It answers 200 with nothing when each of its engines was blocked: that is not "nothing".
        if not rows and (mute := _mute(data.get("unresponsive_engines"))):
            raise _SERVICE.fault(f"got no answer from its own engines ({mute})")
        found = ((row.get("url"), row.get("title"), row.get("content")) for row in rows)
        return findings(self.name, found, k)


def _mute(engines: object) -> str:
    """Return the names of engines that did not answer, from pairs of name and reason."""
    if not isinstance(engines, list):
        return ""
    pairs = [pair for pair in engines[:5] if isinstance(pair, list) and pair]
    return ", ".join(filter(None, (plain(pair[0], 30) for pair in pairs)))
