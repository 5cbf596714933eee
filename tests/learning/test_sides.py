"""The sides of a measurement in a home: which weights each has, and what they are asked."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from own_export import export, row
from tiny_llama import write, write_adapter

from agents.models.llama import LlamaModel
from agents.probe import Probed
from app import adapters
from app.learning.candidates import ADAPTER, Candidates, Card
from app.learning.held_out import key, note
from app.learning.releasing import SHIPPED
from app.learning.sides import PROSE, learned, sides, task
from app.settings import Settings, load
from retrieval.embed import HashEmbedder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "tiny.gguf", context=4096)


@pytest.fixture
def kept(vouch_home: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Candidates:
    """Two candidates for the tiny model; nothing is shipped."""
    monkeypatch.setattr(adapters, "SHIPPED", model.parent / "shipped")
    made = Candidates(vouch_home / "models")
    for seed, name in enumerate(("write-1", "write-2")):
        made.keep(Card(name, "write", LlamaModel(model).base, "2026-11-28", 1))
        write_adapter(made.folder(name) / ADAPTER, seed)
    return made


@pytest.fixture
def settings(vouch_home: Path, model: Path) -> object:
    def of(more: Mapping[str, str]) -> Settings:
        told = {"model.name": str(model), "check.verifier": "none", "adapters.browse": "none"}
        return load(vouch_home, {}, {**told, **more})

    return of


def test_each_side_has_its_weights_and_a_key_of_its_own(
    kept: Candidates, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(16))
    monkeypatch.setattr("app.assistant.probe", lambda kit: Probed(0, 1))
    first, second = sides(settings, "write", ("write-1", SHIPPED))
    other, again = sides(settings, "write", ("write-2", "write-1"))
    assert len({first.key, second.key, other.key}) == 3 and again.key == first.key
    assert first.common == second.common == other.common == second.key
    with first.open() as means:
        assert isinstance(means.model, LlamaModel)
        assert means.model.adapters == {"write": kept.folder("write-1") / ADAPTER}
        assert (means.asked.policy, means.asked.style) == ("guided", "led")
    with second.open() as means:
        assert isinstance(means.model, LlamaModel) and means.model.adapters == {}


def test_what_is_shipped_is_a_side_too(kept: Candidates, settings, model: Path) -> None:
    bare = sides(settings, "write", ("write-1", SHIPPED))[1]
    path = write_adapter(adapters.SHIPPED / "write.gguf", 7)
    card = Card("write-first", "write", LlamaModel(model).base, "2026-11-28", 1)
    path.with_suffix(".json").write_text(json.dumps(asdict(card)))
    first, shipped = sides(settings, "write", ("write-1", SHIPPED))
    assert shipped.key not in (bare.key, first.key)
    assert shipped.common == bare.key, "systems without learned weights are common to all"


def test_another_setting_is_another_key(kept: Candidates, settings) -> None:
    first, _ = sides(settings, "write", ("write-1", SHIPPED))

    def narrow(more: Mapping[str, str]) -> Settings:
        found: Settings = settings({"library.results": "3", **more})
        return found

    assert sides(narrow, "write", ("write-1", SHIPPED))[0].key != first.key


def test_exports_and_public_sets_are_asked_without_what_was_learned_from(
    kept: Candidates, tmp_path: Path
) -> None:
    asked_there = [
        {"id": at, "question": at, "answers": [{"text": "north"}]} for at in ("Where?", "How?")
    ]
    paragraphs = [{"context": "It flows north.", "qas": asked_there}]
    articles = [{"title": "Rhine", "paragraphs": paragraphs}]
    file = tmp_path / "data" / "xquad" / "xquad.en.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"data": articles}), encoding="utf-8")
    out = export(tmp_path / "out", [row("prose", "Clara Voss [1].")])
    note(kept.folder("write-1"), ["how?"])
    known = learned(kept, "write", ("write-1", SHIPPED))
    assert known == {key("How?")}
    asked = task("write", [file.parents[1], out], ["xquad-en"], known, 5, 3, prose=True)
    assert [[one.question for one in given.readings] for given in asked.sets] == [
        ["Where?"], ["Who built the weir at Aldmoor?"]
    ]  # fmt: skip
    assert asked.left_out == 1 and asked.systems == ("Vouch", PROSE)
    browsing = task("browse", [out], [], frozenset(), 5, 3, prose=True)
    assert browsing.systems == ("Vouch by model",) and "Vouch" in browsing.common
