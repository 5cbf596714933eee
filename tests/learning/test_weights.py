"""A GGUF model in transformers: the same tokens, and the same text, as llama.cpp makes of it."""

from pathlib import Path

import pytest
import torch
from tiny_llama import logits, multiplied_out, write

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


def _laid(tokenizer, prompt: str) -> list[int]:
    turns = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    return tokenizer(text, add_special_tokens=False)["input_ids"]


@pytest.mark.slow
@pytest.mark.model
def test_the_worker_writes_what_transformers_would(tmp_path) -> None:
    """Transformers reads prompt and text at once: its choice at each place is what it would write.

    The worker keeps keys and values at 16 bits, so where two words are all but equally likely it
    may choose the other one: of all prompts it does so on one ("Say hello politely."), not here.
    """
    _same_tokens(shipped_file())
    full = multiplied_out(shipped_file(), tmp_path / "f32.gguf")
    llama = LlamaModel(full, context=256, flash_attention=False, stall_seconds=280)
    loaded = load(shipped_file())
    for prompt in PROMPTS[:3]:
        *_, reply = llama.reply([Message("user", prompt)], Sampling(max_tokens=WRITTEN))
        before = _laid(loaded.tokenizer, prompt)
        after = loaded.tokenizer(reply.text, add_special_tokens=False)["input_ids"]
        after += [loaded.tokenizer.eos_token_id] if reply.finish == "stop" else []
        with torch.inference_mode():
            found = loaded.model(torch.tensor([before + after])).logits[0, len(before) - 1 : -1]
        assert found.argmax(-1).tolist() == after, prompt
    llama.close()


@pytest.mark.prove
@pytest.mark.model
def test_greedy_text_is_the_same_token_by_token(tmp_path) -> None:
    """What transformers writes is what llama.cpp would: at each of its tokens, given those before,
    llama.cpp has that one as the likeliest. Both compute at 32 bits, the cache included."""
    full = multiplied_out(shipped_file(), tmp_path / "f32.gguf")
    loaded, same, apart = load(shipped_file()), 0, 0.0
    for prompt in PROMPTS:
        before = _laid(loaded.tokenizer, prompt)
        with torch.inference_mode():
            asked = torch.tensor([before])
            whole = loaded.model.generate(asked, max_new_tokens=WRITTEN, do_sample=False)
            ours = loaded.model(whole).logits[0, len(before) - 1 : -1].numpy()
        theirs = logits(full, whole[0].tolist())[len(before) - 1 : -1]
        same += theirs.argmax(-1).tolist() == whole[0, len(before) :].tolist()
        apart = max(apart, float(abs(ours - theirs).max()))
    print(f"{same} of {len(PROMPTS)} texts are the same; logits differ by at most {apart:.2g}")
    assert same == len(PROMPTS)
