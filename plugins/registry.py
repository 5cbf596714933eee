"""The tools that a run may call: found where plugins are, checked, and never able to end a run."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint

from plugins.arguments import UnfitArguments, read, usage
from plugins.calling import capped
from plugins.grants import Grant
from plugins.opening import NotGranted, Opened, Ways, opened, renamed
from plugins.schema import UnfitTool
from plugins.sources import GROUP, Found, Places, Source, find
from plugins.tools import CAP, Permissions, Tool, ToolResult, legal_name

__all__ = ["CAP", "GROUP", "Failure", "Registry", "Tool", "load"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin that is enabled and could not be loaded, and why."""

    plugin: str
    because: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Tools by name. `failures` are the plugins that are not there and should be; `parts` are
    those that are, as they were opened."""

    tools: Mapping[str, Tool] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    parts: tuple[Opened, ...] = field(default=(), compare=False, repr=False)

    def names(self) -> Sequence[str]:
        return tuple(self.tools)

    def narrowed(self) -> "Registry":
        """The tools of a run that is kept to a part of the library: none that reads it whole. To be
        closed is only what they were taken from."""
        return Registry({name: tool for name, tool in self.tools.items() if not tool.library})

    def outgoing(self) -> Sequence[str]:
        """The tools whose arguments may leave this machine."""
        return tuple(name for name, tool in self.tools.items() if tool.outgoing)

    def schemas(self) -> Sequence[str]:
        """The JSON schemas of the tools' arguments, as text, in the order of their names."""
        return tuple(
            json.dumps(tool.schema["parameters"], sort_keys=True) for tool in self.tools.values()
        )

    def describe(self) -> str:
        """One line a tool: how a call is written, and what it is for."""
        lines = (f"{usage(t.schema)} - {t.schema['description']}" for t in self.tools.values())
        return "\n".join(lines)

    def call(self, tool: str, arguments: str) -> ToolResult:
        """Call a tool with a JSON object; whatever goes wrong is a result with `failed` set."""
        found = self.tools.get(tool)
        if found is None:
            known = ", ".join(self.tools) or "none"
            return ToolResult(f"there is no tool {tool!r}; the tools are: {known}", failed=True)
        try:
            values = read(found.schema, arguments)
        except UnfitArguments as error:
            return ToolResult(str(error), failed=True)
        return capped(found.call(values), found.cap)

    def close(self) -> None:
        """End the processes of the plugins."""
        for part in self.parts:
            part.close()


def load(
    enabled: Iterable[str],
    entries: Iterable[EntryPoint] | None = None,
    *,
    places: Places | None = None,
    grants: Mapping[str, Grant] | None = None,
    ways: Ways | None = None,
) -> Registry:
    """Load the plugins named in `enabled`: those that come with Vouch, and others as far as
    `grants` go. `entries` are by default what is installed here."""
    opening = ways or Ways()
    found = find(places or Places(), entries, opening.made)
    tools: dict[str, Tool] = {}
    parts: list[Opened] = []
    failures: list[Failure] = []
    for name in dict.fromkeys(enabled):
        try:
            part = _opened(name, found, grants or {}, opening)
            parts.append(part)
            tools |= dict(_named(name, part, tools))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - others' code, run at import
            failures.append(Failure(name, _because(error)))
    return Registry(tools, tuple(failures), tuple(parts))


def _opened(name: str, found: Found, grants: Mapping[str, Grant], ways: Ways) -> Opened:
    source = found.sources.get(name)
    if source is None:
        known = ", ".join(found.sources) or "none"
        raise LookupError(found.faults.get(name) or f"nothing offers it; there are: {known}")
    try:
        return opened(source, granted(source, grants), ways)
    except NotGranted as error:
        raise NotGranted(f"{error}; enable it again: vouch plugins enable {name}") from error


def granted(source: Source, grants: Mapping[str, Grant]) -> Permissions:
    """Return what was granted to a plugin; raises `NotGranted` if it was never enabled, or was
    from elsewhere then."""
    if source.kind == "built in":
        return Permissions()
    grant = grants.get(source.name)
    if grant is None:
        raise NotGranted("you have not allowed it yet")
    if grant.origin != source.origin:
        raise NotGranted(f"what you allowed was {grant.origin}, and it is now {source.origin}")
    return grant.permissions


def _named(plugin: str, part: Opened, taken: Mapping[str, Tool]) -> Iterator[tuple[str, Tool]]:
    """Yield its tools by name. None takes the place of another: a name that is taken is written
    with that of the plugin before it."""
    for tool in part.tools:
        name = tool.name
        if name in taken:
            name = legal_name(f"{plugin}_{name}")
        if name in taken:
            raise UnfitTool(f"another plugin has the tool {name!r} already")
        yield name, tool if name == tool.name else renamed(tool, name)


def _because(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return said or type(error).__name__
