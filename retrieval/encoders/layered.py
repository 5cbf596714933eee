"""Runs any encoder that sentence-transformers knows, with all its layers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.encoders.batches import Vectors
from retrieval.encoders.options import EncoderOptions
from retrieval.encoders.place import first_line, unloadable
from retrieval.encoders.recipe import Recipe

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CPU_BATCH, GPU_BATCH = 16, 128
"""Texts in a batch."""

_POOLINGS = {"mean": "mean", "cls": "cls", "last": "lasttoken"}


class LayeredEncoder:
    """A sentence-transformers model. Raises `UserError` when it does not load."""

    def __init__(self, recipe: Recipe, options: EncoderOptions, device: str) -> None:
        self._model = _load(recipe, options, device)
        self._batch = options.batch or (CPU_BATCH if device == "cpu" else GPU_BATCH)
        self.device = str(self._model.device)
        if options.max_tokens:
            self._model.max_seq_length = options.max_tokens
        told = self._model.get_embedding_dimension()
        self.dimension = told or int(self.encode(["dimension"]).shape[1])

    def encode(self, texts: Sequence[str], prefix: str = "") -> Vectors:
        """Return unit vectors, shape (len(texts), dimension), of the texts after a prefix."""
        # The library sorts by length itself, so that a batch holds little padding.
        vectors = self._model.encode(
            list(texts),
            prompt=prefix or None,
            prompt_name=None,
            batch_size=self._batch,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)


def _load(recipe: Recipe, options: EncoderOptions, device: str) -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    # A bar on stderr would tear the faces' own progress.
    disable_progress_bar()
    kept: dict[str, Any] = {"dtype": getattr(torch, options.precision)}
    try:
        if not (recipe.bare and recipe.pooling):
            folder = str(recipe.place.folder)
            return SentenceTransformer(
                folder, device=device, local_files_only=True, model_kwargs=kept
            )
        from sentence_transformers.base.modules import Transformer
        from sentence_transformers.sentence_transformer.modules import Pooling

        body = Transformer(str(recipe.weights), model_kwargs={**kept, "local_files_only": True})
        pooling: Any = _POOLINGS[recipe.pooling]
        parts = [body, Pooling(body.get_embedding_dimension(), pooling_mode=pooling)]
        return SentenceTransformer(modules=parts, device=device)
    except (OSError, ValueError, RuntimeError) as error:
        raise unloadable(recipe.place.name, first_line(error)) from error
