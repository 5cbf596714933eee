"""Adding a folder again: only what changed is read, and the library holds what the folder holds."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from retrieval import intake
from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.parsing import DirectParser
from retrieval.progress import Added, Duplicate, Failed, Moved, Progress, Removed
from retrieval.shelf import Vectors

LONG_AGO = 1_600_000_000_000_000_000
"""Nanoseconds: a file of that time is not touched any more."""


class Counting(HashEmbedder):
    """Counts the texts that it embeds."""

    texts = 0

    def encode(self, texts: Any, *, query: bool = False) -> Vectors:
        kept = list(texts)
        self.texts += 0 if query else len(kept)
        return super().encode(kept, query=query)


class Folder:
    """A folder of old files and a library of them."""

    def __init__(self, root: Path) -> None:
        self.root, self.shelf, self.embedder = root / "files", MemoryShelf(), Counting()
        self.root.mkdir()
        self.index = root / "library"
        self.library = Library(self.shelf, self.embedder, self.index)

    def write(self, name: str, text: str, at: int = LONG_AGO) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(at, at))
        return path

    def add(self, **how: Any) -> list[Progress]:
        return list(self.library.add([self.root], **how))

    def held(self) -> dict[str, str]:
        """Return the text of each source."""
        found = {}
        for holding in self.library.holdings():
            document = self.library.open(holding.document)
            assert document is not None
            found |= {Path(name).name: document.text for name in holding.sources}
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.write("cats.txt", "Cats sleep by day.")
    made.write("dogs.txt", "Dogs bark at night.")
    made.write("deep/owls.txt", "Owls hunt at dusk.")
    made.add()
    return made


def kinds(steps: list[Progress]) -> dict[str, str]:
    """Return what became of each file, by its name."""
    return {Path(step.path).name: step.kind for step in steps if hasattr(step, "path")}


def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the names of files that are read from now on."""
    names: list[str] = []
    load = intake.load
    monkeypatch.setattr(intake, "load", lambda path: names.append(path.name) or load(path))
    return names


def test_files_that_were_not_touched_are_not_opened(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, texts = opened(monkeypatch), folder.embedder.texts
    assert set(kinds(folder.add()).values()) == {"unchanged"}
    folder.write("dogs.txt", "Dogs dream at night.")
    assert kinds(folder.add())["dogs.txt"] == "changed"
    assert names == ["dogs.txt"]
    assert folder.embedder.texts == texts + 1
    assert folder.held()["dogs.txt"] == "Dogs dream at night."


def test_a_file_of_the_same_bytes_is_read_but_not_embedded(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("dogs.txt", "Dogs bark at night.", at=LONG_AGO + 1)
    names, texts = opened(monkeypatch), folder.embedder.texts
    assert kinds(folder.add())["dogs.txt"] == "unchanged"
    folder.add()
    assert (names, folder.embedder.texts) == (["dogs.txt"], texts)


def test_a_file_written_just_now_is_read_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_700_000_000_000_000_000
    folder.library = Library(folder.shelf, folder.embedder, folder.index, now=lambda: now)
    folder.write("dogs.txt", "Dogs woof at night.", at=now)
    folder.add()
    # Of the same length and within the same tick of the clock.
    folder.write("dogs.txt", "Dogs yelp at night.", at=now)
    assert kinds(folder.add())["dogs.txt"] == "changed"
    assert folder.held()["dogs.txt"] == "Dogs yelp at night."


def test_reread_looks_into_files_whose_time_was_set_back(folder: Folder) -> None:
    folder.write("dogs.txt", "Dogs yelp at night.")
    assert kinds(folder.add())["dogs.txt"] == "unchanged"
    assert kinds(folder.add(reread=True))["dogs.txt"] == "changed"


def test_what_is_gone_from_the_folder_leaves_the_library(folder: Folder) -> None:
    (folder.root / "dogs.txt").unlink()
    (folder.root / "deep" / "owls.txt").unlink()
    steps = folder.add()
    assert [type(step) for step in steps if "gone" not in step.kind].count(Removed) == 2
    assert folder.held() == {"cats.txt": "Cats sleep by day."}
    assert [h.passage.text for h in folder.library.search("dogs bark")] == ["Cats sleep by day."]


def test_only_what_lies_in_the_folder_goes(folder: Folder, tmp_path: Path) -> None:
    other = tmp_path / "files beside"
    other.mkdir()
    (other / "mice.txt").write_text("Mice gnaw.")
    list(folder.library.add([other]))
    list(folder.library.add([folder.root], "second"))
    (other / "mice.txt").unlink()
    (other / "rats.txt").write_text("Rats swim.")
    (folder.root / "cats.txt").unlink()
    list(folder.library.add([folder.root / "deep"]))
    assert len(folder.library.holdings()) == 7
    list(folder.library.add([folder.root], "second"))
    assert (
        sorted(h.collection for h in folder.library.holdings()) == ["default"] * 4 + ["second"] * 2
    )


def test_a_folder_that_cannot_be_listed_is_not_taken_for_empty(folder: Folder) -> None:
    real = os.scandir

    def closed(path: Any) -> Any:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "scandir", closed)
        steps = folder.add()
    assert "owls.txt" in folder.held()
    (failed,) = [step for step in steps if isinstance(step, Failed)]
    assert failed.path.endswith("deep") and (failed.done, failed.total) == (1, 3)


def test_a_call_that_is_broken_off_removes_nothing(folder: Folder) -> None:
    (folder.root / "cats.txt").unlink()
    folder.write("birds.txt", "Birds sing.\n\n" + "word " * 120_000)
    steps = folder.library.add([folder.root])
    next(step for step in steps if step.kind == "embedding")
    steps.close()  # type: ignore[attr-defined]
    assert "cats.txt" in folder.held()
    assert kinds(folder.add())["cats.txt"] == "removed"


def test_a_file_that_moved_keeps_its_vectors(folder: Folder) -> None:
    texts = folder.embedder.texts
    (folder.root / "dogs.txt").rename(folder.root / "deep" / "hounds.txt")
    steps = folder.add()
    (moved,) = [step for step in steps if isinstance(step, Moved)]
    assert (Path(moved.path).name, Path(moved.before).name) == ("hounds.txt", "dogs.txt")
    assert not any(isinstance(step, Removed) for step in steps)
    assert folder.embedder.texts == texts
    (hit,) = [h for h in folder.library.search("dogs bark") if "Dogs" in h.passage.text]
    assert hit.passage.source.endswith("hounds.txt")
    assert sorted(folder.held()) == ["cats.txt", "hounds.txt", "owls.txt"]


def test_a_folder_that_was_renamed_is_held_under_its_new_name_alone(folder: Folder) -> None:
    texts = folder.embedder.texts
    moved = folder.root.rename(folder.root.with_name("renamed"))
    steps = list(folder.library.add([moved]))
    assert sum(isinstance(step, Moved) for step in steps) == 3
    assert all(Path(h.source).is_relative_to(moved) for h in folder.library.holdings())
    assert folder.embedder.texts == texts
    assert not any(holding.also for holding in folder.library.holdings())


def test_a_file_that_moved_keeps_its_tags(folder: Folder) -> None:
    folder.library.tag(str(folder.root / "dogs.txt"), "default", add=["loud"])
    (folder.root / "dogs.txt").rename(folder.root / "hounds.txt")
    folder.add(tags=["pets"])
    (hound,) = [h for h in folder.library.holdings() if h.source.endswith("hounds.txt")]
    assert hound.tags == ("loud", "pets")
    assert folder.library.search("bark", 1, tags=["loud"])


def test_a_file_with_another_ending_is_read_by_another_reader(folder: Folder) -> None:
    page = folder.write("page.txt", "<p>Bees hum.</p>")
    folder.add()
    page.rename(page.with_suffix(".html"))
    folder.add()
    assert folder.held()["page.html"] == "Bees hum."


def test_reread_has_files_of_the_same_bytes_read_by_their_readers(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version, or a program that was installed since, may read more out of a file."""
    read = DirectParser.parse

    def better(parser: DirectParser, data: bytes, path: Path, collection: str) -> Document:
        found = read(parser, data, path, collection)
        return replace(found, text=found.text.replace("Dogs", "Dogs and wolves"))

    monkeypatch.setattr(DirectParser, "parse", better)
    texts = folder.embedder.texts
    assert set(kinds(folder.add()).values()) == {"unchanged"}
    told = kinds(folder.add(reread=True))
    assert (told["dogs.txt"], told["cats.txt"]) == ("changed", "unchanged")
    assert folder.held()["dogs.txt"] == "Dogs and wolves bark at night."
    assert folder.embedder.texts == texts + 1


def test_a_copy_stands_for_the_file_when_that_goes(folder: Folder) -> None:
    folder.write("copy.txt", "Dogs bark at night.")
    folder.write("other copy.html", "<p>Dogs bark at night.</p>")
    texts, steps = folder.embedder.texts, folder.add()
    copies = [step for step in steps if isinstance(step, Duplicate)]
    assert {Path(step.of).name for step in copies} == {"dogs.txt"} and len(copies) == 2
    (folder.root / "dogs.txt").unlink()
    folder.add()
    assert [h.passage.source.endswith("copy.txt") for h in folder.library.search("bark", 1)]
    (folder.root / "copy.txt").unlink()
    (folder.root / "other copy.html").unlink()
    folder.add()
    assert not any("Dogs" in hit.passage.text for hit in folder.library.search("dogs bark"))
    assert folder.embedder.texts == texts


def test_two_new_files_of_one_text_are_kept_once(folder: Folder) -> None:
    folder.write("a.txt", "Bees hum.")
    folder.write("b.txt", "Bees hum.")
    steps = folder.add()
    assert (kinds(steps)["a.txt"], kinds(steps)["b.txt"]) == ("added", "duplicate")
    assert len([step for step in steps if isinstance(step, Added)]) == 1
    folder.write("a.txt", "Bees sting.")
    folder.add()
    assert (folder.held()["a.txt"], folder.held()["b.txt"]) == ("Bees sting.", "Bees hum.")


def test_files_that_trade_their_texts(folder: Folder) -> None:
    folder.write("cats.txt", "Dogs bark at night.", at=LONG_AGO + 1)
    folder.write("dogs.txt", "Cats sleep by day.", at=LONG_AGO + 1)
    folder.add()
    assert folder.held()["cats.txt"] == "Dogs bark at night."
    assert folder.held()["dogs.txt"] == "Cats sleep by day."


def test_a_file_that_became_unreadable_keeps_what_was_read(folder: Folder) -> None:
    folder.write("dogs.txt", "\0\1\2" * 100)
    (failed,) = [step for step in folder.add() if isinstance(step, Failed)]
    assert "dogs.txt" in failed.why
    assert folder.held()["dogs.txt"] == "Dogs bark at night."


def test_tags_stay_with_a_file_and_grow(folder: Folder) -> None:
    folder.add(tags=["pets"])
    list(folder.library.add([folder.root / "dogs.txt"], tags=["loud"]))
    folder.write("dogs.txt", "Dogs dream at night.")
    folder.add()
    found = {h.passage.text for h in folder.library.search("night", tags=["loud"])}
    assert found == {"Dogs dream at night."}
    assert folder.library.tag(str(folder.root), "default", drop=["pets"]) == 3
    assert folder.library.state().tags == ("loud",)


def test_a_change_adds_to_the_search_files(folder: Folder) -> None:
    def files() -> dict[int, bytes]:
        paths = [path for path in folder.index.rglob("*") if path.is_file()]
        return {path.stat().st_ino: path.read_bytes() for path in paths if path.stat().st_size}

    before = files()
    folder.write("dogs.txt", "Dogs dream at night.")
    folder.add()
    shared = {inode for inode, data in files().items() if before.get(inode) == data}
    assert len(shared) >= 4
    assert {h.passage.text for h in folder.library.search("dogs night")} >= {"Dogs dream at night."}


def test_texts_without_files_are_kept_under_their_sources(folder: Folder) -> None:
    notes = [Document(f"note:{n}", f"Note {n}", f"The {n}th note says {n}.") for n in (1, 2)]
    assert folder.library.put(notes, ["mine"]) == [note.id for note in notes]
    assert folder.library.search("note says", 1, tags=["mine"])[0].passage.title.startswith("Note")
    folder.library.put([Document("note:1", "Note 1", "Changed.")])
    assert "Changed." in folder.held().values() and "note:2" in folder.held()
    folder.add()
    assert len(folder.held()) == 5
    assert folder.library.remove("note:2") == 1


def test_passages_around_one_are_in_reach(folder: Folder) -> None:
    folder.write("long.txt", "\n\n".join(f"Part {n} tells of weir {n}. " * 20 for n in range(6)))
    folder.add()
    (hit, *_) = folder.library.search("weir 3")
    around = folder.library.around(hit.passage)
    assert len(around) == 3 and around[1] == hit.passage
    assert around[0].end <= hit.passage.start and hit.passage.end <= around[2].start


def test_small_documents_are_embedded_together_when_all_is_made_anew(folder: Folder) -> None:
    for n in range(40):
        folder.write(f"many{n}.txt", f"Number {n}.")
    folder.add()

    class Calls(Counting):
        calls = 0

        def encode(self, texts: Any, *, query: bool = False) -> Vectors:
            self.calls += 1
            return super().encode(texts, query=query)

    other = Calls(32)
    steps = list(Library(folder.shelf, other, folder.index).reindex())
    assert [step.kind for step in steps].count("changed") == 43
    assert (other.calls, other.texts) == (1, 43)
