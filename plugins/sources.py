"""Where plugins are from: what comes with Vouch, packages, a folder, MCP servers and APIs."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from plugins.schema import UnfitTool
from plugins.tools import Permissions

GROUP = "vouch.plugins"
"""The entry-point group; an entry names a function or a LangChain tool, or a list of these."""
OURS = "plugins.builtin."
"""The modules that run in our own process. Nobody else's: `app.origin` sees to that."""

Kind = Literal["built in", "package", "file", "mcp", "api"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the settings say that plugins are. `mcp` and `apis` are lines "NAME=ADDRESS": for an
    MCP server a command line or a URL, for an API the path or URL of its document. `tokens` are
    keys by the names of plugins."""

    folder: Path | None = None
    mcp: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One plugin: `value` is what its kind loads, `needs` what it cannot be without, which for a
    server is the program or host that the settings name."""

    name: str
    kind: Kind
    value: str
    needs: Permissions = field(default_factory=Permissions)

    @property
    def origin(self) -> str:
        """Where it is from, for people, and to tell it from another of that name."""
        return self.kind if self.kind == "built in" else f"{self.kind} {self.value}"


@dataclass(frozen=True, slots=True)
class Found:
    """The plugins by name, and what was found wrong, by the name of the plugin."""

    sources: Mapping[str, Source]
    faults: Mapping[str, str] = field(default_factory=dict)


def find(
    places: Places, entries: Iterable[EntryPoint] | None = None, made: Iterable[str] = ()
) -> Found:
    """Look where plugins may be; nothing of theirs is run. Of several with one name the first
    counts, in the order of the kinds, and the others are faults. `made` are names of built-ins
    that the house makes."""
    sources: dict[str, Source] = {}
    faults: dict[str, str] = {}
    listed = list(entry_points(group=GROUP) if entries is None else entries)
    given = sorted(
        [
            *map(_made, made),
            *map(_entry, listed),
            *_files(places.folder),
            *_servers(places),
            *_apis(places),
        ],
        key=lambda one: isinstance(one, Source) and one.kind != "built in",
    )
    for one in given:
        if isinstance(one, tuple):
            faults[one[0]] = one[1]
        elif one.name not in sources:
            sources[one.name] = one
        elif sources[one.name] != one:
            faults[one.name] = f"{sources[one.name].origin} has this name already"
    return Found(sources, faults)


def _made(name: str) -> Source:
    return Source(name, "built in", "")


def _entry(entry: EntryPoint) -> Source:
    kind: Kind = "built in" if entry.value.startswith(OURS) else "package"
    return Source(entry.name, kind, entry.value)


def _files(folder: Path | None) -> list[Source]:
    if folder is None or not folder.is_dir():
        return []
    paths = sorted(folder.expanduser().absolute().glob("*.py"))
    return [Source(path.stem, "file", str(path)) for path in paths if not path.name.startswith("_")]


def _servers(places: Places) -> list[Source | tuple[str, str]]:
    told: list[Source | tuple[str, str]] = []
    for line in places.mcp:
        name, value = _named(line)
        try:
            told.append(Source(name, "mcp", value, _server_needs(value)))
        except (UnfitTool, ValueError) as error:
            told.append((name, f"its address {value!r} cannot be read: {error}"))
    return told


def _server_needs(value: str) -> Permissions:
    if value.startswith(("http://", "https://")):
        return Permissions(hosts=frozenset({_host(value)}))
    if not shlex.split(value):
        raise UnfitTool("it is empty; write NAME=COMMAND or NAME=URL")
    return Permissions(programs=frozenset({value}))


def _apis(places: Places) -> list[Source | tuple[str, str]]:
    told: list[Source | tuple[str, str]] = []
    for line in places.apis:
        name, value = _named(line)
        if value:
            told.append(Source(name, "api", value))
        else:
            told.append((name, "it has no address; write NAME=PATH or NAME=URL"))
    return told


def _named(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def _host(url: str) -> str:
    host = urlsplit(url).hostname
    if not host:
        raise UnfitTool("it names no host")
    return host.lower()
