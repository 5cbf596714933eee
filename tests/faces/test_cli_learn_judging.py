"""`vouch learn evaluate`, `release`, `rollback`, `cards`: what they say, and what they refuse."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.learning.candidates import Candidates, Card, Kind
from app.learning.figures import Figure
from app.learning.releasing import EVALUATIONS
from app.learning.training import Progress

Vouch = Callable[..., Any]

EVEN = asdict(Figure(0.1, 0.1, 0.0, -0.01, 0.01, 100))
BETTER = asdict(Figure(0.6, 0.5, 0.1, 0.05, 0.15, 100))


@pytest.fixture
def kept(vouch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Candidates:
    """The candidates of a home, with a program with which nothing is shipped."""
    monkeypatch.setattr("app.adapters.SHIPPED", vouch_home / "shipped")
    monkeypatch.setattr("os.nice", lambda step: 0)
    return Candidates(vouch_home / "models")


def add(
    kept: Candidates, name: str, kind: Kind = "write", base: str = "base", **figures: Any
) -> None:
    names = ("f1", "unsupported", "declining", "injection")
    told = {"on": "2026-11-28", "figures": dict.fromkeys(names, EVEN) | figures}
    data = {"a.jsonl": {"rows": 120}, "b.jsonl": {"rows": 20}}
    evaluations = {EVALUATIONS: {"shipped": told}}
    kept.keep(Card(name, kind, base, "2026-11-28", 1, data, figures=evaluations))


def test_a_release_says_from_when_and_what_keeps_it_from_having_an_effect(
    vouch: Vouch, kept: Candidates
) -> None:
    add(kept, "write-1", f1=BETTER)
    ran = vouch("learn", "release", "write-1")
    assert (ran.status, ran.out) == (
        0, "released: write is now write-1, from the next question on\n"
    )  # fmt: skip
    assert "write-1 was learned on another model than the one that is set" in ran.err
    assert not ran.house.calls
    ran = vouch("learn", "rollback", "write", "--set", "adapters.write=none")
    assert ran.out == "rolled back: write is now shipped, from the next question on\n"
    assert "adapters.write is set (command line) and goes first" in ran.err


def test_a_refusal_is_one_sentence_with_the_figures(vouch: Vouch, kept: Candidates) -> None:
    add(kept, "write-1")
    ran = vouch("learn", "release", "write-1")
    assert (ran.status, ran.out) == (1, "")
    said = (
        "write-1 is not released: the token F1 is not clearly better: 0.100 against 0.100, +0.000"
    )
    assert said in ran.err and "what is in use stays" in ran.err
    assert vouch("learn", "release", "write-1", "--force").status == 2, "nobody can force it"


def test_cards_tell_what_is_in_use_and_what_was_refused(vouch: Vouch, kept: Candidates) -> None:
    assert "nothing was learned here yet" in vouch("learn", "cards").out
    for name, figures in {"write-1": {"f1": BETTER}, "write-2": {}, "write-3": {}}.items():
        add(kept, name, **figures)
    vouch("learn", "release", "write-2")
    vouch("learn", "release", "write-1")
    lines = vouch("learn", "cards").out.splitlines()
    assert lines[0] == "write-1  write, 2026-11-28, 140 rows, in use"
    assert lines[1].endswith("f1 against shipped: 0.600 against 0.500, +0.100 [+0.050, +0.150]")
    assert "write-2  write, 2026-11-28, 140 rows, refused: the token F1" in lines[2]
    assert lines[4].endswith(", not released")
    vouch("learn", "rollback", "write")
    told = json.loads(vouch("learn", "cards", "--json").out)["candidates"]
    assert told[0]["state"] == "taken back"
    assert json.loads(vouch("learn", "cards", "write-2").out)["figures"]["refusals"]


def test_a_rollback_of_nothing_is_one_sentence(vouch: Vouch, kept: Candidates) -> None:
    ran = vouch("learn", "rollback", "browse")
    assert ran.status == 1 and "nothing learned here is in use of the kind 'browse'" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("write-9",), "there is no candidate 'write-9'"),
        (("write-1", "browse-1"), "browse-1 is of the kind 'browse', not 'write'"),
        (("write-2",), "write-2 was learned on base, not on smollm2-135m-instruct, which is set"),
        (("write-1", "--set", "model.name=m", "--set", "model.base_url=http://127.0.0.1:1"),
         "the model 'm' is on a server, where nothing that is learned here is used"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_said(
    words: tuple[str, ...], said: str, vouch: Vouch, kept: Candidates
) -> None:
    add(kept, "write-1", base="smollm2-135m-instruct")
    add(kept, "write-2")
    add(kept, "browse-1", "browse")
    ran = vouch("learn", "evaluate", *words)
    assert (ran.status, ran.out) == (1, "") and said in ran.err


def test_a_reward_is_measured_by_its_folds(vouch: Vouch, kept: Candidates) -> None:
    rows = {
        "judges, then reward": {"accuracy": 0.7},
        "judges": {"accuracy": 0.6, "gain": 0.1, "gain_low": 0.02, "gain_high": 0.2},
    }
    figures = {"held out": {"rows": rows, "pairs": 80, "split": "5 folds over questions"}}
    kept.keep(Card("reward-1", "reward", "e", "2026-11-28", 1, figures=figures))
    ran = vouch("learn", "evaluate", "reward-1")
    assert ran.status == 0, ran.err
    assert "accuracy  0.700     0.600    +0.100 [+0.020, +0.200]  80" in ran.out
    assert "vouch learn release reward-1" in ran.out
    told = kept.find("reward-1").figures[EVALUATIONS]["shipped"]
    assert told["split"] == "5 folds over questions" and told["figures"]["accuracy"]["n"] == 80


def test_measuring_two_rewards_says_how_many_answers_are_read(
    vouch: Vouch, kept: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rivals(house: Any, candidates: Any, card: Card, opponent: str, *more: Any) -> Any:
        tell = more[-1]
        tell(Progress(32, 1040, float("nan"), 2.5, 403.0))
        tell(Progress(1040, 1040, float("nan"), 2.5, 0.0))
        return {"split": "new questions", "figures": {"accuracy": BETTER}}

    monkeypatch.setattr("app.learning.rewards.rivals", rivals)
    for name in ("reward-1", "reward-2"):
        kept.keep(Card(name, "reward", "e", "2026-11-28", 1))
    ran = vouch("learn", "evaluate", "reward-1", "reward-2")
    assert ran.status == 0, ran.err
    assert "32 of 1,040 answers read, 7 min left" in ran.err
    assert "1,040 of 1,040 answers read, 0 s left" in ran.err
    assert "accuracy  0.600     0.500" in ran.out


def test_ratings_say_who_judged(vouch: Vouch, kept: Candidates) -> None:
    assert "nothing was compared yet" in vouch("learn", "ratings").out
    add(kept, "write-1")
    card = kept.find("write-1")
    card.figures[EVALUATIONS]["shipped"]["outcomes"] = {"better": 20, "worse": 5, "even": 5}
    kept.keep(card)
    lines = vouch("learn", "ratings").out.splitlines()
    assert lines[0] == "by held-out questions, judged by gold answers and by no person: write"
    assert lines[2].split()[:2] == ["write-1", "+183"] and lines[3].split()[:2] == ["shipped", "+0"]
    told = json.loads(vouch("learn", "ratings", "--json").out)
    assert told["people's comparisons"] == [] and len(told) == 4
