"""`vouch learn verifier` and `vouch eval check`: what they say, and what they refuse."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.evaluation.claims import Claimed, ClaimSet
from app.learning.recipe import Recipe
from app.learning.training import Progress
from app.learning.verifier import Plan
from app.verifier import packed
from retrieval.embed import HashEmbedder

Vouch = Callable[..., Any]

ABOUT = {"kept aside": {"pairs": 1200, "accuracy": 0.712}}


class Learning:
    """A training of four steps that is over at once; `begun` of them are done before."""

    begun = 0

    def __init__(self, data: Path, models: Path, recipe: Recipe) -> None:
        assert (recipe.steps, recipe.seed) == (4, 2)
        self.folder = models / "verifier-0123456789ab"
        self.done = (self.folder / packed.CARD).is_file()

    def plan(self) -> Plan:
        return Plan(self.folder, self.begun, 4, 44_327, 3600.0, 940_000_000)

    def run(self) -> Iterator[Progress]:
        yield Progress(25, 50, 0.61, 14.4, 300.0)

    def finish(self) -> None:
        self.folder.mkdir(parents=True)
        told = {"name": "x", "base": "y", "temperature": 1.3, "scripts": ["latin"], "about": ABOUT}
        (self.folder / packed.CARD).write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


LEARN = ("learn", "verifier", "--data", "sets", "--steps", "4", "--seed", "2")


def test_it_says_what_it_will_take_and_how_to_use_it(
    vouch: Vouch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.learning.verifier.Learning", Learning)
    ran = vouch(*LEARN)
    assert ran.status == 0 and not ran.house.calls
    assert "44,327 pairs, 4 steps" in ran.err
    assert "about 60 min on this machine, 0.9 GB of memory" in ran.err
    assert "step 25 of 50, loss 0.610, 14.4 pairs/s, 5 min left" in ran.err
    folder = home / "models" / "verifier-0123456789ab"
    assert "right on 71.2% of 1,200 pairs kept aside" in ran.out
    assert f"vouch config set check.verifier {folder}" in ran.out
    again = vouch(*LEARN, "--json")
    assert "step" not in again.err
    assert json.loads(again.out)["folder"] == str(folder)


def test_what_was_begun_is_told(vouch: Vouch, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.learning.verifier.Learning", Learning)
    monkeypatch.setattr(Learning, "begun", 3)
    assert "4 steps, 3 of them done" in vouch(*LEARN).err


def test_sets_that_are_missing_are_one_sentence(vouch: Vouch, home: Path, tmp_path: Path) -> None:
    ran = vouch("learn", "verifier", "--data", str(tmp_path))
    assert (ran.status, ran.out) == (1, "")
    assert "learns from mnli_dev_matched.jsonl.gz" in ran.err and "docs/verifier.md" in ran.err
    assert not (home / "models").exists()


class Fixed:
    name = "fixed"
    scripts: tuple[str, ...] = ()

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        return [(0.9, 0.0) if "mill" in claim else (0.1, 0.2) for _, claim in pairs]


def _claims(given: ClaimSet, folder: Path, half: str, most: int) -> list[Claimed]:
    texts = [("The mill turned slowly at dusk.", True), ("A cat slept soundly all day.", False)]
    evidence = "At dusk the old wheel went round. All day an animal lay there."
    return [
        Claimed(given.name, text, evidence, supported, f"{half} {at}")
        for at in range(6)
        for text, supported in texts
    ]


@pytest.fixture
def measuring(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(64))
    monkeypatch.setattr("app.verifier.choice.verifier", lambda name: Fixed())
    monkeypatch.setattr("app.evaluation.claims.load", _claims)
    monkeypatch.setattr("app.evaluation.judging.SAMPLES", 20)


@pytest.mark.usefixtures("measuring")
def test_the_table_of_the_check(vouch: Vouch) -> None:
    ran = vouch("eval", "check", "--sets", "qags", "--most", "12")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0] == "**qags**, report half: 12 claims, 6 not supported, 6 documents."
    assert lines[2].startswith("| judged by | AUROC | balanced | precision | recall | F1 |")
    rows = {line.split(" | ")[0].strip("| "): line for line in lines if line.startswith("| ")}
    assert {"word overlap", "verifier", "cascade, left out", "cascade, as shipped"} <= set(rows)
    assert rows["verifier"].startswith("| verifier | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |")
    assert "**Confidence** of all rulings above: ECE" in ran.out
    assert "Verifier fixed:" in lines[-1] and "pairs/s" in lines[-1]


@pytest.mark.usefixtures("measuring")
def test_json_and_fitted_weights(vouch: Vouch) -> None:
    told = json.loads(vouch("eval", "check", "--sets", "qags,wice", "--json").out)
    assert [one["name"] for one in told["sets"]] == ["qags", "wice"]
    assert set(told["confidence"]) == {"ece", "brier", "auroc", "bins"}
    fitted = vouch("eval", "check", "--fit").out
    made: dict[str, Any] = {"Blend": dict}
    exec(fitted, made)
    assert 0 < made["LIMIT"] < 1 and made["WEIGHTS"]["support"]["carried"] > 0


@pytest.mark.usefixtures("measuring")
def test_an_unknown_set_and_no_verifier_are_refused(
    vouch: Vouch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = vouch("eval", "check", "--sets", "xquad-en")
    assert ran.status == 1 and "there is no set of claims 'xquad-en'" in ran.err
    monkeypatch.setattr("app.verifier.choice.verifier", lambda name: None)
    ran = vouch("eval", "check")
    assert ran.status == 1 and "there is no verifier to measure" in ran.err
