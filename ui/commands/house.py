"""`vouch config`, `vouch doctor` and `vouch engine`: the house itself."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from retrieval.errors import UserError
from ui.escape import json_text, one_line
from ui.house_port import Visit
from ui.lines import Line, Style, line


def config(visit: Visit) -> int:
    """List the settings with value and origin, or set one for good."""
    asked = visit.arguments
    if asked.part == "set":
        if asked.key is None or asked.value is None:
            raise UserError("a key or value is missing", cure="write vouch config set KEY VALUE")
        assign(visit, asked.key, asked.value)
        return 0
    from app.settings import load, rows

    found = rows(load(visit.choice.home, overrides=dict(visit.choice.overrides)))
    if asked.json:
        settings = {row.key: {"value": row.value, "origin": row.origin} for row in found}
        visit.screen.raw(json_text({"settings": settings}))
        return 0
    for row in found:
        origin: Style = "dim" if row.origin == "default" else "note"
        value = line((f"{row.key} ", "bold"), f"= {one_line(row.value)}  ")
        visit.screen.show([line(*value.spans, (f"({row.origin})", origin))])
        visit.screen.show([line(("    " + row.description, "dim"))])
    return 0


def assign(visit: Visit, key: str, value: str) -> None:
    """Set a setting in the home's file, and say where it is overridden, if it is."""
    from app.settings import load, write_setting
    from app.settings_file import FILE

    home = load(visit.choice.home).home
    write_setting(home, key, value)
    settings = load(visit.choice.home)
    origin = settings.origin(key)
    visit.screen.show([line(f"{key} is now set in {home / FILE}")])
    if origin not in (FILE, "default"):
        visit.screen.step(line(("note: ", "note"), f"{origin} still overrides it here"))


LEVELS: dict[str, tuple[str, Style]] = {
    "ok": ("ok   ", "good"),
    "note": ("note ", "doubt"),
    "fault": ("FAULT", "bad"),
}


def doctor(visit: Visit) -> int:
    """Examine the house; status 1 if there is a fault."""
    from app.doctor import examine

    findings = []
    for finding in examine(visit.choice.home, dict(visit.choice.overrides)):
        findings.append(finding)
        if not visit.arguments.json:
            visit.screen.show(_finding(finding.level, finding.subject, finding.fact, finding.cure))
    healthy = all(finding.level != "fault" for finding in findings)
    if visit.arguments.json:
        told = [asdict(finding) for finding in findings]
        visit.screen.raw(json_text({"healthy": healthy, "findings": told}))
    return 0 if healthy else 1


def _finding(level: str, subject: str, fact: str, cure: str) -> list[Line]:
    lines = [line(LEVELS[level], (f" {subject}: ", "bold"), one_line(fact))]
    return [*lines, line(("      mend it: ", "dim"), one_line(cure))] if cure else lines


def engine(visit: Visit) -> int:
    """Show the engine of the home, or end it."""
    from app.settings import load

    home = load(visit.choice.home, overrides=dict(visit.choice.overrides)).home
    return _stop(visit, home) if visit.arguments.part == "stop" else _status(visit, home)


def _status(visit: Visit, home: Path) -> int:
    from app.doctor import engine_state

    state = engine_state(home)
    if visit.arguments.json:
        visit.screen.raw(json_text({"running": state is not None, **(state or {})}))
    elif state is None:
        visit.screen.show([line(f"no engine is running for {home}; vouch ask starts one")])
    else:
        since = datetime.fromtimestamp(state["since"]).strftime("%Y-%m-%d %H:%M:%S")
        said = f"process {state['pid']}, since {since}, {state['busy']} call(s) in work, {home}"
        visit.screen.show([line(said)])
    return 0


def _stop(visit: Visit, home: Path) -> int:
    from app.doctor import stop_engine

    stopped = stop_engine(home)
    said = "the engine was ended" if stopped else f"no engine is running for {home}"
    if visit.arguments.json:
        visit.screen.raw(json_text({"stopped": stopped}))
    else:
        visit.screen.show([line(said)])
    return 0
