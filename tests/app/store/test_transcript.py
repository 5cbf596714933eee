"""A run goes into a file and comes back equal; a file that was touched is refused by line."""

import json
import random
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from agents.events import Asked, Drafted, Event, Opened, Stopped
from app.store.database import open_database
from app.store.journal import Journal
from app.store.tables import EntryRow, RunRow, TextRow
from retrieval.errors import UserError

EVENTS: list[Event] = [
    Asked("Why? \u2028\0\ud800 漢字"),
    Opened("d", "s", "t", "a long page\n" * 50),
    Opened("e", "s2", "t", "another page"),
    Opened("d", "s", "t", "a long page\n" * 50, at=9),
    Drafted("x" * 100),
    Stopped("cancelled"),
]


def kept(journal: Journal, run: str | None = None, parent: str | None = None) -> str:
    run = journal.begin(run, parent)
    for event in EVENTS:
        journal.append(run, event)
    return run


@pytest.fixture
def other(tmp_path: Path) -> Journal:
    return Journal(open_database(tmp_path / "other.db"))


def counts(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        tables = (RunRow, EntryRow, TextRow)
        return [connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables]


def test_a_run_comes_back_equal(journal: Journal, other: Journal, tmp_path: Path) -> None:
    run = kept(journal, parent="older")
    file = tmp_path / "run.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(journal.export(run[:11]))
    with file.open(encoding="utf-8") as lines:
        assert other.restore(lines) == run
    assert other.entries(run) == journal.entries(run)
    assert other.runs(1) == journal.runs(1)
    assert other.verify(run) is None
    assert list(other.export(run)) == list(journal.export(run))


def test_a_page_stands_in_the_file_once(journal: Journal) -> None:
    lines = list(journal.export(kept(journal)))
    assert len(lines) == 1 + 2 + len(EVENTS)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)


def test_importing_twice_keeps_one_run(journal: Journal, engine: Engine) -> None:
    run = kept(journal)
    lines, before = list(journal.export(run)), counts(engine)
    assert journal.restore(lines) == run
    assert counts(engine) == before


def test_a_name_that_is_taken_is_replaced(journal: Journal, other: Journal) -> None:
    kept(journal, "same")
    other.append(other.begin("same"), Asked("another question"))
    lines = list(journal.export("same"))
    run = other.restore(lines)
    assert run != "same"
    assert [e.event for e in other.entries(run)] == EVENTS
    assert [e.event for e in other.entries("same")] == [Asked("another question")]
    assert other.restore(lines) == run
    assert other.verify(run) is None


def test_an_imported_run_can_be_continued(journal: Journal, other: Journal) -> None:
    run = other.restore(journal.export(kept(journal)))
    assert other.append(run, Drafted("more")).seq == len(EVENTS)
    assert other.verify(run) is None


def test_an_empty_run_travels(journal: Journal, other: Journal) -> None:
    first, second = journal.begin(), journal.begin()
    assert other.restore(journal.export(first)) == first
    assert other.restore(journal.export(second)) == second


def change(line: str, **values: object) -> str:
    return json.dumps(json.loads(line) | values)


DAMAGES = {
    "no JSON": (3, lambda lines: [*lines[:3], "{", *lines[4:]]),
    "not an object": (3, lambda lines: [*lines[:3], "[1]", *lines[4:]]),
    "nested too deep": (2, lambda lines: [*lines[:2], "[" * 100000, *lines[3:]]),
    "another kind of line": (4, lambda lines: [*lines[:4], '{"a": 1}', *lines[5:]]),
    "not a run": (0, lambda lines: ['{"vouch": "library"}', *lines]),
    "an odd name": (0, lambda lines: [change(lines[0], run="../x"), *lines[1:]]),
    "an odd length": (0, lambda lines: [change(lines[0], length="6"), *lines[1:]]),
    "a changed length": (8, lambda lines: [change(lines[0], length=5), *lines[1:]]),
    "a changed head": (8, lambda lines: [change(lines[0], head="ff"), *lines[1:]]),
    "another format": (0, lambda lines: [change(lines[0], format=2), *lines[1:]]),
    "a changed text": (1, lambda lines: [lines[0], change(lines[1], text="no"), *lines[2:]]),
    "a missing text": (3, lambda lines: lines[:1] + lines[2:]),
    "a changed time": (5, lambda lines: [*lines[:5], change(lines[5], at=1.0), *lines[6:]]),
    "a missing entry": (4, lambda lines: lines[:4] + lines[5:]),
    "swapped entries": (4, lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]]),
    "an entry twice": (5, lambda lines: [*lines[:5], lines[4], *lines[5:]]),
    "no header": (0, lambda lines: lines[1:]),
    "cut short": (7, lambda lines: lines[:-1]),
    "one entry more": (9, lambda lines: [*lines, lines[-1]]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_by_line(
    journal: Journal, other: Journal, damage: str, tmp_path: Path
) -> None:
    lines = list(journal.export(kept(journal)))
    index, spoil = DAMAGES[damage]
    with pytest.raises(UserError) as error:
        other.restore(spoil(lines))
    assert f"line {index + 1} " in str(error.value)
    assert other.runs(5) == []


def test_an_empty_file_is_refused(other: Journal) -> None:
    with pytest.raises(UserError):
        other.restore([])


def test_any_changed_character_is_noticed(journal: Journal, other: Journal) -> None:
    """A change that is let through may only be one of white space or of the header's name."""
    whole = "".join(journal.export(kept(journal)))
    header = whole.index("\n")
    chance = random.Random(5)
    for at in chance.sample(range(header + 1, len(whole)), 150):
        spoiled = whole[:at] + chr((ord(whole[at]) + 1) % 0xD800) + whole[at + 1 :]
        with pytest.raises(UserError):
            other.restore(spoiled.splitlines(keepends=True))
    assert other.runs(1) == []
