"""Remembers which models passed the probe, so that each is asked once."""

import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from agents.models.base import Model
from agents.probe import VERSION, Probed
from agents.prompt import BROWSE


class Probes:
    """Results of the probe by model, in one file. Those of another probe or prompt do not count."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, model: Model | str) -> Probed | None:
        """Return the kept result for a model, given whole or by its `identity`, or None."""
        kept = self._read().get(_key(model))
        if not isinstance(kept, dict):
            return None
        told = int(kept["right"]), int(kept["cases"]), tuple(kept["missed"])
        return Probed(*told, int(kept.get("criticised", 0)))

    def keep(self, model: Model | str, probed: Probed) -> None:
        """Keep a result; the file is replaced as a whole.

        One that cannot be written is not kept: it was known a moment ago, and can be found again.
        """
        results = {**self._read(), _key(model): asdict(probed)}
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(results, indent=1), encoding="utf-8")
            os.replace(fresh, self._path)  # noqa: PTH105 - Path.replace is the same call
        except OSError:
            with suppress(OSError):
                fresh.unlink()

    def _read(self) -> dict[str, object]:
        try:
            results = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return results if isinstance(results, dict) else {}


def identity(model: Model) -> str:
    """Return what tells a model from others of its name when it browses: a file's size and time,
    what is laid over it for that, an address."""
    return str(getattr(model, "chooser", "") or getattr(model, "identity", model.name))


def _key(model: Model | str) -> str:
    known = model if isinstance(model, str) else identity(model)
    return f"{known} {VERSION} {BROWSE}"
