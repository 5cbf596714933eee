"""Opens the door to a home: its settings, and a client of the engine that fits them."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.client import Client, attach
from app.launch import Launch

if TYPE_CHECKING:
    from app.options import Settings


def open_house(
    home: str | None = None,
    overrides: Mapping[str, str] | None = None,
    *,
    start: bool = True,
    reading: bool = False,
) -> Client:
    """Return a client of the engine of a home, started if `start` and need be.

    With `reading` an engine that runs with other settings will do.

    `UserError` for settings that do not fit and for an engine that cannot start.
    """
    from app.settings import load

    settings = load(home, overrides=overrides)
    launched = launch(settings, overrides or {})
    return attach(settings.home, start, launched, reading=reading)


def launch(settings: "Settings", overrides: Mapping[str, str]) -> Launch:
    """Return how the engine of these settings is started, and told from one of others."""
    return Launch(
        settings=fingerprint(settings),
        overrides=overrides,
        port=settings.engine.port,
        slots=settings.engine.slots,
        idle_seconds=settings.engine.idle_seconds,
    )


OF_FACES = ("chat.", "slack.", "serve.")
"""Settings that only a face reads: a bot with tokens and a shell without share one engine."""


def fingerprint(settings: "Settings") -> str:
    """Return 16 hex digits that change with the value of any setting of the engine, secrets
    included."""
    from pydantic import SecretStr

    from app.options import KEYS

    def plain(value: Any) -> Any:
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    values = {key: plain(settings.value(key)) for key in KEYS if not key.startswith(OF_FACES)}
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
