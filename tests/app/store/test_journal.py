"""The journal keeps every event, in order, and notices every change made behind its back."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from agents.actions import Search
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Drafted,
    Event,
    Landmark,
    Measured,
    Opened,
    Prompted,
    Quoted,
    Stopped,
    Token,
    Working,
)
from app.store.chain import link, pack
from app.store.journal import Journal
from app.store.names import RunNames
from retrieval.errors import UserError

PAGE = "Ada Lovelace schrieb 1843 — 漢字. " * 300


def opened(page: str = PAGE, at: int = 0) -> Opened:
    return Opened("d1", "ada.txt", "Ada", page, at, (Landmark(0, "Life", 2),))


QUOTE = Quoted(1, "d1", "ada.txt", "Ada", PAGE[:20], 0, 20)
RUN: list[Event] = [
    Asked("Who wrote it?", model="m"),
    Prompted("browse", "browse.v1", "ab", 12),
    Acted(Search("Ada")),
    opened(),
    QUOTE,
    Measured("cosine", "ff", (0.1, -0.25, 1e-17)),
    opened(at=7),
    Stopped("finished"),
    Drafted('Ada.\u2028\0 "\ud800"'),
    Answered(Answer("Ada [1].", "answered", "prose", "", (QUOTE,))),
]


def kept(journal: Journal, events: list[Event], run: str | None = None) -> str:
    run = journal.begin(run)
    for event in events:
        journal.append(run, event)
    return run


def test_events_come_back_as_they_were(journal: Journal) -> None:
    run = journal.begin()
    added = [journal.append(run, event) for event in RUN]
    assert journal.entries(run) == added
    assert [entry.event for entry in added] == RUN
    assert [entry.seq for entry in added] == list(range(len(RUN)))
    times = [entry.at for entry in added]
    assert times == sorted(set(times))
    assert journal.entries(run, after=6) == added[7:]
    assert journal.verify(run) is None


def test_an_event_is_seen_by_others_at_once(journal: Journal, engine: Engine) -> None:
    run = journal.begin()
    entry = journal.append(run, RUN[0])
    assert Journal(engine).entries(run) == [entry]


def test_transient_events_are_refused(journal: Journal) -> None:
    run = journal.begin()
    for event in (Token("a"), Working("writing")):
        with pytest.raises(AssertionError):
            journal.append(run, event)
    assert journal.entries(run) == []


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_what_could_not_be_read_back_is_not_written(journal: Journal, score: float) -> None:
    run = journal.begin()
    with pytest.raises(ValueError):
        journal.append(run, Measured("cosine", "ff", (score,)))
    journal.append(run, RUN[0])
    assert [entry.seq for entry in journal.entries(run)] == [0]


def test_equal_pages_are_kept_once(journal: Journal, engine: Engine) -> None:
    for _ in range(2):
        kept(journal, [opened(at=n) for n in range(20)])
    with engine.connect() as connection:
        texts, size = connection.execute(
            text("SELECT (SELECT count(*) FROM texts), sum(length(event)) FROM entries")
        ).one()
    assert texts == 1
    assert size < 2 * len(PAGE)  # forty copies would take twenty times that


def test_a_run_is_found_by_the_beginning_of_its_name(journal: Journal) -> None:
    for name in ("abc1", "abc2", "abd", "ab"):
        kept(journal, [Asked(name)], name)
    found = [journal.entries(run)[0].event for run in ("abd", "abc1", "ab")]
    assert found == [Asked("abd"), Asked("abc1"), Asked("ab")]
    for name in ("abc", "x", "", "%", "ABD"):
        with pytest.raises(UserError) as error:
            journal.entries(name)
        assert error.value.cure


def test_the_cure_for_an_unknown_run_lists_the_runs(journal: Journal) -> None:
    for ask in (journal.entries, journal.verify, lambda run: list(journal.export(run))):
        with pytest.raises(UserError, match="vouch runs"):
            ask("nothing")
    with pytest.raises(UserError, match="vouch runs"):
        journal.append("nothing", RUN[0])


def test_a_name_is_given_once(journal: Journal) -> None:
    journal.begin("r")
    with pytest.raises(ValueError):
        journal.begin("r")


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        (RUN, "answered"),
        (RUN[:-1], "unfinished"),
        (RUN[:8], "unfinished"),
        ([], "unfinished"),
        ([*RUN[:2], Stopped("steps"), Prompted("write", "w", "", 1)], "unfinished"),
        ([*RUN[:2], Stopped("cancelled")], "stopped: cancelled"),
        ([*RUN[:9], Stopped("model lost", "killed")], "stopped: model lost"),
        ([*RUN[:8], Answered(Answer("", "declined", "none", "no quote"))], "declined"),
    ],
)
def test_the_list_of_runs_says_how_each_ended(
    journal: Journal, events: list[Event], outcome: str
) -> None:
    run = kept(journal, events)
    (line,) = journal.runs(5)
    assert (line.id, line.outcome) == (run, outcome)
    times = [entry.at for entry in journal.entries(run)] if events else [0.0]
    assert line.seconds == (None if outcome == "unfinished" else times[-1] - times[0])
    if events:
        assert (line.question, line.policy, line.model) == ("Who wrote it?", "guided", "m")


def test_the_list_of_runs_is_newest_first(journal: Journal) -> None:
    first = kept(journal, RUN)
    second = journal.begin(parent=first)
    third = kept(journal, RUN[:3])
    lines = journal.runs(limit=2)
    assert [line.id for line in lines] == [third, second]
    assert lines[1].parent == first
    assert lines[0].started > lines[1].started


def test_threads_number_one_run_without_a_gap(journal: Journal) -> None:
    run = journal.begin()

    def work(name: str) -> None:
        for number in range(15):
            journal.append(run, Drafted(f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = journal.entries(run)
    assert [entry.seq for entry in entries] == list(range(45))
    assert len({entry.event for entry in entries}) == 45
    assert journal.verify(run) is None


CHANGES = {
    "an event": ("UPDATE entries SET event = (SELECT event FROM entries e WHERE e.seq = 1) "
                 "WHERE seq = 4", 4),
    "a time": ("UPDATE entries SET at = at + 1 WHERE seq = 5", 5),
    "a chain hash": ("UPDATE entries SET chain = 'ff' WHERE seq = 2", 2),
    "a missing entry": ("DELETE FROM entries WHERE seq = 3", 3),
    "a missing first entry": ("DELETE FROM entries WHERE seq = 0", 0),
    "a missing last entry": ("DELETE FROM entries WHERE seq = 9", 9),
    "no entries": ("DELETE FROM entries", 0),
    "two entries swapped": ("UPDATE entries SET seq = CASE seq WHEN 1 THEN 102 WHEN 2 THEN 101 "
                            "END WHERE seq IN (1, 2)", 1),
    "a page": ("UPDATE texts SET text = (SELECT event FROM entries WHERE seq = 0)", 3),
    "a missing page": ("DELETE FROM texts", 3),
    "no JSON": ("UPDATE entries SET event = chain_bytes WHERE seq = 6", 6),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_behind_its_back_is_named(
    journal: Journal, engine: Engine, change: str
) -> None:
    run = kept(journal, RUN)
    command, seq = CHANGES[change]
    with engine.begin() as connection:
        connection.execute(text(command.replace("chain_bytes", "(SELECT text FROM texts LIMIT 1)")))
        connection.execute(text("UPDATE entries SET seq = seq - 100 WHERE seq > 100"))
    assert journal.verify(run) == seq


@pytest.mark.parametrize(("forged", "noticed"), [(4, 5), (len(RUN) - 1, len(RUN) - 1)])
def test_an_entry_that_was_forged_with_its_own_hash_is_noticed(
    journal: Journal, engine: Engine, forged: int, noticed: int
) -> None:
    run = kept(journal, RUN)
    entry = journal.entries(run)[forged]
    event = pack(Drafted("forged")).event
    at = {"run": run, "seq": forged}
    with engine.begin() as connection:
        before = text("SELECT chain FROM entries WHERE run = :run AND seq = :seq - 1")
        chain = link(connection.scalar(before, at) or "", forged, entry.at, event)
        change = text("UPDATE entries SET event = :event, chain = :chain WHERE seq = :seq")
        connection.execute(change, {"event": event.encode(), "chain": chain, "seq": forged})
    assert journal.verify(run) == noticed


def test_a_damaged_entry_is_told_as_one_sentence(journal: Journal, engine: Engine) -> None:
    run = kept(journal, RUN)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM texts"))
    with pytest.raises(UserError, match="entry 3"):
        journal.entries(run)
    assert journal.runs(1)[0].outcome == "answered"


@pytest.mark.parametrize("clock", [lambda: 1.7e9, iter([3e9, 2e9, 1e9] * 10).__next__])
def test_names_are_short_and_sorted(clock: Callable[[], float]) -> None:
    names = RunNames()
    made = [names.make(clock()) for _ in range(30)]
    assert made == sorted(set(made))
    assert {len(name) for name in made} == {12}
    assert RunNames().make(1.7e9) < RunNames().make(1.7e9 + 0.002)


def test_the_journal_outlives_its_process(place: Path) -> None:
    from app.store.database import open_database

    engine = open_database(place)
    run = kept(Journal(engine), RUN)
    engine.dispose()
    again = Journal(open_database(place))
    assert [entry.event for entry in again.entries(run)] == RUN
    assert again.append(run, RUN[0]).seq == len(RUN)
    assert again.verify(run) is None
