"""Reads a GGUF file's header, so that a bad model file is named before anything loads it.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import UserError

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9

_TENSOR_TYPES = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 40), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip
"""Weights in a block and bytes of a block, by ggml type number."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a model file says of itself. `size` in bytes; `context`, as trained, in tokens;
    `changed`, when the file last was, in nanoseconds since 1970."""

    path: Path
    size: int
    changed: int
    architecture: str
    name: str
    context: int
    layers: int
    kv_bytes: int
    """Bytes that one token takes in the cache of keys and values, at 16 bits each."""
    heads: int = 1
    kv_heads: int = 1
    """Heads of attention, and those of them with keys and values of their own."""
    splitter: str = ""
    """What llama.cpp calls the way in which text is cut into words before they become tokens."""


class _CutShort(Exception):
    pass


class _Cursor:
    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def take(self, code: str) -> Any:
        size = struct.calcsize("<" + code)
        if self.at + size > len(self.data):
            raise _CutShort
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += size
        return value

    def skip(self, size: int) -> None:
        if self.at + size > len(self.data):
            raise _CutShort
        self.at += size

    def string(self) -> str:
        start = self.at + 8
        self.skip(self.take("Q"))
        return self.data[start : self.at].decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        """Read a value; arrays, which hold vocabularies, are passed over as their length."""
        if kind in _SCALARS:
            return self.take(_SCALARS[kind])
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            raise _CutShort
        inner, count = self.take("I"), self.take("Q")
        if inner in _SCALARS:
            self.skip(count * struct.calcsize("<" + _SCALARS[inner]))
            return count
        for _ in range(count):
            self.skip(self.take("Q")) if inner == _STRING else self.value(inner)
        return count


def read_header(path: Path, origin: str = "", cure: str = "") -> Header:
    """Read and check the header of the model file at `path`.

    `UserError` when the file is missing, is not GGUF, or ends before its last weight.
    """
    values, size, changed = _opened(path, origin, cure)
    return _header(path, size, changed, values)


def check_adapter(path: Path, architecture: str, origin: str = "", cure: str = "") -> None:
    """`UserError` when `path` is no whole GGUF file of a LoRA for models of that architecture.

    Whether its weights fit the model is seen when both are loaded.
    """
    values, _, _ = _opened(path, origin, cure)
    if (values.get("general.type"), values.get("adapter.type")) != ("adapter", "lora"):
        raise UserError(f"{path} is no LoRA adapter", origin=origin, cure=cure)
    if (made_for := values.get("general.architecture")) != architecture:
        what = f"the adapter {path} is for models of the architecture {made_for!r}, and the model"
        raise UserError(f"{what} is of {architecture!r}", origin=origin, cure=cure)


def stamp(path: Path) -> int:
    """When a file was changed, in nanoseconds since 1970; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _opened(path: Path, origin: str, cure: str) -> tuple[dict[str, Any], int, int]:
    """Return what a file says of itself, its size in bytes, and when it changed (ns)."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            values = _read(path, data, origin, cure)
            return values, len(data), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        raise UserError(f"there is no model file {path}", origin=origin, cure=cure) from None
    except ValueError:
        raise UserError(f"the model file {path} is empty", origin=origin, cure=cure) from None
    except OSError as error:
        what = f"the model file {path} cannot be read: {error.strerror}"
        raise UserError(what, origin=origin, cure=cure) from None


def _read(path: Path, data: mmap.mmap, origin: str, cure: str) -> dict[str, Any]:
    if data[:4] != b"GGUF":
        raise UserError(f"{path} is not a GGUF model file", origin=origin, cure=cure)
    cursor = _Cursor(data)
    try:
        cursor.skip(8)
        tensors, pairs = cursor.take("Q"), cursor.take("Q")
        values: dict[str, Any] = {}
        for _ in range(pairs):
            key = cursor.string()
            values[key] = cursor.value(cursor.take("I"))
        end = _end_of_tensors(cursor, tensors, int(values.get("general.alignment", 32)))
    except _CutShort:
        end = len(data) + 1
    if end > len(data):
        what = f"the model file {path} is cut short: it ends at {len(data)} bytes"
        raise UserError(what, origin=origin, cure=cure)
    return values


def _end_of_tensors(cursor: _Cursor, count: int, alignment: int) -> int:
    """Where the last weight ends, in bytes from the start of the file."""
    last = 0
    for _ in range(count):
        cursor.skip(cursor.take("Q"))
        weights = 1
        for _ in range(cursor.take("I")):
            weights *= cursor.take("Q")
        block, size = _TENSOR_TYPES.get(cursor.take("I"), (1, 0))
        last = max(last, cursor.take("Q") + weights // block * size)
    start = -(-cursor.at // alignment) * alignment
    return int(start + last)


def _header(path: Path, size: int, changed: int, values: dict[str, Any]) -> Header:
    kind = str(values.get("general.architecture", ""))

    def number(key: str, default: int = 0) -> int:
        value = values.get(f"{kind}.{key}", default)
        return int(value) if isinstance(value, int) else default

    layers, heads = number("block_count"), number("attention.head_count", 1)
    width = number("attention.key_length", number("embedding_length") // max(1, heads))
    kv_heads = number("attention.head_count_kv", heads)
    kv_bytes = 2 * 2 * layers * width * kv_heads
    name = str(values.get("general.name", path.stem))
    context = number("context_length", 4096)
    splitter = str(values.get("tokenizer.ggml.pre", ""))
    return Header(
        path, size, changed, kind, name, context, layers, kv_bytes, heads, kv_heads, splitter
    )
