"""Names of people as salted hashes: the same person is the same name, and nobody is told who."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

KEY_FILE = "feedback.key"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Keyed hashes (HMAC-SHA-256); without the key a name cannot be tried out."""

    key: bytes

    def person(self, by: str) -> str:
        """Return the name that stands for a person."""
        return f"p-{self._hash('person', by)[:12]}"

    def id(self, kind: str, value: str) -> str:
        """Return the name that stands for a prompt, a run or a pair."""
        return self._hash(kind, value)[:20]

    def coin(self, *parts: str) -> bool:
        """Toss a coin for these parts: unforeseeable without the key, and the same every time."""
        return int(self._hash("coin", "\n".join(parts))[:1], 16) % 2 == 0

    def _hash(self, kind: str, value: str) -> str:
        said = f"{kind}\n{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self.key, said, hashlib.sha256).hexdigest()


def pseudonyms(home: Path) -> Pseudonyms:
    """Return the pseudonyms of a home; their key is drawn once and kept there."""
    path = home / KEY_FILE
    if not path.exists():
        _draw(path)
    return Pseudonyms(bytes.fromhex(path.read_text("ascii").strip()))


def _draw(path: Path) -> None:
    """Write the key whole under another name first: a file that stands is never half a key."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
