"""The BERT family's encoder in plain torch: its libraries take seconds to load, this nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.encoders.recipe import read_json

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Weights = Mapping[str, Tensor]
    Pair = tuple[Tensor, Tensor]

_ROBERTA = ("roberta", "xlm-roberta", "camembert")


def fits(config: Mapping[str, Any]) -> bool:
    """Whether a model of that configuration is one that `Bert` computes."""
    return (
        config.get("model_type") in ("bert", *_ROBERTA)
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder")
        and "auto_map" not in config
    )


def load_weights(folder: Path) -> "dict[str, Tensor] | None":
    """Return the weights of a folder by name; None where there are none in safetensors format."""
    from safetensors.torch import load_file

    index = read_json(folder / "model.safetensors.index.json")
    files = sorted(set(index.get("weight_map", {}).values())) or ["model.safetensors"]
    if not all((folder / file).is_file() for file in files):
        return None
    found = {name: one for file in files for name, one in load_file(folder / file).items()}
    return {name.removeprefix("bert.").removeprefix("roberta."): one for name, one in found.items()}


class Bert:
    """A stack of transformer layers, each after its sublayers normalised (arXiv:1810.04805).

    Raises `KeyError` where the weights are not those of such a model.
    """

    def __init__(
        self, config: Mapping[str, Any], weights: "Weights", device: str, kind: "torch.dtype"
    ) -> None:
        self._heads = int(config["num_attention_heads"])
        self._width = int(config["hidden_size"])
        self._epsilon = float(config["layer_norm_eps"])
        placed = {name: one.to(device, kind) for name, one in weights.items()}
        # RoBERTa counts positions from the one after the padding's.
        first = int(config["pad_token_id"]) + 1 if config["model_type"] in _ROBERTA else 0
        self._words = placed["embeddings.word_embeddings.weight"]
        self._positions = (
            placed["embeddings.position_embeddings.weight"][first:]
            + placed["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _pair(placed, "embeddings.LayerNorm")
        count = int(config["num_hidden_layers"])
        self._layers = [_layer(placed, f"encoder.layer.{number}") for number in range(count)]

    def __call__(self, ids: "Tensor", mask: "Tensor | None") -> "Tensor":
        """Return the vectors of tokens, shape (texts, tokens, width).

        `mask`, shape (texts, tokens), is true where there is a token; None where all are.
        """
        from torch.nn.functional import embedding, gelu, linear

        texts, tokens = ids.shape
        seen = None if mask is None else mask[:, None, None, :]
        flow = self._normed(embedding(ids, self._words) + self._positions[:tokens], self._norm)
        for layer in self._layers:
            mixed = linear(flow, *layer["mix"]).view(texts, tokens, 3, self._heads, -1)
            flow = self._normed(
                flow + linear(_attended(mixed, seen), *layer["join"]), layer["join norm"]
            )
            wide = gelu(linear(flow, *layer["widen"]))
            flow = self._normed(flow + linear(wide, *layer["narrow"]), layer["narrow norm"])
        return flow

    def _normed(self, flow: "Tensor", norm: "Pair") -> "Tensor":
        from torch.nn.functional import layer_norm

        return layer_norm(flow, (self._width,), *norm, self._epsilon)


def _attended(mixed: "Tensor", seen: "Tensor | None") -> "Tensor":
    """Return what each token takes from all, from queries, keys and values of every head."""
    from torch.nn.functional import scaled_dot_product_attention

    query, key, value = mixed.permute(2, 0, 3, 1, 4)
    taken = scaled_dot_product_attention(query, key, value, attn_mask=seen)
    return taken.transpose(1, 2).flatten(2)


def _layer(weights: "Weights", name: str) -> "dict[str, Pair]":
    from torch import cat

    parts = [_pair(weights, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    return {
        # One product instead of three.
        "mix": (cat([weight for weight, _ in parts]), cat([bias for _, bias in parts])),
        "join": _pair(weights, f"{name}.attention.output.dense"),
        "join norm": _pair(weights, f"{name}.attention.output.LayerNorm"),
        "widen": _pair(weights, f"{name}.intermediate.dense"),
        "narrow": _pair(weights, f"{name}.output.dense"),
        "narrow norm": _pair(weights, f"{name}.output.LayerNorm"),
    }


def _pair(weights: "Weights", name: str) -> "Pair":
    return weights[f"{name}.weight"], weights[f"{name}.bias"]
