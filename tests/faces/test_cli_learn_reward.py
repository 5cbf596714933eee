"""`vouch learn reward`: what it says, and what it refuses."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.learning.candidates import Candidates, Card, Change
from app.learning.training import Progress
from app.learning.verifier import Plan
from retrieval.embed import HashEmbedder

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "learning"))
from reward_pairs import export, row

Vouch = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("os.nice", lambda step: 0)
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(64))
    return tmp_path / "home"


def test_it_says_what_it_takes_and_shows_rules_beside_the_reward(
    vouch: Vouch, home: Path, tmp_path: Path
) -> None:
    data = export(tmp_path / "pairs", [row(at) for at in range(40)])
    line = ("learn", "reward", "--data", str(data), "--set", "check.verifier=none")
    ran = vouch(*line)
    assert ran.status == 0 and not ran.house.calls
    assert "40 comparisons of 80 answers, 34 of them read" in ran.err
    assert "80 of 80 answers read, 0 s left" in ran.err
    assert "from 40 rows of pairs/train.jsonl" in ran.out
    assert "right on questions it was not fitted on (40 pairs, 40 questions):" in ran.out
    for name in ("judges, then reward", "longer wins", "more supported claims wins", "constant"):
        assert f"  {name}  " in ran.out
    assert "it cannot be released: it was measured on 40 pairs, and at least 50 are" in ran.out
    assert "learn again with 10 comparisons more" in ran.out
    assert "differences in reward and in length are correlated by " in ran.out
    again = vouch(*line, "--json")
    assert "answers" not in again.err
    card = json.loads(again.out)["card"]
    assert card["kind"] == "reward" and card["figures"]["held out"]["pairs"] == 40


def test_a_home_without_comparisons_is_one_sentence(vouch: Vouch, home: Path) -> None:
    ran = vouch("learn", "reward")
    assert (ran.status, ran.out) == (1, "")
    assert (
        "too little to learn from: there are 0 comparisons, and at least 40 are needed" in ran.err
    )
    assert "compare answers in the chat page" in ran.err
    assert not (home / "models" / "learned").exists()


def test_status_says_what_is_missing_and_what_was_learned(vouch: Vouch, home: Path) -> None:
    ran = vouch("learn", "status")
    assert ran.status == 0 and not ran.house.calls
    lines = [" ".join(one.split()) for one in ran.out.splitlines()]
    assert "reward 0 of 40 comparisons 0 of 20 questions no: 40 more comparisons, 20 more" in (
        " ".join(lines)
    )
    assert "20 more different questions; to release it 50 more comparisons" in " ".join(lines)
    assert "nothing was learned here yet" in lines
    kept = Candidates(home / "models")
    point = {"accuracy": 0.65, "low": 0.6, "high": 0.7}
    grown: dict[str, Any] = {"law": [1.5, 0.5, 0.1], "why": "", "points": [[200, 0.79, 0.7, 0.8]],
                             "ahead": [[400, 0.82, 0.78, 0.85]]}  # fmt: skip
    figures = {"held out": {"pairs": 60, "rows": {"reward": point}}, "curve": grown}
    kept.keep(Card("reward-1", "reward", "hash", "2026-11-28", 1, figures=figures))
    out = vouch("learn", "status").out
    assert "right on 65.0% (60% to 70%) of 60 pairs left out" in out
    assert "82.0%" in out and "error = 1.50 * questions^-0.5 + 0.10" in out
    grown |= {"law": None, "ahead": [], "why": "the accuracy does not surely rise"}
    kept.keep(Card("reward-1", "reward", "hash", "2026-11-28", 1, figures=figures))
    assert "no law can be fitted: the accuracy does not surely rise" in vouch("learn", "status").out
    loss: dict[str, Any] = {"kind": "prose", "law": [3.0, 0.3, 0.2], "why": "",
                            "points": [[96, 0.71, 0.7, 0.72]],
                            "ahead": [[1600, 0.525, 0.49, 0.6]]}  # fmt: skip
    kept.keep(Card("write-1", "write", "m", "2026-11-28", 1, figures={"curve": loss}))
    out = " ".join(vouch("learn", "status").out.split())
    assert "96 examples loss 0.710" in out and "1,600 examples loss 0.525" in out
    assert "loss = 3.00 * examples^-0.3 + 0.20" in out
    assert "note: " not in vouch("learn", "status").out
    kept.change("reward", Change("reward-1", "release", "2026-11-28T10:00:00"))
    out = vouch("learn", "status").out
    assert "note: reward-1 does not rank drafts: it was learned with the embedder hash, and" in out
    told = json.loads(vouch("learn", "status", "--json").out)
    assert told["idle"].endswith("vouch learn reward, or set library.embedder back")
    assert told["needs"][0]["least"] == 40 and told["cards"][0]["name"] == "reward-1"


class Tuning:
    """The learning of an encoder of two steps, one of them done before."""

    def __init__(self, house: Any, folders: list[Path], recipe: Any) -> None:
        self.kept = Candidates(house.settings.home / "models")
        self.folder, self.told = self.kept.folder("reward-e"), (folders, recipe)

    @property
    def done(self) -> bool:
        return bool(self.kept.all())

    def plan(self) -> Plan:
        return Plan(self.folder, 1, 2, 80, 3600.0, 900_000_000)

    def run(self) -> Iterator[Progress]:
        yield Progress(2, 2, 0.61, 1.25, 0.0)

    def read(self) -> Iterator[Progress]:
        yield Progress(16, 16, float("nan"), 8.0, 0.0)

    def finish(self) -> None:
        one = dict.fromkeys(("accuracy", "low", "high", "gain", "gain_low", "gain_high"), 0.5)
        held = {"pairs": 20, "prompts": 9, "length": 0.1}
        rows = {"judges, then reward": one, "reward": one, "judges": one, "constant": one}
        figures = {"held out": {**held, "rows": rows}}
        made = {"method": "encoder"}
        self.kept.keep(Card("reward-e", "reward", "tiny", "2026-11-28", 1, {}, made, figures))

    def card(self) -> Card:
        return self.kept.find("reward-e")


def test_an_encoder_says_what_it_takes(
    vouch: Vouch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Tuning] = []

    def encoder(*told: Any) -> Tuning:
        made.append(Tuning(*told))
        return made[-1]

    monkeypatch.setattr("app.learning.reward.house.encoder", encoder)
    ran = vouch("learn", "reward", "--encoder", "--steps", "2", "--seed", "3", "--data", "a")
    assert ran.status == 0
    folders, recipe = made[0].told
    assert (folders, recipe.seed, recipe.steps) == ([Path("a")], 3, 2)
    assert "80 comparisons, 2 steps, 1 of them done" in ran.err
    assert "about 60 min on this machine, 0.9 GB of memory" in ran.err
    assert "step 2 of 2, loss 0.610" in ran.err
    assert "learned: reward-e" in ran.out and "alone no better than chance" in ran.out
    assert "measured on 20 pairs" in ran.out and "with about 150 comparisons more" in ran.out
