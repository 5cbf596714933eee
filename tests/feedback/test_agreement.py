"""Agreement: by hand, against scikit-learn, and what counts as agreeing."""

import random

import pytest

from app.feedback.agreement import SCALE, agreement, kappa
from app.feedback.marks import Comparison, Mark

CLARA = "The engineer of the weir was Clara Voss [1]."
WRONG = "The weir at Aldmoor has never had an engineer at all [1]."


def test_kappa_by_hand() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: share 0.7, by chance 0.5, kappa 0.4."""
    cells = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}
    pairs = [pair for pair, count in cells.items() for _ in range(count)]
    assert kappa(pairs, ("n", "y")) == pytest.approx(0.4)
    assert kappa(pairs, ("n", "y"), "quadratic") == pytest.approx(0.4)


def test_weighted_kappa_by_hand() -> None:
    """One of four differs, by 1. By chance: sums 1, 1, 2 times 1, 2, 1, times the distance."""
    pairs = [(0, 0), (1, 1), (2, 1), (2, 2)]
    linear = (1 * (2 * 1 + 1 * 2) + 1 * (1 * 1 + 1 * 1) + 2 * (1 * 2 + 2 * 1)) / 4
    squared = (1 * (2 * 1 + 1 * 4) + 1 * (1 * 1 + 1 * 1) + 2 * (1 * 4 + 2 * 1)) / 4
    assert kappa(pairs, (0, 1, 2), "linear") == pytest.approx(1 - 1 / linear)
    assert kappa(pairs, (0, 1, 2), "quadratic") == pytest.approx(1 - 1 / squared)


def test_kappa_that_says_nothing() -> None:
    assert kappa([], SCALE) is None
    assert kappa([(1, 1), (1, 1)], SCALE) is None


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_is_scikit_learns(weights: str) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = random.Random(3)
    for _ in range(20):
        pairs = [(chance.choice(SCALE), chance.choice(SCALE)) for _ in range(40)]
        pairs += [(value, value) for value in SCALE]
        theirs = metrics.cohen_kappa_score(
            *zip(*pairs, strict=True),
            labels=list(SCALE),
            weights=None if weights == "none" else weights,
        )
        assert kappa(pairs, SCALE, weights) == pytest.approx(theirs)


def up(run: str, by: str, kind: str = "up", at: float = 1.0) -> Mark:
    return Mark(f"{run}{by}{at}", run, kind, by=by, at=at)


def test_people_agree_on_thumbs() -> None:
    marks = [up("a", "ann"), up("a", "bob"), up("b", "ann"), up("b", "bob", "down"), up("c", "ann")]
    told = agreement({}, marks, [])["thumbs"]
    assert (told["items"], told["judged_twice"], told["share"]) == (2, 2, 0.5)
    assert told["between"][0]["people"] == ["ann", "bob"]
    changed = [*marks, up("b", "bob", "up", 2.0)]
    assert agreement({}, changed, [])["thumbs"]["share"] == 1.0


def test_three_people_are_compared_two_by_two() -> None:
    marks = [up("a", "ann"), up("a", "bob"), up("a", "cat", "down")]
    told = agreement({}, marks, [])["thumbs"]
    assert (told["items"], told["judged_twice"], told["share"]) == (1, 3, 0.3333)
    assert len(told["between"]) == 3


def test_a_comparison_seen_the_other_way_round_is_turned() -> None:
    same = [
        Comparison("1", "a", "b", "asked", 0, 0, -2, by="ann"),
        Comparison("2", "b", "a", "swapped", 0, 0, 2, by="bob"),
    ]
    told = agreement({}, [], same)
    assert told["comparisons"]["share"] == told["preferences"]["share"] == 1.0
    weaker = [same[0], Comparison("2", "a", "b", "asked", 0, 0, -1, by="bob")]
    told = agreement({}, [], weaker)
    assert told["comparisons"]["share"] == 0.0 and told["preferences"]["share"] == 1.0


def test_thumbs_agree_with_the_check_where_the_draft_stood(make_case) -> None:
    cases = {
        "held": make_case("held", CLARA),
        "mended": make_case("mended", CLARA, draft=WRONG, rewrites=(CLARA,)),
        "unsure": make_case("unsure", CLARA, ruling="unchecked"),
        "off": make_case("off", CLARA, check=False),
    }
    marks = [up("held", "ann"), up("mended", "ann", "down"), up("unsure", "ann"), up("off", "ann")]
    told = agreement(cases, [*marks, up("gone", "ann")], [])["check"]
    assert (told["judged_twice"], told["share"]) == (3, 0.6667)
