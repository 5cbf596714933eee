"""`vouch plugins`: which there are, a test of one, and turning one on or off."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from app.toolshed import PluginState, Toolshed, permissions
from retrieval.errors import UserError
from ui.escape import clean, json_text, one_line
from ui.house_port import Visit
from ui.lines import Line, Style, counted, line, paragraph

if TYPE_CHECKING:
    from app.house import House

_STYLES: dict[str, Style] = {"on": "good", "off": "dim", "fault": "bad"}


def plugins(visit: Visit) -> int:
    """List the plugins, test one, or turn one on or off."""
    asked = visit.arguments
    if asked.part == "list":
        return _list(visit)
    if asked.name is None:
        raise UserError("no plugin was named", cure=f"write vouch plugins {asked.part} NAME")
    parts = {"test": _test, "enable": _enable, "disable": _disable}
    return parts[asked.part](visit)


def _shed(visit: Visit) -> "tuple[Toolshed, House]":
    """Return the plugins of the home, with the house whose door to the network they use."""
    from app.house import build
    from app.settings import load

    house = build(load(visit.choice.home, overrides=dict(visit.choice.overrides)))
    return house.toolshed, house


def _list(visit: Visit) -> int:
    shed, house = _shed(visit)
    try:
        states = shed.states()
    finally:
        house.close()
    if visit.arguments.json:
        visit.screen.raw(json_text({"plugins": [asdict(state) for state in states]}))
    else:
        for state in states:
            visit.screen.show(_told(state))
    return 1 if any(state.state == "fault" for state in states) else 0


def _told(state: PluginState) -> list[Line]:
    lines = [
        line(
            (one_line(state.name), "bold"), "  ", (state.state, _STYLES[state.state]),
            (f"  {one_line(state.origin, 90)}", "dim"),
        )
    ]  # fmt: skip
    if state.because:
        lines.append(line("    ", (one_line(state.because, 300), "bad")))
    if state.kind != "built in" and state.asks is not None:
        lines.append(line("    asks for: ", one_line(permissions(state.asks), 200)))
    if state.tools:
        lines.append(line("    tools: ", one_line(", ".join(state.tools), 300)))
    return lines


def _enable(visit: Visit) -> int:
    shed, house = _shed(visit)
    try:
        state = shed.enable(visit.arguments.name)
    finally:
        house.close()
    if visit.arguments.json:
        visit.screen.raw(json_text(asdict(state)))
    else:
        visit.screen.show(_enabled(state))
    _renew(visit)
    return 0 if state.state == "on" else 1


def _enabled(state: PluginState) -> list[Line]:
    name = one_line(state.name)
    if state.kind == "built in":
        allowed = f"the plugin {name} is on"
    else:
        allowed = f"the plugin {name} is on and may reach: {permissions(state.granted or {})}"
    lines = [line(one_line(allowed, 400))]
    if state.because:
        return [*lines, line(("    " + one_line(state.because, 300), "bad"))]
    return [*lines, line(f"    {counted(len(state.tools), 'tool')}: ", ", ".join(state.tools))]


def _disable(visit: Visit) -> int:
    shed, house = _shed(visit)
    name = visit.arguments.name
    try:
        was_on = shed.disable(name)
    finally:
        house.close()
    if visit.arguments.json:
        visit.screen.raw(json_text({"name": name, "state": "off", "was_on": was_on}))
    else:
        was = "is now off" if was_on else "was off"
        visit.screen.show([line(f"the plugin {one_line(name)} {was}; it may reach nothing")])
    _renew(visit)
    return 0


def _test(visit: Visit) -> int:
    asked = visit.arguments
    shed, house = _shed(visit)
    try:
        schemas, result = shed.test(asked.name, asked.tool, asked.values or "{}")
    finally:
        house.close()
    failed = result is not None and result.failed
    if asked.json:
        told = {"tools": schemas, "result": None if result is None else asdict(result)}
        visit.screen.raw(json_text(told))
    elif result is None:
        from plugins.arguments import usage

        for schema in schemas:
            visit.screen.show([line((one_line(usage(schema), 300), "bold"))])
            visit.screen.show(paragraph(one_line(schema["description"], 300), "    ", "dim"))
    else:
        visit.screen.show(paragraph(clean(result.text)))
        for passage in result.passages:
            visit.screen.show([line((f"  from {one_line(passage.source, 200)}", "dim"))])
    return 1 if failed else 0


def _renew(visit: Visit) -> None:
    """End an engine that runs and is idle, so that the next one has the plugins as they are now."""
    from app.doctor import engine_state, stop_engine
    from app.settings import load

    home = load(visit.choice.home).home
    if engine_state(home) is not None and not stop_engine(home, force=False):
        said = "an engine is at work and keeps the plugins that it has"
        visit.screen.step(line(("note: ", "note"), f"{said}; vouch engine stop ends it"))
