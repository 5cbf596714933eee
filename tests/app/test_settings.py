"""Settings come from four places in order, know where they came from, and are never half read."""

import dataclasses
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from agents.events import Limits
from app.options import KEYS
from app.settings import (
    OTHER_VARIABLES,
    allowed,
    load,
    rows,
    variable,
    write_setting,
)
from retrieval.errors import UserError

SECRET = "sk-do-not-show"


def written(home: Path, text: str) -> Path:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(text, "utf-8")
    return home


def refused(home: Path, environ: dict[str, str] | None = None, **overrides: str) -> UserError:
    named = {name.replace("__", "."): value for name, value in overrides.items()}
    with pytest.raises(UserError) as error:
        load(home, environ or {}, named)
    return error.value


def test_each_place_goes_before_the_one_below(tmp_path: Path) -> None:
    key = "library.results"
    assert load(tmp_path, {}).library.results == 8
    written(tmp_path, "[library]\nresults = 9\n")
    environ = {"VOUCH_LIBRARY_RESULTS": "10"}
    asked: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        (environ, {}),
        (environ, {key: "11"}),
    ]
    loaded = [load(tmp_path, *given) for given in asked]
    assert [found.library.results for found in loaded] == [9, 10, 11]
    origins = [found.origin(key) for found in loaded]
    assert origins == ["settings.toml", "VOUCH_LIBRARY_RESULTS", "command line"]
    assert load(tmp_path, environ).origin("model.name") == "default"


def test_the_home_comes_from_three_places(tmp_path: Path) -> None:
    flag, variable_home = tmp_path / "flag", tmp_path / "variable"
    environ = {"VOUCH_HOME": str(variable_home)}
    found = [
        load(flag, environ),
        load(None, environ),
        load(None, {}),
        load(None, {"VOUCH_HOME": ""}),
    ]
    assert [f.home for f in found[:2]] == [flag, variable_home]
    origins = [f.origin("home") for f in found]
    assert origins == ["command line", "VOUCH_HOME", "default", "default"]
    assert all(f.home.is_absolute() for f in [*found, load("relative", {})])
    assert load("~/x", {}).home == Path.home() / "x"


def test_the_home_chooses_the_file(tmp_path: Path) -> None:
    written(tmp_path / "a", "[model]\nname = 'a.gguf'\n")
    assert load(None, {"VOUCH_HOME": str(tmp_path / "a")}).model.name == "a.gguf"
    assert load(tmp_path / "b", {"VOUCH_HOME": str(tmp_path / "a")}).model.name == "embedded"


def test_the_defaults_are_those_of_the_loop(tmp_path: Path) -> None:
    assert load(tmp_path, {}).ask.limits() == Limits()
    changed = load(tmp_path, {"VOUCH_ASK_STEPS": "3", "VOUCH_ASK_SECONDS": "0.5"})
    assert changed.ask.limits() == dataclasses.replace(Limits(), steps=3, seconds=0.5)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("model.gpu_layers", "auto", "auto"),
        ("model.gpu_layers", "12", 12),
        ("ask.check", "no", False),
        ("ask.check", "true", True),
        ("ask.seconds", "1e3", 1000.0),
        ("library.device", "cuda:1", "cuda:1"),
        ("model.base_url", "http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("plugins.enabled", "a, b", ("a", "b")),
        ("plugins.enabled", "", ()),
    ],
)
def test_text_is_read_as_the_settings_type(
    tmp_path: Path, key: str, text: str, value: object
) -> None:
    assert load(tmp_path, {}, {key: text}).value(key) == value
    assert load(tmp_path, {variable(key): text}).value(key) == value
    write_setting(tmp_path, key, text)
    assert load(tmp_path, {}).value(key) == value


WRONG = {
    "library.results": "0",
    "library.passage_characters": "many",
    "library.device": "gpu",
    "model.context": "8192.5",
    "model.gpu_layers": "-1",
    "model.base_url": "localhost:8080",
    "model.grammar": "bnf",
    "model.name": "",
    "ask.policy": "guide",
    "ask.check": "perhaps",
    "ask.seconds": "nan",
    "ask.rewrites": "-1",
    "engine.port": "65536",
    "plugins.enabled": "a b",
}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_value_is_told_with_its_place_and_what_is_allowed(tmp_path: Path, key: str) -> None:
    for environ, overrides in (({}, {key: WRONG[key]}), ({variable(key): WRONG[key]}, {})):
        with pytest.raises(UserError) as error:
            load(tmp_path, environ, overrides)
        told = str(error.value)
        assert key in told
        assert WRONG[key] in told
        assert allowed(key) in told
        assert error.value.origin
    assert variable(key) in str(refused(tmp_path, {variable(key): WRONG[key]}))
    with pytest.raises(UserError):
        write_setting(tmp_path, key, WRONG[key])
    assert not (tmp_path / "settings.toml").exists()


@pytest.mark.parametrize(
    "line",
    ["results = '9'", "results = true", "results = 9.5", "results = [9]", "results = {a = 1}"],
)
def test_the_file_must_have_the_right_types(tmp_path: Path, line: str) -> None:
    error = refused(written(tmp_path, f"[library]\n{line}\n"))
    assert "library.results" in error.what
    assert str(tmp_path / "settings.toml") in error.origin


@pytest.mark.parametrize(
    ("text", "name", "near"),
    [
        ("[model]\nnam = 'x'\n", "model.nam", "model.name"),
        ("[modle]\nname = 'x'\n", "modle", "model"),
        ("home = '/x'\n", "home", ""),
        ("model = 'x'\n", "model", "model"),
        ("[model.name]\nx = 1\n", "model.name", ""),
        ("[zzzz]\n", "zzzz", ""),
    ],
)
def test_an_unknown_name_in_the_file(tmp_path: Path, text: str, name: str, near: str) -> None:
    error = refused(written(tmp_path, text))
    assert name in error.what
    assert near in error.cure
    assert str(tmp_path / "settings.toml") in error.origin


def test_an_unknown_name_elsewhere(tmp_path: Path) -> None:
    assert "VOUCH_MODEL_NAME" in refused(tmp_path, {"VOUCH_MODEL_NAM": "x"}).cure
    assert "model.name" in refused(tmp_path, model__nam="x").cure
    assert refused(tmp_path, qqqqq="x").cure
    with pytest.raises(UserError):
        write_setting(tmp_path, "model.nam", "x")


def test_other_variables_are_let_through(tmp_path: Path) -> None:
    environ = {f"{name}X" if name.endswith("_") else name: "" for name in OTHER_VARIABLES}
    assert load(tmp_path, environ | {"PATH": "/bin", "XVOUCH_A": "1"}).home == tmp_path


@pytest.mark.parametrize(
    "content", [b"[model\n", b"\xff\xfe", b"a = 1\na = 2\n", b"a=" + b"[" * 9999]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    assert str(file) in str(refused(tmp_path))
    with pytest.raises(UserError):
        write_setting(tmp_path, "model.name", "x")
    assert file.read_bytes() == content


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    write_setting(tmp_path, "model.api_key", SECRET)
    loaded = load(tmp_path, {})
    assert loaded.model.api_key.get_secret_value() == SECRET
    shown = {row.key: row.value for row in rows(loaded)}
    assert shown["model.api_key"] == "set"
    assert SECRET not in repr(loaded) + str(loaded) + loaded.model_dump_json() + str(rows(loaded))
    empty = {row.key: row.value for row in rows(load(tmp_path / "other", {}))}
    assert empty["model.api_key"] == "not set"
    error = refused(written(tmp_path, f"[model]\napi_key = ['{SECRET}']\n"))
    assert SECRET not in str(error)
    assert SECRET not in str(error.__cause__)


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    written(tmp_path, "")
    (tmp_path / "settings.toml").chmod(0o644)
    write_setting(tmp_path, "model.api_key", SECRET)
    assert stat.S_IMODE((tmp_path / "settings.toml").stat().st_mode) == 0o600


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    loaded = load(tmp_path, {})
    with pytest.raises(ValidationError):
        loaded.model.name = "x"
    with pytest.raises(KeyError):
        loaded.origin("model.nam")


def test_every_setting_has_a_row_with_one_sentence(tmp_path: Path) -> None:
    found = rows(load(tmp_path, {}))
    assert [row.key for row in found] == ["home", *KEYS]
    for row in found:
        assert row.description.endswith(".")
        assert "\n" not in row.description
        assert row.origin
    assert all(allowed(key) for key in KEYS)
    assert len({variable(key) for key in KEYS}) == len(KEYS)


def test_loading_settings_loads_no_database_and_no_model(tmp_path: Path) -> None:
    heavy = "{'sqlalchemy', 'torch', 'llama_cpp', 'httpx', 'rich', 'alembic'}"
    code = f"import sys, app.settings as s; s.load(); print({heavy} & set(sys.modules))"
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "VOUCH_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "set()"
