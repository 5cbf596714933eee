"""`vouch batch`: a file of questions in, answers and a report out; and two outputs compared."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.errors import UserError
from ui.batch_progress import Progress, pressed
from ui.commands.batch_compare import comparison
from ui.commands.models import named
from ui.escape import json_text, one_line
from ui.house_port import Visit
from ui.lines import Line, counted, line, table
from ui.report import MARK, Report, page

if TYPE_CHECKING:
    from app.batch.asking import Task
    from app.batch.batch import Batch, Budget, Workers
    from app.batch.questions import Sheet
    from app.batch.terms import Told, Wishes
    from app.batch.totals import Totals
    from app.options import Settings

_SHOWN = 10
_FAILED, _INTERRUPTED = 2, 130


def batch(visit: Visit) -> int:
    """Work through a file of questions, or compare two outputs."""
    match visit.arguments.files:
        case ["compare", first, second]:
            return comparison(visit, Path(first), Path(second))
        case ["compare", *_]:
            raise UserError("a comparison takes two outputs", cure="write: vouch batch compare A B")
        case [place]:
            return _batch(visit, place)
        case files:
            raise UserError(
                f"{len(files)} files of questions were given", cure="give one, or - for stdin"
            )


def _batch(visit: Visit, place: str) -> int:
    from app.batch.opening import open_batch
    from app.batch.questions import read_sheet
    from app.batch.terms import terms
    from app.settings import load

    asked = visit.arguments
    path = _output(asked.output, place)
    settings = load(visit.choice.home, overrides=dict(visit.choice.overrides))
    sheet = read_sheet(place, asked.format)
    _tell_sheet(visit, sheet)
    report = _report_path(asked, path)
    told, wishes = _told(asked), _wishes(asked)
    agreed = terms(settings, wishes)
    opened = open_batch(path, sheet, agreed, told, lambda: os.urandom(4).hex())
    with opened.record:
        fresh = [] if report is None else [report]
        tasks = opened.left(told)
        if not tasks and opened.stands([path, *fresh]):
            visit.screen.step(line(f"nothing to do: {path} is finished"))
        else:
            if tasks:
                _work(visit, opened, tasks, wishes, settings)
            opened.write({file: _page(opened, agreed) for file in fresh})
        return _conclude(visit, opened, report)


def _work(
    visit: Visit, opened: "Batch", tasks: list["Task"], wishes: "Wishes", settings: "Settings"
) -> None:
    """Ask what is left and show how it comes along."""
    workers = _workers(visit, opened, wishes, settings)
    budget = _budget(visit.arguments)
    progress = Progress(visit.screen, opened.totals(), len(tasks), budget.questions)

    stopping = line(("stopping ...", "doubt"))
    untold: list[Line] = []

    def interrupt() -> None:
        opened.interrupt(workers)
        try:
            visit.screen.step(stopping)
        except RuntimeError:
            # The signal came while a line was being written: this one is written after it.
            untold.append(stopping)

    try:
        with pressed(interrupt):
            for row in opened.work(workers, tasks, budget):
                progress.show(row)
                while untold:
                    visit.screen.step(untold.pop())
    finally:
        workers.close()
        visit.screen.settle()
        visit.screen.step(*untold)


def _workers(visit: Visit, opened: "Batch", wishes: "Wishes", settings: "Settings") -> "Workers":
    """Return who asks: threads on this engine, or a cluster."""
    asked, slots = visit.arguments, settings.engine.slots
    if asked.ray is not None:
        from app.batch.cluster import Cluster, Duty

        home, overrides = str(settings.home), dict(visit.choice.overrides)
        duty = Duty(home, overrides, opened.name, wishes.params())
        return Cluster(asked.ray, duty, asked.parallel, slots)
    from app.batch.asking import Asker
    from app.batch.crew import Crew

    asker = Asker(visit.house(), opened.name, wishes.params())
    # One more than are worked on: it waits in the engine, which then is never idle.
    return Crew(asker, asked.parallel or slots + 1)


def _output(written: str | None, place: str) -> Path:
    from app.batch.output import errors_file

    if written is None:
        raise UserError("no output was named", cure="write -o answers.jsonl")
    path = Path(written).expanduser().absolute()
    asked = Path(place).expanduser()
    if place != "-" and any(_is_same(file, asked) for file in (path, errors_file(path))):
        raise UserError(f"{asked} holds the questions", origin="-o", cure="name another output")
    _look_for_folder(path, "-o")
    return path


def _is_same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


def _look_for_folder(path: Path, origin: str) -> None:
    if not path.parent.is_dir():
        raise UserError(f"there is no folder {path.parent}", origin=origin, cure="make it first")


def _report_path(asked: Any, output: Path) -> Path | None:
    """Return where the report goes; `UserError` if something else stands or will stand there."""
    from app.batch.output import errors_file
    from app.batch.record import SUFFIX

    if asked.no_report:
        return None
    path = Path(asked.report).expanduser().absolute() if asked.report else None
    path = path or output.with_suffix(".html")
    _look_for_folder(path, "--report")
    taken = {output.name, errors_file(output).name, output.name + SUFFIX}
    if path.name in taken and path.parent.samefile(output.parent):
        raise UserError(f"{path} is not free for the report", cure="name another with --report")
    if path.exists() and not _is_report(path):
        raise UserError(
            f"{path} exists and is no report", cure="name another with --report, or use --no-report"
        )
    return path


def _is_report(path: Path) -> bool:
    return path.is_file() and MARK in path.read_bytes()[:2000].decode("utf-8", "replace")


def _told(asked: Any) -> "Told":
    from app.batch.terms import Told

    return Told(asked.fresh, asked.extend, asked.mixed, asked.retry)


def _wishes(asked: Any) -> "Wishes":
    from app.batch.terms import Wishes

    return Wishes(
        policy=asked.policy,
        model=named(asked.model),
        check=False if asked.no_check else None,
        best_of=asked.best_of,
        strictness=asked.strictness,
        seconds=asked.each_seconds,
        steps=asked.each_steps,
        tokens=asked.each_tokens,
        collections=tuple(asked.collection),
        sources=tuple(asked.source),
    )


def _budget(asked: Any) -> "Budget":
    from app.batch.batch import Budget

    return Budget(asked.seconds, asked.tokens, asked.questions)


def _tell_sheet(visit: Visit, sheet: "Sheet") -> None:
    """Say which rows cannot be asked, and which columns mean nothing."""
    if sheet.unused:
        names = one_line(", ".join(sheet.unused), 200)
        visit.screen.step(line(("note: ", "note"), f"columns that are not used: {names}"))
    for row in sheet.bad[:_SHOWN]:
        visit.screen.step(line((f"line {row.line}: ", "bad"), one_line(row.why, 200)))
    if len(sheet.bad) > _SHOWN:
        visit.screen.step(line(f"and {counted(len(sheet.bad) - _SHOWN, 'bad row')} more"))


def _page(opened: "Batch", agreed: dict[str, Any]) -> bytes:
    """Return the report, which says of the terms what a reader may want to know."""
    totals = opened.totals()
    names = {"model.name": "model", "ask.policy": "policy", "program": "vouch"}
    facts = {"questions from": opened.sheet.name, "batch": opened.name}
    facts |= {said: str(agreed[name]) for name, said in names.items()}
    report = Report(
        title=opened.path.name,
        rows=opened.rows(),
        bad=[(row.line, row.id, row.why) for row in opened.sheet.bad],
        totals=totals,
        facts=facts,
    )
    return page(report).encode("utf-8", "replace")


def _conclude(visit: Visit, opened: "Batch", report: Path | None) -> int:
    totals = opened.totals()
    if visit.arguments.json:
        files = {"output": str(opened.path), "report": str(report) if report else None}
        state = "interrupted" if opened.interrupted else "left" if totals.left else "done"
        visit.screen.raw(json_text({**files, "state": state, **totals.plain()}))
    else:
        visit.screen.show(_summary(opened, totals, report))
    if totals.left:
        said = f"{totals.left:,} of {counted(totals.questions, 'question')} left"
        visit.screen.step(line((said, "doubt"), "; the same command goes on with them"))
    if opened.interrupted:
        return _INTERRUPTED
    return _FAILED if totals.failed or totals.bad else 0


def _summary(opened: "Batch", totals: "Totals", report: Path | None) -> list[Line]:
    from app.batch.output import errors_file

    outcomes = ", ".join(f"{count:,} {name}" for name, count in totals.outcomes.items() if count)
    rows = [("answers", str(opened.path)), ("outcomes", outcomes or "none yet")]
    if claims := sum(totals.claims.values()):
        rulings = ", ".join(f"{count:,} {name}" for name, count in totals.claims.items() if count)
        share = "" if totals.supported is None else f"; {totals.supported:.1%} supported"
        rows.append(("claims", f"{claims:,}: {rulings}{share}"))
    if totals.scored:
        scores = totals.scores
        said = f"exact {scores['exact']:.1%}, F1 {scores['f1']:.3f}, "
        said += f"contains {scores['contains']:.1%}"
        rows.append(("gold", f"{said}, over {counted(totals.scored, 'question')}"))
    seconds = f"median {totals.median_seconds:.1f} s, longest {totals.worst_seconds:.1f} s"
    spent = f"{totals.tokens_read:,} tokens read, {totals.tokens_written:,} written"
    rows.append(("spent", f"{seconds}; {spent}"))
    if totals.bad:
        bad = f"{counted(totals.bad, 'row')} could not be asked: {errors_file(opened.path)}"
        rows.append(("bad rows", bad))
    if report is not None:
        rows.append(("report", str(report)))
    return table(rows)
