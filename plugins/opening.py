"""Opens a plugin of any kind: its tools, ready to be called within what was granted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import Any

from plugins.api import Api, Caller, Sender, read
from plugins.calling import called
from plugins.child import Limits
from plugins.loading import DECLARED
from plugins.sandbox import Sandbox
from plugins.schema import UnfitTool, schema
from plugins.sources import Source
from plugins.tools import Permissions, Tool, ToolResult
from retrieval.web.addresses import is_here

LIBRARY = "library"
"""Attribute of a built-in function that reads the whole library."""


class NotGranted(PermissionError):
    """A plugin asks for what it was not granted; the text says what."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A plugin that is ready: what it declares that it needs, its tools, and how it is closed."""

    declared: Permissions
    tools: tuple[Tool, ...]
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Ways:
    """What plugins are opened with: limits, who sends over the network, keys by name. `made` are
    the functions of built-ins that the house makes, by the name of the plugin. `offline`: no host
    but this machine itself is reached, whatever was granted."""

    limits: Limits = field(default_factory=Limits)
    sender: Sender | None = None
    tokens: Mapping[str, str] | None = None
    made: Mapping[str, Sequence[Callable[..., object]]] = field(default_factory=dict)
    offline: bool = False

    def hosts(self, granted: Permissions) -> frozenset[str]:
        """Return the hosts that may be reached now."""
        return frozenset(host for host in granted.hosts if not self.offline or is_here(host))

    def token(self, name: str) -> str:
        """Return the key of a plugin; empty if it has none."""
        return (self.tokens or {}).get(name, "")


def opened(source: Source, granted: Permissions, ways: Ways) -> Opened:
    """Open a plugin with what was granted to it, and no more.

    Raises `NotGranted` if it asks for more, and else what its kind raises: `Lost`, `UnfitTool`,
    `OSError`, `CouldNotFetch`, or anything from a built-in's import.
    """
    if source.kind == "built in":
        return _built_in(source, ways)
    _demand(source.needs, granted)
    if source.kind == "api":
        api = read(source.value, ways.sender)
        _demand(Permissions(hosts=api.hosts), granted)
        return _api(source, api, granted, ways)
    if away := source.needs.hosts - ways.hosts(granted):
        raise UnfitTool(f"the web is off (web.offline), so {', '.join(away)} is not reached")
    return _sandboxed(source, granted, ways)


def asked(source: Source, ways: Ways) -> Permissions:
    """Return what a plugin asks for. A package's or file's code is run for that, with nothing
    granted; the program of a server is not."""
    match source.kind:
        case "built in" | "mcp":
            return source.needs
        case "api":
            return Permissions(hosts=read(source.value, ways.sender).hosts)
        case _:
            sandbox = Sandbox(source.name, _job(source, Permissions(), ways), ways.limits)
            try:
                return sandbox.open().declared
            finally:
                sandbox.close()


def _demand(wanted: Permissions, granted: Permissions) -> None:
    if beyond := wanted.beyond(granted):
        raise NotGranted(f"it asks for more than was granted: {beyond.words()}")


def _built_in(source: Source, ways: Ways) -> Opened:
    loaded: Any = ways.made.get(source.name)
    if loaded is None:
        module, _, name = source.value.partition(":")
        loaded = getattr(import_module(module), name)
    tools = []
    declared = Permissions()
    for function in loaded if isinstance(loaded, list | tuple) else [loaded]:
        if not callable(function):
            raise UnfitTool(f"{function!r} is no function")
        asks = Permissions.read(getattr(function, DECLARED, {}))
        declared |= asks
        told = schema(function)
        call = partial(called, told["name"], function)
        reads = bool(getattr(function, LIBRARY, False))
        tools.append(Tool(told, call, permissions=asks, outgoing=bool(asks.hosts), library=reads))
    return Opened(declared, tuple(tools))


def _sandboxed(source: Source, granted: Permissions, ways: Ways) -> Opened:
    sandbox = Sandbox(source.name, _job(source, granted, ways), ways.limits)
    try:
        offer = sandbox.open()
        _demand(offer.declared, granted)
    except BaseException:
        sandbox.close()
        raise
    tools = tuple(
        Tool(
            told,
            partial(sandbox.call, offer.names[name]),
            origin=source.origin,
            permissions=granted,
            # What the program of a server does with what it is told, nobody here knows.
            outgoing=source.kind == "mcp" or bool(granted.hosts),
            timeout=ways.limits.seconds,
        )
        for name, told in offer.schemas.items()
    )
    return Opened(source.needs | offer.declared, tools, sandbox.close)


def _job(source: Source, granted: Permissions, ways: Ways) -> dict[str, Any]:
    kinds = {"package": "entry", "file": "file", "mcp": "mcp"}
    return {
        "kind": kinds[source.kind],
        "value": source.value,
        "hosts": sorted(ways.hosts(granted)),
        "folders": sorted(granted.folders),
        "token": ways.token(source.name),
    }


def _api(source: Source, api: Api, granted: Permissions, ways: Ways) -> Opened:
    caller = Caller(api, granted.hosts, ways.sender, ways.token(source.name))
    tools = tuple(
        Tool(
            one.schema,
            partial(_from_api, caller, name),
            origin=source.origin,
            permissions=granted,
            outgoing=True,
            timeout=ways.limits.seconds,
        )
        for name, one in api.operations.items()
    )
    return Opened(Permissions(hosts=api.hosts), tools)


def _from_api(caller: Caller, name: str, values: Mapping[str, Any]) -> ToolResult:
    return caller.call(name, values)


def renamed(tool: Tool, name: str) -> Tool:
    """Return the tool under another name."""
    return replace(tool, schema={**tool.schema, "name": name})
