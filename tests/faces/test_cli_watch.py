"""Watching folders: changes that have settled, folders that vanish, calls that fail, the end."""

import os
import signal
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.commands.watch import RETRIES, Keeper
from ui.house_port import Choice, Visit
from ui.terminal import Screen
from ui.watching import Changes, Watched

SCRIPT = Path(__file__).with_name("fake_vouch.py")
PATIENCE = 60.0
"""Seconds that only a fault can reach."""


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes(clock: Clock) -> Changes:
    return Changes(clock, settled=1.0, longest=30.0)


def test_a_folder_has_its_turn_when_it_has_settled(clock: Clock, changes: Changes) -> None:
    changes.note("/a")
    for now in (0.0, 0.9, 1.8):
        clock.now = now
        assert changes.take(0.0) is None
        changes.note("/a")
    clock.now = 2.8
    assert changes.take(0.0) == "/a" and changes.take(0.0) is None


def test_changes_without_end_are_not_waited_out_for_ever(clock: Clock, changes: Changes) -> None:
    while clock.now < 29.9:
        changes.note("/a")
        assert changes.take(0.0) is None
        clock.now += 0.5
    changes.note("/a")
    assert changes.take(0.0) == "/a"


def test_what_is_tried_later_has_its_turn_then_or_with_a_change(
    clock: Clock, changes: Changes
) -> None:
    changes.later("/a", 30.0)
    clock.now = 29.0
    assert changes.take(0.0) is None
    changes.note("/a")
    clock.now = 30.0
    assert changes.take(0.0) == "/a" and changes.take(0.0) is None


def test_one_who_waits_hears_of_a_change_in_another_thread() -> None:
    changes = Changes(settled=0.0)
    threading.Timer(0.05, changes.note, ("/a",)).start()
    assert changes.take(PATIENCE) == "/a"


class Ears:
    """Listens to nothing; the test tells what changes."""

    def __init__(self) -> None:
        self.open: dict[str, Callable[[str], None]] = {}

    def __call__(self, folder: str, changed: Callable[[str], None]) -> Callable[[], None]:
        self.open[folder] = changed
        return lambda: self.open.pop(folder) and None


def test_hidden_files_and_the_home_do_not_count(tmp_path: Path, changes: Changes) -> None:
    ears, folder = Ears(), str(tmp_path)
    watched = Watched(folder, changes, ears, ignored=f"{folder}/home")
    assert watched.look() == "back"
    changes.drop(folder)
    for name in (".git/index", "a/.x.swp", "~$a.docx", "home/vouch.db", "home"):
        ears.open[folder](f"{folder}/{name}")
    ears.open[folder](f"{folder}-other/a.md")
    assert changes._turns() == {}
    ears.open[folder](f"{folder}/a/b.md")
    assert list(changes._turns()) == [folder]


def test_a_folder_that_vanishes_is_told_once_and_taken_up_again(
    tmp_path: Path, changes: Changes
) -> None:
    folder, ears = tmp_path / "docs", Ears()
    folder.mkdir()
    watched = Watched(str(folder), changes, ears)
    assert [watched.look(), watched.look()] == ["back", ""]
    folder.rename(tmp_path / "away")
    assert [watched.look(), watched.look()] == ["gone", ""]
    assert changes._turns() == {} and not ears.open
    folder.write_text("a file in its place")
    assert watched.look() == ""
    folder.unlink()
    (tmp_path / "away").rename(folder)
    assert watched.look() == "back" and ears.open and list(changes._turns()) == [str(folder)]


def test_another_folder_in_the_place_of_one_is_listened_to(
    tmp_path: Path, changes: Changes
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "new").mkdir()
    watched = Watched(str(tmp_path / "docs"), changes, Ears())
    watched.look()
    (tmp_path / "docs").rename(tmp_path / "old")
    (tmp_path / "new").rename(tmp_path / "docs")
    assert watched.look() == "back"


@pytest.fixture
def keeper(
    fake: ModuleType, tmp_path: Path, clock: Clock, changes: Changes
) -> Callable[..., tuple[Keeper, Any]]:
    """Make a keeper over a made-up house: keeper(faults) raises each of them at a call."""
    house = fake.FakeHouse("folder")

    def make(*faults: Exception) -> tuple[Keeper, Any]:
        waiting = list(faults)

        def attach(choice: Choice) -> Any:
            if waiting:
                raise waiting.pop(0)
            return house

        asked = Namespace(collection="mills", tag=["old"])
        visit = Visit(asked, Choice(None, ()), Screen(sys.stdout, sys.stderr), attach)
        return Keeper(visit, changes, patience=0.0), house

    return make


def _turn(keeper: Keeper, clock: Clock, *watched: Watched) -> bool:
    """Let changes settle, and have the keeper go round once."""
    keeper.round(list(watched))
    clock.now += 1.0
    return keeper.round(list(watched))


def test_only_what_has_changed_is_said(
    keeper: Callable[..., Any],
    tmp_path: Path,
    changes: Changes,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a.md").write_text("one")
    (tmp_path / "cut.bad").write_text("x")
    made, house = keeper()
    watched = Watched(str(tmp_path), changes, Ears())
    assert _turn(made, clock, watched)
    params = {"paths": [str(tmp_path)], "collection": "mills", "tags": ["old"]}
    assert house.calls == [("add", params)]
    told = capsys.readouterr()
    assert f"{tmp_path}: 1 added, 1 failed" in told.out and "cut.bad: it is cut" in told.err
    changes.note(str(tmp_path))
    assert _turn(made, clock, watched) and len(house.calls) == 2
    assert capsys.readouterr() == ("", "")
    (tmp_path / "a.md").write_text("two")
    (tmp_path / "b.md").write_text("new")
    changes.note(str(tmp_path))
    assert _turn(made, clock, watched)
    told = capsys.readouterr()
    assert "1 added, 1 changed" in told.out and "cut.bad" not in told.err
    assert "changed" in told.err and "b.md" in told.err


def test_a_call_that_fails_is_said_and_made_again(
    keeper: Callable[..., Any],
    tmp_path: Path,
    changes: Changes,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a.md").write_text("one")
    made, house = keeper(UserError("the engine is busy", cure="wait"), EngineFault("It was lost."))
    watched = Watched(str(tmp_path), changes, Ears())
    assert _turn(made, clock, watched)
    assert "vouch: the engine is busy; wait" in capsys.readouterr().err
    clock.now += RETRIES[0]
    assert made.round([watched])
    assert "It was lost." in capsys.readouterr().err and not house.calls
    clock.now += RETRIES[1]
    assert made.round([watched])
    assert "1 added" in capsys.readouterr().out and len(house.calls) == 1


def test_a_call_that_always_fails_ends_in_waiting_for_a_change(
    keeper: Callable[..., Any],
    tmp_path: Path,
    changes: Changes,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made, house = keeper(*[UserError("no") for _ in range(len(RETRIES) + 1)])
    watched = Watched(str(tmp_path), changes, Ears())
    _turn(made, clock, watched)
    for seconds in RETRIES:
        clock.now += seconds
        made.round([watched])
    assert changes._turns() == {} and not house.calls
    assert capsys.readouterr().err == "vouch: no.\n", "one reason is said once"
    changes.note(str(tmp_path))
    _turn(made, clock, watched)
    assert len(house.calls) == 1


def test_a_folder_that_is_gone_is_never_taken_for_empty(
    keeper: Callable[..., Any],
    tmp_path: Path,
    changes: Changes,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("one")
    made, house = keeper()
    watched = Watched(str(folder), changes, Ears())
    _turn(made, clock, watched)
    changes.note(str(folder))
    folder.rename(tmp_path / "away")
    clock.now += 1.0
    assert made.round([]), "it may vanish after the look at it"
    for _ in range(3):
        assert _turn(made, clock, watched)
    assert len(house.calls) == 1 and house.held
    assert capsys.readouterr().err.count("is gone") == 1
    (tmp_path / "away").rename(folder)
    _turn(made, clock, watched)
    assert len(house.calls) == 2 and len(house.held) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_is_kept_up_until_the_end(tmp_path: Path, number: int, vouch_home: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("one")
    environment = {**os.environ, "FAKE_MOOD": "folder"}
    command = [sys.executable, "-u", str(SCRIPT), "watch", str(folder)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout is not None
        seen = iter(child.stdout.readline, "")
        assert any("1 added" in line and "docs" in line for line in seen)
        (folder / "b.md").write_text("two")
        assert any("1 added, 1 unchanged" in line for line in seen)
        (folder / "a.md").unlink()
        assert any("1 removed, 1 unchanged" in line for line in seen)
        child.send_signal(number)
        rest = child.communicate(timeout=PATIENCE)[0]
    assert child.returncode == 0 and "stopped" in rest and "Traceback" not in rest


def test_only_a_folder_can_be_watched(vouch: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("one")
    for path in (file, tmp_path / "nowhere"):
        ran = vouch("watch", str(path))
        assert ran.status == 1 and path.name in ran.err and not ran.house.calls
