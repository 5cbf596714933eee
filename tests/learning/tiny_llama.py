"""A llama model of some 100,000 random weights as a GGUF file, and logits as llama.cpp has them."""

import ctypes
from pathlib import Path
from typing import Any

import gguf
import numpy

from agents.models.native import library

LAYERS, WIDTH, HEADS, KV_HEADS, INNER = 2, 64, 4, 2, 96
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
IDS = [*range(40, 64), 257, 258, 256, 7]
"""Tokens to compute logits for."""

CHAT = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write(path: Path, seed: int = 0, architecture: str = "llama", context: int = 256) -> Path:
    """Write the model; its weights are large enough for every one of them to count."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    tokens = _tokens()
    _vocabulary(writer, tokens)
    rng = numpy.random.default_rng(seed)
    for name, shape in _shapes(len(tokens)).items():
        norm = name.endswith("norm.weight")
        values = 1 + 0.1 * rng.normal(size=shape) if norm else rng.normal(size=shape) / 6
        writer.add_tensor(name, values.astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_adapter(
    path: Path, seed: int, width: int = WIDTH, architecture: str = "llama", name: str = ""
) -> Path:
    """Write a random LoRA of rank 2 over every query and output layer, which changes much."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    if name:
        writer.add_name(name)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, 8.0)
    rng = numpy.random.default_rng(seed)
    for block in range(LAYERS):
        for layer in ("attn_q", "attn_output"):
            for side, shape in (("a", (2, width)), ("b", (width, 2))):
                values = rng.normal(size=shape).astype(numpy.float32) / 4
                writer.add_tensor(f"blk.{block}.{layer}.weight.lora_{side}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def adapted(base: Path, folder: Path, **settings: Any) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Keep a LoRA with large random weights in `folder`; return logits without it and with it."""
    import torch
    from peft import LoraConfig, get_peft_model

    from app.learning.language.adapter import TARGETS
    from app.learning.language.weights import load

    model = load(base).model
    with torch.inference_mode():
        plain = model(torch.tensor([IDS])).logits[0].numpy()
    torch.manual_seed(1)
    config = LoraConfig(**{"r": 4, "lora_alpha": 8, "target_modules": list(TARGETS), **settings})
    lora = get_peft_model(model, config).eval()
    with torch.inference_mode():
        for name, weight in lora.named_parameters():
            if "lora_" in name:
                weight.normal_(std=0.12)
        tuned = lora(torch.tensor([IDS])).logits[0].numpy()
    lora.save_pretrained(str(folder))
    return plain, tuned


def multiplied_out(source: Path, target: Path) -> Path:
    """Write a quantized model with its weights at 32 bits, as llama.cpp multiplies them out."""
    native = library()
    params = native.llama_model_quantize_default_params()
    params.ftype, params.allow_requantize = native.LLAMA_FTYPE_ALL_F32, True
    places = str(source).encode(), str(target).encode()
    assert native.llama_model_quantize(*places, ctypes.byref(params)) == 0
    return target


def logits(path: Path, tokens: list[int], adapter: Path | None = None) -> numpy.ndarray:
    """Return llama.cpp's logits (tokens, vocabulary), computed at 32 bits on one thread."""
    native = library()
    params = native.llama_model_default_params()
    params.use_extra_bufts = False
    model = native.llama_model_load_from_file(str(path).encode(), params)
    wanted = native.llama_context_default_params()
    wanted.n_ctx = wanted.n_batch = wanted.n_ubatch = 256
    wanted.n_threads = wanted.n_threads_batch = 1
    wanted.type_k = wanted.type_v = 0  # GGML_TYPE_F32
    wanted.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_DISABLED
    context = native.llama_init_from_model(model, wanted)
    if adapter is not None:
        loaded = native.llama_adapter_lora_init(model, str(adapter).encode())
        assert loaded, "llama.cpp takes the adapter"
        handles = (native.llama_adapter_lora_p_ctypes * 1)(loaded)
        native.llama_set_adapters_lora(context, handles, 1, (ctypes.c_float * 1)(1.0))
    batch = native.llama_batch_init(len(tokens), 0, 1)
    for at, token in enumerate(tokens):
        batch.token[at], batch.pos[at], batch.logits[at] = token, at, 1
        batch.n_seq_id[at], batch.seq_id[at][0] = 1, 0
    batch.n_tokens = len(tokens)
    assert native.llama_decode(context, batch) == 0
    size = native.llama_vocab_n_tokens(native.llama_model_get_vocab(model))
    flat = numpy.ctypeslib.as_array(native.llama_get_logits(context), (len(tokens) * size,))
    found = flat.reshape(len(tokens), size).copy()
    native.llama_batch_free(batch)
    native.llama_free(context)
    native.llama_model_free(model)
    return found


def _tokens() -> list[str]:
    """The 256 bytes as GPT-2 spells them, two merged pairs, and the special tokens."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return [*bytes_to_unicode().values(), "th", "he", *SPECIAL]


def _vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    kinds = [gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIAL))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([*kinds, *[gguf.TokenType.CONTROL] * len(SPECIAL)])
    writer.add_token_merges(["t h", "h e"])
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_unk_token_id(tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(tokens.index("<|im_end|>"))
    writer.add_chat_template(CHAT)


def _shapes(words: int) -> dict[str, tuple[int, ...]]:
    narrow = WIDTH // HEADS * KV_HEADS
    found: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (words, WIDTH),
        "output_norm.weight": (WIDTH,),
    }
    for block in range(LAYERS):
        parts = {
            "attn_norm": (WIDTH,),
            "attn_q": (WIDTH, WIDTH),
            "attn_k": (narrow, WIDTH),
            "attn_v": (narrow, WIDTH),
            "attn_output": (WIDTH, WIDTH),
            "ffn_norm": (WIDTH,),
            "ffn_gate": (INNER, WIDTH),
            "ffn_up": (INNER, WIDTH),
            "ffn_down": (WIDTH, INNER),
        }
        found |= {f"blk.{block}.{name}.weight": shape for name, shape in parts.items()}
    return found
