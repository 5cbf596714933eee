"""An embedder that remembers its vectors in a file, so that a second evaluation takes seconds."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.embed import Embedder, Vectors


class Remembered:
    """Gives the vectors of another embedder, each text encoded once; `save` keeps them."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """The file in `folder` is named by the embedder's id; one that is damaged is not read."""
        self._embedder = embedder
        name = hashlib.sha256(embedder.id.encode()).hexdigest()[:16]
        self._file = folder / f"{name}.npz"
        self._known: dict[bytes, Vectors] = _read(self._file, embedder.dimension)
        self._saved = len(self._known)

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def reads(self, text: str) -> bool:
        return self._embedder.reads(text)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        keys = [_key(text, query) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            vectors = self._embedder.encode(list(new.values()), query=query)
            self._known |= dict(zip(new, vectors, strict=True))
        found = [self._known[key] for key in keys]
        return np.array(found, np.float32).reshape(len(found), self.dimension)

    def save(self) -> None:
        """Write what is new to the file, whole or not at all."""
        if len(self._known) == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(f".{os.getpid()}.part")
        keys = np.frombuffer(b"".join(self._known), np.uint8).reshape(-1, _WIDTH)
        with half.open("wb") as file:
            np.savez(file, keys=keys, vectors=np.array(list(self._known.values()), np.float32))
        half.replace(self._file)
        self._saved = len(self._known)


_WIDTH = 16


def _key(text: str, query: bool) -> bytes:
    kind = b"query\0" if query else b"passage\0"
    return hashlib.sha256(kind + text.encode("utf-8", "surrogatepass")).digest()[:_WIDTH]


def _read(file: Path, dimension: int) -> dict[bytes, Vectors]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            keys, vectors = stored["keys"], stored["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    if keys.shape != (len(vectors), _WIDTH) or vectors.shape[1:] != (dimension,):
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}
