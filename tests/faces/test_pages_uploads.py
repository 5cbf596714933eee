"""Uploaded files are kept whole, once, under plain names, and nothing is opened elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retrieval.errors import UserError
from ui import uploads

_seen: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and event in ("open", "os.link", "os.mkdir", "os.rename", "os.remove"):
        _seen.extend(str(value) for value in arguments[:2] if isinstance(value, (str, Path)))


sys.addaudithook(_watch)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every path that is opened, linked, made or removed while the test runs."""
    global _seen
    _seen = []
    yield _seen
    _seen = None


TRICKS = [
    "../../etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\win.ini",
    "C:\\boot.ini",
    ".",
    "..",
    "",
    "\0",
    "a\0b.txt",
    ".ssh",
    "con.txt",
    "NUL",
    "x" * 400 + ".pdf",
    "名" * 200 + ".md",
    "a\u202egpj.exe",
    "~root",
    "$(touch x).md",
    "....//....//x",
    "a/../b",
]


@pytest.mark.parametrize("name", TRICKS)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, opened: list[str], name: str) -> None:
    kept = uploads.keep(tmp_path, name, b"text")
    folder = uploads.uploads(tmp_path)
    assert kept.parent == folder and kept.resolve().parent == folder.resolve()
    assert kept.read_bytes() == b"text" and not kept.name.startswith(".")
    touched = {path for path in opened if path.startswith("/") and path != str(folder)}
    assert touched and all(Path(path).parent == folder for path in touched)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=300))
@example("CON .md")
@example("﹒.")
def test_a_safe_name_is_one_part_and_stays_itself(name: str) -> None:
    safe = uploads.safe_name(name)
    assert safe == Path(safe).name and safe not in ("", ".", "..")
    assert not safe.startswith(".") and len(safe.encode()) <= uploads.NAME_BYTES + 5
    assert uploads.safe_name(safe) == safe
    safe.encode("utf-8")


def test_equal_files_are_kept_once_and_others_side_by_side(tmp_path: Path) -> None:
    first = uploads.keep(tmp_path, "notes.md", b"one")
    assert uploads.keep(tmp_path, "notes.md", b"one") == first
    second = uploads.keep(tmp_path, "notes.md", b"two")
    assert second.name == "notes (2).md" and first.read_bytes() == b"one"
    assert uploads.keep(tmp_path, "notes.md", b"two") == second
    assert {path.name for path in first.parent.iterdir()} == {"notes.md", "notes (2).md"}


def test_a_planted_link_is_never_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("mine")
    folder = uploads.uploads(tmp_path / "home")
    folder.mkdir(parents=True)
    (folder / "notes.md").symlink_to(outside)
    assert uploads.keep(tmp_path / "home", "notes.md", b"theirs").name == "notes (2).md"
    assert outside.read_text() == "mine"


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    uploads.uploads(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError):
        uploads.keep(tmp_path, "a.md", b"x")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_fault_of_the_disk_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="No space left"):
        uploads.keep(tmp_path, "a.md", b"x")
    assert not list(uploads.uploads(tmp_path).iterdir())
