"""The engine's log: a file that rotates, from which the values of secrets are struck out."""

import logging
import logging.handlers
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_NAMES = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
_SHORTEST = 6
_SHAPES = re.compile(
    r"(?i)\b((?:api[_-]?key|token|secret|password|authorization)['\"]?\s*[=:]\s*['\"]?"
    r"(?:bearer\s+|basic\s+)?|bearer\s+)"
    r"[^\s'\",;)]{6,}"
)
_URL_LOGIN = re.compile(r"(\w://[^\s/:@]*):[^\s/@]+@")
MEGABYTE = 1 << 20


def secrets_of(*settings: Mapping[str, str]) -> set[str]:
    """Return the values of 6 characters or more whose names say that they are secret."""
    return {
        value
        for values in settings
        for name, value in values.items()
        if _NAMES.search(name) and len(value) >= _SHORTEST
    }


class _Discreet(logging.Formatter):
    """Formats a record and then strikes out secrets, in messages and tracebacks alike."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _URL_LOGIN.sub(r"\1:***@", _SHAPES.sub(r"\1***", text))


def open_log(path: Path, secrets: Iterable[str]) -> None:
    """Send this process's log to the file, at most four of 1 MB each; `OSError` if it cannot be."""
    writer = logging.handlers.RotatingFileHandler(
        path, maxBytes=MEGABYTE, backupCount=3, encoding="utf-8"
    )
    writer.setFormatter(_Discreet(secrets))
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.addHandler(writer)
    root.setLevel(logging.WARNING)
    logging.getLogger("vouch").setLevel(logging.INFO)
