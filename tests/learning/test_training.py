"""Learning a verifier: the same weights after a kill, a card that tells all, and refusals."""

import json
import os
import signal
import subprocess
import sys
from itertools import accumulate
from pathlib import Path

import pytest
import torch
from learn_killed import RECIPE
from safetensors.torch import load_file
from tiny_sets import write

from app.learning import checkpoint
from app.learning.recipe import Recipe, schedule
from app.learning.training import losses
from app.learning.verifier import Learning
from app.verifier import packed
from app.verifier.coding import Coded
from app.verifier.embedded import EmbeddedVerifier
from retrieval.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("sets"))


def _finished(data: Path, models: Path) -> Path:
    learning = Learning(data, models, RECIPE, least=10)
    learning.plan()
    for _ in learning.run(every=2):
        pass
    learning.finish()
    return learning.folder


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(data: Path, tmp_path: Path) -> None:
    whole = _finished(data, tmp_path / "whole")
    command = [sys.executable, str(Path(__file__).with_name("learn_killed.py"))]
    killed = subprocess.Popen(
        [*command, str(data), str(tmp_path / "killed")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}"},
    )
    assert killed.stdout is not None and killed.stdin is not None
    while killed.stdout.readline().strip() != b"3":
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdin.close()
    killed.stdout.close()
    folder = tmp_path / "killed" / whole.name
    state = checkpoint.restore(folder)
    assert state is not None and state.step == 2
    assert not (folder / packed.CARD).exists()
    assert _finished(data, tmp_path / "killed") == folder
    ours, theirs = (load_file(one / packed.WEIGHTS) for one in (whole, folder))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not (folder / checkpoint.FILE).exists()
    _tells_all(whole)


def _tells_all(folder: Path) -> None:
    card = packed.card(folder)
    assert card.name == folder.name and card.scripts == ("latin",)
    assert card.about["recipe"] == RECIPE.told()
    files = card.about["data"]
    assert len(files["nli/med.jsonl.gz"]["sha256"]) == 64
    assert files["nli/med.jsonl.gz"]["licence"] == "CC BY-SA 4.0"
    assert card.about["kept aside"]["pairs"] == 3
    ((carried, against),) = EmbeddedVerifier(folder).entailments([("It rains.", "It rains.")])
    assert 0 < carried < 1 and 0 < against < 1 and carried + against < 1


def test_a_set_that_is_missing_is_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"learns from mnli_dev_matched.*docs/verifier\.md"):
        Learning(tmp_path, tmp_path)


def test_too_little_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"only \d+ pairs to learn from, and 2000 are too few"):
        Learning(data, tmp_path)
    assert not list(tmp_path.iterdir())


def test_other_data_or_another_recipe_is_another_folder(data: Path, tmp_path: Path) -> None:
    def folder(data: Path, recipe: Recipe) -> Path:
        return Learning(data, tmp_path, recipe, least=10).folder

    first = folder(data, RECIPE)
    assert folder(data, RECIPE) == first
    assert folder(data, Recipe(steps=7)) != first
    assert folder(write(tmp_path / "more", rows=9), RECIPE) != first


def test_a_spoilt_state_is_told_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / checkpoint.FILE).write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="remove the file to begin anew"):
        checkpoint.restore(tmp_path)


def test_every_pair_comes_once_a_pass_and_batches_keep_their_bounds() -> None:
    rows = [Coded((1,) * (5 + at % 60), (0,) * (5 + at % 60)) for at in range(500)]
    recipe = Recipe(steps=10_000, tokens=256, pairs=8)
    batches = schedule(rows, recipe)
    sums = list(accumulate(map(len, batches)))
    first, second = sums.index(500) + 1, sums.index(1000) + 1
    for one in (batches[:first], batches[first:second]):
        assert sorted(row for batch in one for row in batch) == list(range(500))
    assert batches[:first] != batches[first:second]
    for batch in batches[:200]:
        longest = max(len(rows[row].ids) for row in batch)
        assert len(batch) <= 8 and len(batch) * longest <= 256
    assert schedule(rows, recipe) == batches
    assert schedule(rows, Recipe(seed=2, steps=10_000, tokens=256, pairs=8)) != batches


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    recipe = Recipe(steps=1000, warmup=100, falling=0.3)
    assert recipe.scale(0) == pytest.approx(0.01)
    assert recipe.scale(99) == recipe.scale(500) == recipe.scale(699) == 1.0
    assert recipe.scale(850) == pytest.approx(0.5)
    assert recipe.scale(1000) == 0.0
    longer = Recipe(steps=2000, warmup=100, falling=0.3)
    assert all(recipe.scale(step) == longer.scale(step) for step in range(700))


def test_not_carried_means_either_of_two_classes() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.5]] * 3)
    chances = logits.softmax(1)[0]
    found = losses(logits, torch.tensor([0, 2, 3]))
    wanted = [chances[0], chances[2], chances[1] + chances[2]]
    assert found.tolist() == pytest.approx([-float(one.log()) for one in wanted], abs=1e-5)


def test_a_card_is_json_that_people_can_read(tmp_path: Path) -> None:
    (tmp_path / packed.CARD).write_text(json.dumps({"name": "x"}), encoding="utf-8")
    with pytest.raises(UserError, match="does not describe a verifier"):
        packed.card(tmp_path)
