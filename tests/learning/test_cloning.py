"""Behaviour cloning: the gradient of a shared beginning, learning, and going on after a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_clones import RECIPE, rows, training
from tiny_writer import loaded, tokenizer

from agents.models.base import Message
from app.learning import checkpoint
from app.learning.writing import cloning
from app.learning.writing.cloning import Recipe, adapted, loss_of
from app.learning.writing.coding import coded, folded, schedule, shared
from app.learning.writing.examples import Example

ROOT = Path(__file__).resolve().parents[2]


def test_a_reply_begins_where_the_prompt_ends() -> None:
    made = tokenizer()
    example = Example((Message("user", "Where?"),), "Here [1].", "prose", "g", "s")
    row = coded(example, made)
    assert made.decode(row.ids[row.reply :]) == "Here [1].<|im_end|>"
    assert made.decode(row.ids[: row.reply]).endswith("<|im_start|>assistant\n")


def test_the_shared_beginning_changes_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    model = adapted(loaded().model, RECIPE)
    weights = [one for one in model.parameters() if one.requires_grad]
    for one in weights:
        torch.nn.init.normal_(one, std=0.2)
    batch = rows()[:3]
    assert shared(batch) >= 20

    def gradients() -> list[torch.Tensor]:
        model.zero_grad()
        loss_of(model.base_model.model, batch).backward()
        return [one.grad.clone() for one in weights if one.grad is not None]

    ours = gradients()
    monkeypatch.setattr(cloning, "shared", lambda batch: 0)
    theirs = gradients()
    assert len(ours) == len(weights) and max(float(one.abs().max()) for one in ours) > 1e-3
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_the_loss_is_that_of_the_replies_alone() -> None:
    model = loaded().model
    batch = rows()[:2]
    wanted = []
    for row in batch:
        logits = model(torch.tensor([row.ids])).logits[0, row.reply - 1 : -1]
        targets = torch.tensor(row.ids[row.reply :])
        wanted.append(torch.nn.functional.cross_entropy(logits, targets, reduction="none"))
    ours = float(loss_of(model, batch).detach())
    assert ours == pytest.approx(float(torch.cat(wanted).mean()), rel=1e-4)


def test_the_steps_of_a_run_are_read_once_and_all_of_them_learned() -> None:
    made, model = tokenizer(), loaded().model
    first = (Message("user", "red"),)
    second = (*first, Message("assistant", "open 1"), Message("user", "blue sky"))
    steps = [
        coded(Example(prompt, reply, "browse", "g", "s"), made)
        for prompt, reply in ((first, "open 1"), (second, "quote 2"), (first, "finish"))
    ]
    run, other = folded(steps)
    assert [made.decode(run.ids[begin:end]) for begin, end in run.spans] == [
        "open 1<|im_end|>",
        "quote 2<|im_end|>",
    ]
    assert other == steps[2] and run.ids == steps[1].ids
    apart = [float(loss_of(model, [one]).detach()) for one in steps[:2]]
    sizes = [len(one.ids) - one.reply for one in steps[:2]]
    mean = sum(loss * size for loss, size in zip(apart, sizes, strict=True)) / sum(sizes)
    assert float(loss_of(model, [run]).detach()) == pytest.approx(mean, rel=1e-4)


def test_every_pass_holds_every_row_once_and_a_batch_is_of_one_kind() -> None:
    kinds = ["prose"] * 7 + ["short"] * 4
    batches = schedule(kinds, list(range(11)), 3, 12, seed=1)
    first = batches[:5]
    assert sorted(row for batch in first for row in batch) == list(range(11))
    assert all(len({kinds[row] for row in batch}) == 1 for batch in batches)
    assert schedule(kinds, list(range(11)), 3, 5, seed=1) == first
    assert schedule(kinds, list(range(11)), 3, 5, seed=2) != first


def test_the_rate_rises_stays_and_falls() -> None:
    recipe = Recipe(steps=100, warmup=10, falling=0.4)
    scales = [recipe.scale(step) for step in range(100)]
    assert scales[0] == pytest.approx(0.1) and scales[9:61] == [1.0] * 52
    assert scales[80] == pytest.approx(0.5) and scales[99] == pytest.approx(0.025)


def test_it_learns(tmp_path: Path) -> None:
    learner = training(tmp_path)
    model = learner.adapted.base_model.model
    before = float(loss_of(model, rows()).detach())
    assert [progress.step for progress in learner.run()] == list(range(1, RECIPE.steps + 1))
    assert float(loss_of(model, rows()).detach()) < before - 0.1


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    whole = training(tmp_path / "whole")
    for _ in whole.run(every=2):
        pass
    command = [sys.executable, str(Path(__file__).with_name("tiny_clones.py"))]
    killed = subprocess.Popen(
        [*command, str(tmp_path / "killed")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    )
    assert killed.stdout is not None and killed.stdin is not None
    while killed.stdout.readline().strip() != b"3":
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdin.close()
    killed.stdout.close()
    state = checkpoint.restore(tmp_path / "killed")
    assert state is not None and state.step == 2
    resumed = training(tmp_path / "killed")
    assert resumed.step == 2
    for _ in resumed.run(every=2):
        pass
    ours, theirs = (checkpoint.restore(tmp_path / one) for one in ("whole", "killed"))
    assert ours is not None and theirs is not None and ours.step == theirs.step == RECIPE.steps
    assert all(torch.equal(ours.weights[name], theirs.weights[name]) for name in ours.weights)
    assert resumed.first_pass() == whole.first_pass() and whole.first_pass()
