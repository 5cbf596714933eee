"""Two processes on one library: one writes, the other reads what is in force or is refused."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from proof_editions import WORD, say, version_of, write
from proof_forks import Forks
from proof_library import ALL, opened, shelved, whole

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.library import Library


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose library holds version 1 of its folder, whose files are at version 2."""
    home = tmp_path.resolve()
    write(home / "files", 1)
    with shelved(home) as shelf:
        list(opened(shelf, home).add([home / "files"]))
    write(home / "files", 2)
    return home


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with shelved(home) as shelf:
        yield opened(shelf, home)


def version(library: Library) -> int:
    return version_of(library.search(WORD, ALL))


def writes(library: Library, root: Path) -> dict[str, Callable[[], object]]:
    return {
        "add": lambda: list(library.add([root])),
        "put": lambda: library.put([Document("note", "Note", WORD)]),
        "remove": lambda: library.remove(str(root)),
        "tag": lambda: library.tag(str(root), "default", ["t"]),
        "reindex": lambda: list(library.reindex()),
        "repair": lambda: list(library.repair()),
    }


@pytest.fixture
def writer(forks: Forks, home: Path) -> Iterator[int]:
    """Another process that has kept half of version 2 and waits."""
    child = forks.start("processes_child.amid", str(home), 2)
    forks.until(child, (home / "amid").exists)
    yield child
    if not (home / "go").exists():
        forks.killed(child)


def test_while_another_process_writes_this_one_is_refused_and_reads(
    forks: Forks, home: Path, library: Library, writer: int
) -> None:
    for call in writes(library, home / "files").values():
        with pytest.raises(UserError, match=r"another process writes .* wait until it has ended"):
            call()
        assert version(library) == 1
    with pytest.raises(UserError, match=r"another process writes .* as a whole"):
        library.search(WORD, collections=["default"])
    assert library.state().generation == 1 and library.holdings()
    (home / "go").touch()
    assert forks.ended() == 0
    assert version(library) == 2
    for call in writes(library, home / "files").values():
        call()
    assert list(library.faults()) == []


def test_one_that_was_opened_before_reads_on(forks: Forks, home: Path, library: Library) -> None:
    assert version(library) == 1
    child = forks.start("processes_child.amid", str(home), 2)
    forks.until(child, (home / "amid").exists)
    assert version(library) == 1
    (home / "go").touch()
    assert forks.ended() == 0
    assert version(library) == 2


def test_one_that_was_opened_before_sees_what_another_has_added(
    forks: Forks, home: Path, library: Library
) -> None:
    assert version(library) == 1
    say(home / "files" / "new.md", "Something never said before.")
    forks.start("processes_child.only", str(home), "new.md")
    assert forks.ended() == 0
    assert library.search("never said", 1)[0].passage.text.startswith("# Said")
    assert "never said" in library.search("never said", 1)[0].passage.text


def test_when_the_writer_is_killed_this_one_writes_at_once(
    forks: Forks, home: Path, library: Library, writer: int
) -> None:
    with pytest.raises(UserError, match="another process"):
        list(library.add([home / "files"]))
    (home / "go").touch()
    forks.killed(writer)
    assert list(library.add([home / "files"]))[-1].kind == "indexed"
    assert version(library) == 2
    whole(library)


def storm(forks: Forks, home: Path, library: Library, last: int) -> int:
    """Search in one process while another writes; return how many searches there were."""
    seen, count = [1], 0
    child = forks.start("processes_child.versions", str(home), 2, last)
    while seen[-1] != last:
        assert forks.lives(child) or version(library) == last
        seen.append(version(library))
        assert seen[-2] <= seen[-1], "an older generation comes back"
        if count % 7 == 0:
            with shelved(home) as shelf:
                assert version(opened(shelf, home)) >= seen[-1]
        count += 1
    assert forks.ended() == 0
    assert len(set(seen)) > last // 4
    return count


@pytest.mark.slow
def test_searches_beside_a_writing_process_see_one_generation(
    forks: Forks, home: Path, library: Library
) -> None:
    storm(forks, home, library, 12)


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_searches_beside_a_process_that_writes_two_hundred_generations(
    forks: Forks, home: Path, library: Library
) -> None:
    began = time.monotonic()
    count = storm(forks, home, library, 200)
    seconds = time.monotonic() - began
    print(f"library processes: {count} searches beside 200 generations in {seconds:.0f} s")
