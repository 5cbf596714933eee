"""Listening to a folder: what counts as a change, and where the system watches no more folders."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ui.watching import hear

PATIENCE = 60.0
"""Seconds that only a fault can reach."""


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Callable[[str], bool]]:
    """Listen to the folder; tells whether a path is heard of."""
    news, told = threading.Condition(), list[str]()

    def changed(path: str) -> None:
        with news:
            told.append(path)
            news.notify()

    def wait(path: str) -> bool:
        with news:
            return news.wait_for(lambda: path in told, PATIENCE)

    wait.told = told  # type: ignore[attr-defined]
    leave = hear(str(tmp_path), changed)
    yield wait
    leave()


def test_the_system_tells_of_files_that_come_change_and_go(
    tmp_path: Path, heard: Callable[[str], bool]
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    file = inner / "a.md"
    for change in (lambda: file.write_text("one"), lambda: file.rename(inner / "b.md")):
        change()
        assert heard(str(file))
    assert heard(str(inner / "b.md"))
    heard.told.clear()  # type: ignore[attr-defined]
    shutil.rmtree(inner)
    assert heard(str(inner / "b.md"))


def test_reading_is_no_change(tmp_path: Path, heard: Callable[[str], bool]) -> None:
    file = tmp_path / "a.md"
    file.write_text("one")
    assert heard(str(file))
    told = heard.told  # type: ignore[attr-defined]
    (tmp_path / "b.md").write_text("two")
    assert heard(str(tmp_path / "b.md"))
    told.clear()
    assert file.read_text() == "one" and list(tmp_path.iterdir())
    (tmp_path / "c.md").write_text("three")
    assert heard(str(tmp_path / "c.md"))
    assert str(file) not in told


def test_where_the_system_watches_no_more_files_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog.observers import Observer

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "schedule", full)
    monkeypatch.setattr("ui.watching.POLLED", 0.05)
    told = threading.Event()
    leave = hear(str(tmp_path), lambda path: told.set())
    while not told.wait(0.2):
        (tmp_path / "a.md").write_text(os.urandom(4).hex())
    leave()
    with pytest.raises(FileNotFoundError):
        hear(str(tmp_path / "nowhere"), lambda path: None)
