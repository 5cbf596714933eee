"""The verifier's weights on the disk: small differences from the embedder's, and a card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.verifier.net import HEAD, KINDS, WORDS
from retrieval.encoders.bert import load_weights
from retrieval.encoders.options import EncoderOptions
from retrieval.encoders.place import EMBEDDED, fingerprint
from retrieval.encoders.place import find as find_place
from retrieval.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS, CARD = "verifier.safetensors", "verifier.json"

PACKAGED = Path(__file__).parent / "weights"
"""Where the weights lie that come with the program."""

_STEPS = 127
"""Steps of an 8-bit number on either side of zero."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a verifier's weights.

    `base` tells the embedder that they are differences from, `temperature` is what logits are
    divided by to be calibrated, `about` holds how they came to be and what was measured.
    """

    name: str
    base: str
    temperature: float = 1.0
    scripts: tuple[str, ...] = ("latin",)
    about: Mapping[str, Any] = field(default_factory=dict)


def base() -> "tuple[Path, str]":
    """Return the folder of the embedder, and what tells it from another."""
    folder = find_place(EMBEDDED, EncoderOptions()).folder
    return folder, fingerprint(folder)


def base_weights() -> "dict[str, Tensor]":
    """Return the embedder's weights by name."""
    return load_weights(base()[0]) or {}


def pack(weights: "Mapping[str, Tensor]", start: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """Return the learned weights as they are stored.

    A matrix of the embedder's becomes its difference from it in 8 bits, with a scale for each row;
    vectors, and what the embedder does not have, are kept in 32 bits. The embedder's words, which
    are not learned, are left out.
    """
    packed: dict[str, Tensor] = {}
    for name, one in weights.items():
        if name == WORDS:
            continue
        if one.dim() < 2 or name.startswith((KINDS, HEAD)):
            packed[name] = one.detach().clone()
            continue
        change = one.detach() - start[name]
        scale = change.abs().amax(1, keepdim=True).clamp(min=1e-12) / _STEPS
        packed[f"{name}.change"] = (change / scale).round().char()
        packed[f"{name}.scale"] = scale
    return packed


def unpack(packed: "Mapping[str, Tensor]", start: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """Return the weights to compute with. Raises `KeyError` for what is not such a pack."""
    weights = {WORDS: start[WORDS].float()}
    for name, one in packed.items():
        if name.endswith(".change"):
            plain = name.removesuffix(".change")
            weights[plain] = start[plain].float() + one.float() * packed[f"{plain}.scale"]
        elif not name.endswith(".scale"):
            weights[name] = one
    return weights


def card(folder: Path) -> Card:
    """Return the card of a folder. Raises `UserError` where it is none of ours."""
    try:
        read = json.loads((folder / CARD).read_bytes())
        kept = {**read, "scripts": tuple(read["scripts"])}
        return Card(**kept)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{str(folder / CARD)!r} does not describe a verifier: {error}",
            origin="setting check.verifier",
            cure="train it again: vouch learn verifier --data FOLDER",
        ) from error


def read(folder: Path, card: Card) -> "dict[str, Tensor]":
    """Return the weights of a folder.

    Raises `UserError` if they cannot be read, or belong to another embedder than the one here.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if card.base != base()[1]:
        raise UserError(
            f"the verifier in {str(folder)!r} was trained on another edition of the embedder",
            origin="setting check.verifier",
            cure="train it again (vouch learn verifier --data FOLDER), or set it to none",
        )
    try:
        return unpack(load_file(folder / WEIGHTS), base_weights())
    except (OSError, SafetensorError, KeyError) as error:
        raise UserError(
            f"the verifier's weights in {str(folder)!r} cannot be read: {error}",
            origin="setting check.verifier",
            cure="train it again (vouch learn verifier --data FOLDER), or set it to none",
        ) from error
