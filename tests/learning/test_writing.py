"""Learning to write, whole: plan, training, an adapter in both formats, and its card."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from prefer_killed import LAST, RECIPE, preferring
from tiny_llama import write as tiny_model

from agents.models.gguf import check_adapter
from app.feedback.folder import SCHEMA
from app.learning.candidates import Candidates
from app.learning.language.weights import load
from app.learning.writing.given import Method, given
from app.learning.writing.learning import Base, Learning
from app.learning.writing.preferring import STATES, Preferring


def _rows(kind: str) -> list[dict[str, Any]]:
    rows = []
    for at in range(100):
        prompt = [{"role": "user", "content": f"Say {at}"}]
        good, bad = ([{"role": "assistant", "content": text}] for text in (f"{at}.", "no"))
        if kind == "trl":
            rows.append({"prompt": prompt, "chosen": good, "rejected": bad})
        else:
            completion, label = (good, True) if at % 2 else (bad, False)
            rows.append({"prompt": prompt, "completion": completion, "label": label})
    return rows


def _learning(place: Path, method: Method, kind: str, after: Path | None = None) -> Learning:
    folder = place / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"schema": SCHEMA, "format": kind}))
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in _rows(kind)))
    model = place / "tiny.gguf"
    if not model.exists():
        tiny_model(model)
    base = Base("tiny", model, load)
    read = given([folder], method, RECIPE.seed)
    return Learning(base, place / "models", read, method, RECIPE, "write", after)


def _learned(learning: Learning) -> None:
    plan = learning.plan()
    assert plan.steps == RECIPE.steps and plan.seconds > 0 and plan.bytes > 1e6
    steps = [progress.step for progress in learning.run()]
    assert steps == [1, 2, 3]
    learning.finish("2026-11-28")


@pytest.mark.slow
def test_an_adapter_is_learned_by_cloning_and_then_by_pairs_and_thumbs(tmp_path: Path) -> None:
    first = _learning(tmp_path, "sft", "trl")
    assert not first.done
    _learned(first)
    assert first.done
    check_adapter(first.folder / "adapter.gguf", "llama")
    card = first.card()
    assert card.kind == "write" and card.base == "tiny" and card.made == "2026-11-28"
    assert card.data["trl/train.jsonl"]["rows"] == 100 and card.settings["method"] == "sft"
    assert not (first.folder / "training.safetensors").exists()
    for method, kind in (("dpo", "trl"), ("kto", "kto")):
        next_one = _learning(tmp_path, method, kind, first.folder)  # type: ignore[arg-type]
        assert next_one.name != first.name
        _learned(next_one)
        check_adapter(next_one.folder / "adapter.gguf", "llama")
    assert len(Candidates(tmp_path / "models").all()) == 3


def _weights(learner: Preferring) -> dict[str, torch.Tensor]:
    return {
        name: one.detach().clone()
        for name, one in learner.adapted.named_parameters()
        if ".default." in name
    }


@pytest.mark.slow
def test_a_training_by_pairs_goes_on_from_its_newest_whole_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = preferring(tmp_path / "whole")
    assert [progress.step for progress in whole.run()] == [1, 2, 3]
    said = capsys.readouterr()
    assert said.out == "" and "xamples" not in said.err, "progress is ours to show"
    steps = preferring(tmp_path / "cut").run()
    assert next(steps).step == 1
    steps.close()
    states = tmp_path / "cut" / STATES
    (states / "checkpoint-9").mkdir()  # One that was being written when the process was killed.
    resumed = preferring(tmp_path / "cut")
    assert resumed.step in (1, 2)
    assert [progress.step for progress in resumed.run()][-1] == 3
    ours, theirs = _weights(whole), _weights(resumed)
    assert ours and all(torch.equal(ours[name], theirs[name]) for name in ours)
    again = preferring(tmp_path / "cut")
    assert again.step == 3 and list(again.run()) == []
    assert all(torch.equal(ours[name], one) for name, one in _weights(again).items())


@pytest.mark.slow
def test_a_training_by_pairs_that_was_killed_comes_to_the_same_weights(tmp_path: Path) -> None:
    whole = preferring(tmp_path / "whole")
    assert [progress.step for progress in whole.run()][-1] == RECIPE.steps
    command = [sys.executable, str(Path(__file__).with_name("prefer_killed.py"))]
    paths = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[2])))
    with subprocess.Popen(
        [*command, str(tmp_path / "cut")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths}, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == str(LAST):
                break
        child.kill()
    assert child.returncode == -signal.SIGKILL
    resumed = preferring(tmp_path / "cut")
    assert 1 <= resumed.step <= LAST
    assert [progress.step for progress in resumed.run()][-1] == RECIPE.steps
    ours, theirs = _weights(whole), _weights(resumed)
    assert ours and all(torch.equal(ours[name], theirs[name]) for name in ours)
