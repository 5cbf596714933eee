"""Any cross-encoder, sequence or token classifier that transformers loads, as a verifier."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.encoders.place import first_line
from retrieval.encoders.recipe import read_json
from retrieval.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 16
"""Pairs in a batch."""

MOST = 512
"""Tokens of a pair at most; the evidence is cut at its end."""

_CARRIED = re.compile(r"entail|support|consistent|faithful|grounded", re.I)
_AGAINST = re.compile(r"contradict|refute", re.I)
_FLAWED = re.compile(r"halluc|unsupported|not_support|inconsistent|unfaithful|^LABEL_1$", re.I)
_UNNAMED = re.compile(r"^LABEL_\d+$")

Read = Callable[["Tensor", "Tensor"], "Tensor"]
"""Turns logits and the mask of the claim's tokens into chances, shape (pairs, 2)."""


class ForeignVerifier:
    """A model in a folder or of the hub, loaded with the first call. Usable from several threads.

    Three kinds are known: one score a pair (the higher, the better carried), named classes, and
    classes of tokens, one of which marks what is not carried. It is given the evidence first, then
    the claim. Raises `UserError` for a model that is none of these.
    """

    scripts: tuple[str, ...] = ()

    def __init__(self, name: str, folder: Path, device: str = "cpu") -> None:
        self._name, self._folder, self._device = name, folder, device
        config = read_json(folder / "config.json")
        self._kind = "token" if _of_tokens(config) else "pair"
        self._read = _reading(name, config, self._kind)
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @property
    def name(self) -> str:
        return self._name

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        """Return for each (evidence, claim) how likely it is carried, and contradicted."""
        if not pairs:
            return []
        model, tokens = self._load()
        order = sorted(range(len(pairs)), key=lambda at: -sum(map(len, pairs[at])))
        found: list[tuple[float, float]] = [(0.0, 0.0)] * len(pairs)
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            made = self._batch(model, tokens, [pairs[row] for row in rows])
            for row, (carried, against) in zip(rows, made.tolist(), strict=True):
                found[row] = carried, against
        return found

    def _batch(self, model: Any, tokens: Any, pairs: list[tuple[str, str]]) -> "Tensor":
        import torch

        coded = tokens(
            [evidence for evidence, _ in pairs],
            [claim for _, claim in pairs],
            padding=True,
            truncation="only_first",
            max_length=min(MOST, tokens.model_max_length),
            return_tensors="pt",
        )
        ours = torch.tensor(
            [[part == 1 for part in coded.sequence_ids(row)] for row in range(len(pairs))]
        )
        with torch.inference_mode():
            logits = model(**coded.to(self._device)).logits.float().cpu()
        return self._read(logits, ours)

    def _load(self) -> tuple[Any, Any]:
        from transformers import (
            AutoModelForSequenceClassification,
            AutoModelForTokenClassification,
            AutoTokenizer,
        )

        kind: Any = AutoModelForSequenceClassification
        if self._kind == "token":
            kind = AutoModelForTokenClassification
        with self._lock:
            if self._loaded is None:
                try:
                    model = kind.from_pretrained(str(self._folder), local_files_only=True)
                    tokens = AutoTokenizer.from_pretrained(str(self._folder), local_files_only=True)
                except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
                    raise unloadable(self._name, first_line(error)) from error
                self._loaded = model.eval().to(self._device), tokens
            return self._loaded


def unloadable(name: str, reason: str) -> UserError:
    """Return the error of a verifier that cannot be used."""
    return UserError(
        f"the verifier {name!r} does not load: {reason}",
        origin="setting check.verifier",
        cure="set it to `embedded`, to `none`, or to the folder of a cross-encoder, a sequence "
        "classifier or a token classifier",
    )


def _of_tokens(config: Mapping[str, Any]) -> bool:
    return any("ForTokenClassification" in name for name in config.get("architectures") or ())


def _reading(name: str, config: Mapping[str, Any], kind: str) -> Read:
    """Return how the logits of a model are read, from the names of its classes."""
    if not config.get("architectures"):
        raise unloadable(name, "its config.json names no architecture")
    if not any("Classification" in one for one in config["architectures"]):
        raise unloadable(name, f"{config['architectures'][0]} classifies nothing")
    named = config.get("id2label", {})
    labels = [named[key] for key in sorted(named, key=int)]
    # A configuration without names means the two classes of its library's default.
    labels = labels or ["LABEL_0", "LABEL_1"]
    if kind == "token":
        flawed = _one(labels, _FLAWED)
        if flawed is None:
            raise unloadable(name, f"no class of tokens means unsupported: {', '.join(labels)}")
        return lambda logits, ours: _worst(logits, ours, flawed)
    if len(labels) == 1:
        return lambda logits, ours: _paired(logits[:, 0].sigmoid(), None)
    if all(map(_UNNAMED.match, labels)) and len(labels) == 2:
        return lambda logits, ours: _paired(logits.softmax(1)[:, 1], None)
    carried, against = _carrying(labels), _one(labels, _AGAINST)
    if carried is None:
        raise unloadable(name, f"none of its classes means supported: {', '.join(labels)}")
    return lambda logits, ours: _classed(logits.softmax(1), carried, against)


def _carrying(labels: Sequence[str]) -> int | None:
    named = [at for at, label in enumerate(labels) if _CARRIED.search(label) and not _denied(label)]
    return named[0] if named else None


def _denied(label: str) -> bool:
    return bool(re.match(r"(?i)(not|non|un|in)", label))


def _one(labels: Sequence[str], wanted: "re.Pattern[str]") -> int | None:
    return next((at for at, label in enumerate(labels) if wanted.search(label)), None)


def _classed(chances: "Tensor", carried: int, against: int | None) -> "Tensor":
    return _paired(chances[:, carried], None if against is None else chances[:, against])


def _worst(logits: "Tensor", ours: "Tensor", flawed: int) -> "Tensor":
    """A claim is carried as likely as its least carried token is."""
    chances = logits.softmax(2)[:, :, flawed].masked_fill(~ours, 0.0)
    return _paired(1 - chances.amax(1), None)


def _paired(carried: "Tensor", against: "Tensor | None") -> "Tensor":
    import torch

    return torch.stack([carried, torch.zeros_like(carried) if against is None else against], 1)
