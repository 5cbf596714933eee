"""The terms of a batch: what decides its answers, told apart from what does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.options import Settings

_WITHOUT = ("engine.", "database.", "chat.", "slack.", "serve.")
_EITHER = {
    *("model.api_key", "model.gpu_layers", "model.threads", "model.flash_attention"),
    *("library.batch", "library.device"),
}
"""Settings that change where and how fast things run, and no answer."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks of every question; None leaves it to the settings."""

    policy: str | None = None
    model: str | None = None
    check: bool | None = None
    seconds: float | None = None
    best_of: int | None = None
    strictness: float | None = None
    steps: int | None = None
    tokens: int | None = None
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def params(self) -> dict[str, Any]:
        """Return them as the parameters of a question."""
        named = {name: getattr(self, name) for name in _SETTINGS}
        lists = {"collections": list(self.collections), "sources": list(self.sources)}
        return {name: value for name, value in (named | lists).items() if value not in (None, [])}


_SETTINGS = {
    "policy": "ask.policy",
    "model": "model.name",
    "check": "ask.check",
    "seconds": "ask.seconds",
    "best_of": "ask.best_of",
    "strictness": "ask.strictness",
    "steps": "ask.steps",
    "tokens": "ask.tokens",
}


def terms(settings: "Settings", wishes: Wishes) -> dict[str, Any]:
    """Return everything that decides an answer by name, as JSON values; secrets are not in it."""
    from app.settings import rows

    shown = {row.key: row.value for row in rows(settings) if not _indifferent(row.key)}
    for name, key in _SETTINGS.items():
        if (value := getattr(wishes, name)) is not None:
            shown[key] = _written(value)
    chosen = {"collections": list(wishes.collections), "sources": list(wishes.sources)}
    return {"program": version("vouch"), **shown, **chosen}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say what differs, a phrase each."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return [f"{name} was {_said(before.get(name))} and is {_said(now.get(name))}" for name in names]


def _indifferent(key: str) -> bool:
    return key in _EITHER or key.startswith(_WITHOUT)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _said(value: Any) -> str:
    match value:
        case None:
            return "not set"
        case list() | tuple():
            return " ".join(map(str, value)) or "none"
        case _:
            return str(value) or "empty"


@dataclass(frozen=True, slots=True)
class Told:
    """What the user allows when a batch goes on.

    `fresh`: start over. `extend`: other questions than last time. `mixed`: other terms than last
    time. `retry`: ask again what failed.
    """

    fresh: bool = False
    extend: bool = False
    mixed: bool = False
    retry: bool = False


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return a few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
