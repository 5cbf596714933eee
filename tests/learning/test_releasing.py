"""What is released and refused, what is taken back, and what stays on cards."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.learning.candidates import CARD, Candidates, Card, Change, Kind
from app.learning.figures import Figure
from app.learning.releasing import (
    EVALUATIONS,
    REFUSALS,
    SHIPPED,
    against,
    figures_of,
    in_use,
    release,
    rollback,
)
from retrieval.errors import UserError

NOW = "2026-11-28T10:00:00+00:00"
EVEN = Figure(0.1, 0.1, 0.0, -0.01, 0.01, 100)
GOOD = {
    "f1": Figure(0.6, 0.5, 0.1, 0.05, 0.15, 100),
    "unsupported": EVEN,
    "declining": EVEN,
    "injection": EVEN,
}


def figure(difference: float, low: float, high: float, n: int = 100) -> Figure:
    return Figure(0.5 + difference, 0.5, difference, low, high, n)


def candidate(
    kept: Candidates, name: str, found: Mapping[str, Figure] = GOOD, opponent: str = SHIPPED,
    kind: Kind = "write",
) -> None:  # fmt: skip
    told = {"figures": {name: asdict(one) for name, one in found.items()}}
    kept.keep(Card(name, kind, "base", "2026-11-28", 1, figures={EVALUATIONS: {opponent: told}}))


def test_what_is_better_and_in_nothing_worse_is_released(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    candidate(kept, "write-1")
    change = release(kept, "write-1", NOW)
    assert in_use(kept, "write") == "write-1" and kept.changes("write") == [change]
    assert change.because["against"] == SHIPPED and change.because["f1"]["low"] == 0.05


@pytest.mark.parametrize(
    ("name", "one", "said"),
    [
        ("f1", figure(0.1, -0.001, 0.2), "token F1 is not clearly better"),
        ("f1", figure(0.1, 0.05, 0.15, n=49), "is over 49, and at least 50 are needed"),
        ("declining", figure(0.1, 0.05, 0.15, n=49), "is over 49, and at least 50 are needed"),
        ("injection", figure(0.0, 0.0, 0.0, n=23), "is over 23, and at least 24 are needed"),
        ("unsupported", figure(0.01, 0.001, 0.02), "unsupported share is worse"),
        ("unsupported", figure(0.021, -0.01, 0.05), "unsupported share is worse"),
        ("declining", figure(-0.01, -0.02, -0.001), "declining is worse"),
        ("declining", figure(-0.021, -0.05, 0.01), "declining is worse"),
        ("injection", figure(2 / 24, -0.05, 0.2), "planted instructions obeyed is worse"),
    ],
)
def test_what_is_not_better_or_worse_in_anything_is_refused(
    name: str, one: Figure, said: str, tmp_path: Path
) -> None:
    kept = Candidates(tmp_path)
    candidate(kept, "write-1", {**GOOD, name: one})
    with pytest.raises(UserError, match=said) as refused:
        release(kept, "write-1", NOW)
    assert "what is in use stays" in refused.value.cure
    assert in_use(kept, "write") == SHIPPED and kept.changes("write") == ()
    (told,) = kept.find("write-1").figures[REFUSALS]
    assert told["when"] == NOW and said in told["reasons"][0]
    assert kept.find("write-1").figures[EVALUATIONS], "its figures stay on the card"


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("unsupported", figure(0.019, -0.01, 0.05)),
        ("unsupported", figure(-0.3, -0.4, -0.2)),
        ("declining", figure(-0.019, -0.05, 0.01)),
        ("injection", figure(1 / 24, 0.0, 0.13)),
    ],
)
def test_what_may_be_chance_within_the_margin_is_no_reason(name: str, one: Figure) -> None:
    assert against("write", {**GOOD, name: one}) == []


@pytest.mark.parametrize("name", list(GOOD))
def test_what_was_not_measured_speaks_against_it(name: str) -> None:
    (reason,) = against("write", {key: one for key, one in GOOD.items() if key != name})
    assert reason.endswith("was not measured")


def test_browsing_is_decided_by_right_answers_and_a_reward_by_pairs() -> None:
    better = figure(0.1, 0.05, 0.15)
    assert against("browse", {**GOOD, "right": EVEN}) != []
    assert against("browse", {**GOOD, "right": better, "f1": EVEN}) == []
    assert against("reward", {"accuracy": better}) == [] != against("reward", {"accuracy": EVEN})


def test_figures_against_something_else_than_what_is_in_use_do_not_count(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    for name in ("write-1", "write-2"):
        candidate(kept, name)
    release(kept, "write-1", NOW)
    with pytest.raises(UserError, match=r"in use already"):
        release(kept, "write-1", NOW)
    with pytest.raises(UserError, match=r"not measured against what is in use, write-1") as refused:
        release(kept, "write-2", NOW)
    assert refused.value.cure == "measure it with: vouch learn evaluate write-2"
    with pytest.raises(UserError, match="no candidate"):
        release(kept, "write-3", NOW)
    assert in_use(kept, "write") == "write-1"


def test_figures_against_what_was_shipped_before_do_not_count(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    candidate(kept, "write-1")
    with pytest.raises(UserError, match="what came with another version of the program"):
        release(kept, "write-1", NOW, shipped="write-first")
    assert release(kept, "write-1", NOW, shipped="").name == "write-1"


def test_a_rollback_brings_back_the_one_before_of_its_kind_alone(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    candidate(kept, "write-1")
    candidate(kept, "write-2", opponent="write-1")
    candidate(kept, "browse-1", {**GOOD, "right": GOOD["f1"]}, kind="browse")
    for name in ("write-1", "browse-1", "write-2"):
        release(kept, name, NOW)
    change = rollback(kept, "write", NOW)
    assert (change.name, change.how, change.because) == (
        "write-1", "rollback", {"instead of": "write-2"}
    )  # fmt: skip
    assert (in_use(kept, "write"), in_use(kept, "browse")) == ("write-1", "browse-1")
    rollback(kept, "write", NOW)
    assert in_use(kept, "write") == SHIPPED
    with pytest.raises(UserError, match="nothing learned here is in use of the kind 'write'"):
        rollback(kept, "write", NOW)
    assert len(kept.changes("write")) == 4 and len(kept.all()) == 3


def test_where_the_one_before_is_gone_what_is_shipped_comes_back(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    candidate(kept, "write-1")
    candidate(kept, "write-2", opponent="write-1")
    for name in ("write-1", "write-2"):
        release(kept, name, NOW)
    for name in ("write-1", "write-2"):
        (kept.folder(name) / CARD).unlink()
    with pytest.raises(UserError, match="write-2, which is in use, is gone") as told:
        kept.released("write")
    assert told.value.cure.endswith("vouch learn rollback write")
    assert rollback(kept, "write", NOW).because == {"instead of": "write-2", "gone": "write-1"}
    assert in_use(kept, "write") == SHIPPED


def test_a_reward_stands_against_the_judges_by_its_folds(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    rows = {
        "judges, then reward": {"accuracy": 0.7},
        "judges": {"accuracy": 0.6, "gain": 0.1, "gain_low": 0.02, "gain_high": 0.2},
    }
    card = Card("reward-1", "reward", "e", "2026-11-28", 1)
    kept.keep(replace(card, figures={"held out": {"rows": rows, "pairs": 80, "split": "folds"}}))
    assert figures_of(kept.find("reward-1"), SHIPPED) == {
        "accuracy": Figure(0.7, 0.6, 0.1, 0.02, 0.2, 80)
    }
    assert release(kept, "reward-1", NOW).name == "reward-1"


def test_two_processes_do_not_change_releases_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.learning.candidates.PATIENCE", 0.05)
    kept = Candidates(tmp_path)
    candidate(kept, "write-1")
    with kept.changing(), pytest.raises(UserError, match="another process is changing"):
        release(Candidates(tmp_path), "write-1", NOW)
    assert release(kept, "write-1", NOW).name == "write-1"
    with pytest.raises(UserError, match="not of the kind"):
        kept.change("browse", Change("write-1", "release", NOW))
