"""A library looks itself over: what is damaged is named, and made anew from text or file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from app.store.sessions import writing
from app.store.shelf import SqlShelf
from retrieval.embed import HashEmbedder
from retrieval.library import Library
from retrieval.shelf import Stocked

Damage = Callable[[Engine], None]


class Home:
    """Files, and a library of them in a database."""

    def __init__(self, engine: Engine, root: Path) -> None:
        self.files, self.root, self.engine = root / "files", root, engine
        self.files.mkdir()
        (self.files / "weir.txt").write_text("The weir was finished in 1887.")
        (self.files / "mill.txt").write_text("The mill at Corby grinds oats.\n\n" * 60)
        self.library = self.opened()
        list(self.library.add([self.files], tags=["old"]))

    def opened(self) -> Library:
        return Library(SqlShelf(self.engine), HashEmbedder(), self.root / "library")

    def faults(self) -> list[tuple[str, str]]:
        return [(fault.part, Path(fault.source).name) for fault in self.opened().faults()]


@pytest.fixture
def home(engine: Engine, tmp_path: Path) -> Home:
    return Home(engine, tmp_path)


def run(statement: str, **values: object) -> Damage:
    def damage(engine: Engine) -> None:
        with writing(engine) as connection:
            assert connection.execute(text(statement), values).rowcount > 0

    return damage


DAMAGES: dict[str, tuple[Damage, str]] = {
    "text": (run("UPDATE editions SET text = :t", t=b"The weir was finished in 1987."), "text"),
    "a passage gone": (run("DELETE FROM spans WHERE position = 0"), "passages"),
    "an offset": (run("UPDATE spans SET first = first + 1"), "passages"),
    "no number": (
        run("UPDATE embeddings SET data = :d", d=np.full(64, np.nan, "<f4").tobytes()),
        "vectors",
    ),
    "another embedder": (run("UPDATE embeddings SET embedder = :e", e=b"other"), "vectors"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_named_and_mended(home: Home, damage: tuple[Damage, str]) -> None:
    found = [hit.passage.text for hit in home.library.search("finished 1887")]
    assert home.faults() == []
    harm, part = damage
    harm(home.engine)
    assert (part, "weir.txt") in home.faults()
    kinds = [step.kind for step in home.opened().repair()]
    assert "changed" in kinds and "failed" not in kinds
    assert home.faults() == []
    again = home.opened()
    assert [hit.passage.text for hit in again.search("finished 1887")] == found
    assert again.state().tags == ("old",)


def test_a_damaged_text_whose_file_has_changed_is_told(home: Home) -> None:
    DAMAGES["text"][0](home.engine)
    (home.files / "weir.txt").write_text("Something else.")
    failed = [step for step in home.opened().repair() if step.kind == "failed"]
    assert len(failed) == 1 and "weir.txt" in failed[0].path
    assert ("text", "weir.txt") in home.faults()
    list(home.opened().add([home.files]))
    assert ("text", "weir.txt") not in home.faults()


def test_damaged_search_files_are_named_and_written_anew(home: Home) -> None:
    path = next((home.root / "library").rglob("editions.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert home.faults() == [("search files", "")]
    assert [step.kind for step in home.opened().repair()] == ["indexed"]
    assert home.faults() == []


def test_all_that_is_held_is_exported_with_its_passages(home: Home) -> None:
    lines = {Path(line["source"]).name: line for line in home.library.export()}
    assert set(lines) == {"weir.txt", "mill.txt"}
    mill = lines["mill.txt"]
    assert mill["tags"] == ["old"] and len(mill["passages"]) > 1
    first, last = mill["passages"][0], mill["passages"][-1]
    assert mill["text"][first["start"] :].startswith("The mill at Corby")
    assert mill["text"][: last["end"]] == mill["text"].rstrip()
    assert list(home.library.export("nothing")) == []


def test_what_is_replaced_or_removed_meanwhile_is_no_fault(home: Home) -> None:
    (home.files / "new.txt").write_text("An owl.")
    list(home.library.add([home.files]))
    shelf, other = SqlShelf(home.engine), home.opened()
    stock = shelf.stock

    def changing(*how: Any) -> Iterator[Stocked]:
        for stocked in stock(*how):
            if other.holdings()[0].source.endswith("mill.txt"):
                (home.files / "mill.txt").write_text("The mill grinds wheat.")
                (home.files / "weir.txt").unlink()
                list(other.add([home.files]))
            yield stocked

    shelf.stock = changing  # type: ignore[method-assign]
    looking = Library(shelf, HashEmbedder(), home.root / "library")
    assert list(looking.faults()) == []
    assert len(other.holdings()) == 2
