"""Walks through sites on loopback: all of the site, nothing else, and only what is new again."""

import errno
import gzip
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from web_sites import Loopback, answer, door_to, loopback, moved

from retrieval.errors import UserError
from retrieval.web.crawl import Bounds, Step, crawl
from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.store import PageStore
from retrieval.web.trail import Trail
from retrieval.web.types import CouldNotFetch, Fetched


def links(page: Fetched) -> Sequence[str]:
    return re.findall(r'href="(.*?)"', page.body.decode())


def html(*targets: str, text: str = "") -> bytes:
    return (text + "".join(f'<a href="{target}">x</a>' for target in targets)).encode()


class Site:
    """A site that can change; its pages carry a tag, and count requests that were not answered
    with a page."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages, self.unchanged = dict(pages), 0

    def __call__(self, target: str, headers: Mapping[str, str]) -> bytes:
        if (body := self.pages.get(target)) is None:
            return answer(status=404)
        if body.startswith(b"->"):
            return moved(body[2:].decode())
        tag = f'"{hash(body)}"'
        if headers.get("if-none-match") == tag:
            self.unchanged += 1
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(body, headers={"ETag": tag})


PAGES = {
    "/": html("/a", "b#part", "http://other.test/", "mailto:x@y", "/file.zip", "/moved"),
    "/a": html("/", "/a/deep", "/gone"),
    "/b": html("/a"),
    "/a/deep": html("/a/deeper"),
    "/a/deeper": html("/b"),
    "/moved": b"->/b",
}


def _walk(server: Loopback, door: Door | None = None, **given: object) -> list[Step]:
    return list(crawl(door or door_to(server), server.url(), links, **given))  # type: ignore[arg-type]


def _paths(steps: Sequence[Step], server: Loopback) -> list[str]:
    return [step.url.removeprefix(server.url("")) for step in steps]


def test_all_pages_of_a_site_come_once_and_no_others() -> None:
    with loopback(Site(PAGES)) as server:
        trail = Trail(server.url())
        steps = _walk(server, trail=trail)
    assert _paths(steps, server) == ["/", "/a", "/b", "/a/deep", "/gone", "/a/deeper"]
    assert [step.depth for step in steps] == [0, 1, 1, 2, 2, 3]
    fault = steps[4].page
    assert isinstance(fault, CouldNotFetch) and fault.status == 404
    assert not any(step.unchanged for step in steps) and not trail.queue and trail.left == 0
    assert "/file.zip" not in server.asked and len(trail.known) == 5


def test_a_walk_keeps_to_its_bounds() -> None:
    with loopback(Site(PAGES)) as server:
        trail = Trail(server.url())
        assert len(_walk(server, bounds=Bounds(pages=2), trail=trail)) == 2
        assert trail.left == 4 and not trail.queue
        near = _walk(server, bounds=Bounds(depth=1))
        few = _walk(server, bounds=Bounds(addresses=2))
    assert _paths(near, server) == ["/", "/a", "/b"]
    assert _paths(few, server) == ["/", "/a"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_second_round_sends_only_news(tmp_path: Path, kept: bool) -> None:
    site = Site(PAGES)
    with loopback(site) as server:
        trail = Trail(server.url())
        door = door_to(server, PageStore(tmp_path) if kept else None)
        _walk(server, door, trail=trail)
        assert all(step.unchanged for step in _walk(server, door, trail=trail) if
                   isinstance(step.page, Fetched))  # fmt: skip
        assert site.unchanged == (len(PAGES) if kept else 0)
        site.pages["/b"] = html("/new", text="changed")
        site.pages["/new"] = html(text="new")
        site.pages["/a"] = html("/")
        del site.pages["/a/deeper"]
        steps = _walk(server, door, trail=trail)
    news = [step for step in steps if not step.unchanged]
    assert sorted(_paths(news, server)) == ["/a", "/a/deeper", "/b", "/new"]
    gone = next(step.page for step in news if step.url.endswith("deeper"))
    assert isinstance(gone, CouldNotFetch) and gone.status == 404
    assert server.url("/a/deeper") not in trail.known


def test_a_walk_that_is_broken_off_anywhere_goes_on_from_its_file(tmp_path: Path) -> None:
    with loopback(Site(PAGES)) as server:
        whole = _paths(_walk(server), server)
        for stop in range(1, len(whole)):
            path, got = tmp_path / f"{stop}.json", list[Step]()
            for step in crawl(door_to(server), server.url(), links, trail=(
                trail := Trail.load(path, server.url())
            )):  # fmt: skip
                got.append(step)
                trail.save(path)
                if len(got) == stop:
                    break
            rest = _walk(server, trail=Trail.load(path, server.url()))
            assert _paths([*got, *rest], server) == whole


def test_a_wish_to_stop_ends_the_walk_where_it_is() -> None:
    stop = threading.Event()
    with loopback(Site(PAGES)) as server:
        trail, got = Trail(server.url()), []
        for step in crawl(door_to(server), server.url(), links, trail=trail, cancel=stop):
            got.append(step)
            stop.set()
        assert _paths(got, server) == ["/"] and [url for url, _ in trail.queue] != []
        assert len(_walk(server, trail=trail)) == 5


SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
)


def _locs(*urls: str) -> str:
    return "".join(f"<url>\n<loc> {url} </loc><lastmod>x</lastmod></url>" for url in urls)


def test_maps_come_first() -> None:
    pages = {"/": html("/linked"), "/linked": b"", "/x?a=1&b=2": b"", "/y": b"", "/z": b""}
    site = Site(pages)
    with loopback(site) as server:
        index = "<sitemapindex><sitemap><loc>{}</loc></sitemap><sitemap><loc>{}</loc></sitemap>"
        site.pages |= {
            "/robots.txt": f"Sitemap: {server.url('/index.xml')}\nUser-agent: *\n".encode()
            + b"Disallow: /z\n",
            "/index.xml": index.format(server.url("/1.xml.gz"), server.url("/2.txt")).encode(),
            "/1.xml.gz": gzip.compress(SITEMAP.format(_locs(
                server.url("/x?a=1&amp;b=2"), "http://other.test/", "http://[", "/file.zip",
            )).encode()),
            "/2.txt": f"{server.url('/y')}\n{server.url('/z')}\nnonsense\n".encode(),
        }  # fmt: skip
        steps = _walk(server)
    assert _paths(steps, server) == ["/", "/x?a=1&b=2", "/y", "/z", "/linked"]
    shut = steps[3].page
    assert isinstance(shut, CouldNotFetch) and shut.reason == "robots"
    assert "/z" not in server.asked and "/sitemap.xml" not in server.asked


@pytest.mark.parametrize("body", [
    b"", b"<", b"<loc>" * 200_000, b"\xff\xfe" * 999, gzip.compress(b"<urlset>", mtime=0)[:-4],
    b"<loc>" + b"x" * 1_000_000,
])  # fmt: skip
def test_a_broken_map_is_passed_over(body: bytes) -> None:
    with loopback(Site({"/": html("/a"), "/a": b"", "/sitemap.xml": body})) as server:
        assert _paths(_walk(server, bounds=Bounds(depth=1)), server)[:2] == ["/", "/a"]


def test_a_map_that_names_itself_ends() -> None:
    site = Site({"/": b""})
    with loopback(site) as server:
        itself = f"<sitemapindex><loc>{server.url('/sitemap.xml')}</loc></sitemapindex>"
        site.pages["/sitemap.xml"] = itself.encode()
        assert _paths(_walk(server), server) == ["/"]
        assert server.asked.count("/sitemap.xml") == 1


def test_a_redirect_off_the_site_is_a_fault() -> None:
    pages = {"/": html("/out"), "/there": b"there"}
    with loopback(Site(pages)) as there, loopback(site := Site(pages)) as server:
        site.pages["/out"] = b"->" + there.url("/there").encode()
        door = Door(door_to(server).rules.__class__(private=(server.host, there.host)))
        steps = _walk(server, door)
    fault = steps[1].page
    assert isinstance(fault, CouldNotFetch) and fault.reason == "redirects" and len(steps) == 2


def test_a_short_rest_is_waited_for_and_a_long_one_is_not() -> None:
    rests: list[float] = []
    turns = iter([5, 5_000])
    busy: dict[str, int] = {}

    def site(target: str, headers: Mapping[str, str]) -> bytes:
        if target in ("/robots.txt", "/sitemap.xml"):
            return answer(status=404)
        if target not in busy and target != "/":
            busy[target] = next(turns)
            return answer(status=503, headers={"Retry-After": str(busy[target])})
        return answer(html("/a", "/b"))

    with loopback(site) as server:
        door = door_to(server)
        # The clock of the door stands still meanwhile, so that the host still wants its rest.
        door._pace.leave_alone = lambda host, seconds: None  # type: ignore[method-assign]
        steps = _walk(server, door, sleep=rests.append)
    assert sum(rests) == pytest.approx(5)
    assert [type(step.page).__name__ for step in steps] == ["Fetched", "Fetched", "CouldNotFetch"]


def _unplugged(*_: object) -> Any:
    raise OSError(errno.ENETUNREACH, "Network is unreachable")


def test_a_network_that_is_gone_ends_the_walk_and_loses_nothing(tmp_path: Path) -> None:
    pages = {"/": html(*[f"/{n}" for n in range(30)]), **{f"/{n}": b"" for n in range(30)}}
    with loopback(Site(pages)) as server:
        trail = Trail(server.url())
        walk = crawl(door_to(server), server.url(), links, Bounds(faults=3), trail)
        got = [next(walk) for _ in range(5)]
        away = Door(Rules(private=(server.host,)), connect=_unplugged)
        lost = _walk(server, away, bounds=Bounds(faults=3), trail=trail)
        assert len(lost) == 3 and not trail.left
        rest = _walk(server, trail=trail)
    assert sorted(_paths([*got, *rest], server)) == sorted(pages)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 2}', '{"version": 1, "start": 1}'])
def test_a_trail_that_cannot_be_read_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "trail.json"
    path.write_text(text)
    with pytest.raises(UserError, match="delete it"):
        Trail.load(path, "http://a.test/")


def test_a_trail_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "trail.json"
    trail = Trail("http://a.test/", {"http://a.test/": "f" * 64}, hosts={"a.test"}, asked=3, left=2)
    trail.add("http://a.test/ü", 1)
    trail.save(path)
    assert Trail.load(path, "http://a.test/") == trail and list(tmp_path.iterdir()) == [path]
    with pytest.raises(UserError, match="one file for each site"):
        Trail.load(path, "http://b.test/")


def test_a_start_that_is_no_address_is_refused() -> None:
    with loopback(Site({})) as server, pytest.raises(CouldNotFetch) as caught:
        list(crawl(door_to(server), "ftp://a.test/", links))
    assert caught.value.reason == "forbidden"
