"""The plugins of a home: what there are, which are on and what they may; turned on and off here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, Literal

from app.reach import allowing
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.options import Settings
    from plugins.api import Sender
    from plugins.grants import Grants
    from plugins.opening import Opened, Ways
    from plugins.registry import Registry
    from plugins.sources import Found, Source
    from plugins.tools import ToolResult

GRANTS = "plugins.json"
"""The file in the home that remembers what was granted."""

Made = Mapping[str, Sequence[Callable[..., object]]]


@dataclass(frozen=True, slots=True)
class PluginState:
    """One plugin. `state` is "on", "off", or "fault", of which `because` says why. `asks` and
    `granted` are {hosts, folders, programs}, None where nothing is known; `tools` are named for
    plugins that are on."""

    name: str
    kind: str
    origin: str
    state: Literal["on", "off", "fault"]
    because: str = ""
    asks: dict[str, list[str]] | None = None
    granted: dict[str, list[str]] | None = None
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Toolshed:
    """The plugins of a home. `sender` sends over the network; `made` are the functions of built-ins
    that the house makes, `entries` the packages', by default what is installed."""

    settings: "Settings"
    sender: "Sender | None" = None
    made: Made = field(default_factory=dict)
    entries: Iterable[EntryPoint] | None = None

    def load(self) -> "Registry":
        """Load the plugins that are on; those that cannot be are named in it."""
        from plugins.registry import load

        return load(
            self.settings.plugins.enabled,
            self.entries,
            places=self._places(),
            grants=self.grants.read(),
            ways=self.ways,
        )

    @property
    def grants(self) -> "Grants":
        """What was granted."""
        from plugins.grants import Grants

        return Grants(self.settings.home / GRANTS)

    @property
    def ways(self) -> "Ways":
        """What plugins are opened with."""
        from plugins.child import Limits
        from plugins.opening import Ways

        chosen = self.settings.plugins
        limits = Limits(seconds=chosen.seconds, memory=chosen.memory << 20)
        offline = self.settings.web.offline
        return Ways(limits, self.sender, chosen.keys(), self.made, offline)

    def states(self) -> list[PluginState]:
        """Look at every plugin. Those that are on are opened for that; no other's code is run."""
        found, grants = self._found(), self.grants.read()
        names = list(dict.fromkeys([*found.sources, *self.settings.plugins.enabled]))
        told = []
        for name in names:
            source = found.sources.get(name)
            if source is None:
                because = found.faults.get(name, "nothing offers it")
                told.append(PluginState(name, "unknown", "nowhere", "fault", because))
                continue
            grant = grants.get(name)
            had = grant.permissions.listed() if grant and grant.origin == source.origin else None
            told.append(self._state(source, had))
        doubles = [name for name in found.faults if name in found.sources or name not in names]
        return told + [
            PluginState(name, "unknown", "the settings", "fault", found.faults[name])
            for name in doubles
        ]

    def enable(self, name: str) -> PluginState:
        """Grant a plugin exactly what it asks for, and turn it on for good."""
        from plugins.grants import Grant
        from plugins.opening import asked

        source = self._source(name)
        asks = self._told(source, lambda: asked(source, self.ways))
        if source.kind != "built in":
            self.grants.give(name, Grant(source.origin, asks))
        self._turn([*self._kept(name), name])
        return self._state(source, asks.listed(), asks.listed(), on=True)

    def disable(self, name: str) -> bool:
        """Turn a plugin off and forget what was granted; False if it was off."""
        kept = self._kept(name)
        was_on = name in self.settings.plugins.enabled
        if not was_on and name not in self.grants.read():
            self._source(name)
        self.grants.take(name)
        if was_on:
            self._turn(kept)
        return was_on

    def test(
        self, name: str, tool: str | None = None, arguments: str = "{}"
    ) -> "tuple[list[dict[str, Any]], ToolResult | None]":
        """Open a plugin within what was granted; return the schemas of its tools, and what a call
        of one gives."""
        from plugins.registry import Registry

        source = self._source(name)
        opened = self._told(source, lambda: self._opened(source))
        try:
            tools = {one.name: one for one in opened.tools}
            told = [one.schema for one in opened.tools]
            if tool is None:
                return told, None
            if tool not in tools:
                raise UserError(
                    f"the plugin {name} has no tool {tool!r}",
                    cure=f"it has {', '.join(tools) or 'none'}",
                )
            return told, Registry(tools).call(tool, arguments)
        finally:
            opened.close()

    def _state(
        self,
        source: "Source",
        had: dict[str, list[str]] | None,
        asks: dict[str, list[str]] | None = None,
        on: bool = False,
    ) -> PluginState:
        """Look at one plugin, which is opened if it is on."""
        needs = asks or (source.needs.listed() if source.needs else None)
        place = (source.name, source.kind, source.origin)
        if not (on or source.name in self.settings.plugins.enabled):
            return PluginState(*place, "off", "", needs, had)
        try:
            opened = self._told(source, lambda: self._opened(source))
        except UserError as error:
            cure = "" if error.cure.startswith("see ") else f"; {error.cure}"
            return PluginState(*place, "fault", error.what + cure, needs, had)
        opened.close()
        names = tuple(tool.name for tool in opened.tools)
        return PluginState(*place, "on", "", opened.declared.listed(), had, names)

    def _opened(self, source: "Source") -> "Opened":
        from plugins.opening import opened
        from plugins.registry import granted

        return opened(source, granted(source, self.grants.read()), self.ways)

    def _told(self, source: "Source", open: "Callable[[], Any]") -> Any:
        """Return what `open` does; what is wrong with a plugin is told to the user."""
        from plugins.child import Lost
        from plugins.opening import NotGranted
        from plugins.schema import UnfitTool
        from retrieval.web.types import CouldNotFetch

        name = source.name
        try:
            return open()
        except NotGranted as error:
            raise UserError(
                f"the plugin {name} is off: {error}", cure=f"vouch plugins enable {name}"
            ) from error
        except (Lost, UnfitTool, CouldNotFetch, OSError, ImportError, AttributeError) as error:
            said = " ".join(str(error).split()).rstrip(".")
            it = "it " if isinstance(error, Lost) else ""
            raise UserError(
                f"the plugin {name} cannot be used: {it}{said}",
                origin=source.origin,
                cure=self._cure(name, error),
            ) from error

    def _cure(self, name: str, error: Exception) -> str:
        """Return what mends a plugin that cannot be opened."""
        from plugins.api import NoDocument
        from retrieval.web.types import NotListed

        if isinstance(error, NotListed):
            return allowing(self.settings.web.private, error.authority)
        if isinstance(error, NoDocument):
            return f"write where it is: vouch config set plugins.openapi {name}=PATH"
        return "see vouch plugins"

    def _places(self) -> Any:
        from plugins.sources import Places

        chosen = self.settings.plugins
        folder = chosen.place(self.settings.home)
        return Places(folder, chosen.mcp, chosen.openapi, chosen.keys())

    def _found(self) -> "Found":
        from plugins.sources import find

        return find(self._places(), self.entries, self.made)

    def _source(self, name: str) -> "Source":
        found = self._found()
        with suppress(KeyError):
            return found.sources[name]
        if name in found.faults:
            raise UserError(f"the plugin {name} cannot be used: {found.faults[name]}")
        there = ", ".join(found.sources) or "none"
        raise UserError(f"there is no plugin {name!r}", cure=f"there are {there}")

    def _kept(self, name: str) -> list[str]:
        return [one for one in self.settings.plugins.enabled if one != name]

    def _turn(self, enabled: Sequence[str]) -> None:
        """Write which plugins are on."""
        from app.settings import write_setting

        write_setting(self.settings.home, "plugins.enabled", ",".join(enabled))


def permissions(listed: Mapping[str, Sequence[str]]) -> str:
    """Say what {hosts, folders, programs} are, in words."""
    from plugins.tools import Permissions

    return Permissions.read(dict(listed)).words()
