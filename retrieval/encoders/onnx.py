"""Runs an encoder from its ONNX file with onnxruntime, without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.encoders.batches import Batches, Ids, Vectors, has_tokenizer
from retrieval.encoders.devices import missing
from retrieval.encoders.options import EncoderOptions
from retrieval.encoders.place import first_line, unloadable
from retrieval.encoders.plain import CPU_TOKENS, GPU_TOKENS
from retrieval.encoders.recipe import Recipe
from retrieval.errors import UserError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FILES = ("onnx/model.onnx", "model.onnx")
_PROVIDERS = {"cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider"}


class OnnxEncoder:
    """A transformer out of an ONNX file whose first output are the vectors of tokens, or of texts.

    Raises `UserError` without the package, the file, the device or a tokenizer of its own.
    """

    def __init__(self, recipe: Recipe, options: EncoderOptions, device: str) -> None:
        if not (recipe.pooling and recipe.limit and recipe.dimension and has_tokenizer(recipe)):
            raise _unfit(recipe, "it is more than a transformer with a pooling")
        self._session, self.device = _session(recipe, device)
        self.dimension = recipe.dimension
        self._pooling = recipe.pooling
        self._inputs = {given.name for given in self._session.get_inputs()}
        tokens = CPU_TOKENS if self.device == "cpu" else GPU_TOKENS
        self._batches = Batches(recipe, tokens, options.batch)

    def encode(self, texts: Sequence[str], prefix: str = "") -> Vectors:
        """Return unit vectors, shape (len(texts), dimension), of the texts after a prefix."""
        return self._batches.encode([prefix + text for text in texts], self._run)

    def _run(self, ids: Ids, mask: Ids) -> Vectors:
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        fed = {name: array for name, array in given.items() if name in self._inputs}
        flow: Vectors = np.asarray(self._session.run(None, fed)[0], np.float32)
        pooled = flow if flow.ndim == 2 else _pooled(flow, mask, self._pooling)
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True).clip(1e-12)
        return unit


def _pooled(flow: Vectors, mask: Ids, pooling: str | None) -> Vectors:
    """Return one vector a text, shape (texts, width), of those of its tokens."""
    if pooling == "mean":
        weights = mask[:, :, None].astype(np.float32)
        mean: Vectors = (flow * weights).sum(1) / weights.sum(1)
        return mean
    chosen = mask.sum(1) - 1 if pooling == "last" else np.zeros(len(flow), np.int64)
    picked: Vectors = flow[np.arange(len(flow)), chosen]
    return picked


def _session(recipe: Recipe, device: str) -> "tuple[InferenceSession, str]":
    """Return the running model and the device that it is on."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as faults
    except ModuleNotFoundError:
        raise _unfit(
            recipe, "onnxruntime is not installed", cure="run: pip install 'vouch[onnx]'"
        ) from None
    path = _file(recipe)
    kind, _, number = device.partition(":")
    provider = _PROVIDERS.get("cuda" if kind == "auto" else kind, "")
    there = provider in onnxruntime.get_available_providers()
    if kind in _PROVIDERS and not there:
        raise missing(device)
    chosen: list[Any] = ["CPUExecutionProvider"]
    if there:
        chosen.insert(0, (provider, {"device_id": int(number or 0)}) if number else provider)
    try:
        session = onnxruntime.InferenceSession(str(path), providers=chosen)
    except (
        faults.Fail,
        faults.InvalidGraph,
        faults.InvalidProtobuf,
        faults.NotImplemented,
    ) as error:
        raise unloadable(recipe.place.name, first_line(error)) from error
    used = {name: short for short, name in _PROVIDERS.items()}
    return session, used.get(session.get_providers()[0], "cpu")


def _file(recipe: Recipe) -> Path:
    found = [path for name in FILES if (path := recipe.place.folder / name).is_file()]
    if not found:
        raise _unfit(recipe, f"it has no file {' or '.join(FILES)}")
    return found[0]


def _unfit(recipe: Recipe, reason: str, cure: str = "set it to `torch`") -> UserError:
    return UserError(
        f"the embedder {recipe.place.name!r} does not run with ONNX: {reason}",
        origin="setting library.backend",
        cure=cure,
    )
