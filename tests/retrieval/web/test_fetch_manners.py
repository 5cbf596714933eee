"""The door keeps to robots.txt, leaves hosts their rest, and asks only for what has changed."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from web_sites import Clock, Intercepted, answer, moved, no_robots

from retrieval.web.fetch import Door
from retrieval.web.pace import Pace
from retrieval.web.rules import Rules
from retrieval.web.store import PageStore
from retrieval.web.types import CouldNotFetch

ROBOTS = b"User-agent: *\nDisallow: /shut\nCrawl-delay: 3\nSitemap: http://a.test/map.xml\n"


def _door(network: Intercepted, store: PageStore | None = None, **rules: object) -> Door:
    clock = Clock()
    return Door(
        Rules(**rules),  # type: ignore[arg-type]
        store=store,
        resolver=lambda *_: ["93.184.216.34"],
        connect=network.connect,
        clock=clock,
        now=clock,
        sleep=clock.sleep,
    )


def _clock(door: Door) -> Clock:
    assert isinstance(door._clock, Clock)
    return door._clock


def _site(target: str, headers: Mapping[str, str]) -> bytes:
    match target:
        case "/robots.txt":
            return answer(ROBOTS)
        case "/to-shut":
            return moved("/open/../%2e%2e/shut/x")
    return answer(b"a page")


@pytest.mark.parametrize("target", ["/shut", "/shut/x", "/a/../shut", "/to-shut"])
def test_what_robots_txt_shuts_is_not_read(target: str) -> None:
    network = Intercepted(_site)
    with pytest.raises(CouldNotFetch, match=r"robots\.txt") as caught:
        _door(network).fetch(f"http://a.test{target}")
    assert caught.value.reason == "robots"
    assert not [asked for asked in network.targets() if "shut" in asked.removeprefix("/to-shut")]


def test_robots_txt_is_asked_for_once_and_its_delay_kept() -> None:
    network = Intercepted(_site)
    door = _door(network)
    for _ in range(3):
        door.fetch("http://a.test/open")
    assert [target for _, target in network.asked] == ["/robots.txt", "/open", "/open", "/open"]
    assert sum(_clock(door).rests) == pytest.approx(6)
    assert door.sitemaps("http://a.test/x") == ["http://a.test/map.xml"]


def test_another_host_need_not_wait() -> None:
    door = _door(Intercepted(no_robots(_site)))
    for host in ("a.test", "b.test"):
        door.fetch(f"http://{host}/")
    assert not _clock(door).rests
    door.fetch("http://a.test/")
    assert sum(_clock(door).rests) == pytest.approx(1)


@pytest.mark.parametrize(("sent", "reason"), [
    (answer(status=404), ""), (answer(status=403), ""), (moved("/robots.txt"), ""),
    (answer(status=503), "robots"), (answer(status=429), "robots"), (b"garbage", "broken"),
    (answer(b"Disallow: /\n" + b"\xff" * 600_000), ""),
    (answer(b"User-agent: *\nDisallow: /\n" + b"#" * 600_000), "robots"),
])  # fmt: skip
def test_what_answers_for_robots_txt_mean(sent: bytes, reason: str) -> None:
    network = Intercepted(lambda target, _: sent if target == "/robots.txt" else answer(b"a page"))
    door = _door(network)
    if not reason:
        assert door.fetch("http://a.test/").body == b"a page"
        return
    with pytest.raises(CouldNotFetch) as caught:
        door.fetch("http://a.test/")
    assert caught.value.reason == reason


def test_a_host_that_asks_for_rest_gets_it() -> None:
    busy = answer(status=429, headers={"Retry-After": "60"})
    network = Intercepted(no_robots(lambda *_: busy))
    door = _door(network)
    with pytest.raises(CouldNotFetch) as caught:
        door.fetch("http://a.test/")
    assert (caught.value.status, caught.value.retry_after) == (429, 60)
    with pytest.raises(CouldNotFetch) as caught:
        door.fetch("http://a.test/2")
    assert caught.value.retry_after == pytest.approx(60) and network.targets() == ["/"]
    _clock(door).time += 60
    with pytest.raises(CouldNotFetch):
        door.fetch("http://a.test/3")
    assert network.targets() == ["/", "/3"]


def test_turns_are_given_in_order_and_none_past_the_limit() -> None:
    pace = Pace(lambda: 5.0)
    assert [pace.turn("a", 2, 10) for _ in range(3)] == [(True, 0), (True, 2), (True, 4)]
    assert pace.turn("a", 2, 6) == (False, 6)
    assert pace.turn("a", 2, 7) == (True, 6)
    assert pace.turn("b", 2, 7) == (True, 0)


def _versions(target: str, headers: Mapping[str, str]) -> bytes:
    if target == "/old":
        return moved("/page")
    if headers.get("if-none-match") == '"1"':
        assert headers["if-modified-since"] == "Sat, 28 Nov 2026 00:00:00 GMT"
        return b"HTTP/1.1 304 Not Modified\r\n\r\n"
    told = {"ETag": '"1"', "Last-Modified": "Sat, 28 Nov 2026 00:00:00 GMT"}
    return answer(b"version 1", headers=told)


def test_a_young_page_is_not_asked_for_again_and_an_old_one_only_if_changed(tmp_path: Path) -> None:
    network = Intercepted(no_robots(_versions))
    door = _door(network, PageStore(tmp_path), cache_seconds=100)
    first = door.fetch("http://a.test/old")
    again = door.fetch("http://a.test/old#part")
    assert again.cached and again.body == first.body and again.digest == first.digest
    assert again.url == "http://a.test/page" and again.asked == "http://a.test/old#part"
    assert door.fetch("http://a.test/page").cached
    assert network.targets() == ["/old", "/page"]
    fresh = door.fetch("http://a.test/page", fresh=True)
    assert fresh.cached and fresh.body == b"version 1"
    _clock(door).time += 200
    old = door.fetch("http://a.test/old")
    assert old.cached and old.at == _clock(door).time
    assert network.targets() == ["/old", "/page", "/page", "/old", "/page"]
    assert "if-none-match" not in network.headers[-2]
    assert door.fetch("http://a.test/old").at == old.at


def test_a_redirect_is_not_asked_with_the_tags_of_its_target(tmp_path: Path) -> None:
    network = Intercepted(no_robots(_versions))
    door = _door(network, PageStore(tmp_path))
    door.fetch("http://a.test/old")
    door.fetch("http://a.test/old", fresh=True)
    sent = [(target, "if-none-match" in headers) for (_, target), headers in
            zip(network.asked, network.headers, strict=True)]  # fmt: skip
    assert sent[-2:] == [("/old", False), ("/page", True)]


def test_offline_the_store_answers_and_nothing_else(tmp_path: Path) -> None:
    network = Intercepted(no_robots(_versions))
    _door(network, PageStore(tmp_path)).fetch("http://a.test/old")
    calls = len(network.calls)
    door = _door(network, PageStore(tmp_path), offline=True, cache_seconds=0)
    assert door.fetch("http://a.test/old").body == b"version 1"
    assert door.fetch("http://a.test/page", fresh=True).body == b"version 1"
    with pytest.raises(CouldNotFetch) as caught:
        door.fetch("http://a.test/other")
    assert caught.value.reason == "offline" and len(network.calls) == calls


def test_offline_a_host_of_this_machine_is_asked_as_ever(tmp_path: Path) -> None:
    network = Intercepted(no_robots(_versions))
    door = _door(network, PageStore(tmp_path), private=("127.0.0.1",), offline=True)
    door.fetch("http://127.0.0.1/page")
    assert door.fetch("http://127.0.0.1/page", fresh=True).body == b"version 1"
    assert network.targets() == ["/page", "/page"]


def test_a_damaged_page_is_fetched_again_and_never_served(tmp_path: Path) -> None:
    network = Intercepted(no_robots(_versions))
    door = _door(network, PageStore(tmp_path))
    door.fetch("http://a.test/page")
    (body,) = (tmp_path / "bodies").glob("??/*")
    body.write_bytes(b"version 2")
    again = door.fetch("http://a.test/page")
    assert not again.cached and again.body == b"version 1"
    assert "if-none-match" not in network.headers[-1]
    assert body.read_bytes() == b"version 1"


def test_a_page_that_cannot_be_kept_is_a_fault_of_one_sentence(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    door = _door(Intercepted(no_robots(_versions)), store)
    store.close()
    with pytest.raises(CouldNotFetch, match=r"cannot be kept: .*\.$"):
        door.fetch("http://a.test/page")
