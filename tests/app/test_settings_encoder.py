"""The settings of the encoder reach it as they were written."""

from pathlib import Path

import pytest

from app.house import build
from app.settings import load, variable, write_setting
from retrieval.encoders.options import EncoderOptions
from retrieval.errors import UserError

GIVEN = {
    "library.revision": ("refs/pr/7", "revision", "refs/pr/7"),
    "library.backend": ("onnx", "backend", "onnx"),
    "library.precision": ("bfloat16", "precision", "bfloat16"),
    "library.query_prefix": ("query: ", "query_prefix", "query: "),
    "library.passage_prefix": ("", "passage_prefix", ""),
    "library.pooling": ("cls", "pooling", "cls"),
    "library.max_tokens": ("128", "max_tokens", 128),
    "library.batch": ("16", "batch", 16),
    "library.languages": ("en, de", "languages", ("en", "de")),
}


def test_the_defaults_leave_all_to_the_encoder(tmp_path: Path) -> None:
    assert load(tmp_path, {}).library.encoder() == EncoderOptions()


@pytest.mark.parametrize("key", GIVEN)
def test_a_setting_is_an_option_of_the_encoder(tmp_path: Path, key: str) -> None:
    text, option, value = GIVEN[key]
    write_setting(tmp_path / "file", key, text)
    for loaded in (
        load(tmp_path, {}, {key: text}),
        load(tmp_path, {variable(key): text}),
        load(tmp_path / "file", {}),
    ):
        assert getattr(loaded.library.encoder(), option) == value


def test_the_house_builds_the_encoder_that_is_set(tmp_path: Path) -> None:
    plain = build(load(tmp_path, {})).embedder
    cut = build(
        load(tmp_path, {}, {"library.max_tokens": "64", "library.languages": "all"})
    ).embedder
    assert plain.id != cut.id and "64 tokens" in cut.id
    assert cut.reads("谁写了这本书？") and not plain.reads("谁写了这本书？")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("library.languages", "english"),
        ("library.languages", ""),
        ("library.pooling", "max"),
        ("library.max_tokens", "-1"),
        ("library.revision", "a b"),
    ],
)
def test_what_an_encoder_cannot_be_is_refused(tmp_path: Path, key: str, text: str) -> None:
    with pytest.raises(UserError, match=key):
        load(tmp_path, {}, {key: text})
