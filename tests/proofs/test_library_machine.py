"""A library through any calls, crashes and reopenings is what a dict would be."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run
from library_model import Model, Scope
from proof_library import ALL, Making, opened, whole
from proof_texts import text
from sqlalchemy import Engine

from app.store.database import open_database
from app.store.shelf import SqlShelf
from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.progress import Moved, Progress
from retrieval.readers import markdown
from retrieval.shelf import Kept, Place, Shelf
from retrieval.split import in_context, split

NAMES = st.sampled_from(["a.md", "b.md", "s/c.md", "s/d.md", "s/t/e.md"])
TEXTS = st.integers(0, 5)
COLLECTIONS = st.sampled_from(["default", "other"])
TAGS = st.sets(st.sampled_from(["red", "blue"]), max_size=2)
QUERIES = st.sampled_from(["babaki", "k1v0 text", "part 1", "天地", "k3v0 dodome 人", ""])
MAKINGS = st.sampled_from([Making(), Making(size=400), Making(dimension=32)])


def words(number: int) -> str:
    return text(number, 0, parts=1 + number % 3)


class Machine(RuleBasedStateMachine):
    """Calls of a library on a folder of files, and the model beside it."""

    shelf: Shelf

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp()).resolve()
        self.root = self.home / "files"
        self.root.mkdir()
        self.model, self.stamp = Model(), time.time_ns() - 10**12
        self.begin()
        self.library = opened(self.shelf, self.home)

    def begin(self) -> None:
        raise NotImplementedError

    def again(self) -> None:
        """Open the shelf and the library anew."""
        self.library = opened(self.shelf, self.home, self.model.making)

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    def disk(self) -> dict[str, str]:
        return {str(path): path.read_text("utf-8") for path in sorted(self.root.rglob("*.md"))}

    @initialize(collection=COLLECTIONS, tags=TAGS)
    def begin_with_some(self, collection: str, tags: set[str]) -> None:
        for number, name in enumerate(("a.md", "s/c.md", "s/d.md")):
            self.write(name, number, True)
        self.sync(collection, tags, False)

    @rule(name=NAMES, number=TEXTS, settled=st.booleans())
    def write(self, name: str, number: int, settled: bool) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words(number), encoding="utf-8")
        if settled:
            self.stamp += 1
            os.utime(path, ns=(self.stamp, self.stamp))

    @precondition(lambda self: self.disk())
    @rule(data=st.data(), name=NAMES)
    def move(self, data: st.DataObject, name: str) -> None:
        path = Path(data.draw(st.sampled_from(sorted(self.disk()))))
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        path.rename(self.root / name)

    @precondition(lambda self: self.disk())
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        Path(data.draw(st.sampled_from(sorted(self.disk())))).unlink()

    @precondition(lambda self: self.disk())
    @rule(collection=COLLECTIONS, tags=TAGS, reread=st.booleans())
    def sync(self, collection: str, tags: set[str], reread: bool) -> None:
        expected = self.model.moved(self.root, self.disk(), collection)
        assert len(moves(self.synced(collection, tags, reread))) == expected

    def synced(self, collection: str, tags: set[str], reread: bool) -> list[Progress]:
        steps = list(self.library.add([self.root], collection, tags=tags, reread=reread))
        assert steps[-1].kind == "indexed" and "failed" not in {step.kind for step in steps}
        self.model.move(collection, moves(steps), self.disk())
        self.model.sync(self.root, self.disk(), collection, tags)
        return steps

    @rule(number=TEXTS, note=st.integers(0, 2), collection=COLLECTIONS, tags=TAGS)
    def put(self, number: int, note: int, collection: str, tags: set[str]) -> None:
        document = self.note(number, note, collection)
        assert self.library.put([document], tags) == [document.id]
        self.model.put(collection, document.source, document.text, tags)

    def note(self, number: int, note: int, collection: str) -> Document:
        return markdown.read(words(number).encode(), f"note/{note}", "", collection)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        collection, source = data.draw(self.held())
        assert self.library.remove(source, collection) == self.model.drop(collection, source)

    @rule(data=st.data(), add=TAGS, drop=TAGS)
    def tag(self, data: st.DataObject, add: set[str], drop: set[str]) -> None:
        collection, source = data.draw(self.held())
        found = list(self.model.below(collection, source))
        assert self.library.tag(source, collection, add, drop) == len(found)
        for at in found:
            self.model.tags[at] = (self.model.tags[at] | add) - drop

    def held(self) -> st.SearchStrategy[tuple[str, str]]:
        """A collection and a source in it: a file, a folder, or one that holds nothing."""
        places = [("default", str(self.root)), ("other", str(self.root / "s")), ("other", "gone")]
        return st.sampled_from([*places, *sorted(self.model.texts)])

    @rule(making=MAKINGS)
    def reindex(self, making: Making) -> None:
        self.model.making = making
        self.again()
        assert [step.kind for step in self.library.reindex()][-1] == "indexed"

    @rule(data=st.data(), query=QUERIES, collections=st.sets(COLLECTIONS), tags=TAGS)
    def search(
        self, data: st.DataObject, query: str, collections: set[str], tags: set[str]
    ) -> None:
        source = data.draw(self.held())[1] if data.draw(st.booleans()) else None
        scope = (tuple(collections), (source,) if source else (), tuple(tags))
        self.compare(query, scope)

    def compare(self, query: str, scope: Scope = ((), (), ())) -> None:
        expected = self.model.found(query, scope)
        try:
            hits = self.library.search(query, ALL, *scope)
        except UserError as error:
            # A scope names what is not there, or one kind of it leaves nothing of another.
            assert not self.model.texts or any(scope), error
            assert not expected or sum(map(len, scope)) > 1, error
            return
        found = {(hit.passage.document, hit.passage.start): hit for hit in hits}
        assert len(found) == len(hits)
        if not query.strip():
            assert not hits
            return
        assert found.keys() == expected.keys()
        for at, (end, words, cosine, found_by) in expected.items():
            hit = found[at]
            assert (hit.passage.end, hit.passage.text) == (end, words)
            assert hit.found_by == found_by
            assert cosine is not None and hit.cosine == pytest.approx(cosine, abs=1e-4)

    @rule()
    def verify(self) -> None:
        if self.library.state().generation:
            whole(self.library)

    @rule()
    def crash(self) -> None:
        self.again()

    @rule(rest=st.sampled_from(["2.tmp/words/meta.json", "77/manifest.json", "x.tmp/vectors"]))
    def crash_while_files_are_written(self, rest: str) -> None:
        path = self.home / "library" / "generations" / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        self.again()

    @rule(number=TEXTS, note=st.integers(0, 2), collection=COLLECTIONS)
    def crash_before_files_are_written(self, number: int, note: int, collection: str) -> None:
        one, making = self.note(number, note, collection), self.model.making
        passages, embedder = split(one, size=making.size), HashEmbedder(making.dimension)
        vectors = embedder.encode([in_context(passage) for passage in passages])
        place = Place(one.source, collection)
        self.shelf.put(Kept(one, place, passages, vectors, embedder.id))
        self.model.put(collection, one.source, one.text, set())
        self.again()

    @precondition(lambda self: self.disk())
    @rule(collection=COLLECTIONS, after=st.integers(0, 4))
    def crash_amid_a_sync(self, collection: str, after: int) -> None:
        steps = self.library.add([self.root], collection)
        told = list(islice(steps, after))
        dies(self.library, steps)
        self.model.move(collection, moves(told), self.disk())
        self.again()
        held = self.shelf.places(collection)
        for step in told:
            if step.kind in ("added", "changed", "unchanged", "moved", "duplicate"):
                assert step.path in held
        if held:
            self.library.ready()
            whole(self.library)
        self.synced(collection, set(), False)

    @invariant()
    def holds_what_it_should(self) -> None:
        holdings = {holding.document: holding for holding in self.library.holdings()}
        expected = self.model.documents()
        assert holdings.keys() == expected.keys()
        for id, (document, sources, tags) in expected.items():
            holding = holdings[id]
            assert set(holding.sources) == sources and set(holding.tags) == tags
            assert holding.collection == document.collection
        self.compare("dodome 天地 part k2v0")
        for tag in {tag for _, _, tags in expected.values() for tag in tags}:
            self.compare("part of k1v0", ((), (), (tag,)))
        for name in {document.collection for document, _, _ in expected.values()}:
            self.compare("k3v0", ((name,), (str(self.root / "s"), "note"), ()))


def moves(steps: Iterable[Progress]) -> dict[str, str]:
    """Return where files are that were elsewhere, and where they were."""
    return {step.path: step.before for step in steps if isinstance(step, Moved)}


def dies(library: Library, steps: Iterator[object]) -> None:
    """End a call as kill -9 does: what would tidy up is not run."""

    def nothing(*_: object, **__: object) -> None:
        return None

    index = library._index
    index.build = index.relist = nothing  # type: ignore[method-assign,assignment]
    steps.close()  # type: ignore[attr-defined]


class InMemory(Machine):
    """The shelf in memory: what a process keeps in its hands."""

    def begin(self) -> None:
        self.shelf = MemoryShelf()


class InDatabase(Machine):
    """The shelf in a database, opened anew after each crash."""

    def begin(self) -> None:
        self.engine: Engine = open_database(self.home / "vouch.db")
        self.shelf = SqlShelf(self.engine)

    def again(self) -> None:
        self.engine.dispose()
        self.begin()
        super().again()

    def teardown(self) -> None:
        self.engine.dispose()
        super().teardown()


SEEDED = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    stateful_step_count=20,
)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [InMemory, InDatabase])
def test_a_library_is_what_a_dict_would_be(machine: type[Machine]) -> None:
    run(machine, settings=settings(SEEDED, max_examples=10))


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(5000)
@pytest.mark.parametrize("machine", [InMemory, InDatabase])
def test_a_library_is_what_a_dict_would_be_three_hundred_times(
    machine: type[Machine],
) -> None:
    began = time.monotonic()
    run(machine, settings=settings(SEEDED, max_examples=300, stateful_step_count=30))
    seconds = time.monotonic() - began
    print(f"library model, {machine.__name__}: 300 runs of 30 calls in {seconds:.0f} s")
