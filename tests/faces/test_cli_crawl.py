"""The command line on a site: what is asked for, what is told of its pages, and how it ends."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Vouch = Callable[..., Any]
SITE = "https://mills.example"


def walked(failing: bool = False, left: int = 0, rest: int = 0) -> Callable[..., Any]:
    """A house that read a site: pages of every kind."""

    def crawl(_: Any, params: dict[str, Any]) -> Any:
        items: list[dict[str, Any]] = []
        for place, kind in enumerate(("added", "changed", "unchanged", "removed"), start=1):
            item = {"path": f"{SITE}/{kind}\x1b[31m", "done": place, "total": 5}
            items += [{**item, "kind": "reading"}, {**item, "kind": kind, "passages": 2}]
        if failing:
            lost = {"kind": "failed", "path": f"{SITE}/lost", "why": "it answers with status 404"}
            items.append({**lost, "done": 5, "total": 5})
        items.append({"kind": "indexed", "documents": 2, "passages": 4, "seconds": 61.0})
        told = {"failed": int(failing), "left": left, "rest": rest}
        return items, {"collection": "mills.example", **told}

    return crawl


@pytest.fixture
def reading(fake: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def read(**given: Any) -> None:
        monkeypatch.setattr(fake.FakeHouse, "_crawl", walked(**given), raising=False)

    return read


def test_a_site_is_asked_for_with_its_limits(vouch: Vouch, reading: Callable[..., None]) -> None:
    reading()
    flags = ["--collection", "mills", "--pages", "20", "--depth", "0"]
    ran = vouch("crawl", SITE, *flags)
    params = {"url": SITE, "collection": "mills", "pages": 20, "depth": 0}
    assert ran.status == 0 and ran.house.calls == [("crawl", params)]
    assert vouch("crawl", SITE).house.calls == [("crawl", {"url": SITE})]


@pytest.mark.parametrize("flags", [["--pages", "0"], ["--pages", "x"], ["--depth", "-1"]])
def test_odd_limits_are_refused(vouch: Vouch, flags: list[str]) -> None:
    ran = vouch("crawl", SITE, *flags)
    assert ran.status == 2 and flags[1] in ran.err and not ran.house.calls


def test_what_became_of_the_pages_is_told_and_summed_up(
    vouch: Vouch, reading: Callable[..., None]
) -> None:
    reading(failing=True, left=7)
    ran = vouch("crawl", SITE)
    assert ran.status == 1
    first, second = ran.out.splitlines()
    counts = "1 added, 1 changed, 1 removed, 1 unchanged, 1 failed in 1:01 min"
    assert first == f"mills.example: {counts}"
    assert second == "7 pages left out: more are read with --pages N"
    lines = ran.err.splitlines()
    assert f"failed {SITE}/lost: it answers with status 404" in lines
    assert any(line.startswith(f"added {SITE}/added") for line in lines)
    assert "unchanged" not in ran.err and "\x1b" not in ran.all


def test_a_site_that_was_lost_says_how_to_go_on(vouch: Vouch, reading: Callable[..., None]) -> None:
    reading(rest=3)
    ran = vouch("crawl", SITE)
    assert ran.status == 1 and "3 pages to go: the same command goes on" in ran.out


def test_one_object_tells_all_of_it(vouch: Vouch, reading: Callable[..., None]) -> None:
    reading(failing=True)
    ran = vouch("crawl", SITE, "--json")
    told = json.loads(ran.out)
    assert ran.status == 1 and told["collection"] == "mills.example"
    assert told["failed"] == [{"url": f"{SITE}/lost", "why": "it answers with status 404"}]
    kinds = ("added", "changed", "removed", "unchanged")
    assert [told[kind] for kind in kinds] == [1, 1, 1, 1] and told["stopped"] is False


def test_a_terminal_counts_pages_not_files(fake: ModuleType) -> None:
    from ui.commands.crawl import CrawlProgress
    from ui.terminal import Screen

    class Terminal:
        def __init__(self) -> None:
            self.text = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            pass

    err: Any = Terminal()
    progress = CrawlProgress(Screen(err, err, {"TERM": "xterm"}))
    for item in walked()(None, {})[0]:
        progress.see(item)
    assert "1/5 pages" in err.text and "4/5 pages" in err.text and "file" not in err.text
