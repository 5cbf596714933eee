"""What was acknowledged is there after kill -9 at any moment, once, and nothing half."""

import multiprocessing
import os
import random
import shutil
import signal
import struct
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from agents.events import Drafted, Opened
from app.store.conversations import Conversations
from app.store.database import open_database
from app.store.inbox import Inbox
from app.store.journal import Journal

ROOT = Path(__file__).resolve().parents[3]

# Run by `exec` in a child process: nothing of this file can be imported there.
WRITER = """
from agents.events import Drafted, Opened
from app.store.database import open_database
from app.store.journal import Journal

def event(seq):
    text = str(seq) * (seq % 50 * 40)
    return Opened("d", "s", "t", text) if seq % 3 == 0 else Drafted(text)

def main():
    journal = Journal(open_database(place))
    entries = journal.entries(run)
    assert [e.event for e in entries] == [event(n) for n in range(len(entries))]
    acknowledge.send(len(entries))
    for seq in range(len(entries), 10_000):
        acknowledge.send(journal.append(run, event(seq)).seq)

main()
"""


TAKER = """
from app.store.conversations import Conversations
from app.store.database import open_database
from app.store.inbox import Inbox
from app.store.talk import NewTurn

def main():
    database = open_database(place)
    inbox, talks = Inbox(database), Conversations(database)
    first = len(inbox.open("slack"))
    acknowledge.send(first)
    for n in range(max(first - 1, 0), 10_000):
        inbox.take(f"k{n}", "slack", {"n": n})
        talks.add(NewTurn(f"t{n}", "q", "ann", "slack", run, follow=True, begin=True))
        if n >= first:
            acknowledge.send(n)

main()
"""


def event(seq: int) -> Opened | Drafted:
    text = str(seq) * (seq % 50 * 40)
    return Opened("d", "s", "t", text) if seq % 3 == 0 else Drafted(text)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server that forks the children imports our packages once, if it finds them."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)


def killed(place: Path, run: str, chance: random.Random, script: str = WRITER) -> int:
    """Let a child write to the run, kill it at some moment; return its last acknowledged number."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.store.journal", "app.store.database", "agents.codec"])
    receiver, sender = context.Pipe(duplex=False)
    values = {"place": place, "run": run, "acknowledge": sender}
    child = context.Process(target=exec, args=(script, values), daemon=True)
    child.start()
    sender.close()
    before = receiver.recv()
    told = [receiver.recv() for _ in range(chance.randrange(20))]
    time.sleep(chance.random() * 0.006)
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    told += list(_rest(receiver))
    assert told == list(range(before, before + len(told)))
    return before + len(told) - 1


def _rest(receiver: Connection) -> list[int]:
    """What was acknowledged before the kill and not read yet."""
    told: list[int] = []
    try:
        while True:
            told.append(receiver.recv())
    except EOFError:
        return told


def storm(place: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    journal = Journal(open_database(place))
    runs = [journal.begin() for _ in range(3)]
    for _ in range(kills):
        run = chance.choice(runs)
        last = killed(place, run, chance)
        entries = journal.entries(run)
        assert [entry.seq for entry in entries] == list(range(len(entries)))
        assert last < len(entries) <= last + 2, "only the entry under way may be there unsaid"
        assert [entry.event for entry in entries] == [event(n) for n in range(len(entries))]
        assert journal.verify(run) is None
        assert journal.append(run, event(len(entries))).seq == len(entries)


def test_events_that_were_taken_and_their_turns_outlive_a_kill(place: Path) -> None:
    chance = random.Random(5)
    database = open_database(place)
    for _ in range(8):
        last = killed(place, "thread", chance, TAKER)
        letters = Inbox(database).open("slack")
        assert [letter.payload["n"] for letter in letters] == list(range(len(letters)))
        assert last < len(letters) <= last + 2
        _, turns = Conversations(database).find("thread")
        assert [turn.id for turn in turns] == [f"t{n}" for n in range(len(turns))]
        assert [turn.parent for turn in turns[1:]] == [turn.id for turn in turns[:-1]]
        assert last < len(turns) <= len(letters)
    database.dispose()


def test_acknowledged_entries_outlive_a_kill(place: Path) -> None:
    storm(place, kills=10, seed=11)


@pytest.mark.prove
@pytest.mark.slow
def test_acknowledged_entries_outlive_two_hundred_kills(place: Path) -> None:
    storm(place, kills=200, seed=12)


def cuts(log: bytes, chance: random.Random) -> list[int]:
    """Lengths at which a write-ahead log may end: after every frame, and at places within frames.

    The log has a header of 32 bytes, then frames of 24 bytes and a page (SQLite's file format).
    """
    (page,) = struct.unpack(">I", log[8:12])
    frames = range(32, len(log) + 1, 24 + page)
    within = [chance.randrange(len(log)) for _ in range(12)]
    return sorted({0, *chance.sample(frames, min(len(frames), 30)), *within, len(log)})


def test_a_log_cut_anywhere_holds_a_beginning_of_the_run(place: Path, tmp_path: Path) -> None:
    engine = open_database(place)
    run = Journal(engine).begin()
    engine.dispose()
    journal = Journal(open_database(place))
    written = [journal.append(run, event(seq)) for seq in range(25)]
    log = place.with_name(f"{place.name}-wal").read_bytes()
    lengths = []
    for cut in cuts(log, random.Random(3)):
        copy = tmp_path / f"cut{cut}" / "vouch.db"
        copy.parent.mkdir()
        shutil.copy(place, copy)
        copy.with_name("vouch.db-wal").write_bytes(log[:cut])
        restored = Journal(open_database(copy))
        entries = restored.entries(run)
        assert entries == written[: len(entries)]
        assert restored.verify(run) is None
        lengths.append(len(entries))
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (0, 25)
    assert len(set(lengths)) > 10
