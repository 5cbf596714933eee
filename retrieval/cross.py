"""Judges the best passages with a cross-encoder: a model that reads query and passage at once."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.documents import Passage
from retrieval.embed import Embedder, sound
from retrieval.encoders.place import fingerprint, first_line
from retrieval.errors import UserError
from retrieval.rerank import Reranker, Scores, SentenceMax
from retrieval.split import in_context

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

ORIGIN = "setting library.reranker"


class CrossReranker:
    """A sentence-transformers cross-encoder with one score, loaded at its first use.

    `name` is the folder of a model or its name on the Hugging Face hub; `device` is "auto", "cpu",
    "mps" or "cuda". Threads take turns. Raises `UserError` when it cannot be had.
    """

    depth = 30
    weight = 2.0

    def __init__(self, name: str, device: str = "auto") -> None:
        self._name = name
        self._device = None if device == "auto" else device
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        folder = Path(self._name).expanduser()
        return f"{folder.name}@{fingerprint(folder)}" if folder.is_dir() else self._name

    def score(self, query: str, passages: Sequence[Passage]) -> Scores:
        if not passages:
            return np.empty(0, np.float32)
        import torch

        pairs: Any = [(sound(query), sound(in_context(passage))) for passage in passages]
        with self._lock:
            model = self._loaded()
            scores = model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return np.asarray(scores, np.float32)

    def _loaded(self) -> "CrossEncoder":
        if self._model is None:
            self._model = _load(self._name, self._device)
        return self._model


def reranker(name: str, embedder: Embedder, device: str = "auto") -> Reranker | None:
    """Return what a setting names: "none", "auto" or "sentences" (which "auto" is), else a
    cross-encoder's folder or name on the hub."""
    match name:
        case "none":
            return None
        case "auto" | "sentences":
            return SentenceMax(embedder)
        case _:
            return CrossReranker(name, device)


def _load(name: str, device: str | None) -> "CrossEncoder":
    folder = Path(name).expanduser()
    local = folder.is_dir()
    if local and not (folder / "config.json").is_file():
        raise _unloadable(name, "the folder holds no model")
    from sentence_transformers import CrossEncoder
    from transformers.utils.logging import disable_progress_bar

    # A bar on stderr would tear the faces' own progress.
    disable_progress_bar()
    try:
        model: CrossEncoder = CrossEncoder(
            str(folder) if local else name, device=device, local_files_only=local
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise _unloadable(name, first_line(error)) from error
    if model.num_labels != 1:
        raise _unloadable(name, f"it gives {model.num_labels} scores instead of one")
    return model


def _unloadable(name: str, reason: str) -> UserError:
    return UserError(
        f"the re-ranker {name!r} does not load: {reason}",
        origin=ORIGIN,
        cure="set it to `auto`, `none`, a model's folder or a name on the hub",
    )
