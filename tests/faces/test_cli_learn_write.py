"""`vouch learn write`, `browse` and `vote`: what they say, and what they refuse."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.learning.candidates import Candidates, Card
from app.learning.training import Progress
from app.learning.verifier import Plan

Vouch = Callable[..., Any]

CARD = Card("write-0123456789ab", "write", "tiny", "2026-11-28", 1, {"a": {"rows": 140}})


class Learning:
    """A training of ten steps that is over at once, five of them done before."""

    def __init__(self, settings: Any, *told: Any) -> None:
        self.candidates = Candidates(settings.home / "models")
        self.folder, self.told = self.candidates.folder(CARD.name), told

    @property
    def done(self) -> bool:
        return bool(self.candidates.all())

    def plan(self) -> Plan:
        return Plan(self.folder, 5, 10, 140, 3600.0, 2_400_000_000)

    def run(self) -> Iterator[Progress]:
        yield Progress(10, 10, 0.61, 1.25, 0.0)

    def finish(self) -> None:
        self.candidates.keep(CARD)

    def card(self) -> Card:
        return self.candidates.find(CARD.name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("os.nice", lambda step: 0)
    return tmp_path / "home"


@pytest.mark.parametrize("action", ["write", "browse"])
def test_it_says_what_it_will_take_and_what_to_do_next(
    vouch: Vouch, home: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    made: list[Learning] = []

    def learning(*told: Any) -> Learning:
        made.append(Learning(*told))
        return made[-1]

    monkeypatch.setattr("app.learning.writing.house.learning", learning)
    line = ("learn", action, "--data", "a", "--data", "b", "--steps", "10", "--seed", "3")
    ran = vouch(*line)
    assert ran.status == 0 and not ran.house.calls
    folders, what, method, recipe, after = made[0].told
    assert (folders, what, method, after) == ([Path("a"), Path("b")], action, "sft", "")
    assert (recipe.steps, recipe.seed) == (10, 3)
    assert "140 examples, 10 steps, 5 of them done" in ran.err
    assert "about 60 min on this machine, 2.4 GB of memory" in ran.err
    assert "step 10 of 10, loss 0.610, 1.2 examples/s" in ran.err
    assert f"vouch config set adapters.{CARD.kind} " in ran.out
    again = vouch(*line, "--json")
    assert "step" not in again.err and json.loads(again.out)["card"]["base"] == "tiny"


def test_a_folder_with_nothing_to_learn_from_is_one_sentence(
    vouch: Vouch, home: Path, tmp_path: Path
) -> None:
    ran = vouch("learn", "write", "--method", "dpo", "--data", str(tmp_path))
    assert (ran.status, ran.out) == (1, "")
    assert "is no export of feedback, and the method dpo learns from trl" in ran.err
    assert "vouch feedback export --format trl" in ran.err
    assert not (home / "models").exists()


def test_a_model_on_a_server_cannot_be_trained(vouch: Vouch, home: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        json.dumps({"schema": "vouch feedback export", "format": "trl"})
    )
    (tmp_path / "train.jsonl").write_text("")
    told = ("--set", "model.name=big", "--set", "model.base_url=http://127.0.0.1:1")
    ran = vouch("learn", "write", "--data", str(tmp_path), *told)
    assert ran.status == 1 and "only a GGUF file here can be trained" in ran.err


def test_an_unknown_action_is_named(vouch: Vouch) -> None:
    ran = vouch("learn", "writ")
    assert ran.status == 2 and "there is no action 'writ'; did you mean 'write'?" in ran.err
