"""Loads a llama model's GGUF file for training: its weights at 32 bits, and its tokenizer."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from agents.models.gguf import read_header
from retrieval.errors import UserError

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerBase

NEEDED = ("accelerate", "gguf", "peft", "trl")
CURE = "install them: make setup LEARN=1, or pip install 'vouch[learn]'"
ARCHITECTURE = "llama"

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""Turns as `agents.models.chat` lays them out: no system turn is added."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model on the CPU in 32-bit floats, in evaluation mode, and the tokenizer, which holds the
    chat template: a prompt has the same tokens as in the model worker."""

    model: "LlamaForCausalLM"
    tokenizer: "PreTrainedTokenizerBase"


def require() -> None:
    """`UserError` when a package that training a language model needs is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UserError(
            f"training a language model needs packages that are missing: {', '.join(missing)}",
            cure=CURE,
        )


def load(path: Path) -> Loaded:
    """Read the GGUF file at `path`; quantized weights are multiplied out. Nothing is fetched.

    `UserError`: packages are missing, or the file is no whole GGUF of the llama architecture.
    """
    require()
    header = read_header(path)
    if header.architecture != ARCHITECTURE:
        raise UserError(
            f"{path} is of the architecture {header.architecture!r}, and only {ARCHITECTURE!r} "
            "can be trained here",
            cure="choose another model with: vouch models use NAME",
        )
    import torch
    from transformers import AutoTokenizer, GgufConfig, LlamaForCausalLM

    place = {"gguf_file": path.name, "local_files_only": True}
    with _quiet():
        tokenizer = AutoTokenizer.from_pretrained(str(path.parent), **place)
        model = LlamaForCausalLM.from_pretrained(
            str(path.parent),
            dtype=torch.float32,
            quantization_config=GgufConfig(dequantize=True),
            **place,
        )
    _match(tokenizer, header.splitter)
    _forget_file(model)
    return Loaded(model.eval(), tokenizer)


def _match(tokenizer: "PreTrainedTokenizerBase", splitter: str) -> None:
    """Have it write prompts as the model worker does, which are what an adapter is trained for."""
    from tokenizers.pre_tokenizers import Digits, Sequence

    if "<|im_start|>" in (tokenizer.chat_template or "<|im_start|>"):
        tokenizer.chat_template = CHATML
    if splitter == "smollm":
        # transformers does not know this one, which parts digits from each other.
        inner = tokenizer.backend_tokenizer
        inner.pre_tokenizer = Sequence([Digits(individual_digits=True), inner.pre_tokenizer])


def _forget_file(model: "LlamaForCausalLM") -> None:
    """Take away the marks of quantization, for the weights are plain ones and are trained as such,
    and the name, by which peft would ask the hub for the vocabulary's size."""
    for owner, mark in ((model, "hf_quantizer"), (model.config, "quantization_config")):
        if hasattr(owner, mark):
            delattr(owner, mark)
    model.is_quantized = False
    model.name_or_path = model.config._name_or_path = ""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's progress bars and notes off the terminal: faces show progress."""
    from transformers.utils import logging as notes

    level, bars = notes.get_verbosity(), notes.is_progress_bar_enabled()
    notes.set_verbosity(logging.ERROR)
    notes.disable_progress_bar()
    try:
        # One of its bars heeds no setting.
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        notes.set_verbosity(level)
        if bars:
            notes.enable_progress_bar()
