"""Damaged search files are found out when a library is opened, and made again: never wrong hits."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from proof_damage import damage, files, flip_in
from proof_library import Found, answers, from_scratch, texts_of, whole
from proof_texts import Folder, text

from retrieval.embed import HashEmbedder, Vectors
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf


class Counting(HashEmbedder):
    """Counts the texts that it embeds."""

    texts = 0

    def encode(self, texts: Iterable[str], *, query: bool = False) -> Vectors:
        given = list(texts)
        self.texts += 0 if query else len(given)
        return super().encode(given, query=query)


class House:
    """A library of a few generations, and copies of its search files to damage."""

    def __init__(self, root: Path) -> None:
        self.root, self.embedder, self.shelf = root, Counting(), MemoryShelf()
        self.folder = root / "library"
        self.library = Library(self.shelf, self.embedder, self.folder)
        self.held = Folder(root / "files", random.Random(7))
        self.older: list[Path] = []
        for number in range(6):
            for _ in range(5 - number):
                self.held.change()
            self.held.write(self.held.root / f"{number}.md", text(number, 0))
            list(self.library.add([self.held.root]))
            self.older.append(self.copy(f"older{number}"))
        self.expected = answers(self.library)
        assert all(self.expected)
        assert self.expected == from_scratch(texts_of(self.library), root / "scratch")

    def copy(self, name: str) -> Path:
        return shutil.copytree(self.folder, self.root / name)

    def generation(self, folder: Path) -> str:
        return (folder / "CURRENT").read_text() if (folder / "CURRENT").exists() else ""

    def served(self, folder: Path) -> list[Found]:
        """Open the search files of a folder; what they serve is what nothing else would change."""
        texts = self.embedder.texts
        library = Library(self.shelf, self.embedder, folder)
        found = answers(library)
        whole(library)
        assert self.embedder.texts == texts, "vectors come from the shelf"
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("flips"))


def storm(house: House, count: int, seed: int) -> Counter[str]:
    chance, kinds = random.Random(seed), Counter[str]()
    for number in range(count):
        folder = house.copy(f"damaged{number}")
        before = house.generation(folder)
        kind, damaged = damage(folder, chance)
        assert house.served(folder) == house.expected, (kind, damaged)
        if damaged:
            assert house.generation(folder) != before or not before, "it was found out"
            kinds[kind] += 1
        shutil.rmtree(folder)
    return kinds


@pytest.mark.slow
def test_damaged_search_files_are_never_served(house: House) -> None:
    assert storm(house, 60, seed=1).total() > 50


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_thousand_damages_are_never_served(house: House) -> None:
    began = time.monotonic()
    kinds = storm(house, 1000, seed=2)
    assert kinds.total() > 900
    seconds = time.monotonic() - began
    print(f"library damage: 1000 in {seconds:.0f} s, found out and made again: {dict(kinds)}")


def test_an_older_generation_is_brought_up(house: House) -> None:
    for older in house.older:
        assert house.served(shutil.copytree(older, house.root / "put back")) == house.expected
        shutil.rmtree(house.root / "put back")


def test_parts_of_an_older_generation_are_found_out(house: House) -> None:
    for number, older in enumerate(house.older[:-1]):
        for name in ("CURRENT", "manifest.json", "editions.npy", "meta.json"):
            folder = house.copy(f"mixed{number}{name}")
            (old,) = older.rglob(name)
            (new,) = folder.rglob(name)
            new.unlink()
            shutil.copy(old, new)
            assert house.served(folder) == house.expected, (number, name)


def other(house: House, folder: Path, embedder: HashEmbedder) -> MemoryShelf:
    """Make search files of other texts, as new as those of the house."""
    shelf = MemoryShelf()
    library = Library(shelf, embedder, folder)
    documents = texts_of(house.library)[::-1]
    while shelf.version() < house.shelf.version():
        library.put([documents[shelf.version() % len(documents)]])
    return shelf


@pytest.mark.parametrize("dimension", [64, 32])
def test_the_search_files_of_another_library_are_found_out(house: House, dimension: int) -> None:
    """A database may be put back, or begun anew, beside search files that are as new as it is."""
    folder, embedder = house.root / f"other{dimension}", HashEmbedder(dimension)
    shelf = other(house, folder, embedder)
    older = shutil.copytree(folder, house.root / f"older{dimension}")
    assert house.served(folder) == house.expected
    # Less new than it is, so that they would be added to.
    Library(shelf, embedder, older).remove(texts_of(house.library)[0].source)
    assert house.served(older) == house.expected


@pytest.mark.slow
def test_damage_under_an_open_library_does_not_get_into_the_next_generation(
    house: House, tmp_path: Path
) -> None:
    chance, count = random.Random(3), 1
    *first, second, third, fourth = texts_of(house.library)
    expected = from_scratch([*first, second, third, fourth], tmp_path / "scratch")
    number = 0
    while number < count:
        folder, shelf = tmp_path / f"{number}", MemoryShelf()
        library = Library(shelf, HashEmbedder(), folder)
        for at in range(0, len(first), 5):
            library.put(first[at : at + 5])
        found = files(folder)
        flip_in(found[number], chance)
        for document in (second, third, fourth):
            library.put([document])
        again = Library(shelf, HashEmbedder(), folder)
        assert answers(again) == expected, found[number].name
        number, count = number + 1, len(found)
        shutil.rmtree(folder)
    assert number >= 15
