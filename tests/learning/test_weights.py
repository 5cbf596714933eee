"""A GGUF model in transformers: the same tokens, and the same text, as llama.cpp makes of it."""

from pathlib import Path

import pytest
import torch
from tiny_llama import multiplied_out, write

from agents.models.base import Message, Sampling
from agents.models.chat import segments
from agents.models.llama import LlamaModel
from agents.models.native import library
from agents.models.vocabulary import Vocabulary
from app.learning.language import weights
from app.learning.language.weights import load
from app.prepare import shipped_file
from retrieval.errors import UserError

WRITTEN = 24
PROMPTS = """\
What is the capital of France?
Name three colours of the rainbow.
Why is the sky blue?
Who wrote Hamlet?
Write one sentence about the sea.
How many days are in a week?
What do bees make?
Explain what a glacier is.
Give me a short recipe for tea.
What is the boiling point of water?
Which planet is closest to the sun?
Say in plain words what photosynthesis is.
What does a heart do?
List two uses of copper.
Who was Marie Curie?
What is 7 plus 5?
Say hello politely.
What is a library for?
When did people first walk on the moon?
Describe a cat in one sentence.""".splitlines()
TEXTS = [*PROMPTS, "In 1969, it's 12.5% of Zürich -- don't!  \n\n x", "a\tb 2026-11-28 你好 <b>"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


def _vocabulary(path: Path) -> Vocabulary:
    native = library()
    params = native.llama_model_default_params()
    params.vocab_only = True
    return Vocabulary(native.llama_model_load_from_file(str(path).encode(), params))


def _same_tokens(path: Path) -> None:
    tokenizer, vocabulary = load(path).tokenizer, _vocabulary(path)
    for text in TEXTS:
        turns = [Message("system", "Be brief."), Message("user", text)]
        theirs = vocabulary.prompt(segments(turns, vocabulary.template, vocabulary.eos))
        laid = tokenizer.apply_chat_template(
            [{"role": turn.role, "content": turn.content} for turn in turns],
            add_generation_prompt=True,
            tokenize=False,
        )
        assert tokenizer(laid, add_special_tokens=False)["input_ids"] == theirs, text


def test_a_prompt_has_the_same_tokens(tiny) -> None:
    _same_tokens(tiny)


def test_another_architecture_is_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="'qwen2'"):
        load(write(tmp_path / "other.gguf", architecture="qwen2"))


def test_missing_packages_are_named_with_the_cure(tiny, monkeypatch) -> None:
    monkeypatch.setattr(weights, "NEEDED", ("gguf", "no_such_package"))
    with pytest.raises(UserError, match="missing: no_such_package") as refused:
        load(tiny)
    assert "LEARN=1" in refused.value.cure


def _differing(prompts: list[str], folder: Path) -> list[str]:
    """Greedy text of llama.cpp's worker, whose every token transformers would choose as well.

    Transformers reads prompt and text at once: the choice at each place is what it would write.
    """
    llama = LlamaModel(
        multiplied_out(shipped_file(), folder / "f32.gguf"),
        context=256,
        flash_attention=False,
        stall_seconds=280,
    )
    model, tokenizer = (loaded := load(shipped_file())).model, loaded.tokenizer
    differing = []
    for prompt in prompts:
        turns = [Message("user", prompt)]
        *_, reply = llama.reply(turns, Sampling(max_tokens=WRITTEN))
        laid = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
        )
        before = tokenizer(laid, add_special_tokens=False)["input_ids"]
        after = tokenizer(reply.text, add_special_tokens=False)["input_ids"]
        after += [tokenizer.eos_token_id] if reply.finish == "stop" else []
        with torch.inference_mode():
            logits = model(torch.tensor([before + after])).logits[0, len(before) - 1 : -1]
        if logits.argmax(-1).tolist() != after:
            differing.append(f"{prompt} {reply.text} {tokenizer.decode(logits.argmax(-1))}")
    llama.close()
    return differing


@pytest.mark.slow
@pytest.mark.model
def test_the_embedded_model_writes_what_llama_cpp_writes(tmp_path) -> None:
    _same_tokens(shipped_file())
    assert _differing(PROMPTS[:3], tmp_path) == []


@pytest.mark.prove
@pytest.mark.model
def test_the_embedded_model_writes_what_llama_cpp_writes_on_all_prompts(tmp_path) -> None:
    assert _differing(PROMPTS, tmp_path) == []
