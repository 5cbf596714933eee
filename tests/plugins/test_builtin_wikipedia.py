"""Wikipedia is looked up through the given door, and whatever it answers, something true is told.

The fake is built from https://www.mediawiki.org/wiki/API:Query, API:Search, API:Links and
Extension:TextExtracts, with formatversion=2; it was never compared with the real service here.
"""

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from plugins.builtin.wikipedia import LONGEST, tools
from plugins.schema import schema
from plugins.tools import ToolResult
from retrieval.web.types import Cancelled, CouldNotFetch, Fetched

ARTICLES: dict[str, dict[str, Any]] = {
    "Oak": {"extract": "An oak is a tree.\nIt bears acorns."},
    "Mercury": {"extract": "Mercury may refer to:", "links": ["Freddie", "Mercury (planet)"]},
    "Mercury (planet)": {"extract": "Mercury is the first planet."},
    "橡树": {"extract": "橡树是一种树。"},
    "Long": {"extract": "\n".join(["A paragraph of words. " * 20] * 20)},
    "Empty": {"extract": ""},
}
REDIRECTS = {"Oak tree": "Oak"}


def wiki(fields: Mapping[str, str], base: str) -> dict[str, Any]:
    """What the API answers."""
    if fields.get("action") != "query" or fields.get("formatversion") != "2":
        return {"error": {"code": "badvalue", "info": "Unrecognized value"}}
    if "gsrsearch" in fields:
        words = fields["gsrsearch"].lower().split()
        hits = [t for t, a in ARTICLES.items() if any(w in a["extract"].lower() for w in words)]
        pages = [page(t, fields, base) | {"index": i} for i, t in enumerate(hits, start=1)]
        # Pages come in the order of their numbers, not of their rank.
        return {"batchcomplete": True, **({"query": {"pages": pages[::-1]}} if pages else {})}
    title = fields["titles"]
    if "[" in title:
        bad = {"title": title, "invalidreason": "illegal characters", "invalid": True}
        return {"query": {"pages": [bad]}}
    moved = REDIRECTS.get(title) if fields.get("redirects") else None
    told = {"redirects": [{"from": title, "to": moved}]} if moved else {}
    return {"query": {**told, "pages": [page(moved or title, fields, base)]}}


def page(title: str, fields: Mapping[str, str], base: str) -> dict[str, Any]:
    article = ARTICLES.get(title)
    if article is None:
        return {"ns": 0, "title": title, "missing": True}
    made: dict[str, Any] = {"pageid": len(title), "ns": 0, "title": title}
    if fields["prop"] == "links":
        return made | {"links": [{"ns": 0, "title": link} for link in article["links"]]}
    assert fields["prop"] == "extracts|info|pageprops"
    assert fields["exintro"] == fields["explaintext"] == "1"
    if "links" in article:
        made["pageprops"] = {"disambiguation": ""}
    address = f"{base}/wiki/{quote(title.replace(' ', '_'))}"
    return made | {"extract": article["extract"], "canonicalurl": address, "fullurl": address}


class Door:
    """Sends for real, to the loopback server."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = {},
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        cancel: Cancelled | None = None,
        trusted: bool = False,
    ) -> Fetched:
        request = urllib.request.Request(f"{url}?{urlencode(params or {})}", headers=dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, body, told = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            status, body, told = error.code, error.read(), error.headers
        except OSError as error:
            raise CouldNotFetch("the server cannot be reached", "unreachable") from error
        return Fetched(url, url, status, told.get_content_type(), "utf-8", body)


Answer = Callable[[Mapping[str, str], str], tuple[int, str, bytes]]


def sound(fields: Mapping[str, str], base: str) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(wiki(fields, base)).encode()


@pytest.fixture
def served() -> Iterator[Callable[[Answer], Callable[..., ToolResult]]]:
    """Make the tool, looking up at a server that gives such answers."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: Answer) -> Callable[..., ToolResult]:
        class Wiki(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
                base = f"http://127.0.0.1:{self.server.server_address[1]}"
                status, media, body = answer(fields, base)
                self.send_response(status if parts.path == "/w/api.php" else 404)
                self.send_header("Content-Type", media)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Wiki)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        (tool,) = tools(Door(), f"http://127.0.0.1:{server.server_address[1]}")
        return tool

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


Served = Callable[[Answer], Callable[..., ToolResult]]


def test_an_article_is_given_with_its_address(served: Served) -> None:
    result = served(sound)(title="Oak")
    (passage,) = result.passages
    assert passage.text == "An oak is a tree.\nIt bears acorns."
    assert (passage.start, passage.end, passage.title) == (0, len(passage.text), "Oak")
    assert passage.source.endswith("/wiki/Oak")
    assert result.text == f"Oak ({passage.source})\n{passage.text}"


def test_a_redirect_leads_to_its_article(served: Served) -> None:
    assert served(sound)(title="Oak  tree").passages[0].title == "Oak"


def test_chinese_is_asked_where_it_is_wanted(served: Served) -> None:
    asked = []
    tool = served(lambda fields, base: asked.append(fields) or sound(fields, base))  # type: ignore[func-returns-value]
    result = tool(title="橡树", language="zh")
    assert result.passages[0].text == "橡树是一种树。"
    assert result.passages[0].source.endswith("/wiki/%E6%A9%A1%E6%A0%91")
    assert asked[0]["converttitles"] == "1"


def test_a_title_of_several_things_names_them(served: Served) -> None:
    result = served(sound)(title="Mercury")
    assert result.text.endswith("look one of these up: Mercury (planet); Freddie")
    assert not result.passages


def test_a_missing_or_impossible_title_is_searched_for(served: Served) -> None:
    tool = served(sound)
    result = tool(title="first mercury object")
    assert result.passages[0].title == "Mercury (planet)"
    assert "Other articles: Mercury" in result.text
    assert tool(title="[acorns").text == "Wikipedia (en) has no article on '[acorns'."
    nothing = tool(title="xyzzy")
    assert (nothing.text, nothing.failed) == ("Wikipedia (en) has no article on 'xyzzy'.", False)
    assert tool(title="Empty").text.startswith("The article 'Empty' has no introduction; open http")
    assert tool(title=" ").failed


def test_a_long_introduction_is_cut_at_a_paragraph(served: Served) -> None:
    (passage,) = served(sound)(title="Long").passages
    assert LONGEST / 2 < len(passage.text) <= LONGEST
    assert ARTICLES["Long"]["extract"].startswith(passage.text)
    assert passage.text.endswith("words.")


def test_a_foreign_address_is_not_taken_over(served: Served) -> None:
    def lying(fields: Mapping[str, str], base: str) -> tuple[int, str, bytes]:
        return sound(fields, "http://evil.example")

    assert served(lying)(title="Oak").passages[0].source.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("status", "media", "body", "why"),
    [
        (429, "text/html", b"slow down", "asks for fewer questions"),
        (503, "text/html", b"", r"failed \(status 503\)"),
        (302, "text/html", b"", "another address"),
        (200, "text/html", b"<html>", "web page instead of JSON"),
        (200, "application/json", b'{"query": {"pa', "cut off or broken"),
        (200, "application/json", b"[]", "another shape"),
        (200, "application/json", b'{"query": {"pages": 3}}', "another shape"),
        (200, "application/json", b'{"query": 3}', "another shape"),
        (200, "application/json", b'{"error": {"code": "ratelimited"}}', "refused .*ratelimited"),
        (200, "application/json", b'{"error": "x"}', "refused the question"),
        (200, "application/json", b'{"query": {"pages": [3, {}, {"title": 3}]}}', "no article on"),
    ],
)
def test_a_fault_is_told_in_a_sentence(
    served: Served, status: int, media: str, body: bytes, why: str
) -> None:
    result = served(lambda fields, base: (status, media, body))(title="Oak")
    assert not result.passages
    assert result.failed == ("no article" not in why)
    assert re.search(why, result.text)


def test_no_server_is_a_sentence_too() -> None:
    (tool,) = tools(Door(), "http://127.0.0.1:9")
    assert tool(title="Oak").failed
    assert "was not reached" in tool(title="Oak").text


def test_it_declares_where_it_reaches() -> None:
    (tool,) = tools(Door())
    hosts = ["en.wikipedia.org", "zh.wikipedia.org"]
    assert tool.vouch == {"hosts": hosts, "folders": []}  # type: ignore[attr-defined]
    assert schema(tool)["parameters"]["properties"]["language"]["enum"] == ["en", "zh"]
