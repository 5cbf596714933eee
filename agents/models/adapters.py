"""LoRA adapters in llama.cpp: loaded beside a model, and laid over its weights one at a time."""

import ctypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.models.base import ModelError
from agents.models.native import LOG, library


class AdapterError(ModelError):
    """llama.cpp cannot load an adapter; `job` is the one that it was for."""

    def __init__(self, job: str, what: str) -> None:
        super().__init__(what)
        self.job = job


class Adapters:
    """The adapters of a loaded model, by job. `AdapterError`: one does not fit the model."""

    def __init__(self, model: Any, paths: Mapping[str, str]) -> None:
        self._native = library()
        self._handles = {job: self._load(model, job, path) for job, path in paths.items()}
        self._labels = {job: self._name(job, path) for job, path in paths.items()}

    def label(self, job: str) -> str:
        """What an adapter is called in a journal: its own name, else its file's; "" for the model
        as it is."""
        return self._labels[job] if job else ""

    def lay(self, context: Any, job: str) -> None:
        """Compute with that adapter from now on; "" is the model as it is. `ModelError`: unknown.

        What the cache of keys and values holds was computed with another one, and is not redone.
        """
        if job and job not in self._handles:
            raise ModelError(f"no adapter {job!r} is loaded")
        wanted = [self._handles[job]] if job else []
        handles = (self._native.llama_adapter_lora_p_ctypes * 1)(*wanted)
        scales = (ctypes.c_float * 1)(1.0)
        status = self._native.llama_set_adapters_lora(context, handles, len(wanted), scales)
        if status != 0:
            raise ModelError(f"llama.cpp does not take the adapter {job!r} (status {status})")

    def _load(self, model: Any, job: str, path: str) -> Any:
        LOG.clear()
        handle = self._native.llama_adapter_lora_init(model, path.encode())
        if not handle:
            why = LOG[-1].partition("failed to apply lora adapter: ")[2] if LOG else ""
            said = f": {why}" if why else ""
            raise AdapterError(job, f"the adapter {path} does not fit the model{said}")
        return handle

    def _name(self, job: str, path: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        key = b"general.name"
        size = self._native.llama_adapter_meta_val_str(self._handles[job], key, buffer, 256)
        return buffer.value.decode("utf-8", "replace") if size > 0 else label(Path(path))


def label(path: Path) -> str:
    """Name an adapter by its file, or by its folder where the file is any candidate's."""
    return path.parent.name if path.stem == "adapter" else path.stem
