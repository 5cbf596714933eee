"""The Bradley-Terry head: what it learns, what it must not learn, and how it is measured."""

import math
from collections import Counter

import numpy as np
import pytest

from app.learning.reward.comparing import TIE
from app.learning.reward.curve import Part, curve, parts
from app.learning.reward.features import LENGTH, Features
from app.learning.reward.head import Row, best_strength, fit, parted
from app.learning.reward.measuring import (
    CONSTANT,
    JUDGES,
    REWARD,
    USED,
    measured,
    used,
)
from retrieval.errors import UserError


def side(good: float, words: int, noise: float = 0.0, failing: int = 0) -> Features:
    return {
        "good": good,
        "noise": noise,
        LENGTH: math.log1p(words),
        "claims supported": math.log1p(2),
        "claims failing": math.log1p(failing),
    }


def drawn(count: int, seed: int = 1, by_length: float = 0.0, pairs: int = 1) -> list[Row]:
    """Pairs whose chance follows the difference in `good`, and in length where `by_length`."""
    dice = np.random.default_rng(seed)
    rows = []
    for group in range(count):
        for _ in range(pairs):
            sides = []
            for _ in range(2):
                words, good, noise = int(dice.integers(5, 60)), dice.normal(), dice.normal()
                # Goodness goes along with length, as it does in data of people.
                sides.append(side(float(good) + words / 20, words, float(noise)))
            first, second = sides
            gap = 2 * (first["good"] - second["good"])
            gap += by_length * (first[LENGTH] - second[LENGTH])
            share = float(dice.random() < 1 / (1 + math.exp(-gap)))
            rows.append(Row(f"q{group}", first, second, share, "made"))
    return rows


def test_what_people_prefer_is_found_and_noise_is_not() -> None:
    head = fit(drawn(300), 0.01)
    assert head.weights["good"] > 5 * abs(head.weights["noise"])
    assert head.weights["claims failing"] == 0.0, "what never differs weighs nothing"


def test_what_only_goes_along_with_length_earns_nothing_by_it() -> None:
    """People who prefer what is long, and a feature that goes along with length."""
    dice = np.random.default_rng(2)
    rows = []
    for group in range(300):
        words = [int(one) for one in dice.integers(5, 60, 2)]
        first, second = (side(n / 20 + float(dice.normal()) / 4, n) for n in words)
        rows.append(Row(f"q{group}", first, second, float(words[0] > words[1]), "made"))
    head = fit(rows, 0.03)
    level = {LENGTH: 3.0}
    blind = fit([Row(r.group, {**r.first, **level}, {**r.second, **level}, r.share)
                 for r in rows], 0.03)  # fmt: skip
    assert head.dropped > 1.0 and blind.weights["good"] > 1.0
    assert abs(head.weights["good"]) < 0.2 * blind.weights["good"]


def test_an_answer_gets_nothing_for_its_length() -> None:
    head = fit(drawn(100, by_length=3.0), 0.01)
    assert head.dropped > 1.0 and head.score(side(1.0, 9)) == head.score(side(1.0, 900))


def test_which_side_stands_first_means_nothing() -> None:
    rows = drawn(60)
    turned = [Row(r.group, r.second, r.first, 1 - r.share) for r in rows]
    one, other = fit(rows, 0.1), fit(turned, 0.1)
    assert one.weights == pytest.approx(other.weights)


def test_a_tie_is_half_a_win_for_each() -> None:
    rows = drawn(40)
    tied = [Row(r.group, r.first, r.second, 0.5) for r in rows]
    assert max(map(abs, fit(tied, 0.01).weights.values())) < 1e-9
    halves = [Row(r.group, r.first, r.second, s) for r in rows for s in (0.0, 1.0)]
    assert max(map(abs, fit(halves, 0.01).weights.values())) < 1e-9
    with_ties = fit([*rows, *(Row(f"t{r.group}", r.first, r.second, 0.5) for r in rows)], 0.01)
    assert with_ties.weights["good"] < fit(rows, 0.01).weights["good"]


def test_a_question_with_many_pairs_weighs_no_more_than_one_with_one() -> None:
    once = drawn(20)
    many = [row for row in once for _ in range(7 if row.group == "q3" else 1)]
    assert fit(many, 0.1).weights == pytest.approx(fit(once, 0.1).weights)


def test_what_is_not_known_counts_as_middling() -> None:
    head = fit(drawn(50), 0.1)
    known = side(head.means["good"], 20, head.means["noise"])
    del known["good"], known["noise"]
    assert head.score(known) == pytest.approx(head.score({**known, **head.means}))


def test_data_that_one_feature_parts_is_fitted_too() -> None:
    rows = [Row(f"q{n}", side(1.0, 9 + n % 3), side(0.0, 9 + n % 2), 1.0) for n in range(12)]
    head = fit(rows, 0.001)
    assert all(head.margin(row) > 0 for row in rows)
    assert math.isfinite(head.weights["good"])


def test_folds_part_questions_never_pairs() -> None:
    rows = drawn(23, pairs=3)
    parts = parted(rows, 1)
    assert set(parts) == set(range(5))
    for group in {row.group for row in rows}:
        assert len({p for row, p in zip(rows, parts, strict=True) if row.group == group}) == 1
    assert parts != parted(rows, 2) and parts == parted(rows, 1)


def test_every_fold_has_its_share_of_questions_that_are_decided() -> None:
    rows = drawn(20) + [Row(f"even{at}", side(1.0, 9), side(0.0, 9), TIE) for at in range(83)]
    for seed in range(200):
        folds = parted(rows, seed)
        decided = Counter(p for row, p in zip(rows, folds, strict=True) if row.share != TIE)
        assert decided == dict.fromkeys(range(5), 4)
        assert set(Counter(folds).values()) == {20, 21}


def test_ties_alone_cannot_be_measured() -> None:
    rows = [Row("q", side(1.0, 9), side(0.0, 9), TIE)] * 3
    with pytest.raises(UserError, match="of 3 comparisons none prefers an answer") as refused:
        measured(rows, [0.1, 0.2, 0.3])
    assert "one of the two answers is preferred" in refused.value.cure


def test_noise_is_held_down_more_than_what_carries() -> None:
    noise = [Row(r.group, r.first, r.second, float(n % 2)) for n, r in enumerate(drawn(60))]
    assert best_strength(noise, 1) > best_strength(drawn(300), 1)


def test_it_is_measured_on_questions_that_its_head_did_not_see() -> None:
    dice = np.random.default_rng(3)
    noise = [Row(r.group, r.first, r.second, float(dice.integers(2))) for r in drawn(80, pairs=2)]
    found = measured(noise, parts(noise, 1)[-1].margins).rows[REWARD]
    assert found.low < 0.5 < found.high, "nothing can be learned from coins"
    real = drawn(200)
    assert measured(real, parts(real, 1)[-1].margins).rows[REWARD].low > 0.6


def test_figures_stand_beside_rules_and_ties_are_left_out() -> None:
    rows = drawn(50, by_length=1.0)
    tied = [*rows, Row("tie", rows[0].first, rows[0].second, 0.5)]
    margins = [row.share - 0.5 for row in rows] + [9.0]
    found = measured(tied, margins)
    assert (found.pairs, found.prompts) == (50, 50)
    assert set(found.rows) == {
        USED, REWARD, "longer wins", "more supported claims wins", JUDGES, CONSTANT
    }  # fmt: skip
    assert found.rows[REWARD].accuracy == found.rows[USED].accuracy == 1.0
    constant = found.rows[CONSTANT]
    assert (constant.accuracy, constant.low, constant.gain) == (0.5, 0.5, 0.5)
    assert found.rows["longer wins"].accuracy > 0.5 and found.length > 0
    assert found.origins == {"made": (1.0, 50)}


def test_fewer_failing_claims_come_before_any_reward() -> None:
    row = Row("q", side(9.0, 9, failing=2), side(0.0, 9, failing=1), 1.0)
    assert used(row, 5.0) < 0 < used(Row("q", row.first, row.first, 1.0), 5.0)
    found = measured([row], [5.0])
    assert found.rows[USED].accuracy == 0.0 and found.rows[REWARD].accuracy == 1.0


def test_heads_of_a_curve_are_fitted_to_nested_parts() -> None:
    found = parts(drawn(60), 1)
    assert [one.questions for one in found] == [6, 12, 18, 24, 36, 48]
    assert all(len(one.margins) == 60 for one in found)
    assert len(parts(drawn(8), 1)) < 4


def _right(share: float, count: int) -> list[float]:
    """Margins of which this share has the right sign for rows whose first side is preferred."""
    return [1.0 if at < share * count else -1.0 for at in range(count)]


def _grown(errors: dict[int, float], count: int = 1000) -> tuple[list[Row], list[Part]]:
    rows = [Row(f"q{at}", side(1.0, 9), side(0.0, 9), 1.0) for at in range(count)]
    return rows, [Part(n, tuple(_right(1 - e, count))) for n, e in errors.items()]


def test_a_power_law_is_found_again() -> None:
    sizes = (25, 50, 100, 200, 400)
    found = curve(*_grown({n: 1.5 * n**-0.5 + 0.1 for n in sizes}))
    assert found.law is not None and found.law == pytest.approx((1.5, 0.5, 0.1), abs=0.1)
    (double, told, low, high), (four, further, *_) = found.ahead
    assert (double, four) == (800, 1600)
    assert told == pytest.approx(1 - (1.5 * 800**-0.5 + 0.1), abs=0.01)
    assert low < told < high and further > told
    assert [n for n, *_ in found.points] == [*sizes]


def test_no_law_is_told_where_nothing_rises_or_little_is_known() -> None:
    flat = curve(*_grown(dict.fromkeys((25, 50, 100, 200), 0.4)))
    assert flat.law is None and "does not surely" in flat.why and not flat.ahead
    few = curve(*_grown({5: 0.5, 9: 0.4, 18: 0.3}))
    assert few.law is None and "only 3 different" in few.why
