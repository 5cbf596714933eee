"""What a commit leaves outlives a loss of power: it is on the disk before it is told of."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults_child import END, document
from proof_forks import Forks
from proof_library import opened, shelved
from proof_strace import traced

_DONE = re.compile(r"^(\w+)\((.*)\) += \d+(?:<.*>)?$")
_FILE = re.compile(r"^\d+<([^>]+)>")
_NAMES = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that succeeded, with the file that it was made on, or the names it took."""

    name: str
    file: str
    names: tuple[str, ...]
    creates: bool

    @property
    def changes(self) -> bool:
        return self.name in ("write", "writev", "pwrite64", "ftruncate", "sendfile")

    @property
    def syncs(self) -> bool:
        return self.name in ("fsync", "fdatasync")

    @property
    def folder(self) -> str:
        """The folder that gets a new name by this call, if one does."""
        makes = self.creates or self.renames or self.name in ("link", "mkdir")
        return str(Path(self.names[-1]).parent) if makes else ""

    @property
    def renames(self) -> bool:
        return self.name.startswith("rename")


def calls(log: str) -> Iterator[Call]:
    """Read the log of strace up to the end of the change; each call stands where it ended."""
    begun: dict[str, str] = {}
    for line in log.partition(END)[0].splitlines():
        thread, _, call = line.partition(" ")
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>").strip()
            continue
        if " resumed>" in call:
            call = begun.pop(thread) + call.partition(" resumed>")[2]
        if done := _DONE.match(call.strip()):
            file = _FILE.match(done[2])
            names = tuple(_NAMES.findall(done[2]))
            yield Call(done[1], file[1] if file else "", names, "O_CREAT" in done[2])


class Commit:
    """A home after a change of its library, and the calls that made the change, in order."""

    def __init__(self, home: Path, log: str) -> None:
        self.home, self.calls = home, list(calls(log))

    def last(self, wanted: Callable[[Call], bool], end: int | None = None) -> int:
        """Return the place of the last such call before a place; -1 if there is none."""
        return max((n for n, call in enumerate(self.calls[:end]) if wanted(call)), default=-1)

    def synced(self, file: Path | str, begin: int, end: int) -> bool:
        """Say whether a file was brought to the disk between two places."""
        return any(call.syncs and call.file == str(file) for call in self.calls[begin:end])


@pytest.fixture(params=["put", "remove"])
def commit(request: pytest.FixtureRequest, forks: Forks, tmp_path: Path) -> Commit:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    home = tmp_path.resolve()
    with shelved(home) as shelf:
        for number in range(2, 6):
            opened(shelf, home).put([document(number)])
    try:
        done = traced(forks, "faults_child.commit", home, request.param)
    except OSError as error:
        pytest.skip(f"strace may not look at other processes here: {error}")
    assert done.told["ended"] == "done"
    return Commit(home, done.log)


def test_search_files_are_on_the_disk_before_they_are_in_force(commit: Commit) -> None:
    folder = commit.home / "library"
    current, generations = str(folder / "CURRENT"), folder / "generations"
    pointed = commit.last(lambda call: call.renames and call.names[-1] == current)
    named = commit.last(lambda c: c.renames and Path(c.names[-1]).parent == generations, pointed)
    temp = commit.calls[named].names[0]
    assert temp.endswith(".tmp") and 0 < named < pointed
    inside = [c for c in commit.calls[:named] if c.file.startswith(temp)]
    moved = {c.names[0] for c in commit.calls[:named] if c.renames or c.name == "unlink"}
    written = {call.file for call in inside if call.changes} - moved
    assert len(written) > 8
    for file in written:
        changed = commit.last(lambda c, file=file: c.changes and c.file == file, named)  # type: ignore[misc]
        assert commit.synced(file, changed, named), f"{file} is in force before it is written"
    for part in (temp, f"{temp}/vectors", f"{temp}/words"):
        made = commit.last(lambda c, part=part: c.folder == part, named)  # type: ignore[misc]
        assert made > 0 and commit.synced(part, made, named), f"names in {part}"
    assert commit.synced(generations, named, pointed), "the name of the generation"
    assert commit.synced(f"{current}.tmp", named, pointed), "what says that it is in force"
    assert commit.synced(folder, pointed, len(commit.calls)), "that it says so"


def test_a_change_is_in_the_log_of_the_database_before_it_is_told(commit: Commit) -> None:
    log = str(commit.home / "vouch.db-wal")
    written = commit.last(lambda call: call.changes and call.file == log)
    assert written > 0
    assert commit.synced(log, written, len(commit.calls))


def test_old_search_files_go_when_the_new_ones_are_in_force(commit: Commit) -> None:
    current = str(commit.home / "library" / "CURRENT")
    pointed = commit.last(lambda call: call.renames and call.names[-1] == current)
    in_force = commit.synced(commit.home / "library", pointed, len(commit.calls))
    gone = [n for n, call in enumerate(commit.calls) if call.name in ("unlinkat", "rmdir")]
    assert in_force and gone and min(gone) > pointed
