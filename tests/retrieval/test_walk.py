"""Walking folders: what people read is taken, drawings and hidden files only when named."""

from pathlib import Path

import pytest

from retrieval.errors import UserError
from retrieval.walk import files


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    for name in ("a.txt", "b.md", "deep/c.html", "notes.log", "drawing.svg", ".hidden.txt"):
        (tmp_path / name).write_text("<p>Words that somebody wrote.</p>")
    (tmp_path / "photo.bin").write_bytes(bytes(range(256)) * 20)
    return tmp_path


def test_a_folder_gives_what_can_be_read_in_sorted_order(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    names = [str(path.relative_to(folder)) for path in files([folder])]
    assert names == ["a.txt", "b.md", "deep/c.html", "notes.log"]


def test_a_named_file_is_taken_whatever_it_is_and_once(tmp_path: Path) -> None:
    drawing = _folder(tmp_path) / "drawing.svg"
    assert files([drawing, tmp_path / "deep" / ".." / "drawing.svg"]) == [drawing.resolve()]


def test_a_folder_with_nothing_to_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "drawing.svg").write_text("<svg/>")
    with pytest.raises(UserError, match="no readable file"):
        files([tmp_path])
