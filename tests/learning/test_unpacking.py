"""What comes with the program as a candidate: to measure it, and to train on from it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from tiny_llama import write, write_adapter

from agents.models.llama import LlamaModel
from app import adapters
from app.feedback.folder import SCHEMA
from app.learning.candidates import ADAPTER, Candidates, Card
from app.learning.held_out import QUESTIONS, key, known
from app.learning.language.adapter import WEIGHTS
from app.learning.releasing import SHIPPED
from app.learning.sides import learned, sides
from app.learning.unpacking import unpacked
from app.learning.writing.house import learning, recipe
from app.options import Settings
from app.options_adapters import NONE
from app.settings import load
from retrieval.errors import UserError


@pytest.fixture
def model(tmp_path: Path) -> LlamaModel:
    return LlamaModel(write(tmp_path / "tiny.gguf"))


@pytest.fixture
def shipped(tmp_path: Path, model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A writer that comes with the program for the tiny model."""
    folder = tmp_path / "shipped"
    path = write_adapter(folder / "write.gguf", 3)
    card = Card("write-first", "write", model.base, "2026-11-28", 1)
    path.with_suffix(".json").write_text(json.dumps(asdict(card)))
    path.with_suffix(f".{QUESTIONS}").write_text(json.dumps([key("Who?")]))
    monkeypatch.setattr(adapters, "SHIPPED", folder)
    return path


@pytest.fixture
def candidates(vouch_home: Path) -> Candidates:
    return Candidates(vouch_home / "models")


@pytest.fixture
def settings(vouch_home: Path, model: LlamaModel) -> Callable[..., Settings]:
    return lambda more=(): load(
        vouch_home,
        {},
        {"model.name": str(model.header.path), "check.verifier": "none", **dict(more)},
    )


def test_it_is_a_candidate_like_others(
    candidates: Candidates, model: LlamaModel, shipped: Path
) -> None:
    assert unpacked(candidates, "write", model) == "write-first"
    folder = candidates.folder("write-first")
    assert (folder / ADAPTER).read_bytes() == shipped.read_bytes()
    assert candidates.find("write-first").made == "2026-11-28"
    assert known(folder) == {key("Who?")}
    assert candidates.released("write") is None


def test_figures_that_it_has_since_stay_on_its_card(
    candidates: Candidates, model: LlamaModel, shipped: Path
) -> None:
    card = candidates.find(unpacked(candidates, "write", model))
    candidates.keep(Card(**{**asdict(card), "figures": {"f1": 1}}))
    unpacked(candidates, "write", model)
    assert candidates.find("write-first").figures == {"f1": 1}


def test_what_a_crash_left_half_is_made_whole(
    candidates: Candidates, model: LlamaModel, shipped: Path
) -> None:
    folder = candidates.folder("write-first")
    folder.mkdir(parents=True)
    (folder / ADAPTER).write_bytes(shipped.read_bytes()[:100])
    unpacked(candidates, "write", model)
    assert (folder / ADAPTER).read_bytes() == shipped.read_bytes()
    assert known(folder) == {key("Who?")}


def test_for_another_model_or_job_nothing_comes_along(
    candidates: Candidates, model: LlamaModel, shipped: Path, tmp_path: Path
) -> None:
    other = LlamaModel(write(tmp_path / "other.gguf", seed=1))
    for job, over in (("browse", model), ("write", other)):
        with pytest.raises(UserError, match="nothing comes with the program"):
            unpacked(candidates, job, over)  # type: ignore[arg-type]
    assert candidates.all() == []


def test_a_training_begins_from_it(
    candidates: Candidates, settings: Callable[..., Settings], shipped: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"schema": SCHEMA, "format": "trl"}))
    said = [[{"role": "assistant", "content": text}] for text in ("yes", "no")]
    rows = [
        {
            "prompt": [{"role": "user", "content": f"Say {at}"}],
            "chosen": said[0],
            "rejected": said[1],
        }
        for at in range(100)
    ]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    chosen = recipe("write", 2, 1)
    fresh = learning(settings(), [folder], "write", "dpo", chosen)
    begun = learning(settings(), [folder], "write", "dpo", chosen, SHIPPED)
    unpacked_folder = candidates.folder("write-first")
    again = learning(settings(), [folder], "write", "dpo", chosen, "write-first")
    assert begun.name == again.name != fresh.name
    (unpacked_folder / WEIGHTS).unlink()
    restored = learning(settings(), [folder], "write", "dpo", chosen, "write-first")
    assert restored.name == begun.name, "a candidate that has its GGUF file alone comes back whole"


def test_the_model_as_it_is_can_be_the_other_side(
    candidates: Candidates, settings: Callable[..., Settings], shipped: Path, model: LlamaModel
) -> None:
    name = unpacked(candidates, "write", model)
    first, bare = sides(settings, "write", (name, NONE))
    same = sides(settings, "write", (name, SHIPPED))[1]
    assert bare.key == bare.common == first.common
    assert bare.key != first.key == same.key, "a copy of what is shipped is the same thing"
    assert learned(candidates, "write", (SHIPPED, NONE)) == {key("Who?")}
