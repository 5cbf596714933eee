"""Examines the language model: that it loads, how fast it is now, what the GPU does for it."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from agents.models.base import Message, Model, Reply, Sampling
from app.vitals import Fact

if TYPE_CHECKING:
    from app.house import House
    from app.options import Settings

LARGE = 2 * 2**30
"""Bytes of a model file that doctor does not load a second time beside a running engine."""

_SENTENCE = (
    "The mill by the river turns when the tide falls, and number {} is written on its door. "
)


def examine_model(house: "House", engine_runs: bool) -> Iterator[tuple[str, Fact]]:
    """Yield what is to be said of the model, its speed and the GPU, each with its subject."""
    model = house.model()
    if not hasattr(model, "info"):
        yield "model", ("ok", f"{model.name}, window {model.capabilities.context} tokens", "")
        yield "speed", _answering(model)
        yield "gpu", ("ok", "the model's server sees to that", "")
        return
    size = int(model.header.size) if hasattr(model, "header") else 0
    if engine_runs and size > LARGE:
        said = f"{model.name}, {size / 2**30:.1f} GiB, in use by the engine and not loaded again"
        yield "model", ("note", said, "vouch engine stop, then vouch doctor, to measure it")
        return
    info = model.info()
    yield "model", ("ok", _described(model, info), "")
    yield from _adapters(house, model)
    yield "speed", _speed(model)
    yield "gpu", _gpu(info)


def prepared(settings: "Settings") -> Fact:
    """Whether the embedded model was made fast on this machine, and what that was worth."""
    from app.prepare import EMBEDDED_NAME, read_prepared

    found = read_prepared(settings.home)
    if found is None:
        used = settings.model.name in ("embedded", EMBEDDED_NAME)
        level: Literal["ok", "note"] = "note" if used else "ok"
        return level, "the embedded model is as shipped", "vouch models prepare" if used else ""
    kept = "16 bits kept" if found.file else "kept as shipped"
    told = f"{found.converted.read:g} against {found.shipped.read:g} tokens/s read"
    written = f"{found.converted.write:g} against {found.shipped.write:g} written"
    said = f"{kept}: {found.ratio:g} times as fast at 16 bits ({told}, {written})"
    return "ok", f"the embedded model, {said}", ""


def _described(model: Model, info: dict[str, Any]) -> str:
    flash = "on" if info["flash_attention"] else "off"
    return (
        f"{model.name}, {info['size'] / 2**20:.0f} MB at {info['path']}, "
        f"window {info['context']} tokens, {info['threads']} threads, flash attention {flash}, "
        f"loaded in {info['seconds']:.1f} s"
    )


def _adapters(house: "House", model: Model) -> Iterator[tuple[str, Fact]]:
    from app.adapters import of, told

    if said := "; ".join(told(house.settings, model)):
        idle = [one.job for one in of(house.settings, model) if one.path is None]
        cure = f"vouch learn {idle[0]}, for this model" if idle else ""
        yield "adapters", ("note" if idle else "ok", said, cure)


def _speed(model: Model) -> Fact:
    """Measure tokens a second: about 400 read anew and 32 written, after a short warm-up."""
    _reply(model, 2, 2)
    reply = _reply(model, 20, 32)
    read = reply.evaluated / max(reply.seconds_read, 1e-6)
    written = reply.written / max(reply.seconds_write, 1e-6)
    said = f"reads {read:.0f} and writes {written:.0f} tokens/s (measured now)"
    return "ok", said, ""


def _answering(model: Model) -> Fact:
    began = time.monotonic()
    _reply(model, 1, 1)
    return "ok", f"a word from the server took {time.monotonic() - began:.2f} s", ""


def _reply(model: Model, sentences: int, tokens: int) -> Reply:
    # Another opening each time, so that nothing of the text is in a cache.
    text = "".join(_SENTENCE.format(sentences * 1000 + n) for n in range(sentences))
    asked = [Message("user", f"{sentences}. {text}\nTell a long story of it.")]
    sampling = Sampling(max_tokens=tokens, prefix="doctor")
    replies = [part for part in model.reply(asked, sampling) if isinstance(part, Reply)]
    return replies[-1]


def _gpu(info: dict[str, Any]) -> Fact:
    if not info["gpu"]:
        there = _nvidia()
        said = f"{there or 'no GPU'} found, {'not used: ' if there else ''}{info['no_gpu']}"
        return (
            "note",
            said,
            "make run GPU=1" + ("" if there else ", on a machine with an NVIDIA GPU"),
        )
    layers = f"{info['offloaded']} of {info['layers'] + 1} layers on {info['gpu']}"
    if not info["offloaded"]:
        return "note", layers, "vouch config set model.gpu_layers auto"
    if info["offloaded"] <= info["layers"]:
        return "note", f"{layers}; the rest does not fit", "a smaller model or window: vouch models"
    return "ok", layers, ""


def _nvidia() -> str:
    """Return the names of the NVIDIA GPUs that the driver tells of; empty without a driver."""
    if shutil.which("nvidia-smi") is None:
        return ""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ", ".join(told.stdout.split("\n")).strip(", ")
