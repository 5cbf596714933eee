"""Builds encoders of a few thousand random weights in a folder, as the hub's models lie there."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WIDTH, DEEP, PLACES = 32, 64, 48


def encoder(folder: Path, kind: str = "bert", *, layers: int = 2, seed: int = 0) -> Path:
    """Write a bare transformer of a kind ("bert" or "xlm-roberta") and its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    first = 0 if kind == "bert" else 2
    padding = 0 if kind == "bert" else 1
    vocabulary = tokenizer(folder, padding)
    config = {
        "architectures": ["BertModel" if kind == "bert" else "XLMRobertaModel"],
        "model_type": kind,
        "hidden_size": WIDTH,
        "intermediate_size": DEEP,
        "num_attention_heads": 4,
        "num_hidden_layers": layers,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": PLACES + first,
        "pad_token_id": padding,
        "type_vocab_size": 2 if kind == "bert" else 1,
        "vocab_size": vocabulary,
    }
    write(folder / "config.json", config)
    save_file(weights(config, seed), folder / "model.safetensors")
    return folder


def stacked(folder: Path, pooling: str | None = "mean_tokens", *further: str, **own: Any) -> Path:
    """Make a bare transformer one of sentence-transformers; `own` goes into its configuration."""
    names = ["Transformer", *(["Pooling"] if pooling else []), *further]
    listed = [
        {
            "idx": at,
            "name": str(at),
            "path": f"{at}_{name}" if at else "",
            "type": f"sentence_transformers.models.{name}",
        }
        for at, name in enumerate(names)
    ]
    write(folder / "modules.json", listed)
    if pooling:
        told = {"word_embedding_dimension": WIDTH, f"pooling_mode_{pooling}": True}
        write(folder / "1_Pooling" / "config.json", told)
    if own:
        write(folder / "config_sentence_transformers.json", own)
    return folder


def tokenizer(folder: Path, padding: int = 0) -> int:
    """Write a tokenizer whose tokens are letters; return the size of its vocabulary."""
    special = ["[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    special.insert(padding, "[PAD]")
    tokens = [*special, *LETTERS, *(f"##{letter}" for letter in LETTERS), *"0123456789.:,"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    made.save(str(folder / "tokenizer.json"))
    named = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": PLACES}
    write(folder / "tokenizer_config.json", {**kind, **named})
    return len(vocabulary)


def weights(config: dict[str, Any], seed: int = 0) -> dict[str, np.ndarray]:
    """Return random weights under the names that BERT's have."""
    chance = np.random.default_rng(seed)
    made: dict[str, np.ndarray] = {}

    def matrix(name: str, *shape: int) -> None:
        made[name] = chance.normal(0, 0.3, shape).astype(np.float32)

    def dense(name: str, out: int, into: int) -> None:
        matrix(f"{name}.weight", out, into)
        matrix(f"{name}.bias", out)

    def norm(name: str) -> None:
        made[f"{name}.weight"] = (1 + chance.normal(0, 0.1, WIDTH)).astype(np.float32)
        matrix(f"{name}.bias", WIDTH)

    matrix("embeddings.word_embeddings.weight", config["vocab_size"], WIDTH)
    matrix("embeddings.position_embeddings.weight", config["max_position_embeddings"], WIDTH)
    matrix("embeddings.token_type_embeddings.weight", config["type_vocab_size"], WIDTH)
    norm("embeddings.LayerNorm")
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        for part in ("query", "key", "value"):
            dense(f"{layer}.attention.self.{part}", WIDTH, WIDTH)
        dense(f"{layer}.attention.output.dense", WIDTH, WIDTH)
        norm(f"{layer}.attention.output.LayerNorm")
        dense(f"{layer}.intermediate.dense", DEEP, WIDTH)
        dense(f"{layer}.output.dense", WIDTH, DEEP)
        norm(f"{layer}.output.LayerNorm")
    dense("pooler.dense", WIDTH, WIDTH)
    return made


def write(path: Path, value: Any) -> None:
    """Write a file of JSON, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
