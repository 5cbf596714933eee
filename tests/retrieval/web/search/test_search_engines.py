"""What each search engine does in its own way, beside what all of them promise."""

import re
import threading

import pytest
from loopback import NOW, Canned, Door, Reply, as_json, as_page
from services import KEY, KITS, NO_RESULTS, brave_error, engine_on, rows_of

from retrieval.web.search.brave import Brave
from retrieval.web.search.duckduckgo import DuckDuckGo
from retrieval.web.search.searxng import SearXNG
from retrieval.web.search.tavily import Tavily
from retrieval.web.search.wikipedia import Wikipedia
from retrieval.web.types import SearchFault

SEARXNG, WIKIPEDIA, BRAVE, TAVILY, DUCKDUCKGO = KITS


def _fault(engine) -> SearchFault:
    with pytest.raises(SearchFault) as caught:
        engine.search("tall towers", 5)
    assert KEY not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("reply", [Reply(403), as_page("<html>results</html>")])
def test_searxng_without_json_says_what_to_set(server, reply) -> None:
    server.reply = lambda seen: reply
    told = str(_fault(SearXNG(server.base, Door())))
    assert "add json to search: formats: in the settings.yml" in told


@pytest.mark.parametrize("kit", KITS[:4], ids=lambda kit: kit.name)
def test_only_an_instance_of_ones_own_may_lie_in_a_private_network(server, kit) -> None:
    server.reply = lambda seen: kit.answer(seen, rows_of(1))
    door = Door()
    assert kit.make(server.base, door).search("x", 1)
    assert door.trusted == [kit is SEARXNG]


def test_searxng_may_live_under_a_path(server) -> None:
    server.reply = lambda seen: as_json({"results": []})
    SearXNG(f"{server.base}/searx/", Door()).search("x", 1)
    assert server.seen[0].path == "/searx/search"


def test_searxng_whose_engines_are_blocked_has_not_found_nothing() -> None:
    body = b'{"results": [], "unresponsive_engines": [["google", "CAPTCHA"], ["brave", "x"], 3]}'
    assert "(google, brave)" in str(_fault(SearXNG("https://x.example", Canned(body))))


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("tall towers", "en"),
        ("最高的塔", "zh"),
        ("東京タワーの高さ", "ja"),
        ("Kölner Dom 157", "en"),
    ],
)
def test_wikipedia_is_asked_in_the_script_of_the_query(query, language) -> None:
    body = b'{"query": {"search": [{"title": "X", "snippet": ""}]}}'
    [found] = Wikipedia(Canned(body)).search(query, 1)
    assert found.url == f"https://{language}.wikipedia.org/wiki/X"
    [found] = Wikipedia(Canned(body), "de").search(query, 1)
    assert found.url == "https://de.wikipedia.org/wiki/X"


def test_wikipedia_makes_addresses_of_titles(server) -> None:
    rows = [(None, title, "") for title in ("C++", "Who's Who?", "AC/DC", "100% x", "塔 #1")]
    found = engine_on(server, WIKIPEDIA, rows).search("x", 9)
    assert [finding.url.partition("/wiki/")[2] for finding in found] == [
        *("C%2B%2B", "Who's_Who%3F", "AC/DC", "100%25_x", "%E5%A1%94_%231"),
    ]


def test_wikipedia_names_the_code_of_an_error_and_when_to_come_back(server) -> None:
    error = {"error": {"code": "ratelimited", "info": "<script>"}}
    server.reply = lambda seen: as_json(error, retry_after="9")
    fault = _fault(Wikipedia(Door(), base=server.base))
    assert "(ratelimited)" in str(fault) and fault.retry_after == 9
    odd = Canned(b'{"error": {"code": "<b>\\n"}}')
    assert str(_fault(Wikipedia(odd))) == "wikipedia refused the question."


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("make", "setting"), [(Brave, "brave_key"), (Tavily, "tavily_key")])
def test_a_key_that_is_refused_names_its_setting(status, make, setting) -> None:
    door = Canned(b"{}", status=status)
    assert f"vouch config set web.{setting} KEY" in str(_fault(make(KEY, door)))


@pytest.mark.parametrize(("kit", "make"), [(BRAVE, Brave), (TAVILY, Tavily)])
def test_the_services_refuse_another_key_in_their_own_way(server, kit, make) -> None:
    server.reply = lambda seen: kit.answer(seen, rows_of(1))
    assert "does not accept the key" in str(_fault(make("another", Door(), server.base)))


def test_brave_says_in_its_own_headers_when_to_come_back(server) -> None:
    limits = {"x-ratelimit-remaining": "0, 120", "x-ratelimit-reset": "1, 1419704"}
    server.reply = lambda seen: brave_error(429, "RATE_LIMITED", **limits)
    assert _fault(Brave(KEY, Door(), server.base)).retry_after == 1
    limits["x-ratelimit-remaining"] = "0, 0"
    assert _fault(Brave(KEY, Door(), server.base)).retry_after == 86_400


def test_brave_is_told_of_chinese(server) -> None:
    engine = engine_on(server, BRAVE, rows_of(1))
    engine.search("最高的塔", 1)
    engine.search("tower", 1)
    assert [seen.fields.get("search_lang") for seen in server.seen] == ["zh-hans", None]


@pytest.mark.parametrize("status", [432, 433])
def test_tavily_says_that_the_limit_is_used_up(status) -> None:
    assert "used up the limit" in str(_fault(Tavily(KEY, Canned(b"{}", status=status))))


def test_duckduckgo_takes_no_proxy_from_the_environment(server, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "PRIMP_PROXY", "DDGS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert engine_on(server, DUCKDUCKGO, rows_of(2)).search("x", 2)


@pytest.mark.parametrize("status", [200, 202])
def test_duckduckgo_knows_a_challenge(server, status) -> None:
    page = '<div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div>'
    server.reply = lambda seen: as_page(page, status)
    assert "no robot" in str(_fault(DuckDuckGo(lambda: NOW, f"{server.base}/html/")))


@pytest.mark.parametrize(
    "body",
    [b"", b"\0\xff\xfe", b"<div>" * 50_000, b"<div class='body'>" * 3, b"x" * 2_000_001],
    ids=["empty", "binary", "deep", "hollow", "big"],
)
def test_duckduckgo_survives_odd_pages(server, body) -> None:
    server.reply = lambda seen: Reply(200, body, {"content-type": "text/html"})
    wrong = "too big" if len(body) > 2_000_000 else "could not be read|no list of results"
    assert re.search(wrong, str(_fault(DuckDuckGo(lambda: NOW, f"{server.base}/html/"))))


def test_duckduckgo_that_is_slow_is_left(server) -> None:
    done = threading.Event()

    def late(seen):
        done.wait(30)
        return Reply(200)

    server.reply = late
    try:
        fault = _fault(DuckDuckGo(lambda: NOW, f"{server.base}/html/", seconds=0.2))
    finally:
        done.set()
    assert "no answer in 0.2 seconds" in str(fault)


def test_duckduckgo_that_is_not_there(server) -> None:
    server.server_close()
    assert "was not reached (" in str(_fault(DuckDuckGo(lambda: NOW, f"{server.base}/html/")))


def test_duckduckgo_leaves_out_advertisements(server) -> None:
    advert = ("https://duckduckgo.com/y.js?ad_domain=x.example", "Ad", "Buy")
    found = engine_on(server, DUCKDUCKGO, [advert, *rows_of(2)]).search("x", 5)
    assert [finding.title for finding in found] == ["Page 0", "Page 1"]


def test_duckduckgo_offline_asks_nobody(server) -> None:
    server.reply = lambda seen: as_page(NO_RESULTS)
    assert "offline" in str(_fault(DuckDuckGo(lambda: NOW, f"{server.base}/html/", offline=True)))
    assert not server.seen


def test_duckduckgo_asks_its_own_address_by_default() -> None:
    from ddgs.engines import ENGINES

    engine = ENGINES["text"]["duckduckgo"]
    assert engine.search_url == "https://html.duckduckgo.com/html/"
    assert DuckDuckGo(lambda: NOW).url == ""
