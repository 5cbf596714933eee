"""Walking folders: what people read is taken, drawings and hidden files only when named."""

import os
from pathlib import Path

import pytest

from retrieval import walk
from retrieval.errors import UserError
from retrieval.walk import Seen, files, survey


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


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", _folder(tmp_path) / "a.txt" / "below"):
        with pytest.raises(UserError, match=rf"no file or folder .*{path.name}"):
            survey([path])


@pytest.mark.parametrize(
    "name", ["a.docx", "a.pptx", "a.xlsx", "a.csv", "a.tsv", "a.epub", "a.eml", "a.ipynb", "A.JSON"]
)
def test_known_endings_are_taken_without_a_look_inside(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(b"\0\1")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(Path, "open", never)
    assert files([tmp_path]) == [tmp_path.resolve() / name]


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    file, link = tmp_path / "a.txt", tmp_path / "sub"
    file.write_text("words")
    os.utime(file, ns=(7, 1_234_567_890_123))
    link.mkdir()
    (link / "b.txt").symlink_to(file)
    expected = Seen(file.resolve(), 5, 1_234_567_890_123)
    assert survey([file]).files == (expected,)
    assert survey([link, tmp_path]).files == (expected,)


def test_links_to_folders_are_not_followed_and_office_locks_left_out(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "deep" / "~$c.docx").write_bytes(b"x")
    assert [path.name for path in files([folder / "deep"])] == ["c.html"]


def test_a_folder_that_cannot_be_listed_is_told_and_not_taken_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path).resolve()
    closed = folder / "deep"
    scan = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(walk.os, "scandir", scandir)
    found = survey([folder])
    assert [seen.path.name for seen in found.files] == ["a.txt", "b.md", "notes.log"]
    assert found.unreadable == (closed,)


def test_what_breaks_off_while_it_is_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path).resolve()
    scan = os.scandir

    class Torn:
        def __init__(self, path: str | Path) -> None:
            self.entries = scan(path)

        def __enter__(self) -> object:
            yield_one = next(self.entries)

            def torn() -> object:
                yield yield_one
                raise OSError(5, "Input/output error")

            return torn()

        def __exit__(self, *_: object) -> None:
            self.entries.close()

    deep = folder / "deep"
    monkeypatch.setattr(walk.os, "scandir", lambda p: Torn(p) if Path(p) == deep else scan(p))
    found = survey([folder])
    assert "c.html" not in [seen.path.name for seen in found.files]
    assert found.unreadable == (deep,)


def test_a_link_to_nothing_and_a_file_that_cannot_be_looked_at_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path).resolve()
    away = folder.parent / "not mounted" / "far.txt"
    (folder / "far.txt").symlink_to(away)
    (folder / "round").symlink_to(folder / "round")
    opened = Path.open

    def closed(path: Path, *arguments: object) -> object:
        if path.name == "notes.log":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", closed)
    found = survey([folder])
    assert found.unreadable == (folder / "notes.log",)
    assert set(found.astray) == {away, folder / "round"}
    assert [seen.path.name for seen in found.files] == ["a.txt", "b.md", "c.html"]


def test_pictures_are_taken_only_if_they_can_be_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path).resolve()
    (folder / "scan.PNG").write_bytes(b"x")
    without, with_ = survey([folder], pictures=False), survey([folder], pictures=True)
    assert without.pictures == (folder / "scan.PNG",) and not with_.pictures
    assert {seen.path for seen in with_.files} - {s.path for s in without.files} == {
        folder / "scan.PNG"
    }
    assert [seen.path for seen in survey([folder / "scan.PNG"], pictures=False).files] == [
        folder / "scan.PNG"
    ]


def test_folders_may_be_deeper_than_python_recurses(tmp_path: Path) -> None:
    depths = [os.path.join(tmp_path, *["d"] * depth) for depth in range(1, 1_201)]  # noqa: PTH118
    for folder in depths:
        os.mkdir(folder)  # noqa: PTH102
    (tmp_path / "top.txt").write_text("words")
    try:
        assert files([tmp_path]) == [tmp_path.resolve() / "top.txt"]
    finally:
        for folder in reversed(depths):
            os.rmdir(folder)  # noqa: PTH106


def test_what_cannot_even_be_looked_at_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder may be listed, and yet be closed: nothing in it can be asked for then."""
    folder = _folder(tmp_path).resolve()

    def closed(path: object, *_: object, **__: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", closed)
    monkeypatch.setattr(walk.os, "lstat", closed)
    assert set(survey([folder]).unreadable) == {folder / "notes.log", folder / "photo.bin"}


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(UserError, match="neither a file nor a folder"):
        survey([tmp_path / "pipe.txt"])
    with pytest.raises(UserError, match="no readable file"):
        survey([tmp_path])


def test_one_folder_is_left_out_of_another(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    assert [path.path.name for path in survey([folder], besides=folder / "deep").files] == [
        "a.txt",
        "b.md",
        "notes.log",
    ]
    named = survey([folder / "deep"], besides=folder / "deep").files
    assert [seen.path.name for seen in named] == ["c.html"]
