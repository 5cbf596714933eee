"""A tool: what it takes, where it is from, what it may reach, and what calling it gives back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.schema import Schema
from retrieval.documents import Passage

CAP = 4_000
"""Characters of a result that a model is shown."""
SECONDS = 30.0
"""How long a call may take."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave back: text for the model, passages that may be quoted, data for programs.

    `failed` marks a call that did not do its work; `text` then says why and what to write instead.
    """

    text: str
    passages: tuple[Passage, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a plugin may reach beside itself: nothing unless the user granted it.

    `hosts` are names or addresses of the network, `folders` absolute paths that it may read and
    write in, `programs` command lines that it starts, each as one string.
    """

    hosts: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()

    def beyond(self, granted: "Permissions") -> "Permissions":
        """Return what this asks for and `granted` does not hold."""
        return Permissions(
            self.hosts - granted.hosts,
            self.folders - granted.folders,
            self.programs - granted.programs,
        )

    def __or__(self, other: "Permissions") -> "Permissions":
        return Permissions(
            self.hosts | other.hosts,
            self.folders | other.folders,
            self.programs | other.programs,
        )

    def __bool__(self) -> bool:
        return bool(self.hosts or self.folders or self.programs)

    def words(self) -> str:
        """Say it, as "the hosts a.org, b.org; the folder /data"; "nothing" for none."""
        kinds = (("host", self.hosts), ("folder", self.folders), ("program", self.programs))
        told = [
            f"the {kind}{'s' if len(names) > 1 else ''} {', '.join(sorted(names))}"
            for kind, names in kinds
            if names
        ]
        return "; ".join(told) or "nothing"

    def listed(self) -> dict[str, list[str]]:
        """Return it as JSON: {hosts, folders, programs}, each sorted."""
        return {
            "hosts": sorted(self.hosts),
            "folders": sorted(self.folders),
            "programs": sorted(self.programs),
        }

    @classmethod
    def read(cls, given: object) -> "Permissions":
        """Read what `listed` wrote; raises `ValueError` for anything else."""
        if not isinstance(given, dict) or not given.keys() <= {"hosts", "folders", "programs"}:
            raise ValueError("permissions are hosts and folders, each a list of strings")
        parts = [given.get(kind, []) for kind in ("hosts", "folders", "programs")]
        for part in parts:
            if not isinstance(part, list | tuple | set | frozenset):
                raise ValueError("permissions are lists of strings")
            if not all(isinstance(name, str) and name for name in part):
                raise ValueError("permissions are lists of strings")
        return cls(*(frozenset(part) for part in parts))


Call = Callable[[Mapping[str, Any]], ToolResult]
"""Takes checked arguments; a fault is a result with `failed`, never an exception."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a run may call. `schema` is of the kind that `plugins.schema` describes.

    `origin` says where it is from, for people. `outgoing`: its arguments may leave this machine,
    because it was granted hosts or is answered by a server. `library`: it reads the whole library,
    so a run that is kept to a part of it does without. `timeout` is in seconds, `cap` in characters
    of the text that a model is shown.
    """

    schema: Schema
    call: Call
    origin: str = "built in"
    permissions: Permissions = field(default_factory=Permissions)
    outgoing: bool = False
    library: bool = False
    timeout: float = SECONDS
    cap: int = CAP

    @property
    def name(self) -> str:
        """The name by which a model calls it."""
        return str(self.schema["name"])


def legal_name(name: str) -> str:
    """Return a name of letters, digits and _ as a model may write it: "a/b.c" becomes "a_b_c"."""
    plain = re.sub(r"[\W_]+", "_", name, flags=re.ASCII).strip("_")[:64]
    return plain or "tool"
