"""The tools that a run may call: found by entry points, checked, and never able to end a run."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points

from plugins.arguments import UnfitArguments, read, usage
from plugins.schema import Schema, UnfitTool, schema
from plugins.tools import ToolResult

GROUP = "vouch.plugins"
"""The entry-point group; an entry names a function, or a list or tuple of functions."""
CAP = 4_000
"""Characters of a result that a model is shown."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function with the schema that was read from it."""

    schema: Schema
    function: Callable[..., object]


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin that could not be loaded, by the name of its entry point, and why."""

    plugin: str
    because: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Tools by name. `failures` are the plugins that are not there and should be."""

    tools: Mapping[str, Tool] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    def names(self) -> Sequence[str]:
        return tuple(self.tools)

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
        return _capped(_called(tool, found.function, values))


def load(enabled: Iterable[str], found: Iterable[EntryPoint] | None = None) -> Registry:
    """Load the plugins named in `enabled` from `found`, by default what is installed here."""
    there = {entry.name: entry for entry in (entry_points(group=GROUP) if found is None else found)}
    tools: dict[str, Tool] = {}
    failures: list[Failure] = []
    for name in dict.fromkeys(enabled):
        try:
            new = {tool.schema["name"]: tool for tool in _tools(name, there)}
            if taken := sorted(new.keys() & tools.keys()):
                raise UnfitTool(f"another plugin has the tool {taken[0]!r} already")
            tools |= new
        except (Exception, SystemExit) as error:  # noqa: BLE001 - others' code, run at import
            failures.append(Failure(name, f"{type(error).__name__}: {error}"))
    return Registry(tools, tuple(failures))


def _tools(name: str, there: Mapping[str, EntryPoint]) -> Iterator[Tool]:
    if name not in there:
        raise LookupError(
            f"no installed package offers it; there are: {', '.join(there) or 'none'}"
        )
    loaded = there[name].load()
    for function in loaded if isinstance(loaded, list | tuple) else [loaded]:
        if not callable(function):
            raise UnfitTool(f"{function!r} is no function")
        yield Tool(schema(function), function)


def _called(name: str, function: Callable[..., object], values: Mapping[str, object]) -> ToolResult:
    try:
        result = function(**values)
        if isinstance(result, ToolResult):
            return result
        return ToolResult(result if isinstance(result, str) else json.dumps(result, default=str))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - others' code
        return ToolResult(f"{name} failed: {error or type(error).__name__}", failed=True)


def _capped(result: ToolResult) -> ToolResult:
    if len(result.text) <= CAP:
        return result
    note = f" [cut; {len(result.text)} characters in all]"
    return replace(result, text=result.text[: CAP - len(note)] + note)
