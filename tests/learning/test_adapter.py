"""A LoRA of peft as a GGUF file: llama.cpp computes with it what transformers does."""

import json
from pathlib import Path

import numpy
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_llama import IDS, adapted, logits, multiplied_out, write

from agents.models.gguf import check_adapter
from app.learning.language import adapter
from app.learning.language.adapter import convert
from app.learning.language.weights import load
from app.prepare import shipped_file
from retrieval.errors import UserError

CLOSE = 2e-4
"""The most that logits may differ by; they spread over some 10, and round apart at 32 bits."""

CLOSE_EMBEDDED = 5e-3
"""The same after 30 layers."""


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


def _apart(one: numpy.ndarray, two: numpy.ndarray) -> float:
    return float(numpy.abs(one - two).max())


def test_llama_cpp_and_transformers_agree_on_the_model(base) -> None:
    with torch.inference_mode():
        ours = load(base).model(torch.tensor([IDS])).logits[0].numpy()
    assert _apart(ours, logits(base, IDS)) < CLOSE


@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}, {"rank_pattern": {"k_proj": 2}}])
def test_logits_with_the_adapter_agree(base, tmp_path, settings) -> None:
    plain, tuned = adapted(base, tmp_path, **settings)
    convert(tmp_path, base, tmp_path / "adapter.gguf", bits=32)
    assert _apart(plain, tuned) > 1, "the adapter changes much"
    assert _apart(tuned, logits(base, IDS, tmp_path / "adapter.gguf")) < CLOSE


@pytest.mark.prove
@pytest.mark.model
def test_logits_of_the_embedded_model_with_an_adapter_agree(tmp_path) -> None:
    """The same on the model that ships: its weights are 4-bit ones, multiplied out on both sides.

    Half of the adapter's strength there is more than training gives it.
    """
    full = multiplied_out(shipped_file(), tmp_path / "f32.gguf")
    plain, tuned = adapted(full, tmp_path, r=8, lora_alpha=4)
    convert(tmp_path, full, tmp_path / "adapter.gguf", bits=32)
    assert _apart(plain, tuned) > 1, "the adapter changes much"
    apart = _apart(tuned, logits(full, IDS, tmp_path / "adapter.gguf"))
    print(f"largest difference {apart:.2g}, of logits that spread over {tuned.std():.2g}")
    assert apart < CLOSE_EMBEDDED


def test_half_precision_is_close(base, tmp_path) -> None:
    _, tuned = adapted(base, tmp_path)
    convert(tmp_path, base, tmp_path / "adapter.gguf")
    assert _apart(tuned, logits(base, IDS, tmp_path / "adapter.gguf")) < 0.02


def test_without_the_rotation_logits_are_far_off(base, tmp_path, monkeypatch) -> None:
    """The comparison above can fail: it does when q and k keep the order of transformers."""
    _, tuned = adapted(base, tmp_path, target_modules=["q_proj", "k_proj"])
    monkeypatch.setattr(adapter, "rotated", lambda rows, heads: rows)
    convert(tmp_path, base, tmp_path / "adapter.gguf", bits=32)
    assert _apart(tuned, logits(base, IDS, tmp_path / "adapter.gguf")) > 0.1


def test_the_file_says_what_it_is(base, tmp_path) -> None:
    adapted(base, tmp_path)
    convert(tmp_path, base, tmp_path / "adapter.gguf", name="write-1")
    check_adapter(tmp_path / "adapter.gguf", "llama")
    with pytest.raises(UserError, match=r"'llama'.*'qwen2'"):
        check_adapter(tmp_path / "adapter.gguf", "qwen2")
    with pytest.raises(UserError, match="no LoRA adapter"):
        check_adapter(base, "llama")


@pytest.fixture
def plain(tmp_path) -> Path:
    """The smallest adapter: its settings, and weights of one layer."""
    settings = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none"}
    (tmp_path / adapter.CONFIG).write_text(json.dumps(settings))
    place = "base_model.model.model.layers.0.self_attn.q_proj"
    weights = {
        f"{place}.lora_A.weight": torch.ones(2, 64),
        f"{place}.lora_B.weight": torch.ones(64, 2),
    }
    save_file(weights, tmp_path / adapter.WEIGHTS)
    return tmp_path


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "saved whole"),
        ({"bias": "all"}, "biases"),
        ({"trainable_token_indices": [5]}, "trained tokens"),
        ({"alpha_pattern": {"q_proj": 3}}, "alpha"),
        ({"init_lora_weights": "pissa"}, "changes the model itself"),
        ({"peft_type": "LOHA"}, "'LOHA'"),
    ],
)
def test_what_a_file_cannot_hold_is_refused(base, plain, setting, said) -> None:
    config = json.loads((plain / adapter.CONFIG).read_text())
    (plain / adapter.CONFIG).write_text(json.dumps({**config, **setting}))
    with pytest.raises(UserError, match=said) as refused:
        convert(plain, base, plain / "adapter.gguf")
    assert "target_modules q_proj, k_proj" in refused.value.cure
    assert not (plain / "adapter.gguf").exists()


@pytest.mark.parametrize(
    "place", ["model.embed_tokens", "lm_head", "model.layers.0.input_layernorm"]
)
def test_other_weights_than_of_linear_layers_are_refused(base, plain, place) -> None:
    weights = load_file(plain / adapter.WEIGHTS)
    weights[f"base_model.model.{place}.weight"] = torch.ones(3)
    save_file(weights, plain / adapter.WEIGHTS)
    with pytest.raises(UserError, match=place):
        convert(plain, base, plain / "adapter.gguf")


def test_an_adapter_that_is_not_there_is_named(base, tmp_path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        convert(tmp_path, base, tmp_path / "adapter.gguf")
