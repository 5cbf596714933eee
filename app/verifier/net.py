"""The verifier's network in plain torch: the embedder's layers over evidence and claim at once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    Weights = Mapping[str, Tensor]

WORDS = "embeddings.word_embeddings.weight"
KINDS, HEAD = "kinds.weight", "head"
EVIDENCE, HELD, LACKING, SHARED = range(4)
"""Kinds of token: of the evidence; of the claim, if the evidence has it or not; of the evidence, if
the claim has it."""

LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12
CLASSES = 3
"""Carried, contradicted, neither."""

_SPREAD = 0.02
_LOWEST = -1e4


def begin(base: "Weights", seed: int) -> "dict[str, Tensor]":
    """Return the weights to train from: those of the embedder, and small random ones for the head.

    The two kinds of token that BERT (arXiv:1810.04805) knows become four, so that the network sees
    which words of the claim are not in the evidence, and need not find it out.
    """
    import torch

    dice = torch.Generator().manual_seed(seed)
    kept = {name: one for name, one in base.items() if _used(name)}
    first, second = kept.pop("embeddings.token_type_embeddings.weight")
    kinds = torch.stack([first, second, second, first])
    kept[KINDS] = kinds + _SPREAD * torch.randn(kinds.shape, generator=dice)
    kept[f"{HEAD}.weight"] = _SPREAD * torch.randn(CLASSES, 3 * WIDTH, generator=dice)
    kept[f"{HEAD}.bias"] = torch.zeros(CLASSES)
    return {name: one.float().clone() for name, one in kept.items()}


def _used(name: str) -> bool:
    return name.startswith(("embeddings.", "encoder.")) and name != "embeddings.position_ids"


def forward(weights: "Weights", ids: "Tensor", kinds: "Tensor", mask: "Tensor | None") -> "Tensor":
    """Return the logits of the classes, shape (pairs, 3).

    `ids` and `kinds` have shape (pairs, tokens); `mask`, of that shape, is true where there is a
    token; None where all are.
    """
    from torch.nn.functional import embedding, gelu

    tokens = ids.shape[1]
    flow = embedding(ids, weights[WORDS]) + embedding(kinds, weights[KINDS])
    flow = flow + weights["embeddings.position_embeddings.weight"][:tokens]
    flow = _normed(flow, weights, "embeddings.LayerNorm")
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        mixed = _linear(
            _attended(flow, weights, name, mask), weights, f"{name}.attention.output.dense"
        )
        flow = _normed(flow + mixed, weights, f"{name}.attention.output.LayerNorm")
        wide = gelu(_linear(flow, weights, f"{name}.intermediate.dense"))
        narrow = _linear(wide, weights, f"{name}.output.dense")
        flow = _normed(flow + narrow, weights, f"{name}.output.LayerNorm")
    return _linear(_pooled(flow, kinds, mask), weights, HEAD)


def _pooled(flow: "Tensor", kinds: "Tensor", mask: "Tensor | None") -> "Tensor":
    """First token, and mean and maximum over the claim: one word can make it unsupported."""
    import torch

    ours = (kinds == HELD) | (kinds == LACKING)
    if mask is not None:
        ours = ours & mask
    mean = (flow * ours[..., None]).sum(1) / ours.sum(1, keepdim=True).clamp(min=1)
    top = flow.masked_fill(~ours[..., None], _LOWEST).amax(1)
    return torch.cat([flow[:, 0], mean, top], 1)


def _attended(flow: "Tensor", weights: "Weights", name: str, mask: "Tensor | None") -> "Tensor":
    from torch.nn.functional import scaled_dot_product_attention

    pairs, tokens, width = flow.shape
    query, key, value = (
        _linear(flow, weights, f"{name}.attention.self.{part}")
        .view(pairs, tokens, HEADS, -1)
        .transpose(1, 2)
        for part in ("query", "key", "value")
    )
    seen = None if mask is None else mask[:, None, None, :]
    taken = scaled_dot_product_attention(query, key, value, attn_mask=seen)
    return taken.transpose(1, 2).reshape(pairs, tokens, width)


def _linear(flow: "Tensor", weights: "Weights", name: str) -> "Tensor":
    from torch.nn.functional import linear

    return linear(flow, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _normed(flow: "Tensor", weights: "Weights", name: str) -> "Tensor":
    from torch.nn.functional import layer_norm

    return layer_norm(flow, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)
