"""A site on loopback becomes a collection: whole, kept up, gone on with after a kill or a stop."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.serving import crawls
from retrieval.errors import UserError
from retrieval.parsing import ChildParser

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FILLER = "The mill stands at the mouth of the river, and the tide turns its wheel twice a day. "


def page(title: str, fact: str, *links: str) -> bytes:
    """A page with so much text that it is one, and links in it."""
    names = "".join(f'<p>More stands at <a href="{link}">{link}</a>.</p>' for link in links)
    body = f"<h1>{title}</h1><p>{fact} {FILLER * 2}</p><p>{FILLER * 2}</p>{names}"
    head = f"<head><title>{title}</title></head>"
    return f"<html>{head}<body><main>{body}</main></body></html>".encode()


def _next(number: int) -> list[str]:
    return [f"/{more}.html" for more in (number + 1, number + 2) if more <= 10]


class Site:
    """A site that may change. `asked` are the pages that were asked for; before it answers for
    `stuck` it says so and waits."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stuck, self.reached, self.freed = "", threading.Event(), threading.Event()
        self.pages = {
            f"/{n}.html": page(f"Mill {n}", f"Mill {n} was built in {1800 + n}.", *_next(n))
            for n in range(1, 10)
        }
        self.pages["/"] = page("Mills", "There are ten mills.", "/1.html", "/2.html")
        self.pages["/10.html"] = page("Mill 10", "Mill 10 is the last.")

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        if to.path not in ("/robots.txt", "/sitemap.xml"):
            self.asked.append(to.path)
        if to.path == self.stuck:
            self.reached.set()
            self.freed.wait(20)
        body = self.pages.get(to.path)
        to.send_response(200 if body else 404)
        to.send_header("Content-Type", "text/html; charset=utf-8")
        to.send_header("Content-Length", str(len(body or b"")))
        to.end_headers()
        with suppress(OSError):
            to.wfile.write(body or b"")


@pytest.fixture
def site() -> Iterator[Any]:
    made = Site()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.host = f"127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.freed.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def parser() -> Iterator[ChildParser]:
    """One process that reads, for all tests: to begin one takes long."""
    with ChildParser() as made:
        yield made


@pytest.fixture
def home(make_home: Callable[..., Any], tmp_path: Path, site: Any, parser: ChildParser) -> Any:
    made = make_home(tmp_path / "home", **{"web.private": site.host})
    made.house.__dict__["parser"] = parser
    return made


def crawl(home: Any, site: Any, **given: Any) -> tuple[dict[str, list[str]], Any]:
    """The paths of the pages by what became of them, and the result."""
    items, result = home.call("crawl", url=f"http://{site.host}/", **given)
    became: dict[str, list[str]] = {}
    for item in items:
        if item["kind"] not in ("reading", "indexed"):
            path = item["path"].removeprefix(f"http://{site.host}")
            became.setdefault(item["kind"], []).append(path)
    return became, result


def held(home: Any, site: Any) -> set[str]:
    documents = home.result("library")["documents"]
    return {one["source"].removeprefix(f"http://{site.host}") for one in documents}


def test_a_site_becomes_a_collection_that_is_searched(home: Any, site: Any) -> None:
    became, result = crawl(home, site)
    assert became == {"added": ["/", *(f"/{n}.html" for n in range(1, 11))]}
    assert result == {"collection": "127.0.0.1", "failed": 0, "left": 0, "rest": 0}
    found = home.result("search", query="In which year was Mill 7 built?", k=1)["hits"][0]
    assert "Mill 7 was built in 1807." in found["text"] and found["title"] == "Mill 7"
    assert found["source"] == f"http://{site.host}/7.html" and found["collection"] == "127.0.0.1"


def test_a_second_time_nothing_is_read_anew(
    home: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(home, site)
    before = home.result("library")["generation"]
    monkeypatch.setattr(home.house.library, "put", lambda *_: pytest.fail("was put again"))
    became, _ = crawl(home, site)
    assert {kind: len(paths) for kind, paths in became.items()} == {"unchanged": 11}
    assert home.result("library")["generation"] == before


def test_what_changed_is_read_what_is_gone_is_dropped(home: Any, site: Any) -> None:
    crawl(home, site)
    site.pages["/3.html"] = page("Mill 3", "Mill 3 burnt down in 1999.", "/4.html", "/new.html")
    site.pages["/new.html"] = page("New", "A new mill was opened in 2020.")
    del site.pages["/10.html"]
    became, _ = crawl(home, site)
    assert became["changed"] == ["/3.html"] and became["added"] == ["/new.html"]
    assert became["removed"] == ["/10.html"] and len(became["unchanged"]) == 9
    assert "/10.html" not in held(home, site) and "/new.html" in held(home, site)
    texts = [hit["text"] for hit in home.result("search", query="Mill 3", k=20)["hits"]]
    assert any("burnt down" in text for text in texts)
    assert not any("built in 1803" in text for text in texts)


def test_what_was_removed_by_hand_is_read_again(home: Any, site: Any) -> None:
    crawl(home, site)
    home.result("remove", source=f"http://{site.host}/5.html", collection="127.0.0.1")
    became, _ = crawl(home, site)
    assert became["added"] == ["/5.html"] and len(became["unchanged"]) == 10


def test_faults_are_named_counted_and_cost_no_other_page(home: Any, site: Any) -> None:
    site.pages["/2.html"] = page("Mill 2", "It leads astray.", "/gone.html", "/login.html")
    site.pages["/login.html"] = (
        b"<html><title>Sign in</title><body><form><input type=password></form></body></html>"
    )
    items, result = home.call("crawl", url=f"http://{site.host}/")
    why = {item["path"].rpartition("/")[2]: item["why"] for item in items if "why" in item}
    assert set(why) == {"gone.html", "login.html"} and "404" in why["gone.html"]
    assert result["failed"] == 2
    assert len(held(home, site)) == 11 and "/login.html" not in held(home, site)


def test_a_page_that_fails_later_keeps_its_text(home: Any, site: Any) -> None:
    crawl(home, site)
    site.pages["/10.html"] = b"<html><title>Oops</title><body></body></html>"
    became, _ = crawl(home, site)
    assert became["failed"] == ["/10.html"] and "/10.html" in held(home, site)


def test_limits_are_kept_and_what_they_leave_is_told(home: Any, site: Any) -> None:
    became, result = crawl(home, site, pages=3, collection="mills")
    assert became == {"added": ["/", "/1.html", "/2.html"]} and result["left"] == 2
    assert result["collection"] == "mills"
    near, _ = crawl(home, site, depth=1, collection="near")
    assert near == {"added": ["/", "/1.html", "/2.html"]}
    assert home.result("library")["collections"] == ["mills", "near"]


def test_a_stop_keeps_what_was_read_and_the_next_call_goes_on(home: Any, site: Any) -> None:
    stream = home.calls["crawl"].run({"url": f"http://{site.host}/"}, home.cancel)
    for item in stream:
        if item["kind"] == "reading" and item["path"].endswith("/4.html"):
            home.cancel.set()
    before = held(home, site)
    assert before == {"/", *(f"/{n}.html" for n in range(1, 5))}
    home.cancel.clear()
    site.asked.clear()
    became, _ = crawl(home, site)
    assert became == {"added": [f"/{n}.html" for n in range(5, 11)]}
    assert not {path for path in site.asked if path in before}


CHILD = """
import sys
from pathlib import Path
import threading
from app.house import House
from app.serving import crawls
from app.settings import load
from app.table import table
from retrieval.embed import HashEmbedder

crawls.BATCH = 4
house = House(load(Path(sys.argv[1]), {}, {"web.private": sys.argv[2]}))
house.__dict__["embedder"] = HashEmbedder()
for item in table(house)["crawl"].run({"url": f"http://{sys.argv[2]}/"}, threading.Event()):
    pass
"""


def test_a_kill_loses_a_batch_at_most(
    site: Any, tmp_path: Path, make_home: Callable[..., Any], parser: ChildParser
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    site.stuck = "/6.html"
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder), site.host], cwd=ROOT)
    try:
        assert site.reached.wait(60), "the child never came so far"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        site.freed.set()
    home = make_home(folder, **{"web.private": site.host})
    home.house.__dict__["parser"] = parser
    kept = {"/", "/1.html", "/2.html", "/3.html"}
    assert held(home, site) == kept
    site.stuck = ""
    site.asked.clear()
    became, _ = crawl(home, site)
    assert became == {"added": [f"/{n}.html" for n in range(4, 11)]}
    assert not kept & set(site.asked)


def test_pages_that_could_not_be_kept_are_asked_for_again(
    home: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise UserError("the disk is full")

    monkeypatch.setattr(crawls, "BATCH", 4)
    with monkeypatch.context() as broken:
        broken.setattr(home.house.library, "put", full)
        with pytest.raises(UserError, match="full"):
            crawl(home, site)
    assert len(crawl(home, site)[0]["added"]) == 11


def test_pages_are_kept_by_the_batch(home: Any, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawls, "BATCH", 5)
    sizes: list[int] = []
    put = home.house.library.put
    monkeypatch.setattr(
        home.house.library, "put", lambda texts: sizes.append(len(texts)) or put(texts)
    )
    crawl(home, site)
    assert sizes == [5, 5, 1]
    monkeypatch.setattr(crawls, "CHARACTERS", 1)
    sizes.clear()
    crawl(home, site, collection="again", pages=2)
    assert sizes == [1, 1]


def test_a_site_is_walked_by_one_at_a_time(home: Any, site: Any) -> None:
    stream = home.calls["crawl"].run({"url": f"http://{site.host}/"}, home.cancel)
    next(stream)
    with pytest.raises(UserError, match="already"):
        crawl(home, site)
    stream.close()
    assert len(crawl(home, site)[0]["added"]) == 11


def test_a_site_that_is_lost_is_gone_on_with(home: Any, site: Any, make_home: Any) -> None:
    """Its trail holds what could not be asked for, although the pages failed."""
    crawl(home, site, pages=4)
    shut = make_home(home.house.settings.home, **{"web.private": site.host})

    def refuse(*_: Any) -> Any:
        raise ConnectionRefusedError(111, "Connection refused")

    shut.house.door._connect = refuse
    became, result = crawl(shut, site)
    assert set(became) == {"failed"} and result["failed"] == len(became["failed"])
    assert held(shut, site) == {"/", "/1.html", "/2.html", "/3.html"}


def test_a_private_host_is_refused_with_the_command_that_lists_it(
    site: Any, make_home: Any, tmp_path: Path
) -> None:
    home = make_home(tmp_path, **{"web.private": "wiki.lan,10.0.0.5:81"})
    cure = f"vouch config set web.private wiki.lan,10.0.0.5:81,{site.host}"
    with pytest.raises(UserError, match=r"lies? in a private network|unusual port") as refused:
        crawl(home, site)
    assert refused.value.origin == "web.private" and cure in refused.value.cure
    assert not site.asked


@pytest.mark.parametrize("url", ["ftp://example.org/", "https://", "http://a b/"])
def test_what_is_no_address_is_one_sentence(home: Any, url: str) -> None:
    with pytest.raises(UserError, match="no address of a site"):
        home.call("crawl", url=url)


def test_offline_and_odd_limits_are_refused(home: Any, site: Any, make_home: Any) -> None:
    for odd in ({"pages": 0}, {"depth": -1}, {"pages": "many"}, {"collection": "a b"}):
        with pytest.raises(UserError):
            crawl(home, site, **odd)
    for listed in ("", "wiki.lan"):
        shut = make_home(home.house.settings.home, **{"web.offline": "true", "web.private": listed})
        with pytest.raises(UserError, match="offline"):
            crawl(shut, site)
    assert not site.asked


def test_offline_a_site_of_this_machine_is_crawled(
    site: Any, make_home: Any, tmp_path: Path
) -> None:
    home = make_home(tmp_path, **{"web.offline": "true", "web.private": site.host})
    stream = home.calls["crawl"].run({"url": f"http://{site.host}/"}, home.cancel)
    assert next(stream)["kind"] == "reading" and site.asked == ["/"]
    stream.close()
