"""Chooses the device that an encoder runs on."""

from retrieval.errors import UserError


def choose(device: str) -> str:
    """Return the torch device of a setting: "auto" is a GPU if there is one, else the processor.

    Raises `UserError` for a device that is not on this machine.
    """
    if device == "cpu":
        return device
    import torch

    cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    there = ["cpu", *(["mps"] if torch.backends.mps.is_available() else [])]
    there = [*(["cuda"] if cuda else []), *(f"cuda:{number}" for number in range(cuda)), *there]
    if device == "auto":
        return "cuda" if cuda else there[-1]
    if device not in there:
        raise missing(device)
    return device


def missing(device: str) -> UserError:
    """Return the error of a device that is not there, or not for this back end."""
    return UserError(
        f"the device {device!r} is not on this machine",
        origin="setting library.device",
        cure="set it to `auto`",
    )
