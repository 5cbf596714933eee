"""The proof on a real site stands on firm ground: its questions, its crawl, its search engine."""

import importlib.util
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agents.actions import Open, Search
from agents.events import Acted, Asked, Refused, Slipped
from retrieval.web.page import read_page

pytestmark = pytest.mark.slow

BENCH = Path(__file__).resolve().parents[1] / "bench"
DOCS = Path("/usr/share/doc/python3.11/html")
needs_docs = pytest.mark.skipif(
    not DOCS.is_dir(), reason=f"there is no {DOCS}: install python3-doc of Debian 12"
)


@cache
def bench() -> ModuleType:
    """The module tests/bench/site.py, under another name: `site` is one of Python's own."""
    spec = importlib.util.spec_from_file_location("bench_site", BENCH / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_site"] = module
    spec.loader.exec_module(module)
    return module


@cache
def text_of(page: str) -> str:
    return read_page((DOCS / page).read_bytes(), f"http://x/{page}", "text/html", "").document.text


@needs_docs
@pytest.mark.parametrize("split", ["tune", "report"])
def test_each_question_is_answered_on_its_page(split: str) -> None:
    asked = bench().questions(split)
    assert len(asked) == 20 and len({question.id for question in asked}) == 20
    for question in asked:
        assert question.string in text_of(question.page), question.id
        assert question.question.endswith("?") and question.string not in question.question


def test_no_question_is_in_both_halves() -> None:
    both = [bench().questions(split) for split in ("tune", "report")]
    first, second = ({(q.page, q.string) for q in half} for half in both)
    assert not first & second


@needs_docs
def test_the_site_is_crawled_and_found_as_by_searxng(
    make_home: Callable[..., Any], tmp_path: Path
) -> None:
    site_bench = bench()
    with ExitStack() as stack:
        pages = partial(site_bench.Pages, directory=str(DOCS))
        site = stack.enter_context(site_bench.serving(pages))
        home = make_home(tmp_path, **{"web.private": site})
        start = f"http://{site}/tutorial/appetite.html"
        params = {"url": start, "collection": site_bench.COLLECTION, "pages": 3, "depth": 1}
        items, _ = home.call("crawl", **params)
        assert next(item["path"] for item in items if item["kind"] == "added") == start
        engine = stack.enter_context(site_bench.serving(partial(site_bench.Searching, home.house)))
        web = {"web.search": "searxng", "web.searxng": f"http://{engine}"}
        asking = make_home(tmp_path / "asking", **web, **{"web.private": f"{site},{engine}"})
        found = asking.house.web.find("Monty Python's Flying Circus", 5)
        assert [one.fault for one in found.tried] == [""]
        assert found.findings[0].url == start and "Whetting" in found.findings[0].title


def test_only_what_the_rules_refuse_is_unlawful() -> None:
    lawful = bench().lawful
    begun: list[Any] = [Asked("Who built it?", model="m")]
    fine = [*begun, Acted(Search("it")), Refused("the web is shut", failed=True)]
    assert lawful(fine) == (1, 0)
    assert lawful([*begun, Slipped("???", "that is no action")]) == (1, 1)
    assert lawful([*begun, Acted(Open(3)), Refused("there is no result 3")]) == (1, 1)


def test_a_string_is_found_whatever_its_blanks() -> None:
    holds = bench().holds
    assert holds("By default\n five  Seconds.", "five seconds") and not holds("fifth", "five")
