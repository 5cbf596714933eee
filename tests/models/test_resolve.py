"""From the setting model.name to a model, and what the list of models says."""

import pytest

from agents.models.langchain import LangChainModel
from agents.models.llama import LlamaModel
from agents.models.openai import OpenAICompatible
from app.models import away, list_models, resolve
from app.settings import load
from retrieval.errors import UserError


@pytest.fixture
def settings(tmp_path):
    def make(**values):
        overrides = {f"model.{name}": str(value) for name, value in values.items()}
        return load(tmp_path, environ={}, overrides=overrides)

    return make


def test_the_embedded_model_loads_nothing_before_it_is_asked(settings):
    model = resolve(settings(context=2048))
    assert isinstance(model, LlamaModel)
    assert model.name == "smollm2-135m-instruct"
    assert model.capabilities.context == 2048
    assert model.pid is None
    assert resolve(settings(context=99_999)).capabilities.context == 8192
    assert resolve(settings(name="other"), "smollm2-135m-instruct").name == model.name


def test_a_gguf_file_is_checked_at_once(settings, shipped, tmp_path):
    model = resolve(settings(name=shipped))
    assert isinstance(model, LlamaModel)
    assert model.name == shipped.stem.lower()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(shipped.read_bytes()[:1_000_000])
    for name in (cut, tmp_path / "none.gguf"):
        with pytest.raises(UserError, match=r"vouch models use"):
            resolve(settings(name=name))


def test_a_bad_name_is_told_with_its_origin(settings, tmp_path):
    none, other = str(tmp_path / "none.gguf"), "nothing-like-it"
    for wrong in (none, other):
        for given in (None, wrong):
            with pytest.raises(UserError) as caught:
                resolve(settings(name=wrong), given)
            assert caught.value.origin == "model.name from command line"
        with pytest.raises(UserError) as caught:
            resolve(settings(), wrong)
        assert caught.value.origin == "--model"


def test_a_server_takes_names_that_are_none_of_ours(settings, shipped):
    base = "http://127.0.0.1:9/v1"
    for name in ("small", "openai:small"):
        model = resolve(settings(name=name, base_url=base, grammar="gbnf", context=4096))
        assert isinstance(model, OpenAICompatible)
        assert model.name == "small"
        assert model.capabilities.grammar == "gbnf"
        assert model.capabilities.context == 4096
    assert isinstance(resolve(settings(name="m.gguf", base_url=base)), OpenAICompatible)
    assert isinstance(resolve(settings(name=shipped, base_url=base)), LlamaModel)
    assert isinstance(resolve(settings(base_url=base)), LlamaModel)


def test_langchain_names(settings):
    for name in ("openai:gpt-5-mini", "langchain:openai:gpt-5-mini"):
        model = resolve(settings(name=name))
        assert isinstance(model, LangChainModel)
        assert model.name == "openai:gpt-5-mini"


@pytest.mark.parametrize("name", ["nothing-like-it", "hf:broken", "hf:a/b/../../c"])
def test_a_name_that_means_nothing_is_refused(settings, name):
    with pytest.raises(UserError, match=r"hub|there is no model"):
        resolve(settings(name=name))


def test_the_list_marks_the_model_in_use(settings):
    (row,) = list_models(settings())
    assert (row["name"], row["current"]) == ("embedded", True)
    rows = list_models(settings(name="small", base_url="http://me:hush@host:1/v1"))
    assert [(row["name"], row["current"]) for row in rows] == [("embedded", False), ("small", True)]
    assert "hush" not in str(rows)


@pytest.mark.parametrize(
    ("values", "elsewhere"),
    [
        ({}, False),
        ({"name": "hf:owner/repository/file.gguf"}, False),
        ({"name": "/models/a.gguf"}, False),
        ({"name": "small", "base_url": "http://127.0.0.1:9/v1"}, False),
        ({"name": "small", "base_url": "http://localhost:9/v1"}, False),
        ({"name": "small", "base_url": "https://models.example/v1"}, True),
        ({"name": "a.gguf", "base_url": "https://models.example/v1"}, True),
        ({"base_url": "https://models.example/v1"}, False),
        ({"name": "langchain:openai:x", "base_url": "http://127.0.0.1:9/v1"}, True),
        ({"name": "openai:gpt-5-mini"}, True),
    ],
)
def test_whether_a_model_may_be_elsewhere_is_known(settings, values, elsewhere):
    assert away(settings(**values)) is elsewhere
