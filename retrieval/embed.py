"""Turns texts into vectors whose inner product is the cosine of their meanings."""

import threading
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders import place, recipe
from retrieval.encoders.options import AUTO, EncoderOptions
from retrieval.encoders.place import EMBEDDED
from retrieval.encoders.recipe import Recipe
from retrieval.language import readable
from retrieval.terms import tokens

__all__ = [
    "EMBEDDED",
    "Embedder",
    "EncoderOptions",
    "HashEmbedder",
    "SentenceEncoder",
    "Vectors",
    "embedded",
]

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Maps texts to unit vectors; texts alike in meaning lie close together."""

    @property
    def id(self) -> str:
        """Names all that decides about a vector: model and version, dimension, what goes before a
        text, how much of it is read, and how the vectors of tokens become one. Vectors of two
        embedders compare only if their ids are equal."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def reads(self, text: str) -> bool:
        """Whether the embedder knows the language of `text` well enough for its ranking to count;
        in doubt it does."""
        ...

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Return float32 vectors, shape (len(texts), dimension), each of length 1."""
        ...


def embedded(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Return the vectors of passages, shape (len(texts), dimension).

    A passage that the embedder does not read is not encoded: its vector is all zeros, and no dense
    ranking may find it.
    """
    read = [number for number, text in enumerate(texts) if embedder.reads(text)]
    vectors = np.zeros((len(texts), embedder.dimension), np.float32)
    if read:
        vectors[read] = embedder.encode([texts[number] for number in read])
    return vectors


def sound(text: str) -> str:
    """Return a text without halves of characters, as names of files and queries may hold that are
    no UTF-8: no tokenizer takes them."""
    return text.encode("utf-8", "replace").decode("utf-8")


class _Running(Protocol):
    """A loaded model of any kind."""

    device: str
    dimension: int

    def encode(self, texts: Sequence[str], prefix: str = "") -> Vectors: ...


class SentenceEncoder:
    """A model that encodes sentences, loaded at its first use; threads take turns.

    `name` is "embedded" (all-MiniLM-L6-v2 out of the installed package, English, 384 dimensions),
    the folder of a model, or its name on the Hugging Face hub. `device` is "auto", "cpu", "mps",
    "cuda" or "cuda:1". Raises `UserError` when the model or the device is not there.
    """

    def __init__(
        self, name: str = EMBEDDED, device: str = "auto", options: EncoderOptions | None = None
    ) -> None:
        self._name = name
        self._device = device
        self._options = options or EncoderOptions()
        self._lock = threading.RLock()
        self._known: Recipe | None = None
        self._running: _Running | None = None

    @property
    def id(self) -> str:
        # These do not change what a vector means.
        told = replace(self._options, precision="float32", batch=0, languages=(AUTO,), revision="")
        if self._name == EMBEDDED and told == EncoderOptions():
            return self._recipe.place.label
        # A file of ONNX may hold other weights than the one beside it, such as rounded ones.
        onnx = " onnx" if self._options.backend == "onnx" else ""
        return self._recipe.signature(self.dimension) + onnx

    @property
    def dimension(self) -> int:
        return self._recipe.dimension or self._loaded().dimension

    @property
    def device(self) -> str:
        """The device that the model runs on; loads it."""
        return self._loaded().device

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages that the model knows, as ISO 639-1 codes; None for all."""
        return self._recipe.languages

    def reads(self, text: str) -> bool:
        known = self.languages
        return known is None or readable(text, known)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        known = self._recipe
        with self._lock:
            running = self._loaded()
            prefix = known.query_prefix if query else known.passage_prefix
            return running.encode([sound(text) for text in texts], prefix)

    @property
    def _recipe(self) -> Recipe:
        with self._lock:
            if self._known is None:
                found = place.find(self._name, self._options)
                self._known = recipe.read(found, self._options)
            return self._known

    def _loaded(self) -> _Running:
        with self._lock:
            if self._running is None:
                self._running = _load(self._recipe, self._options, self._device)
            return self._running


class HashEmbedder:
    """Hashed words as vectors: texts that share words are near. For tests; needs no model."""

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.id = f"hash:{dimension}"

    def reads(self, text: str) -> bool:
        return True

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for token in tokens(text):
                code = zlib.crc32(token.encode())
                vector[code % self.dimension] += 1.0 if code & 0x10000 else -1.0
            if not vector.any():
                vector[0] = 1.0
            vector /= np.linalg.norm(vector)
        return vectors


def _load(known: Recipe, options: EncoderOptions, device: str) -> _Running:
    """Load a model with what is quickest to load and can run it."""
    if options.backend == "onnx":
        from retrieval.encoders.onnx import OnnxEncoder

        return OnnxEncoder(known, options, device)
    from retrieval.encoders.devices import choose
    from retrieval.encoders.plain import open_plain

    chosen = choose(device)
    plain = open_plain(known, options, chosen)
    if plain is not None:
        return plain
    from retrieval.encoders.layered import LayeredEncoder

    return LayeredEncoder(known, options, chosen)
