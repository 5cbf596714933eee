"""Runs an encoder of the BERT family in plain torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retrieval.encoders.batches import Batches, Ids, Vectors, has_tokenizer
from retrieval.encoders.bert import Bert, fits, load_weights
from retrieval.encoders.options import EncoderOptions
from retrieval.encoders.place import first_line, unloadable
from retrieval.encoders.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

CPU_TOKENS, GPU_TOKENS = 2048, 32_768
"""Tokens in a batch: as many as stay in a processor's cache, or keep a GPU busy."""


class PlainEncoder:
    """A transformer and a pooling, and nothing else; what `open_plain` returns."""

    def __init__(self, recipe: Recipe, bert: Bert, options: EncoderOptions, device: str) -> None:
        self.device = device
        self.dimension = recipe.dimension
        self._pooling = recipe.pooling
        self._bert = bert
        tokens = CPU_TOKENS if device == "cpu" else GPU_TOKENS
        self._batches = Batches(recipe, tokens, options.batch)

    def encode(self, texts: Sequence[str], prefix: str = "") -> Vectors:
        """Return unit vectors, shape (len(texts), dimension), of the texts after a prefix."""
        return self._batches.encode([prefix + text for text in texts], self._run)

    def _run(self, ids: Ids, mask: Ids) -> Vectors:
        import torch

        with torch.inference_mode():
            tokens = torch.from_numpy(ids).to(self.device)
            present = torch.from_numpy(mask.astype(bool)).to(self.device)
            flow = self._bert(tokens, None if mask.all() else present)
            pooled = _pooled(flow.float(), present, self._pooling)
            unit: Any = torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()
        return unit  # type: ignore[no-any-return]


def open_plain(recipe: Recipe, options: EncoderOptions, device: str) -> PlainEncoder | None:
    """Load a model; None where it is of another kind. Raises `UserError` for damaged weights."""
    if not (recipe.pooling and recipe.limit and fits(recipe.config) and has_tokenizer(recipe)):
        return None
    import torch
    from safetensors import SafetensorError

    try:
        weights = load_weights(recipe.weights)
        if weights is None:
            return None
        bert = Bert(recipe.config, weights, device, getattr(torch, options.precision))
    except KeyError:
        return None
    except (OSError, RuntimeError, SafetensorError) as error:
        raise unloadable(recipe.place.name, first_line(error)) from error
    return PlainEncoder(recipe, bert, options, device)


def _pooled(flow: "Tensor", present: "Tensor", pooling: str | None) -> "Tensor":
    """Return one vector a text, shape (texts, width), of those of its tokens."""
    import torch

    if pooling == "cls":
        return flow[:, 0]
    if pooling == "last":
        return flow[torch.arange(len(flow), device=flow.device), present.sum(1) - 1]
    weights = present[:, :, None].to(flow.dtype)
    return (flow * weights).sum(1) / weights.sum(1)
