"""What adding to a library tells as it goes: one frozen value per file, and one for the index."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Added:
    """A file was read, embedded and kept. `done` of `total` files are dealt with."""

    path: str
    document: str
    passages: int
    done: int = 0
    total: int = 0
    kind: Literal["added"] = "added"


@dataclass(frozen=True, slots=True)
class Changed:
    """A file held other text before; its new text was read, embedded and kept."""

    path: str
    document: str
    passages: int
    done: int = 0
    total: int = 0
    kind: Literal["changed"] = "changed"


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that was at `before` is now at `path`; nothing was read or embedded again."""

    path: str
    before: str
    done: int = 0
    total: int = 0
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True)
class Removed:
    """A file is no longer in its folder, so what it held left the library."""

    path: str
    done: int = 0
    total: int = 0
    kind: Literal["removed"] = "removed"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file is the same, byte for byte, as when it was last added."""

    path: str
    done: int = 0
    total: int = 0
    kind: Literal["unchanged"] = "unchanged"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file holds the same text as the source `of`, which is kept once."""

    path: str
    of: str
    done: int = 0
    total: int = 0
    kind: Literal["duplicate"] = "duplicate"


@dataclass(frozen=True, slots=True)
class Failed:
    """A file could not be read, for the reason `why`; the others go on."""

    path: str
    why: str
    done: int = 0
    total: int = 0
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Embedding:
    """Passages of files in hand that are embedded so far: `passages` of `of`."""

    passages: int
    of: int
    done: int = 0
    total: int = 0
    kind: Literal["embedding"] = "embedding"


@dataclass(frozen=True, slots=True)
class Indexed:
    """The search index holds all that is kept now; `seconds` is the time of the whole call."""

    documents: int
    passages: int
    seconds: float
    kind: Literal["indexed"] = "indexed"


Progress = Added | Changed | Moved | Removed | Unchanged | Duplicate | Failed | Embedding | Indexed
