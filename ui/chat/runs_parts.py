"""The list of runs as rows of a table, and what two runs have in common or not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.actions import write
from agents.events import Acted, Asked, Event, Quoted, Slipped
from ui.escape import one_line
from ui.house_port import Item
from ui.html_verdict import outcome_word, policy_word
from ui.words import Say

COLUMNS = ("time", "outcome", "question", "model", "seconds", "policy", "run")


def zone(name: str | None) -> tzinfo:
    """Return the browser's time zone by its name; UTC if nobody knows it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def clock(at: float, where: tzinfo) -> str:
    """Return a time, given in seconds of UTC, as a person there writes it, sortable as text."""
    return datetime.fromtimestamp(at, where).strftime("%Y-%m-%d %H:%M:%S")


def matching(runs: Iterable[Item], words: str) -> list[Item]:
    """Return the runs whose question has all the words."""
    wanted = words.casefold().split()
    return [run for run in runs if all(word in str(run["question"]).casefold() for word in wanted)]


def table(runs: Sequence[Item], say: Say, where: tzinfo) -> dict[str, list[object]]:
    """Return the columns of the table; the outcome is told by sign and word."""
    columns: dict[str, list[object]] = {
        "time": [clock(float(run["started"]), where) for run in runs],
        "outcome": [outcome_word(str(run["outcome"]), say) for run in runs],
        "question": [one_line(str(run["question"]), 300) for run in runs],
        "model": [
            one_line(str(run.get("model") or ""), 80) or say("runs.no_model") for run in runs
        ],
        "seconds": [_seconds(run.get("seconds")) for run in runs],
        "policy": [policy_word(str(run.get("policy") or ""), say) for run in runs],
        "run": [str(run["id"]) for run in runs],
    }
    return {name: column for name, column in columns.items() if any(c is not None for c in column)}


def _seconds(value: object) -> float | None:
    return round(float(value), 1) if isinstance(value, int | float) else None


def line(run: Item, where: tzinfo) -> str:
    """Name a run in a list to choose from."""
    return f"{clock(float(run['started']), where)}  {one_line(str(run['question']), 90)}"


def settings(asked: Asked) -> dict[str, str]:
    """Return every setting of a run by its dotted name, as text."""
    values = asdict(asked)
    limits = values.pop("limits")
    values |= {f"limits.{name}": value for name, value in limits.items()}
    left_out = ("kind", "question", "tools_help", "history")
    return {name: _text(value) for name, value in values.items() if name not in left_out}


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return one_line(", ".join(map(str, value)), 300)
    return one_line(str(value), 300)


def unlike(one: Asked, other: Asked) -> list[tuple[str, str, str]]:
    """Return (setting, its value here, its value there) of each that differs."""
    mine, theirs = settings(one), settings(other)
    names = dict.fromkeys([*mine, *theirs])
    rows = [(name, mine.get(name, ""), theirs.get(name, "")) for name in names]
    return [row for row in rows if row[1] != row[2]]


def deeds(events: Sequence[Event]) -> list[str]:
    """Return what was done in a run, a line for each action, slip and quote."""
    told: list[str] = []
    for event in events:
        match event:
            case Acted(action):
                told.append(one_line(write(action), 160))
            case Slipped(text, _):
                told.append(f"✗ {one_line(text, 80)}")
            case Quoted():
                told.append(f"[{event.number}] {one_line(event.text, 160)}")
            case _:
                pass
    return told


def beside(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield (here, there, equal) in order; what has no counterpart stands beside nothing."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        for number in range(max(b - a, d - c)):
            mine = one[a + number] if a + number < b else ""
            theirs = other[c + number] if c + number < d else ""
            yield mine, theirs, what == "equal"
