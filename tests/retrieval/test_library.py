"""The library: what it takes in, what it finds, and that it never serves damaged or stale files."""

import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.intake import BATCH
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.progress import (
    Added,
    Changed,
    Duplicate,
    Embedding,
    Failed,
    Indexed,
    Progress,
    Unchanged,
)
from retrieval.shelf import Kept, Place, Vectors
from retrieval.split import split


class Counting(HashEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.texts = 0

    def encode(self, texts: Iterable[str], *, query: bool = False) -> Vectors:
        kept = list(texts)
        self.texts += 0 if query else len(kept)
        return super().encode(kept, query=query)


class House:
    """A folder of files, a shelf, and libraries opened on them one after the other."""

    def __init__(self, root: Path) -> None:
        self.files, self.folder = root / "files", root / "library"
        self.files.mkdir()
        self.shelf, self.embedder = MemoryShelf(), Counting()
        self.library = self.opened()

    def opened(self, embedder: HashEmbedder | None = None) -> Library:
        return Library(self.shelf, embedder or self.embedder, self.folder)

    def write(self, name: str, text: str) -> Path:
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def add(self) -> list[Progress]:
        return list(self.library.add([self.files]))

    def put(self, name: str, text: str) -> None:
        """Keep a document as a process does that dies before it writes the search files."""
        document = Document(name, name, text)
        passages = split(document)
        vectors = self.embedder.encode([passage.text for passage in passages])
        self.shelf.put(Kept(document, Place(name), passages, vectors, self.embedder.id))


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.write("cats.md", "# Cats\n\nCats sleep for most of the day.\n")
    made.write("dogs.txt", "Dogs bark at night when strangers pass.\n")
    return made


def titles(library: Library, query: str) -> list[str]:
    return [hit.passage.title for hit in library.search(query, 5)]


def kinds(steps: list[Progress]) -> list[str]:
    return [step.kind for step in steps]


def test_adds_and_finds(house: House) -> None:
    steps = house.add()
    assert kinds(steps) == ["added", "added", "indexed"]
    assert [(s.done, s.total) for s in steps if isinstance(s, Added)] == [(1, 2), (2, 2)]
    hits = house.library.search("When do cats sleep?", 5)
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].passage.title == "Cats" and hits[0].found_by == ("dense", "lexical")
    assert hits[0].cosine is not None and hits[0].cosine > 0.3
    document = house.library.open(hits[0].passage.document)
    assert document is not None
    assert document.text[hits[0].passage.start : hits[0].passage.end] == hits[0].passage.text


def test_an_unchanged_file_is_not_read_again(house: House) -> None:
    house.add()
    before = (house.embedder.texts, house.shelf.version(), house.library.state())
    assert kinds(house.add()) == ["unchanged", "unchanged", "indexed"]
    assert (house.embedder.texts, house.shelf.version(), house.library.state()) == before


def test_a_changed_file_takes_the_place_of_its_old_text(house: House) -> None:
    house.add()
    house.write("dogs.txt", "Parrots talk.")
    assert kinds(house.add()) == ["unchanged", "changed", "indexed"]
    assert house.library.state().documents == 2
    assert not any("bark" in hit.passage.text for hit in house.library.search("dogs bark", 5))


def test_a_duplicate_is_kept_once(house: House) -> None:
    house.write("more/dogs copy.txt", "Dogs bark at night when strangers pass.\n")
    (step,) = (step for step in house.add() if isinstance(step, Duplicate))
    assert step.of.endswith("dogs.txt")
    assert house.library.state().documents == 2


def test_a_file_that_becomes_a_duplicate_loses_its_old_text(house: House) -> None:
    house.add()
    house.write("dogs.txt", (house.files / "cats.md").read_text())
    assert "duplicate" in kinds(house.add())
    assert titles(house.library, "dogs bark at night") == ["Cats"]


def test_a_bad_file_is_named_and_the_others_go_on(house: House) -> None:
    house.write("bad.pdf", "%PDF-1.4 cut short")
    house.write(".hidden.txt", "not for the library")
    steps = house.add()
    failed = [step for step in steps if isinstance(step, Failed)]
    assert len(failed) == 1 and "bad.pdf" in failed[0].why
    assert kinds(steps).count("added") == 2
    assert isinstance(steps[-1], Indexed) and steps[-1].documents == 2


def test_paths_that_hold_nothing_are_refused_before_work(house: House, tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path / "void"):
        (tmp_path / "void").mkdir(exist_ok=True)
        with pytest.raises(UserError, match=path.name):
            list(house.library.add([house.files, path]))
    assert house.library.state().documents == 0


def test_a_large_file_tells_how_far_it_is(house: House) -> None:
    house.write("large.txt", "\n\n".join(f"Part {n}. " + "words " * 120 for n in range(600)))
    steps = house.add()
    counts = [(s.passages, s.of) for s in steps if isinstance(s, Embedding)]
    assert len(counts) > 1 and counts[-1][0] == counts[-1][1] > BATCH


def test_an_empty_library_says_what_to_do(house: House) -> None:
    with pytest.raises(UserError, match="vouch add"):
        house.library.search("anything", 3)
    house.add()
    assert house.library.remove("gone") == 0
    assert house.library.remove(str(house.files.resolve())) == 2
    with pytest.raises(UserError, match="empty"):
        house.library.search("anything", 3)


def test_removed_text_leaves_the_disk(house: House) -> None:
    house.add()
    house.library.remove(str((house.files / "dogs.txt").resolve()))
    assert titles(house.library, "dogs bark") == ["Cats"]
    kept = [path.read_bytes() for path in house.folder.rglob("*") if path.is_file()]
    assert kept and not any(b"strangers" in data for data in kept)


def test_opened_again_it_serves_the_same_generation(house: House) -> None:
    house.add()
    found = house.library.search("cats bark", 5)
    again = house.opened()
    assert again.search("cats bark", 5) == found
    assert again.state().generation == house.library.state().generation == 1


def test_killed_between_shelf_and_index_it_builds_again(house: House) -> None:
    house.add()
    house.put("birds", "Birds sing in the morning.")
    texts, again = house.embedder.texts, house.opened()
    assert titles(again, "birds sing morning")[0] == "birds"
    assert house.embedder.texts == texts
    assert again.state().generation == 2


def rewrite(path: Path, data: bytes) -> None:
    """Put a new file in place of one that an open index may have mapped into memory."""
    path.unlink()
    path.write_bytes(data)


def damages() -> dict[str, Callable[[Path], None]]:
    def flip(name: str) -> Callable[[Path], None]:
        def damage(folder: Path) -> None:
            path = max(folder.rglob(name), key=lambda found: found.stat().st_size)
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            rewrite(path, bytes(data))

        return damage

    def cut(folder: Path) -> None:
        path = next(folder.rglob("editions.npy"))
        rewrite(path, path.read_bytes()[:-10])

    flips = {name: flip(name) for name in ("*.npy", "*.idx", "*.fast", "meta.json")}
    return flips | {
        "manifest": flip("manifest.json"),
        "pointer": flip("CURRENT"),
        "cut short": cut,
        "a file gone": lambda folder: next(folder.rglob("*.term")).unlink(),
        "a generation gone": lambda folder: shutil.rmtree(folder / "generations"),
        "all gone": shutil.rmtree,
    }


@pytest.mark.parametrize("damage", damages().values(), ids=damages().keys())
def test_damaged_files_are_never_served(house: House, damage: Callable[[Path], None]) -> None:
    house.add()
    found, texts = house.library.search("cats bark", 5), house.embedder.texts
    damage(house.folder)
    rebuilt = 2 if (house.folder / "generations" / "1").exists() else 1
    again = house.opened()
    assert again.state().documents == 2
    assert again.search("cats bark", 5) == found
    assert house.embedder.texts == texts
    assert again.state().generation == rebuilt


def test_a_torn_write_beside_the_generation_does_no_harm(house: House) -> None:
    house.add()
    (house.folder / "generations" / "2.tmp").mkdir()
    (house.folder / "generations" / "2.tmp" / "vectors").write_bytes(b"half")
    (house.folder / "generations" / "9").mkdir()
    again = house.opened()
    assert titles(again, "cats")[0] == "Cats" and again.state().generation == 1
    house.write("birds.txt", "Birds sing.")
    list(again.add([house.files]))
    assert again.state().generation == 2
    assert [path.name for path in (house.folder / "generations").iterdir()] == ["2"]


def test_another_embedder_is_refused_until_everything_is_embedded_again(house: House) -> None:
    house.add()
    other = house.opened(Counting(32))
    for attempt in (lambda: other.search("cats", 3), lambda: list(other.add([house.files]))):
        with pytest.raises(UserError, match="reindex"):
            attempt()
    assert other.state().embedder == house.embedder.id
    assert kinds(list(other.reindex())) == ["changed", "changed", "indexed"]
    assert titles(other, "when do cats sleep")[0] == "Cats"
    assert (other.state().embedder, other.state().dimension) == ("hash:32", 32)
    with pytest.raises(UserError, match="reindex"):
        house.opened().search("cats", 3)


def test_another_length_of_passages_is_refused_until_everything_is_cut_again(house: House) -> None:
    house.write("long.txt", "Owls hunt at dusk over the meadow. " * 60)
    house.add()

    def other() -> Library:
        return Library(house.shelf, house.embedder, house.folder, size=200)

    # To take something out makes new search files, and cuts nothing.
    assert other().remove(str(house.files / "dogs.txt")) == 1
    assert other().state().splitter == "1000 characters"
    steps = other().reindex()
    next(step for step in steps if isinstance(step, Changed))
    steps.close()  # type: ignore[attr-defined]
    house.write("birds.txt", "Birds sing.")
    with pytest.raises(UserError, match="vouch library reindex"):
        list(other().add([house.files]))
    list(other().reindex())
    assert other().state().splitter == "200 characters"
    assert "added" in kinds(list(other().add([house.files])))
    assert all(len(hit.passage.text) <= 200 for hit in other().search("owls", 50))


def test_broken_off_it_keeps_and_indexes_what_was_done(house: House) -> None:
    for n in range(4):
        house.write(f"many{n}.txt", f"Number {n}.\n\n" + "words of it\n\n" * 6000)
    steps = house.library.add([house.files])
    first = next(step for step in steps if isinstance(step, Added))
    steps.close()  # type: ignore[attr-defined]
    assert house.library.open(first.document) is not None
    assert house.library.search("words", 3)
    assert 0 < house.library.state().documents < 6


def test_a_query_the_embedder_cannot_read_is_ranked_by_words_alone(house: House) -> None:
    class Deaf(HashEmbedder):
        def reads(self, text: str) -> bool:
            return "猫" not in text

    house.write("zh.txt", "猫在白天睡觉。")
    library = house.opened(Deaf())
    list(library.add([house.files]))
    hits = library.search("猫什么时候睡觉？", 3)
    assert hits[0].passage.title == "zh" and hits[0].found_by == ("lexical",)
    assert hits[0].cosine is None


def test_files_that_cannot_be_written_are_one_sentence(house: House) -> None:
    house.folder.write_text("a file where the folder should be")
    with pytest.raises(UserError, match="library"):
        house.add()
    house.folder.unlink()
    house.add()
    assert titles(house.opened(), "cats sleep")[0] == "Cats"


def test_searches_during_an_add_see_one_generation(house: House) -> None:
    house.add()
    stop, wrong, seen = threading.Event(), list[object](), set[int]()

    def search() -> None:
        while not stop.is_set():
            try:
                hits = house.library.search("cats sleep by number", 50)
            except Exception as error:
                wrong.append(error)
                return
            if len({hit.passage.id for hit in hits}) != len(hits) or hits[0].rank != 1:
                wrong.append(hits)
            seen.add(len(hits))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(6):
        house.write(f"n{n}.txt", f"Number {n} sleeps.")
        assert isinstance(house.add()[-1], Indexed)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert seen <= set(range(2, 9)) and len(house.library.search("number", 50)) == 8
    assert isinstance(house.add()[0], Unchanged)
