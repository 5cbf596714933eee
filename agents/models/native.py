"""llama.cpp's own functions, its log, and the devices it can compute on."""

import ctypes
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Any

LOG: deque[str] = deque(maxlen=40)
"""The last warnings and errors that llama.cpp wrote."""

_WARNING, _CONTINUED = 3, 5
_GPU_KINDS = (1, 2)


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU: `free` and `total` are bytes of its memory, 0 when unknown."""

    name: str
    free: int
    total: int


@cache
def library() -> Any:
    """llama.cpp, started and silent; imported on first use since that takes a good while."""
    import llama_cpp.llama_cpp as bindings

    bindings.llama_log_set(_log(), None)
    bindings.llama_backend_init()
    return bindings


@cache
def _log() -> Any:
    import llama_cpp.llama_cpp as bindings

    @bindings.llama_log_callback  # type: ignore[untyped-decorator]
    def keep(level: int, text: bytes, data: Any) -> None:
        if _WARNING <= level < _CONTINUED and text.strip():
            LOG.append(text.decode("utf-8", "replace").strip())

    return keep


def repacking_is_safe() -> bool:
    """False where llama.cpp would use AMX tiles, whose kernels crash on quantized weights.

    https://github.com/ggml-org/llama.cpp/issues/20824, also seen with release 0.3.36.
    """
    return b"AMX_INT8 = 1" not in library().llama_print_system_info()


def gpus() -> list[Device]:
    """The GPUs that this build of llama.cpp can offload to."""
    if not library().llama_supports_gpu_offload():
        return []
    from llama_cpp._ggml import libggml

    found = []
    count, get = libggml.ggml_backend_dev_count, libggml.ggml_backend_dev_get
    count.restype, get.restype, get.argtypes = ctypes.c_size_t, ctypes.c_void_p, [ctypes.c_size_t]
    kind, describe = libggml.ggml_backend_dev_type, libggml.ggml_backend_dev_description
    kind.argtypes, describe.argtypes = [ctypes.c_void_p], [ctypes.c_void_p]
    describe.restype = ctypes.c_char_p
    for index in range(count()):
        device = get(index)
        if kind(device) in _GPU_KINDS:
            found.append(Device(describe(device).decode(), *_memory(libggml, device)))
    return found


def _memory(libggml: Any, device: int) -> tuple[int, int]:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    size_p = ctypes.POINTER(ctypes.c_size_t)
    libggml.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size_p, size_p]
    libggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
    return free.value, total.value


def layers_that_fit(layers: int, weights: int, cache_bytes: int, free: int) -> int:
    """How many of `layers` to offload, of a model of `weights` bytes, into `free` bytes.

    A tenth is kept for compute buffers. Counts the output layer, as llama.cpp does, so
    all is `layers + 1`; an unknown `free` (0) is taken to be enough.
    """
    needed = weights + cache_bytes
    room = free * 0.9
    if free == 0 or needed <= room:
        return layers + 1
    return int(layers * room / needed)
