"""The report of a batch: one HTML file of its own, with no script and nothing that is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ui.escape import html, one_line
from ui.lines import counted
from ui.report_plots import Series, bars, ceiling, histogram
from ui.report_rows import OUTCOMES, RULINGS, Row, row_html

MARK = '<meta name="generator" content="vouch batch">'
"""Stands in every report, so that no other file is written over."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SHOWN_BAD = 1_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells: scored rows in order, the rows that could not be asked, the totals by
    the names of `app.batch.totals.Totals`, and facts about the batch."""

    title: str
    rows: Sequence[Row]
    bad: Sequence[tuple[int, str, str]]
    totals: Any
    facts: Mapping[str, str]


def page(report: Report) -> str:
    """Return the report as HTML; equal reports are equal texts."""
    rows = "".join(row_html(number, row) for number, row in enumerate(report.rows))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{MARK}\n<title>{html(one_line(report.title))}</title>\n"
        f"<style>\n{_style()}{_filters(report)}</style>\n</head>\n<body>\n<main>\n"
        f"{_head(report)}{_tiles(report.totals)}{_plots(report)}{_bad(report)}"
        f"<h2>Questions</h2>\n{_choice(report)}{rows}"
        "</main>\n</body>\n</html>\n"
    )


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text("utf-8")


def _head(report: Report) -> str:
    facts = " · ".join(html(f"{name} {one_line(fact)}") for name, fact in report.facts.items())
    return f'<h1>{html(one_line(report.title))}</h1>\n<p class="soft">{facts}</p>\n'


def _tiles(totals: Any) -> str:
    done = totals.done or 1
    left = f"{totals.left:,} still to be asked" if totals.left else "all asked"
    outcomes = totals.outcomes
    tiles = [
        ("Questions", f"{totals.done:,}", left),
        ("Answered", f"{outcomes['answered'] / done:.0%}", f"{outcomes['answered']:,} in full"),
    ]
    if totals.supported is not None:
        claims = counted(sum(totals.claims.values()), "claim")
        tiles.append(("Claims supported", f"{totals.supported:.0%}", f"of {claims}"))
    if totals.scored:
        scores, over = totals.scores, f"over {totals.scored:,} with gold"
        tiles.append(("Contains gold", f"{scores['contains']:.0%}", over))
        tiles.append(("Exact · F1", f"{scores['exact']:.0%} · {scores['f1']:.2f}", over))
    longest = f"longest {totals.worst_seconds:,.1f} s"
    tiles.append(("Median seconds", f"{totals.median_seconds:,.1f}", longest))
    shown = "".join(
        f"<div><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>"
        for name, value, note in tiles
    )
    return f'<dl class="tiles">{shown}</dl>\n'


def _plots(report: Report) -> str:
    rows = report.rows
    if not rows:
        return ""
    counts = {
        name: (label, tone, report.totals.outcomes[name])
        for name, (label, tone) in OUTCOMES.items()
    }
    seconds = [row["seconds"] for row in rows if row["run"]]
    plots = [
        bars("Outcomes", "questions", counts),
        histogram(
            "Seconds",
            "questions by how long they took",
            [Series("questions", "plain", seconds)],
            0.0,
            ceiling(max(seconds, default=1.0)),
        ),
        histogram("Confidence", "claims by how sure their judge was", _confidence(rows), 0, 1, 10),
    ]
    scored = [row["f1"] for row in rows if row["f1"] is not None]
    if scored:
        series = [Series("questions", "plain", scored)]
        plots.append(histogram("Token F1", "questions with gold", series, 0.0, 1.0, 10))
    four = " four" if len(plots) == 4 else ""
    return f'<h2>At a glance</h2>\n<div class="plots{four}">{"".join(plots)}</div>\n'


def _confidence(rows: Sequence[Row]) -> list[Series]:
    claims = [claim for row in rows for claim in row["claims"]]
    series = [
        Series(name, tone, [c["confidence"] for c in claims if c["ruling"] == name])
        for name, (_, tone) in RULINGS.items()
    ]
    return [one for one in series if one.values] or [Series("claims", "plain", [])]


def _bad(report: Report) -> str:
    if not report.bad:
        return ""
    shown = report.bad[:_SHOWN_BAD]
    lines = "".join(
        f"<tr><td>line {line:,}</td><td>{html(one_line(id, 60))}</td>"
        f"<td>{html(one_line(why, 300))}</td></tr>"
        for line, id, why in shown
    )
    more = len(report.bad) - len(shown)
    rest = f'<p class="soft">and {more:,} more</p>' if more else ""
    head = "<tr><th>place</th><th>id</th><th>why</th></tr>"
    return f"<h2>Rows that could not be asked</h2>\n<table>{head}{lines}</table>{rest}\n"


def _offers(report: Report) -> list[tuple[str, str, str]]:
    """Return (id, label, selector of what is hidden) of each choice of rows."""
    offers = [("all", f"all {len(report.rows):,}", "")]
    for name, count in report.totals.outcomes.items():
        if count:
            offers.append((name, f"{name} {count:,}", f':not([data-outcome="{name}"])'))
    wrong = sum(row["contains"] == 0 for row in report.rows)
    if wrong:
        offers.append(("wrong", f"without the gold {wrong:,}", ":not([data-wrong])"))
    return offers


def _filters(report: Report) -> str:
    return "".join(
        f"body:has(#only-{id}:checked) article{hidden} {{ display: none; }}\n"
        for id, _, hidden in _offers(report)
        if hidden
    )


def _choice(report: Report) -> str:
    inputs = "".join(
        f'<input type="radio" name="only" id="only-{id}"{" checked" if id == "all" else ""}>'
        f'<label for="only-{id}">{label}</label>'
        for id, label, _ in _offers(report)
    )
    return f'<fieldset class="filter"><legend>show</legend>{inputs}</fieldset>\n'
