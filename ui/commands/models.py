"""`vouch models`: which models there are, which one answers, and preparing the embedded one."""

from pathlib import Path

from retrieval.errors import UserError
from ui.escape import json_text, one_line
from ui.house_port import Item, Visit
from ui.lines import Line, line, table


def models(visit: Visit) -> int:
    """List models, choose one for good, or prepare the embedded one."""
    match visit.arguments.part:
        case "use":
            return _use(visit, visit.arguments.name)
        case "prepare":
            return _prepare(visit)
        case _:
            found = visit.result("models")["models"]
            if visit.arguments.json:
                visit.screen.raw(json_text({"models": found}))
            else:
                visit.screen.show(_listing(found))
    return 0


def _listing(found: list[Item]) -> list[Line]:
    rows = [
        (
            "*" if item.get("current") or item.get("used") else " ",
            one_line(str(item.get("name", ""))),
            one_line(str(item.get("about") or item.get("detail") or item.get("path") or "")),
        )
        for item in found
    ]
    hint = "Choose with: vouch models use NAME (a GGUF path, hf:owner/repo/file, openai:..., ...)"
    return [*table(rows, "", "good"), line((hint, "dim"))]


def _use(visit: Visit, name: str | None) -> int:
    if not name:
        raise UserError("no model was named", cure="write vouch models use NAME; see vouch models")
    from ui.commands.house import assign

    name = named(name) or name
    assign(visit, "model.name", name)
    visit.screen.show([line(f"questions are answered by {name} from now on")])
    return 0


def named(model: str | None) -> str | None:
    """Return a model as the engine understands it: a file here becomes an absolute path."""
    if model is None or not Path(model).expanduser().is_file():
        return model
    return str(Path(model).expanduser().absolute())


def _prepare(visit: Visit) -> int:
    stream = visit.call("prepare")
    for item in stream:
        told = one_line(str(item.get("text") or item.get("step") or item.get("kind") or ""))
        if told:
            visit.screen.step(line((told, "dim")))
    last: Item = stream.result or {}
    if visit.arguments.json:
        visit.screen.raw(json_text(last))
    else:
        visit.screen.show(table([(key, one_line(str(value))) for key, value in last.items()]))
    return 0
