"""The plugins, as a call: for faces that show which are on."""

from typing import TYPE_CHECKING

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params

if TYPE_CHECKING:
    from app.house import House


class Plugins:
    """The plugins that a run may call."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {"plugins": CallSpec(self.plugins)}

    def plugins(self, params: Params, cancel: Cancel) -> Items:
        """Return {tools, failures}: each tool {name, description, origin, outgoing}, and each
        plugin {plugin, because} that is on and could not be loaded."""
        registry = self._house.tools
        yield from ()
        tools = [
            {
                "name": tool.name,
                "description": str(tool.schema["description"]),
                "origin": tool.origin,
                "outgoing": tool.outgoing,
            }
            for tool in registry.tools.values()
        ]
        failures = [{"plugin": one.plugin, "because": one.because} for one in registry.failures]
        return {"tools": tools, "failures": failures}
