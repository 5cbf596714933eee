"""`vouch feedback`: marks, preference pairs, agreement, and their export for training."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from retrieval.errors import UserError
from ui.escape import json_text, one_line
from ui.house_port import Item, Visit
from ui.lines import Line, counted, line, table

_SIGNS = {"up": "+", "down": "-", "edit": "edit", "none": "taken back"}


def feedback(visit: Visit) -> int:
    """List marks or pairs, show agreement, or write an export."""
    match visit.arguments.part:
        case "pairs":
            found, lines = visit.result("feedback.pairs", limit=visit.arguments.limit), _pairs
        case "agreement":
            found, lines = visit.result("feedback.agreement"), _agreement
        case "export":
            found, lines = _export(visit), _exported
        case _:
            found, lines = visit.result("feedback.list", limit=visit.arguments.limit), _listing
    if visit.arguments.json:
        visit.screen.raw(json_text(found))
    else:
        visit.screen.show(lines(found))
    return 0


def _export(visit: Visit) -> Item:
    given = visit.arguments
    if not given.format or not given.output:
        raise UserError(
            "an export needs a format and a folder",
            cure="write vouch feedback export --format trl -o DIR",
        )
    return visit.result(
        "feedback.export",
        format=given.format,
        output=str(Path(given.output).expanduser().absolute()),
        include=given.include,
        runs=given.runs,
        test=given.test,
        force=given.force or None,
    )


def _listing(found: Item) -> list[Line]:
    marks, comparisons = found["marks"], found["comparisons"]
    if not marks and not comparisons:
        return [line("No feedback yet. Vote on an answer in the chat page or in Slack.")]
    totals = found["totals"]
    lines = [
        line(
            (counted(totals["marks"], "mark"), "bold"),
            f", {counted(totals['comparisons'], 'comparison')}; newest first",
        )
    ]
    return [*lines, *table(map(_mark, marks)), *table(map(_comparison, comparisons))]


def _mark(item: Item) -> tuple[str, ...]:
    sign = _SIGNS.get(item["mark"], "")
    said = ", ".join(filter(None, (*item["tags"], one_line(item["comment"], 60))))
    question = _question(item)
    after = "" if item["counts"] else " (a later mark counts)"
    return (
        _when(item["at"]),
        item["run"],
        sign,
        _who(item),
        f"{question}{f': {said}' if said else ''}{after}",
    )


def _comparison(item: Item) -> tuple[str, ...]:
    score = item["overall"]
    said = "a tie" if not score else "the left one is better" if score < 0 else "the right one is"
    both = f"{item['left']} | {item['right']}"
    return (_when(item["at"]), both, f"{score:+d}", _who(item), f"{_question(item)}: {said}")


def _pairs(found: Item) -> list[Line]:
    pairs, totals = found["pairs"], found["totals"]
    if not pairs:
        return [line("No preference pairs yet: they come from votes, comparisons and the check.")]
    told = f", {totals['exported']:,} of them fit for an export; newest first"
    used = sorted({reason for pair in pairs for reason in pair["reasons"]})
    rows = [_pair(pair) for pair in pairs]
    why = [line((reason, "dim"), f" = {found['reasons'].get(reason, _COPY)}") for reason in used]
    return [line((counted(totals["pairs"], "pair"), "bold"), told), *table(rows), *why]


_COPY = "nearly the same text as the other side, or as another pair of the prompt"


def _pair(item: Item) -> tuple[str, ...]:
    state = "exported" if not item["reasons"] else f"left out: {', '.join(item['reasons'])}"
    tags = f" ({', '.join(item['tags'])})" if item["tags"] else ""
    runs = dict.fromkeys((item["chosen"]["run"], item["rejected"]["run"]))
    question = one_line(item["question"], 60)
    return (_when(item["at"]), item["origin"], " > ".join(runs), state, f"{question}{tags}")


def _agreement(found: Item) -> list[Line]:
    named = (
        ("thumbs on one answer", found["thumbs"]),
        ("comparisons, five points", found["comparisons"]),
        ("comparisons, which is better", found["preferences"]),
        ("thumbs and the self-check", found["check"]),
    )
    rows: list[tuple[str, ...]] = [("", "judged twice", "share", "kappa", "")]
    rows += [_agreed(name, figures) for name, figures in named]
    return table(rows)


def _agreed(name: str, figures: Mapping[str, Any]) -> tuple[str, ...]:
    weighted = figures.get("kappa_quadratic")
    more = "" if weighted is None else f"quadratic {weighted:.2f}"
    share = "-" if figures["share"] is None else f"{figures['share']:.0%}"
    kappa = "-" if figures["kappa"] is None else f"{figures['kappa']:.2f}"
    return (name, f"{figures['judged_twice']:,}", share, kappa, more)


def _exported(found: Item) -> list[Line]:
    report, split = found["report"], found["report"]["split"]
    rows = [
        ("rows", f"{report['exported']:,} of {report['derived']:,}"),
        ("train / test", f"{split['train']:,} / {split['test']:,}, never on both sides: "
         f"{split['never_on_both_sides']}"),
        ("prompts / people", f"{report['prompts']:,} / {report['people']:,}"),
        ("by origin", _counts(report.get("exported_by_origin", {}))),
        ("left out", _counts(report["left_out"])),
        ("near-copies", f"{report['duplicates']:,}"),
        ("beyond 200 prompts", f"{report['over_the_limit_of_a_person']:,}"),
        ("marked runs gone", f"{report['marked_runs_that_are_gone']:,}"),
        *_lengths(report.get("chosen_minus_rejected", {})),
        ("good / bad", _balance(report.get("labels"))),
        ("scrubbed", _counts(report["scrubbed"]) or "nothing was found"),
    ]  # fmt: skip
    said = [row for row in rows if row[1] not in ("", "0")]
    return [line(("written ", "good"), found["folder"]), *table(said)]


def _lengths(figures: Mapping[str, Mapping[str, float]]) -> Iterable[tuple[str, str]]:
    for unit, one in figures.items():
        if one:
            told = f"mean {one['mean']:+g}, median {one['median']:+g} {unit}; longer in "
            yield "chosen - rejected", f"{told}{one['chosen_longer']:.0%} of pairs"


def _balance(labels: Mapping[str, Any] | None) -> str:
    if not labels:
        return ""
    told = f"{labels['up']:,} / {labels['down']:,}"
    if "desirable_weight" not in labels:
        return told
    weights = f"desirable {labels['desirable_weight']}, undesirable {labels['undesirable_weight']}"
    return f"{told}; KTO weights: {weights}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _question(item: Item) -> str:
    return one_line(item["question"], 60) if item["question"] else "(the run is gone)"


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")


def _who(item: Item) -> str:
    return one_line(f"{item['by']} ({item['face']})", 40)
