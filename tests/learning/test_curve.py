"""What more examples would bring: a law over the losses of a first pass, or why there is none."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from tiny_clones import RECIPE, rows, training

from app.learning.law import AHEAD, fitted, told
from app.learning.writing.cloning import LOSSES
from app.learning.writing.curve import Step, curve


def steps(count: int, fall: float, noise: float = 0.0, kind: str = "prose") -> list[Step]:
    dice = np.random.default_rng(5)
    return [
        Step(kind, float(fall * (8 * n) ** -0.5 + 0.5 + dice.normal(0, noise)), 8 * n, 8 * n + 8)
        for n in range(10, 10 + count)
    ]


def test_a_law_is_found_again() -> None:
    sizes = np.array([4.0, 16, 64, 256, 1024])
    found = fitted(sizes, 2 * sizes**-0.5 + 0.3)
    assert found == pytest.approx((2.0, 0.5, 0.3), abs=1e-6)
    assert told(found, 4096) == pytest.approx(2 / 64 + 0.3)


def test_what_more_examples_would_bring_is_told_with_its_width() -> None:
    found = curve(steps(128, 4.0, 0.02))
    assert found.law is not None and not found.why
    sizes = [size for size, *_ in found.points]
    assert sizes == sorted(sizes) and len(sizes) >= 4
    last = found.points[-1]
    for times, (n, loss, low, high) in zip(AHEAD, found.ahead, strict=True):
        assert n == times * 8 * 138
        assert low <= loss <= high and low < high
        assert loss < last[1] and loss == pytest.approx(4.0 * n**-0.5 + 0.5, abs=0.05)


@pytest.mark.parametrize(("count", "fall"), [(128, 0.0), (9, 4.0), (1, 4.0)])
def test_where_no_law_can_be_fitted_it_is_said_why(count: int, fall: float) -> None:
    found = curve(steps(count, fall, 0.05))
    assert found.law is None and found.why and not found.ahead
    assert found.points


def test_only_the_kind_that_is_met_most_often_counts() -> None:
    mixed = steps(20, 0.0, kind="short") + steps(64, 4.0)
    assert curve(mixed) == curve(steps(64, 4.0))


def test_a_law_is_hardly_ever_told_of_what_does_not_fall() -> None:
    laws = []
    for seed in range(40):
        dice = np.random.default_rng(seed)
        flat = [
            Step("prose", float(x), 8 * n, 8 * n + 8)
            for n, x in enumerate(dice.normal(1, 0.1, 96), 10)
        ]
        laws.append(curve(flat).law)
    assert sum(law is not None for law in laws) <= 2


def test_a_loss_that_is_no_number_leaves_no_curve() -> None:
    found = curve([*steps(64, 4.0), Step("prose", float("nan"), 600, 608)])
    assert found.law is None and found.why and found.points == ()
    json.dumps(asdict(found), allow_nan=False)


def test_the_first_pass_ends_where_every_example_was_met(tmp_path: Path) -> None:
    learner = training(tmp_path)
    for _ in learner.run(every=3):
        pass
    # The rate rises over two steps, and the second one is the first at the whole rate.
    (met,) = learner.first_pass()
    assert 0 < met.before < met.after == len(rows())
    # What goes on from here knows the same, and so does one whose losses are lost, of none of it.
    assert training(tmp_path).first_pass() == [met]
    for spoilt in (b"{", b"5"):
        (tmp_path / LOSSES).write_bytes(spoilt)
        assert training(tmp_path).first_pass() == []
    (tmp_path / LOSSES).unlink()
    assert training(tmp_path).first_pass() == []


def test_steps_at_a_falling_rate_do_not_count(tmp_path: Path) -> None:
    learner = training(tmp_path, replace(RECIPE, batch=1, warmup=1, falling=0.75))
    for _ in learner.run(every=8):
        pass
    assert [step.before for step in learner.first_pass()] == [0, 1, 2]
