"""Ratings: the known answer for two versions, the anchor, intervals, and where games come from."""

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.events import Asked, Replied, Stopped
from app.feedback.marks import Comparison
from app.learning import rated
from app.learning.candidates import Candidates, Card
from app.learning.rated import by_people, by_questions, version
from app.learning.ratings import Game, rate
from app.learning.releasing import EVALUATIONS, SHIPPED


def games(first: str, second: str, won: int, lost: int, even: int = 0) -> list[Game]:
    scores = [1.0] * won + [0.0] * lost + [0.5] * even
    return [Game(first, second, score, f"{first}{second}{at}") for at, score in enumerate(scores)]


def test_two_versions_have_the_rating_of_the_book() -> None:
    """Of n games w are won: the odds are w to n - w; each side has half a game more."""
    better, anchor = rate(games("new", "old", 30, 10), "old")
    assert (better.version, anchor.version, anchor.points) == ("new", "old", 0.0)
    assert better.points == pytest.approx(400 * math.log10(30.5 / 10.5), abs=0.01)
    assert better.low < better.points < better.high and better.low > 0
    assert (anchor.low, anchor.high, better.games) == (0.0, 0.0, 40)


def test_a_tie_is_half_a_win_and_a_clean_sweep_is_no_infinity() -> None:
    tied, _ = rate(games("new", "old", 0, 0, 20), "old")
    assert (tied.version, tied.points) == ("new", 0.0)
    assert -200 < tied.low < -50 and tied.high == pytest.approx(-tied.low)
    sweep, _ = rate(games("new", "old", 20, 0), "old")
    assert sweep.high - sweep.low > 400
    once, _ = rate(games("new", "old", 1, 0), "old")
    assert once.low < 0 < once.high
    assert sweep.points == pytest.approx(400 * math.log10(20.5 / 0.5), abs=0.01)
    assert rate([], "old") == []


def test_who_never_met_the_anchor_is_rated_through_others() -> None:
    found = rate([*games("b", "a", 200, 50), *games("c", "b", 200, 50)], "a")
    points = {one.version: one.points for one in found}
    assert [one.version for one in found] == ["c", "b", "a"] and points["a"] == 0.0
    assert points["c"] > 1.7 * points["b"] > 300


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from([0, 1]))))
def test_sides_and_order_mean_nothing(told: list[tuple[str, str, int]]) -> None:
    played = [Game(a, b, float(s), f"{at}") for at, (a, b, s) in enumerate(told) if a != b]
    turned = [Game(one.second, one.first, 1 - one.score, one.group) for one in played]
    random.Random(1).shuffle(turned)
    one, other = (
        {r.version: r.points for r in rate(some, "a", samples=1)} for some in (played, turned)
    )
    assert one == pytest.approx(other, abs=1e-6)


def test_games_of_one_question_are_drawn_together() -> None:
    apart = games("new", "old", 30, 10)
    together = [Game(g.first, g.second, g.score, str(at // 10)) for at, g in enumerate(apart)]
    wide, narrow = (rate(some, "old")[0] for some in (together, apart))
    assert wide.points == narrow.points
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_what_wrote_an_answer_is_the_model_with_what_was_laid_over_it() -> None:
    asked, browsed = Asked("q", model="m"), Replied("search", adapter="browse-1")
    ended, wrote = Stopped("finished"), Replied("text", adapter="write-1")
    assert version([asked, browsed, ended, Replied("text")]) == "m"
    assert version([asked, browsed, ended, wrote, wrote]) == "m + write-1"
    assert version([]) == ""


@dataclass
class House:
    """Runs by name, of which "0" to "3" were written with an adapter, and what was said of them."""

    said: list[Comparison]

    @property
    def opinions(self) -> Any:
        return self

    def comparisons(self) -> list[Comparison]:
        return self.said

    @property
    def journal(self) -> Any:
        return self

    def entries(self, run: str) -> list[Any]:
        adapter = "write-1" if int(run) < 4 else ""
        events = [Asked("q", model="m"), Stopped("finished"), Replied("x", adapter=adapter)]
        return [type("Entry", (), {"event": event}) for event in events]


def test_people_s_last_comparison_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rated, "_anchor", lambda house: "m")

    def said(id: str, left: str, right: str, overall: int) -> Comparison:
        return Comparison(id, left, right, "asked", 0, 0, overall, prompt=left, by="p")

    house = House(
        [
            said("a", "0", "5", 2),
            said("b", "0", "5", -2),
            said("c", "6", "1", 1),
            said("d", "2", "3", 2),
            said("e", "2", "7", 0),
        ]
    )
    better, _ = by_people(house)  # type: ignore[arg-type]
    assert (better.version, better.games) == ("m + write-1", 3)
    assert better.points == pytest.approx(400 * math.log10(3 / 1), abs=0.01), "2.5 won of 3, and 1"


def test_held_out_questions_are_games_of_a_kind(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    one = {"outcomes": {"better": 20, "worse": 5, "even": 30}, "figures": {}}
    kept.keep(Card("write-1", "write", "b", "1", 1, figures={EVALUATIONS: {"shipped": one}}))
    back = {"outcomes": {"better": 5, "worse": 20, "even": 30}, "figures": {}}
    kept.keep(Card("write-2", "write", "b", "2", 1, figures={EVALUATIONS: {"write-1": back}}))
    found = {one.version: one for one in by_questions(kept, "write")}
    first, second, shipped = found["write-1"], found["write-2"], found["shipped"]
    assert (shipped.points, second.games, first.games) == (0.0, 55, 110)
    assert first.points == pytest.approx(400 * math.log10(35.5 / 20.5), abs=3)
    assert abs(second.points) < 5, "as much below the first as what is shipped"
    assert by_questions(kept, "browse") == []


def test_a_copy_of_what_is_shipped_is_rated_as_that(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    one = {"outcomes": {"better": 20, "worse": 5, "even": 30}, SHIPPED: "write-copy"}
    kept.keep(Card("write-copy", "write", "b", "1", 1, figures={EVALUATIONS: {"none": one}}))
    found = {one.version: one for one in by_questions(kept, "write")}
    assert set(found) == {SHIPPED, "none"} and found[SHIPPED].points == 0.0
    assert found["none"].points == pytest.approx(-400 * math.log10(35.5 / 20.5), abs=3)
