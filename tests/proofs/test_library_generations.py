"""Searches while a library changes see one generation of it each: all of it and nothing else."""

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from proof_editions import WORD, version_of, write
from proof_library import ALL, Making, opened, shelved, whole

from retrieval.documents import Hit, Passage
from retrieval.errors import UserError
from retrieval.generations import Generations, Snapshot
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.shelf import Shelf

COLLECTIONS = ("a", "b")


@contextmanager
def memory(home: Path) -> Iterator[Shelf]:
    yield MemoryShelf()


@pytest.fixture
def hasty(kind: type) -> Iterator[None]:
    """Threads change places between any two steps of Python, where nothing else takes time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5 if kind is memory else before)
    yield
    sys.setswitchinterval(before)


class Searches:
    """Threads that search in every way, and keep what was wrong."""

    def __init__(self, library: Library, root: Path) -> None:
        self.library, self.root = library, root
        self.stop, self.wrong, self.count = threading.Event(), list[BaseException](), 0
        self.seen: dict[str, set[int]] = {name: set() for name in COLLECTIONS}
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(3)]
        for thread in self.threads:
            thread.start()

    def ended(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()
        if self.wrong:
            raise self.wrong[0]

    def work(self, seed: int) -> None:
        chance, last = random.Random(seed), dict.fromkeys(COLLECTIONS, 0)
        try:
            while not self.stop.is_set():
                for name, version in self.look(chance):
                    assert version >= last[name], "an older generation comes back"
                    last[name] = version
                    self.seen[name].add(version)
                self.count += 1
        except BaseException as error:
            self.wrong.append(error)

    def look(self, chance: random.Random) -> Iterator[tuple[str, int]]:
        name, library = chance.choice(COLLECTIONS), self.library
        match chance.randrange(5):
            case 0:
                yield name, version_of(library.search(WORD, ALL, [name]))
            case 1:
                yield name, version_of(library.search(WORD, ALL, tags=[f"of {name}"]))
            case 2:
                folder = str(self.root / name / "t")
                yield name, version_of(library.search(WORD, ALL, sources=[folder]), "t/")
            case 3:
                hits = library.search(WORD, ALL)
                for one in COLLECTIONS:
                    yield one, version_of(hit for hit in hits if self.of(hit, one))
            case 4:
                self.read(library.search(WORD, 3))

    def of(self, hit: Hit, name: str) -> bool:
        return Path(hit.passage.source).is_relative_to(self.root / name)

    def read(self, hits: list[Hit]) -> None:
        """What a search led to may be gone by now, but is never half there."""
        for hit in hits:
            document, around = self.library.open(hit.passage.document), hit.passage
            if document is not None:
                assert document.text[around.start : around.end] == around.text
            assert len(self.library.around(hit.passage)) <= 3
        state = self.library.state()
        assert state.documents <= state.passages


def change(library: Library, root: Path, chance: random.Random, version: int) -> None:
    name = chance.choice(COLLECTIONS)
    write(root / name, version)
    list(library.add([root / name], name, tags=[f"of {name}"]))
    what = chance.random()
    if what < 0.2:
        assert library.remove(str(root / name / "s"), name)
    elif what < 0.3:
        list(library.reindex())
    elif what < 0.4:
        list(library.repair())
    elif what < 0.5:
        library.tag(str(root / name), name, ["more"])


def storm(shelf: Shelf, home: Path, versions: int, seed: int) -> int:
    chance, root = random.Random(seed), home.resolve() / "files"
    library = opened(shelf, home, Making(dimension=16))
    for name in COLLECTIONS:
        write(root / name, 1)
        list(library.add([root / name], name, tags=[f"of {name}"]))
    searches = Searches(library, root)
    for version in range(2, versions):
        change(library, root, chance, version)
        if searches.wrong:
            break
    searches.ended()
    whole(library)
    assert all(len(seen) > versions // 5 for seen in searches.seen.values())
    return searches.count


@pytest.mark.slow
@pytest.mark.parametrize("kind", [memory, shelved])
def test_each_search_sees_one_generation(tmp_path: Path, kind: type, hasty: None) -> None:
    with kind(tmp_path) as shelf:
        storm(shelf, tmp_path, 14, seed=1)


class Swept(MemoryShelf):
    """A shelf that is changed and swept between a search's ranking and its reading of passages."""

    changes: list[Callable[[], None]]

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        if self.changes:
            thread = threading.Thread(target=self.changes.pop())
            thread.start()
            thread.join()
        return super().passages(keys)


def test_a_search_whose_passages_are_swept_away_begins_anew(tmp_path: Path) -> None:
    shelf, root = Swept(), tmp_path.resolve() / "files"
    shelf.changes = []
    library = opened(shelf, tmp_path)

    def change(version: int) -> None:
        write(root, version)
        list(library.add([root]))

    change(1)
    for times in (1, 2, 5):
        shelf.changes = [partial(change, times * 10 + n) for n in range(times)]
        assert version_of(library.search(WORD, ALL)) == times * 10
    shelf.changes = [partial(change, 100 + n) for n in range(50)]
    with pytest.raises(UserError, match="search again"):
        library.search(WORD, ALL)


def test_a_search_waits_for_no_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path.resolve() / "files"
    library = opened(MemoryShelf(), tmp_path)
    write(root, 1)
    list(library.add([root]))
    seen = []

    def searched(generations: Generations, *given: Any) -> Snapshot:
        """Look what a search finds when the new files are in force and not yet open."""
        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(library.search, WORD, ALL).result(20))
        return plain(generations, *given)

    plain = Generations.open
    monkeypatch.setattr(Generations, "open", searched)
    write(root, 2)
    list(library.add([root]))
    assert version_of(seen[0]) == 1
    assert version_of(library.search(WORD, ALL)) == 2


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", [memory, shelved])
def test_each_search_sees_one_of_three_hundred_generations(
    tmp_path: Path, kind: type, hasty: None
) -> None:
    began = time.monotonic()
    with kind(tmp_path) as shelf:
        count = storm(shelf, tmp_path, 300, seed=2)
    seconds = time.monotonic() - began
    print(f"library generations, {kind.__name__}: {count} searches of 300 in {seconds:.0f} s")
