"""How fast files come into the library, how much is left, and the words for both."""

from typing import Any

import pytest

from ui.rates import Pace, rate, span
from ui.tally import Tally


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_rate_is_that_of_late(clock: Clock) -> None:
    pace = Pace(clock, window=10.0)
    pace.note(0)
    assert pace.rate(0) == 0.0
    for second in range(1, 61):
        clock.now = 100.0 + second
        pace.note(1000 if second <= 30 else 1000 + 2 * (second - 30))
    assert pace.rate(0) == pytest.approx(2.0)


def test_a_rate_needs_some_time_and_no_more_than_some_samples(clock: Clock) -> None:
    pace = Pace(clock, window=10.0)
    pace.note(5)
    clock.now += 0.1
    pace.note(500)
    assert pace.rate(0) == 0.0
    for step in range(10_000):
        clock.now = 100.0 + step / 1000
        pace.note(5 + step / 100)
    assert pace.rate(0) == pytest.approx(10.0, rel=0.05) and len(pace._samples) < 100


def final(kind: str, done: int, passages: int = 0, total: int = 10) -> dict[str, Any]:
    return {"kind": kind, "path": "x", "done": done, "total": total, "passages": passages}


def test_files_are_counted_and_what_is_left_is_told(clock: Clock) -> None:
    tally = Tally(clock)
    tally.see({"job": "j1"})
    tally.see(final("added", 1, 4))
    assert tally.left() is None and tally.share == 0.1
    for done in (2, 3):
        clock.now += 2.0
        tally.see(final("changed", done, 6))
    assert tally.counts == {"added": 1, "changed": 2} and tally.passages == 16
    assert tally.rates() == (0.5, 3.0) and tally.left() == pytest.approx(14.0)
    tally.see({"kind": "indexed", "documents": 9, "passages": 16, "seconds": 4.5})
    assert tally.share == 1.0 and tally.seconds == 4.5


def test_passages_of_files_in_hand_count_once(clock: Clock) -> None:
    tally, seen = Tally(clock), []
    tally.see(final("unchanged", 1, total=2))
    for passages in (256, 512, 768):
        clock.now += 1.0
        tally.see({"kind": "embedding", "passages": passages, "of": 1000, "done": 1, "total": 2})
        seen.append(tally.share)
    assert seen == sorted(seen) and seen[-1] == pytest.approx((1 + 0.768) / 2)
    assert tally.passages == 768 and tally.rates()[1] == pytest.approx(256.0)
    tally.see(final("added", 2, 1000, total=2))
    assert tally.passages == 1000 and tally.share == 1.0


def test_the_share_never_falls_back(clock: Clock) -> None:
    tally = Tally(clock)
    tally.see({"kind": "embedding", "passages": 90, "of": 100})
    tally.see(final("added", 1, 100))
    assert tally.share == 0.9


@pytest.mark.parametrize(
    ("value", "said"),
    [(12.34, "12.3 files/s"), (1234.5, "1,234 files/s"), (0.5, "30.0 files/min")],
)
def test_rates_in_words(value: float, said: str) -> None:
    assert rate(value, "files") == said and rate(value) == said.replace(" files", "")


def test_spans_in_words() -> None:
    assert (span(4.4), span(245), span(3665)) == ("0:04", "4:05", "1:01:05")
