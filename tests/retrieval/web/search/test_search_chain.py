"""A chain of engines falls over, lets the failed ones rest, fuses, and says what it did."""

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Door, Reply, Wish
from services import KITS, engine_on, rows_of

from retrieval.errors import UserError
from retrieval.web.canonical import canonical
from retrieval.web.search.chain import Chain
from retrieval.web.search.resting import FIRST, LONGEST, Health
from retrieval.web.types import CouldNotFetch, Finding, SearchFault, Tried


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scripted:
    """An engine that finds the pages of these names, or raises what it is given."""

    name: str
    pages: str = ""
    error: BaseException | None = None
    asked: list = field(default_factory=list)

    def search(self, query, k, cancel=None):
        self.asked.append((query, k))
        if self.error:
            raise self.error
        return [
            Finding(f"https://x.example/{p}", p, f"{self.name}", (self.name,)) for p in self.pages
        ]


def _chain(*engines, fuse=False) -> tuple[Chain, Clock]:
    clock = Clock()
    return Chain(engines, clock=clock, fuse=fuse), clock


def _titles(searched) -> str:
    return "".join(finding.title for finding in searched.findings)


def test_the_first_that_finds_something_decides() -> None:
    second, third = Scripted("two", "abc"), Scripted("three", "d")
    chain, _ = _chain(Scripted("one", error=SearchFault("one is down.")), second, third)
    searched = chain.search("towers", 2)
    assert _titles(searched) == "ab"
    assert searched.tried == (Tried("one", 0, "one is down."), Tried("two", 2))
    assert second.asked == [("towers", 2)] and third.asked == []


def test_an_empty_answer_passes_on_and_is_said() -> None:
    chain, _ = _chain(Scripted("one"), Scripted("two", "a"))
    assert chain.search("x", 5).tried == (Tried("one", 0), Tried("two", 1))
    assert [health.state for health in chain.health()] == ["ok", "ok"]


@pytest.mark.parametrize("fuse", [False, True])
def test_nothing_anywhere_is_said_of_each(fuse) -> None:
    down = Scripted("one", error=SearchFault("one is down."))
    chain, _ = _chain(down, Scripted("two"), fuse=fuse)
    searched = chain.search("x", 5)
    assert searched.findings == ()
    assert searched.tried == (Tried("one", 0, "one is down."), Tried("two", 0))


@pytest.mark.parametrize("fuse", [False, True])
def test_without_engines_nothing_is_found(fuse) -> None:
    assert _chain(fuse=fuse)[0].search("x", 5).tried == ()


@pytest.mark.parametrize("query", ["", "  \n", "!! !"])
def test_a_query_without_words_is_not_asked(query) -> None:
    engine = Scripted("one", "a")
    searched = _chain(engine)[0].search(query, 5)
    assert searched.findings == () and "no words" in searched.tried[0].fault
    assert engine.asked == []


def test_a_rest_doubles_up_to_its_longest_and_an_answer_ends_it() -> None:
    engine = Scripted("one", "a", SearchFault("one is down."))
    chain, clock = _chain(engine)
    for turn in range(12):
        chain.search("x", 5)
        rests = chain.health()[0].rests
        assert rests == min(FIRST * 2**turn, LONGEST)
        clock.now += rests - 0.001
        told = chain.search("x", 5).tried[0].fault
        assert told.startswith("not asked for another 1 s") and "one is down." in told
        assert len(engine.asked) == turn + 1
        clock.now += 0.001
    engine.error = None
    assert _titles(chain.search("x", 5)) == "a"
    engine.error = SearchFault("one is down.")
    chain.search("x", 5)
    assert chain.health()[0].rests == FIRST


@pytest.mark.parametrize(
    ("asked", "rest"),
    [
        *((60.0, 60.0), (1.0, FIRST), (0.0, FIRST), (None, FIRST), (-9.0, FIRST)),
        *((float("nan"), FIRST), (float("inf"), 86_400.0), (1e12, 86_400.0)),
    ],
)
def test_what_an_engine_asks_for_is_kept(asked, rest) -> None:
    chain, _ = _chain(Scripted("one", error=SearchFault("one.", retry_after=asked)))
    chain.search("x", 5)
    assert chain.health()[0].rests == rest


def test_a_door_that_fails_counts_too() -> None:
    error = CouldNotFetch("no route", "unreachable", retry_after=70)
    chain, _ = _chain(Scripted("one", error=error))
    assert chain.search("x", 5).tried[0].fault == "one was not reached: no route"
    assert chain.health()[0].rests == 70


def test_health_has_one_line_for_each() -> None:
    engine = Scripted("one", "a")
    chain, clock = _chain(engine, Scripted("two"))
    assert [str(line) for line in chain.health()] == ["one: untried", "two: untried"]
    engine.error = SearchFault("one is down.")
    chain.search("x", 5)
    clock.now += 2
    assert [str(line) for line in chain.health()] == [
        "one: resting for 3 s (last fault 2 s ago: one is down.)",
        "two: ok",
    ]
    clock.now += 300
    assert chain.health()[0] == Health("one", "due", 0.0, "one is down.", 302.0)
    engine.error = None
    chain.search("x", 5)
    assert str(chain.health()[0]) == "one: ok (last fault 6 min ago: one is down.)"


@pytest.mark.parametrize("fuse", [False, True])
@pytest.mark.parametrize(
    "error", [KeyError("key=s3cret"), RuntimeError("s3cret"), OSError("s3cret"), UserError("bad")]
)
def test_an_engine_with_a_bug_is_a_fault_like_others(error, fuse) -> None:
    chain, _ = _chain(Scripted("one", error=error), Scripted("two", "a"), fuse=fuse)
    searched = chain.search("x", 5)
    assert _titles(searched) == "a"
    assert searched.tried[0].fault.startswith("one ") and "s3cret" not in str(searched)


@pytest.mark.parametrize("fuse", [False, True])
def test_only_a_wish_to_stop_is_raised(fuse) -> None:
    engine = Scripted("one", "a")
    chain, _ = _chain(engine, fuse=fuse)
    with pytest.raises(CouldNotFetch, match="stopped"):
        chain.search("x", 5, Wish())
    assert engine.asked == []
    engine.error = CouldNotFetch("the fetch was stopped", "cancelled")
    with pytest.raises(CouldNotFetch):
        chain.search("x", 5)
    assert chain.health()[0].state == "untried"


def test_rankings_are_fused_by_reciprocal_ranks() -> None:
    one, two, three = Scripted("one", "abc"), Scripted("two", "bd"), Scripted("three", "cb")
    chain, _ = _chain(one, two, three, fuse=True)
    searched = chain.search("x", 10)
    # b: 1/62 + 1/61 + 1/62, c: 1/63 + 1/61, a: 1/61, d: 1/62.
    assert _titles(searched) == "bcad"
    assert searched.findings[0].engines == ("two", "one", "three")
    assert [told.found for told in searched.tried] == [3, 2, 2]
    assert _titles(chain.search("x", 2)) == "bc"


def test_the_same_page_of_two_engines_is_one_with_its_real_address() -> None:
    one = Scripted("one")
    one.search = lambda *_: [Finding("https://X.example/a?utm_source=y#top", "A", "", ("one",))]
    two = Scripted("two")
    two.search = lambda *_: [Finding("https://x.example/a", "a", "text", ("two",))]
    [found] = _chain(one, two, fuse=True)[0].search("x", 5).findings
    assert found == Finding("https://X.example/a?utm_source=y#top", "A", "text", ("one", "two"))


_PAGES = st.text(alphabet="abcdefgh", max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(_PAGES, min_size=1, max_size=4), st.integers(-1, 9), st.booleans())
def test_each_page_is_found_once_and_none_is_made_up(lists, k, fuse) -> None:
    engines = [Scripted(f"e{n}", pages) for n, pages in enumerate(lists)]
    searched = _chain(*engines, fuse=fuse)[0].search("x", k)
    addresses = [canonical(finding.url) for finding in searched.findings]
    assert len(addresses) == len(set(addresses)) <= max(k, 1)
    assert set(_titles(searched)) <= set("".join(lists))
    assert bool(addresses) == any(lists)


def test_many_threads_count_each_fault_once() -> None:
    engine = Scripted("one", error=SearchFault("one is down."))
    together = threading.Barrier(8)
    plain = engine.search

    def search(*arguments):
        together.wait(10)
        return plain(*arguments)

    engine.search = search
    chain, _ = _chain(engine)
    threads = [threading.Thread(target=chain.search, args=("x", 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(engine.asked) == 8
    assert chain.health()[0].rests == min(FIRST * 2**7, LONGEST)


@pytest.mark.parametrize("fuse", [False, True])
def test_real_engines_fall_over_on_loopback(server, fuse) -> None:
    searxng, wikipedia, *_ = KITS
    engine_on(server, wikipedia, rows_of(3))
    good = server.reply
    server.reply = lambda seen: good(seen) if "api.php" in seen.path else Reply(429)
    made = [kit.make(server.base, Door()) for kit in (searxng, wikipedia)]
    searched = _chain(*made, fuse=fuse)[0].search("x", 2)
    assert len(searched.findings) == 2 and searched.tried[0].found == 0
    assert "status 429" in searched.tried[0].fault
