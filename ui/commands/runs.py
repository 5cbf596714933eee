"""`vouch runs`, `show`, `replay`, `export` and `import`: what was asked before, and its record."""

from datetime import datetime
from pathlib import Path

from retrieval.errors import UserError
from ui import markdown, trace
from ui.escape import inert, json_text, one_line
from ui.house_port import Item, Visit, read_entries
from ui.lines import counted, line, table
from ui.revision import revision
from ui.summary import as_json, summarize

LINE_END = "\n"


def runs(visit: Visit) -> int:
    """List runs, newest first."""
    found = visit.result("runs", limit=visit.arguments.limit)["runs"]
    if visit.arguments.json:
        visit.screen.raw(json_text({"runs": found}))
    elif not found:
        visit.screen.show([line('No runs yet. Ask something: vouch ask "..."')])
    else:
        visit.screen.show(table([_row(item) for item in found]))
    return 0


def _row(item: Item) -> tuple[str, ...]:
    began = datetime.fromtimestamp(float(item.get("started") or 0)).strftime("%Y-%m-%d %H:%M")
    outcome = one_line(str(item.get("outcome", "")))
    return (str(item["id"]), began, outcome, one_line(str(item.get("question", "")), 100))


def show(visit: Visit) -> int:
    """Show a run's steps and answer."""
    found = visit.entries(visit.arguments.run)
    entries = read_entries(found)
    if visit.arguments.json:
        summary = as_json(summarize(entries))
        kept = {entry.seq for entry in entries}
        told = [value for value in found if value["seq"] in kept]
        visit.screen.raw(json_text({**summary, "entries": told}))
    elif visit.arguments.diff:
        visit.screen.show(revision(entries))
    elif visit.arguments.markdown:
        visit.screen.raw(markdown.answer(summarize(entries)).rstrip())
    else:
        visit.screen.show(trace.trace(entries))
    return 0


def replay(visit: Visit) -> int:
    """Compute a run again; status 1 and the step where they part if it does not come out equal."""
    run = visit.arguments.run
    found = visit.result("replay", run=run)
    because = one_line(str(found.get("because") or ""))
    if found["equal"]:
        answer = f", answer {found['hash']}" if found.get("hash") else ""
        why = f"; {because}" if because else ""
        said = f"equal: run {run} comes out the same{answer}{why}"
        visit.screen.show([line(("✓ ", "good"), said)])
        return 0
    step = found.get("step")
    where = f" at event {step}" if step is not None else ""
    visit.screen.show([line(("✗ ", "bad"), f"run {run} and its record part{where}: {because}")])
    return 1


def export(visit: Visit) -> int:
    """Write a run as JSON lines, to a file or stdout."""
    items = visit.call("export", run=visit.arguments.run)
    text = "".join(str(item["piece"]) for item in items if "piece" in item)
    if visit.arguments.output is None:
        visit.screen.raw(inert(text.rstrip("\n")))
        return 0
    path = Path(visit.arguments.output)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise UserError(f"cannot write {path}: {fault.strerror}", origin="-o") from fault
    visit.screen.step(line(f"wrote {counted(text.count(LINE_END), 'line')} to {path}"))
    return 0


def take_in(visit: Visit) -> int:
    """Take in a run that was exported."""
    path = Path(visit.arguments.file).expanduser().resolve()
    run = visit.result("import", path=str(path))["run"]
    visit.screen.show([line(f"took in run {run}; see it: vouch show {run}")])
    return 0
