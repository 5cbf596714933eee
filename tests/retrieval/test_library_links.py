"""A link out of a folder: nobody named the file that it leads to, so it is not opened."""

from pathlib import Path

from retrieval.embed import HashEmbedder
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.progress import Failed


def test_a_link_out_of_the_folder_is_named_and_not_opened(tmp_path: Path) -> None:
    folder, secret = tmp_path / "docs", tmp_path / "elsewhere" / "secret.txt"
    folder.mkdir()
    secret.parent.mkdir()
    secret.write_text("The password is sesame.")
    (folder / "cats.txt").write_text("Cats purr.")
    (folder / "inner.txt").symlink_to(folder / "cats.txt")
    (folder / "notes.txt").symlink_to(secret)
    library = Library(MemoryShelf(), HashEmbedder(), tmp_path / "library")
    (failed,) = [step for step in library.add([folder]) if isinstance(step, Failed)]
    assert failed.path.endswith("notes.txt") and "outside" in failed.why
    assert [Path(held.source).name for held in library.holdings()] == ["cats.txt"]
    # Named itself, it is taken in.
    assert not [step for step in library.add([folder, secret]) if isinstance(step, Failed)]
    assert {Path(held.source).name for held in library.holdings()} == {"cats.txt", "secret.txt"}
