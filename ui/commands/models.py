"""`vouch models`: which models there are, which one answers, and preparing the embedded one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.errors import UserError
from ui.commands.house import assign
from ui.escape import json_text, one_line
from ui.house_port import Visit
from ui.lines import Line, Span, line, table

if TYPE_CHECKING:
    from app.options import Settings

HINT = "Choose with: vouch models use NAME (a GGUF file, hf:owner/repo/file, a LangChain name)"


def models(visit: Visit) -> int:
    """List models, choose one for good, or prepare the embedded one."""
    match visit.arguments.part:
        case "use":
            return _use(visit, visit.arguments.name)
        case "prepare":
            return _prepare(visit)
        case _:
            return _list(visit)


def named(model: str | None) -> str | None:
    """Return a model as the engine understands it: a file here becomes an absolute path."""
    if model is None or not Path(model).expanduser().is_file():
        return model
    return str(Path(model).expanduser().absolute())


def _settings(visit: Visit) -> "Settings":
    from app.settings import load

    return load(visit.choice.home, overrides=dict(visit.choice.overrides))


def _list(visit: Visit) -> int:
    from app.models import list_models

    found = list_models(_settings(visit))
    if visit.arguments.json:
        visit.screen.raw(json_text({"models": found}))
        return 0
    for item in found:
        visit.screen.show(_listed(item))
    visit.screen.show([line((HINT, "dim"))])
    return 0


def _listed(item: dict[str, Any]) -> list[Line]:
    mark: Span = ("* ", "good") if item["current"] else ("  ", "")
    lines = [line(mark, (one_line(item["name"]), "bold"), f"  {one_line(item['about'])}")]
    if item["path"] and item["path"] != item["name"]:
        lines.append(line(("    " + one_line(item["path"]), "dim")))
    return lines


def _use(visit: Visit, name: str | None) -> int:
    if not name:
        raise UserError("no model was named", cure="write vouch models use NAME; see vouch models")
    from app.models import resolve

    chosen = named(name) or name
    # A wrong name or a broken file is told now; a file of the hub is fetched now.
    resolve(_settings(visit), chosen).close()
    assign(visit, "model.name", chosen)
    return 0


def _prepare(visit: Visit) -> int:
    from dataclasses import asdict

    from app.doctor import stop_engine
    from app.prepare import prepare, read_prepared

    settings = _settings(visit)
    known = read_prepared(settings.home)
    done = prepare(
        settings.home,
        lambda text: visit.screen.step(line((text, "dim"))),
        threads=settings.model.threads,
    )
    if known is None:
        # An idle engine still holds the slower file; a busy one keeps it to its end.
        stop_engine(settings.home, force=False)
    if visit.arguments.json:
        visit.screen.raw(json_text(asdict(done)))
        return 0
    rows = [("as shipped", done.shipped), ("at 16 bits", done.converted)]
    rates = [(name, f"reads {r.read:g}, writes {r.write:g} tokens/s") for name, r in rows]
    kept = "at 16 bits" if done.file else "as shipped"
    visit.screen.show([*table(rates), line(f"kept: {kept}, {done.ratio:g} times as fast")])
    return 0
