"""What is written to settings.toml is loaded again, and the lines beside it stay as they were."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from app.options import KEYS
from app.settings import Settings, load, write_setting
from retrieval.errors import UserError


def written(home: Path, text: str) -> Path:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(text, "utf-8")
    return home


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError):
        write_setting(tmp_path / "file", "model.name", "x")
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(UserError):
        write_setting(tmp_path, "model.name", "x")
    assert not list(tmp_path.glob(".settings*"))


KEPT = """# My settings
[ask]   # how long
steps = 5 # few
seconds=20.0

[model] # which
# a comment
context = 4096
"""


@pytest.mark.parametrize(
    ("key", "text", "gone"),
    [
        ("model.context", "2048", 1),
        ("model.name", "x.gguf", 0),
        ("ask.slips", "9", 0),
        ("library.results", "3", 0),
        ("ask.seconds", "7", 1),
    ],
)
def test_a_change_keeps_the_other_lines(tmp_path: Path, key: str, text: str, gone: int) -> None:
    written(tmp_path, KEPT)
    before = tomllib.loads(KEPT)
    write_setting(tmp_path, key, text)
    after = (tmp_path / "settings.toml").read_text("utf-8")
    lost = set(KEPT.splitlines()) - set(after.splitlines())
    assert len(lost) == gone
    section, name = key.split(".")
    before.setdefault(section, {})[name] = load(tmp_path, {}).value(key)
    assert tomllib.loads(after) == before


@pytest.mark.parametrize(
    "text",
    [
        "model.context = 4096\n",
        "model = {context = 4096}\n",
        "[model]\n'context' = 4096\n",
        "[ 'model' ]\ncontext = 4096",
        "[model]\ncontext = 4096",
        "[plugins]\nenabled = [\n 'a',\n]\n[model]\ncontext = 4096\n",
    ],
)
def test_a_file_in_other_ways_of_writing_is_changed_too(tmp_path: Path, text: str) -> None:
    written(tmp_path, text)
    write_setting(tmp_path, "model.context", "1024")
    write_setting(tmp_path, "plugins.enabled", "b,c")
    write_setting(tmp_path, "model.name", "x")
    loaded = load(tmp_path, {})
    assert (loaded.model.context, loaded.model.name) == (1024, "x")
    assert loaded.plugins.enabled == ("b", "c")


def _texts() -> st.SearchStrategy[tuple[str, str]]:
    """A setting with a text that it may be given."""
    plain = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
    whole = st.integers(1024, 20_000).map(str)
    kinds: dict[str, st.SearchStrategy[str]] = {
        "model.name": plain,
        "library.embedder": plain,
        "model.api_key": plain,
        "library.passage_characters": whole,
        "ask.tokens": whole,
        "model.gpu_layers": st.just("auto") | whole,
        "ask.seconds": st.floats(1e-3, 1e9).map(repr),
        "ask.check": st.sampled_from(["true", "false", "1", "off"]),
        "model.flash_attention": st.sampled_from(["auto", "on", "off"]),
        "plugins.enabled": st.lists(st.from_regex(r"\A[a-z_.-]{1,9}\Z"), max_size=4).map(",".join),
    }
    pairs = [st.tuples(st.just(key), texts) for key, texts in kinds.items()]
    return st.one_of(pairs)


def _values(loaded: Settings) -> dict[str, Any]:
    found = {key: loaded.value(key) for key in KEYS}
    return {k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in found.items()}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs=st.lists(_texts(), max_size=6))
def test_what_is_written_is_loaded(tmp_path: Path, pairs: list[tuple[str, str]]) -> None:
    (tmp_path / "settings.toml").unlink(missing_ok=True)
    for key, text in pairs:
        write_setting(tmp_path, key, text)
    loaded = load(tmp_path, {})
    assert _values(loaded) == _values(load(tmp_path / "none", {}, dict(pairs)))
    assert {key for key in KEYS if loaded.origin(key) == "settings.toml"} == set(dict(pairs))
