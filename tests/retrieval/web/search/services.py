"""Fakes of the search services, each built from what its makers publish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from loopback import NOW, Door, Reply, Seen, as_json, as_page

from retrieval.web.search.brave import Brave
from retrieval.web.search.duckduckgo import DuckDuckGo
from retrieval.web.search.searxng import SearXNG
from retrieval.web.search.tavily import Tavily
from retrieval.web.search.wikipedia import Wikipedia
from retrieval.web.types import SearchEngine

KEY = "s3cret-KEY-0123456789"

Row = tuple[object, object, object]
"""Address, title and snippet of a result."""


def searxng(seen: Seen, rows: Sequence[Row]) -> Reply:
    """SearXNG, docs.searxng.org/dev/search_api.html (GET /search?q=..&format=json); the members of
    the answer as in searx/webutils.py get_json_response: 403 where the format is not enabled."""
    if seen.path != "/search" or not seen.fields.get("q"):
        return Reply(400)
    if seen.fields.get("format") != "json":
        return as_page("<html>results</html>")
    results = [
        {"url": u, "title": t, "content": s, "engine": "bing", "engines": ["bing"], "score": 1.0}
        for u, t, s in rows
    ]
    return as_json(
        {
            "query": seen.fields["q"],
            "number_of_results": 0,
            "results": results,
            "answers": [],
            "corrections": [],
            "infoboxes": [],
            "suggestions": [],
            "unresponsive_engines": [],
        }
    )


def wikipedia(seen: Seen, rows: Sequence[Row]) -> Reply:
    """MediaWiki Action API, www.mediawiki.org/wiki/API:Search (action=query&list=search), with
    formatversion=2; the words found stand in <span class="searchmatch">."""
    wanted = {"action": "query", "list": "search", "format": "json", "formatversion": "2"}
    if seen.path != "/w/api.php" or not wanted.items() <= seen.fields.items():
        return as_json({"error": {"code": "badvalue", "info": "?"}})
    if not 1 <= int(seen.fields["srlimit"]) <= 500:
        return as_json({"error": {"code": "badinteger", "info": "?"}})
    search = [{"ns": 0, "title": t, "pageid": n, "snippet": s} for n, (_, t, s) in enumerate(rows)]
    return as_json(
        {"batchcomplete": True, "query": {"searchinfo": {"totalhits": 9}, "search": search}}
    )


def brave(seen: Seen, rows: Sequence[Row]) -> Reply:
    """Brave Search API, api-dashboard.search.brave.com/api-reference/web/search/get
    (GET /res/v1/web/search): q of at most 400 characters and 50 words, count 1..20, the key in
    X-Subscription-Token; a key that it does not know is 422 SUBSCRIPTION_TOKEN_INVALID."""
    if seen.headers.get("x-subscription-token") != KEY:
        return brave_error(422, "SUBSCRIPTION_TOKEN_INVALID")
    q, count = seen.fields.get("q", ""), int(seen.fields.get("count", 20))
    if seen.path != "/res/v1/web/search" or not 1 <= count <= 20:
        return brave_error(422, "VALIDATION")
    if not q or len(q) > 400 or len(q.split()) > 50:
        return brave_error(422, "VALIDATION")
    told = {"type": "search", "query": {"original": q, "more_results_available": False}}
    if not rows:
        return as_json(told)
    results = [
        {"type": "search_result", "title": t, "url": u, "description": s} for u, t, s in rows
    ]
    return as_json(told | {"web": {"type": "search", "results": results}})


def brave_error(status: int, code: str, **headers: str) -> Reply:
    error = {"id": "0", "status": status, "code": code, "detail": "?"}
    return as_json({"type": "ErrorResponse", "error": error, "time": 0}, status, **headers)


def tavily(seen: Seen, rows: Sequence[Row]) -> Reply:
    """Tavily, docs.tavily.com/documentation/api-reference/endpoint/search (POST /search): a bearer
    key, query, max_results 0..20; errors are {"detail": {"error": ..}}."""
    if seen.headers.get("authorization") != f"Bearer {KEY}":
        return as_json({"detail": {"error": "Unauthorized: missing or invalid API key."}}, 401)
    if (seen.method, seen.path) != ("POST", "/search") or not seen.fields.get("query"):
        return as_json({"detail": {"error": "Bad request."}}, 400)
    if not 0 <= seen.fields["max_results"] <= 20:
        return as_json({"detail": {"error": "Invalid max results."}}, 400)
    results = [
        {"title": t, "url": u, "content": s, "score": 0.5, "raw_content": None} for u, t, s in rows
    ]
    told = {"query": seen.fields["query"], "answer": None, "images": [], "response_time": 1.0}
    return as_json(told | {"results": results, "request_id": "1"})


def duckduckgo(seen: Seen, rows: Sequence[Row]) -> Reply:
    """The page that ddgs 9 reads (ddgs/engines/duckduckgo.py): a POST of a form to /html/, results
    as div.result__body with a heading and links, every second one counted by /l/?uddg=."""
    if (seen.method, seen.path) != ("POST", "/html/") or not seen.fields.get("q"):
        return Reply(400)
    body = "".join(map(_result, range(len(rows)), rows))
    return as_page(f"<html><body>{body or NO_RESULTS}</body></html>")


NO_RESULTS = '<div class="no-results">No results found for x.</div>'


def _result(n: int, row: Row) -> str:
    url, title, snippet = (value if isinstance(value, str) else "" for value in row)
    if n % 2 and url.startswith("http"):
        url = f"//duckduckgo.com/l/?uddg={quote(url, safe='')}&rut=0a1b"
    link = f'href="{escape(url)}"'
    return (
        f'<div class="result"><div class="links_main links_deep result__body">'
        f'<h2 class="result__title"><a class="result__a" {link}>{escape(title)}</a></h2>'
        f'<a class="result__snippet" {link}>{snippet}</a></div></div>'
    )


@dataclass(frozen=True)
class Kit:
    """An engine with its fake; `make` takes the address of the fake and a door."""

    name: str
    answer: Callable[[Seen, Sequence[Row]], Reply]
    make: Callable[[str, object], SearchEngine]
    query: str = "q"


KITS = (
    Kit("searxng", searxng, SearXNG),
    Kit("wikipedia", wikipedia, lambda base, door: Wikipedia(door, base=base), "srsearch"),
    Kit("brave", brave, lambda base, door: Brave(KEY, door, base)),
    Kit("tavily", tavily, lambda base, door: Tavily(KEY, door, base), "query"),
    Kit("duckduckgo", duckduckgo, lambda base, door: DuckDuckGo(lambda: NOW, f"{base}/html/")),
)
JSON_KITS = tuple(kit for kit in KITS if kit.name != "duckduckgo")


def rows_of(n: int) -> list[Row]:
    return [(f"https://site{i}.example/page?id={i}", f"Page {i}", f"Text {i}") for i in range(n)]


def engine_on(server, kit: Kit, rows: Sequence[Row]) -> SearchEngine:
    """Return the engine of a kit whose fake has these results."""
    server.reply = lambda seen: kit.answer(seen, rows)
    return kit.make(server.base, Door())
