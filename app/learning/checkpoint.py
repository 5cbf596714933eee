"""Keeps the state of a training on the disk, whole at any moment, so that it can go on there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

FILE = "training.safetensors"


@dataclass(frozen=True, slots=True)
class State:
    """Where a training stands: steps done, weights, and the two moments of Adam, each by name."""

    step: int
    weights: "Mapping[str, Tensor]"
    first: "Mapping[str, Tensor]"
    second: "Mapping[str, Tensor]"


def save(folder: Path, state: State) -> None:
    """Write the state; a crash at any moment leaves the old one or the new one."""
    parts = {"weights": state.weights, "first": state.first, "second": state.second}
    flat = {f"{part}/{name}": one for part, named in parts.items() for name, one in named.items()}
    write(folder / FILE, flat, {"step": str(state.step)})


def restore(folder: Path) -> State | None:
    """Return the state that was written last; None if there is none. `UserError`: spoilt."""
    from safetensors import SafetensorError, safe_open

    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with safe_open(str(path), "pt") as file:
            step = int(file.metadata()["step"])
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"the state of the training in {str(path)!r} cannot be read: {error}",
            cure="remove the file to begin anew",
        ) from error
    parts: dict[str, dict[str, Tensor]] = {"weights": {}, "first": {}, "second": {}}
    for name, one in found.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = one
    return State(step, parts["weights"], parts["first"], parts["second"])


def write(path: Path, tensors: "Mapping[str, Tensor]", metadata: Mapping[str, str]) -> None:
    """Write tensors in the safetensors format, in place of the file that stands there."""
    from safetensors.torch import save as dump

    kept = {name: one.detach().contiguous() for name, one in tensors.items()}
    replace(path, dump(kept, dict(metadata)))


def replace(path: Path, data: bytes) -> None:
    """Write a file in place of the one that stands there; a crash leaves the old one or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
