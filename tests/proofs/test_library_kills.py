"""kill -9 while a library is added to, synced, removed from, cut anew: nothing told is lost."""

import json
import random
import shutil
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from proof_forks import Forks
from proof_library import (
    Making,
    answers,
    from_scratch,
    opened,
    shelved,
    sources,
    texts_of,
    whole,
)
from proof_texts import Folder, held

from retrieval.errors import UserError
from retrieval.library import Library
from retrieval.shelf import Shelf

SIGKILL = -9


@dataclass(slots=True)
class Told:
    """What the children have said: the text of each source, None once it was removed."""

    texts: dict[str, str | None] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    making: Making = field(default_factory=Making)
    remaking: bool = False
    last: str = "begun"

    def take(self, log: Path) -> None:
        for line in log.read_text().splitlines():
            self.last, *parts = json.loads(line)
            match self.last:
                case "holds":
                    self.texts[parts[0]] = parts[1]
                case "moved":
                    self.texts[parts[0]] = parts[1]
                    # That the old place is empty is told by the end of the call.
                    self.left.add(parts[2])
                case "indexed":
                    self.texts |= dict.fromkeys(self.left)
                    self.left.clear()
                case "making":
                    self.making, self.remaking = Making(*parts), True
                case "reindexed":
                    self.remaking = False

    def compare(self, shelf: Shelf, disk: dict[str, str]) -> None:
        """Everything told is there; at most one change under way is there unsaid."""
        places = {source: one.document for source, one in shelf.places("default").items()}
        for source in self.left:
            assert places.get(source) in (None, self.texts[source])
        unsaid = [
            source
            for source in (places.keys() | self.texts.keys()) - self.left
            if places.get(source) != self.texts.get(source)
        ]
        assert len(unsaid) <= 1, "more than the change under way is there unsaid"
        for source in unsaid:
            assert places.get(source) == disk.get(source), "what was told is not there"


def killed(forks: Forks, home: Path, told: Told, chance: random.Random) -> None:
    """Let a child work, kill it at some moment, and take what it said."""
    log = home / "log"
    log.write_text("")
    making = told.making
    arguments = (str(home), str(log), chance.randrange(10**9), making.dimension, making.size)
    child = forks.start("kills_child.work", *arguments)
    lines = chance.randrange(1, 60)
    forks.until(child, lambda: log.read_bytes().count(b"\n") >= lines)
    time.sleep(chance.random() * 0.05)
    assert forks.killed(child) == SIGKILL
    told.take(log)


def ended(home: Path) -> int:
    """Return how many documents that were replaced or removed are in the database still."""
    with closing(sqlite3.connect(home / "vouch.db")) as database:
        wanted = "SELECT count(*) FROM editions WHERE until IS NOT NULL"
        return int(database.execute(wanted).fetchone()[0])


def again(library: Library, told: Told, scratch: Path) -> None:
    """The next start needs no hand: search finds what a library from scratch finds."""
    try:
        served = answers(library)
    except UserError as error:
        if not library.holdings():
            assert "empty" in str(error)
            return
        # Passages of two embedders cannot be ranked together; the command goes on where it was.
        assert told.remaking and "reindex" in str(error), error
        served = None
    if told.remaking:
        assert [step.kind for step in library.reindex()][-1] == "indexed"
        told.remaking, served = False, answers(library)
    whole(library)
    assert served == from_scratch(texts_of(library), scratch, told.making)
    left = list((scratch.parent / "library" / "generations").iterdir())
    assert len(left) == 1 and not ended(scratch.parent), "what the kill left behind is gone"


def storm(forks: Forks, home: Path, kills: int, seed: int) -> Counter[str]:
    """Kill so often; return after which word of the child that was."""
    chance, told, moments = random.Random(seed), Told(), Counter[str]()
    folder = Folder(home / "files", random.Random(seed))
    for _ in range(8):
        folder.change()
    for number in range(kills):
        killed(forks, home, told, chance)
        moments[told.last] += 1
        with shelved(home) as shelf:
            disk = held(folder.root)
            told.compare(shelf, disk)
            library, scratch = opened(shelf, home, told.making), home / f"scratch{number}"
            if told.remaking or number % 2:
                again(library, told, scratch)
                shutil.rmtree(scratch, ignore_errors=True)
            list(library.add([folder.root]))
            told.texts, told.left = dict(held(folder.root)), set()
            assert {s for held_by in sources(library).values() for s in held_by} == set(disk)
            again(library, told, scratch)
        shutil.rmtree(scratch)
    return moments


@pytest.mark.slow
def test_what_was_told_outlives_a_kill(forks: Forks, tmp_path: Path) -> None:
    storm(forks, tmp_path, kills=6, seed=1)


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_what_was_told_outlives_two_hundred_kills(forks: Forks, tmp_path: Path) -> None:
    began = time.monotonic()
    moments = storm(forks, tmp_path, kills=200, seed=2)
    assert len(moments) >= 5 and sum(moments.values()) == 200
    print(f"library kills: 200 in {time.monotonic() - began:.0f} s, after {dict(moments)}")
