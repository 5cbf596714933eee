"""Cuts texts into tokens, and those into batches of like length with little padding."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.recipe import Recipe, read_json

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

Run = Callable[[Ids, Ids], Vectors]
"""Turns tokens and their mask (1 where there is a token), both of shape (texts, tokens), into
vectors of shape (texts, dimension)."""

MOST = 512
"""Texts in a batch at most."""


class Batches:
    """The way from texts to the vectors of one model.

    `tokens` is how many tokens a batch holds at most, padding included; a batch is at least one
    text. `batch` sets the number of texts instead, where it is not 0.
    """

    def __init__(self, recipe: Recipe, tokens: int, batch: int = 0) -> None:
        self._tokenizer = _tokenizer(recipe)
        self._padding = int(recipe.config.get("pad_token_id") or 0)
        self._dimension = recipe.dimension
        self._tokens = tokens
        self._batch = batch

    def encode(self, texts: Sequence[str], run: Run) -> Vectors:
        """Return the vectors of texts, shape (len(texts), dimension), in the order of the texts."""
        ids = [coded.ids for coded in self._tokenizer.encode_batch_fast(list(texts))]
        vectors = np.empty((len(ids), self._dimension), np.float32)
        for rows in self._rows([len(one) for one in ids]):
            vectors[rows] = run(*_padded([ids[row] for row in rows], self._padding))
        return vectors

    def _rows(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yield which texts go together, the longest first: what does not fit shows at once."""
        order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
        at = 0
        while at < len(order):
            fitting = self._tokens // max(1, lengths[order[at]])
            count = self._batch or min(max(1, fitting), MOST)
            yield order[at : at + count]
            at += count


def _padded(ids: Sequence[Sequence[int]], padding: int) -> tuple[Ids, Ids]:
    """Return tokens, filled up on the right, and their mask."""
    longest = max(1, max(map(len, ids)))
    tokens = np.full((len(ids), longest), padding, np.int64)
    mask = np.zeros((len(ids), longest), np.int64)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return tokens, mask


def has_tokenizer(recipe: Recipe) -> bool:
    """Whether the model's tokenizer can be used by itself, and pads and cuts on the right."""
    told = read_json(recipe.weights / "tokenizer_config.json")
    lowered = read_json(recipe.weights / "sentence_bert_config.json").get("do_lower_case")
    sides = {told.get("padding_side", "right"), told.get("truncation_side", "right")}
    return _file(recipe).is_file() and sides == {"right"} and not lowered


def _file(recipe: Recipe) -> Path:
    return recipe.weights / "tokenizer.json"


def _tokenizer(recipe: Recipe) -> "Tokenizer":
    from tokenizers import Tokenizer
    from tokenizers.normalizers import BertNormalizer

    tokenizer = Tokenizer.from_file(str(_file(recipe)))
    tokenizer.no_padding()
    tokenizer.enable_truncation(recipe.limit)
    if isinstance(tokenizer.normalizer, BertNormalizer):
        # Where the two files differ, transformers goes by this one.
        told = read_json(recipe.weights / "tokenizer_config.json")
        if told.get("do_lower_case") is not None:
            tokenizer.normalizer.lowercase = told["do_lower_case"]
    return tokenizer
