"""Which learned weights are laid over which model: set, released, shipped, or none."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from tiny_llama import write, write_adapter

from agents.models.llama import LlamaModel
from app import adapters
from app.adapters import current, told
from app.checkup import examine_model
from app.house import House
from app.learning.candidates import ADAPTER, AS_SHIPPED, CARD, Candidates, Card, Change, Kind
from app.models import list_models, resolve
from app.prepare import EMBEDDED_NAME
from app.settings import Settings, load
from retrieval.errors import UserError


def _settings(home: Path, **values: str) -> Settings:
    overrides = {name.replace("_", ".", 1): value for name, value in values.items()}
    return load(home, environ={}, overrides=overrides)


def _card(name: str, base: str = EMBEDDED_NAME, kind: Kind = "write") -> Card:
    return Card(name, kind, base, "2026-11-28", 1)


def _candidate(home: Path, name: str, base: str = EMBEDDED_NAME, kind: Kind = "write") -> Path:
    kept = Candidates(home / "models")
    kept.keep(_card(name, base, kind))
    return write_adapter(kept.folder(name) / ADAPTER, 1)


def _release(home: Path, name: str, kind: Kind = "write") -> None:
    Candidates(home / "models").change(kind, Change(name, "release", "2026-11-28"))


def _used(settings: Settings, name: str | None = None) -> dict[str, Path]:
    model = resolve(settings, name)
    assert isinstance(model, LlamaModel)
    return dict(model.adapters)


@pytest.fixture
def home(vouch_home, tmp_path, monkeypatch) -> Path:
    """A home, and a program with which nothing is shipped."""
    monkeypatch.setattr(adapters, "SHIPPED", tmp_path / "shipped")
    return vouch_home


def _ship(job: str, base: str = EMBEDDED_NAME) -> Path:
    path = write_adapter(adapters.SHIPPED / f"{job}.gguf", 1)
    path.with_suffix(".json").write_text(json.dumps(asdict(_card(f"{job}-first", base))))
    return path


def test_nothing_learned_is_nothing_laid(home) -> None:
    assert _used(_settings(home)) == {}
    assert list(told(_settings(home), resolve(_settings(home)))) == ["write: none", "browse: none"]


def test_what_is_shipped_is_for_the_embedded_model_alone(home, tmp_path) -> None:
    path = _ship("write")
    assert _used(_settings(home)) == {"write": path}
    assert _used(_settings(home), str(write(tmp_path / "tiny.gguf"))) == {}


def test_a_release_goes_before_what_is_shipped_and_none_before_both(home) -> None:
    shipped, path = _ship("write"), _candidate(home, "write-1")
    _release(home, "write-1")
    assert _used(_settings(home)) == {"write": path}
    assert _used(_settings(home, adapters_write="none")) == {}
    _release(home, AS_SHIPPED)
    assert _used(_settings(home)) == {"write": shipped}


def test_a_path_goes_before_a_release_and_is_looked_for_in_the_home(home) -> None:
    _candidate(home, "write-1")
    _release(home, "write-1")
    mine = write_adapter(home / "mine.gguf", 2)
    settings = _settings(home, adapters_write="mine.gguf", adapters_browse=str(mine))
    assert _used(settings) == {"write": mine, "browse": mine}
    assert list(told(settings, resolve(settings))) == ["write: mine, set", "browse: mine, set"]


def test_a_path_that_is_wrong_is_named_with_its_setting(home) -> None:
    with pytest.raises(UserError, match="there is no model file") as refused:
        resolve(_settings(home, adapters_browse="gone.gguf"))
    assert refused.value.origin == "adapters.browse from command line"
    assert "vouch config set adapters.browse none" in refused.value.cure


def test_one_that_was_learned_on_another_model_is_refused_if_set(home) -> None:
    path = _candidate(home, "write-1", base="qwen-1.5b 986 17")
    assert path.with_name(CARD).is_file()
    with pytest.raises(UserError, match=r"learned on qwen-1\.5b 986 17, not on smollm2") as refused:
        resolve(_settings(home, adapters_write=str(path)))
    assert "vouch config set adapters.write none" in refused.value.cure


def test_one_that_was_released_for_another_model_is_told_of_and_not_used(home) -> None:
    _candidate(home, "write-1", base="qwen-1.5b 986 17")
    _release(home, "write-1")
    settings = _settings(home)
    assert _used(settings) == {}
    assert next(told(settings, resolve(settings))) == (
        "write: none (write-1 is released, but was learned on another model)"
    )


def test_a_model_of_a_file_goes_by_its_identity(home, tmp_path) -> None:
    base = write(tmp_path / "tiny.gguf")
    path = _candidate(home, "browse-1", base=LlamaModel(base).identity, kind="browse")
    _release(home, "browse-1", "browse")
    assert _used(_settings(home, model_name=str(base))) == {"browse": path}
    assert _used(_settings(home)) == {}


def test_a_release_is_taken_up_by_the_next_question(home) -> None:
    house = House(_settings(home))
    first = house.model()
    assert house.model() is first and current(house.settings, first)
    _candidate(home, "write-1")
    _release(home, "write-1")
    second = house.model()
    assert second is not first and "write" in second.capabilities.adapters
    assert first.capabilities.adapters == (), "a question in hand goes on with what it began with"
    house.close()


def test_a_server_s_model_has_none(home) -> None:
    _candidate(home, "write-1")
    _release(home, "write-1")
    settings = _settings(home, model_name="m", model_base_url="http://127.0.0.1:1/v1")
    model = resolve(settings)
    assert model.capabilities.adapters == () and list(told(settings, model)) == []
    assert current(settings, model)


def test_models_and_doctor_name_them(home, tmp_path) -> None:
    base = write(tmp_path / "tiny.gguf")
    mine = str(write_adapter(home / "mine.gguf", 2))
    settings = _settings(home, model_name=str(base), adapters_write=mine)
    (row,) = [row for row in list_models(settings) if row["current"]]
    assert row["about"] == "file, with learned weights (write: mine, set)"
    house = House(settings)
    facts = (fact for subject, fact in examine_model(house, False) if subject == "adapters")
    assert next(facts) == ("ok", "write: mine, set; browse: none", "")
    house.close()
