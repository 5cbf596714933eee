"""The next index of words: adds and drops, the old files untouched, the count of files bounded."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.keys import keys, rising
from retrieval.words import Words, write

NONE = rising(())


def added(edition: int, *texts: str) -> list[tuple[int, str]]:
    return [(int(key), text) for key, text in zip(keys(edition, len(texts)), texts, strict=True)]


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the SHA-256 and the time of the last change of each file."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }


def found(folder: Path, query: str) -> list[int]:
    return [key for key, _ in Words(folder).search(query, 1000)]


def chain(root: Path, steps: Iterable[tuple[list[tuple[int, str]], list[int]]]) -> Iterator[Path]:
    """Write one index after the other, each from the one before."""
    before = None
    for number, (new, gone) in enumerate(steps):
        folder = root / str(number)
        write(folder, before=before, added=new, dropped=rising(gone))
        yield folder
        before = folder


def test_the_old_index_stays_as_it_was(tmp_path: Path) -> None:
    steps = [(added(n, "river", "bank", "park"), [max(n - 3, 0)]) for n in range(1, 13)]
    states: dict[Path, dict[str, tuple[str, int]]] = {}
    open_before: list[Words] = []
    for folder in chain(tmp_path, steps):
        assert all(state(old) == was for old, was in states.items())
        states[folder] = state(folder)
        open_before.append(Words(folder))
    last = [[key >> 20 for key, _ in words.search("bank", 99)] for words in open_before]
    assert last == [sorted({n, max(n - 1, 1), max(n - 2, 1)}) for n in range(1, 13)]


def test_files_that_stay_are_shared_and_locks_are_not(tmp_path: Path) -> None:
    first, second = chain(tmp_path, [(added(1, "river"), []), (added(2, "bank"), [])])
    shared = {path.name for path in second.iterdir() if path.stat().st_nlink == 2}
    segments = {path.name for path in first.iterdir() if len(path.stem) == 32}
    assert segments and shared == segments


def test_where_links_are_refused_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    first, second = chain(tmp_path, [(added(1, "river"), []), (added(2, "river"), [])])
    assert found(second, "river") == [1 << 20, 2 << 20]
    assert all(path.stat().st_nlink == 1 for path in first.iterdir())


def test_a_replaced_document_is_found_by_its_new_text_alone(tmp_path: Path) -> None:
    steps = [(added(1, "river", "bank"), []), (added(2, "park"), [1]), (added(2, "horse"), [2])]
    first, second, third = chain(tmp_path, steps)
    assert found(first, "river bank park") == keys(1, 2).tolist()
    assert found(second, "river bank park") == keys(2, 1).tolist()
    assert found(third, "park") == [] and found(third, "horse") == keys(2, 1).tolist()


def test_dropping_all_leaves_an_empty_index_that_can_grow(tmp_path: Path) -> None:
    steps = [(added(1, "river"), []), ([], [1, 5]), (added(3, "river"), [])]
    first, second, third = chain(tmp_path, steps)
    assert (Words(first).count, Words(second).count, Words(third).count) == (1, 0, 1)
    assert found(second, "river") == [] and found(third, "river") == keys(3, 1).tolist()


def test_the_dead_are_counted(tmp_path: Path) -> None:
    steps = [(added(1, "river", "bank") + added(2, "river"), []), ([], [1])]
    first, second = (Words(folder) for folder in chain(tmp_path, steps))
    assert (first.count, first.dead) == (3, 0)
    assert (second.count, second.dead) == (1, 2)


def test_many_small_writes_leave_few_files(tmp_path: Path) -> None:
    steps = [(added(n, "river", "bank", f"w{n}"), [n // 2] * (n % 3 == 0)) for n in range(1, 30)]
    most = 0
    for folder in chain(tmp_path, steps):
        most = max(most, len(list(folder.iterdir())))
    gone = {n // 2 for n in range(3, 30, 3)}
    assert found(folder, "river") == [n << 20 for n in range(1, 30) if n not in gone]
    assert most <= 8 * 8


def test_an_open_index_outlives_its_folder(tmp_path: Path) -> None:
    first, second = chain(tmp_path, [(added(1, "river", "bank"), []), ([], [1])])
    words = Words(first)
    shutil.rmtree(first)
    assert [key for key, _ in words.search("river", 3, rising([1]))] == [1 << 20]
    assert found(second, "river") == []


def test_a_folder_is_written_once(tmp_path: Path) -> None:
    write(tmp_path / "words", before=None, added=added(1, "river"), dropped=NONE)
    with pytest.raises(FileExistsError):
        write(tmp_path / "words", before=None, added=added(1, "river"), dropped=NONE)
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "next", before=tmp_path / "none", added=[], dropped=NONE)


def test_what_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises((ValueError, OSError)):
        Words(tmp_path)
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises((ValueError, OSError)):
        Words(tmp_path)


FULL = """
import resource, sys
from pathlib import Path
from retrieval.keys import rising
from retrieval.words import write
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
texts = ((n << 20, f"river w{n}") for n in range(1, 20_000))
try:
    write(Path(sys.argv[1]), before=None, added=texts, dropped=rising(()))
except (ValueError, OSError) as error:
    print("failed", error)
"""


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    words = [sys.executable, "-c", FULL, str(tmp_path / "words")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("failed")


def test_an_error_of_the_texts_comes_through_and_frees_the_old_index(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[int, str]]:
        yield 5 << 20, "river"
        raise RuntimeError("the texts end here")

    write(tmp_path / "1", before=None, added=added(1, "river"), dropped=NONE)
    was = state(tmp_path / "1")
    with pytest.raises(RuntimeError, match="end here"):
        write(tmp_path / "2", before=tmp_path / "1", added=broken(), dropped=NONE)
    assert state(tmp_path / "1") == was
    write(tmp_path / "3", before=tmp_path / "1", added=added(2, "river"), dropped=NONE)
    assert found(tmp_path / "3", "river") == [1 << 20, 2 << 20]


texts = st.lists(st.sampled_from(["river", "bank"]), max_size=3)
change = st.tuples(st.dictionaries(st.integers(1, 12), texts), st.sets(st.integers(1, 12)))


@pytest.mark.parametrize("count", [10, pytest.param(300, marks=pytest.mark.prove)])
def test_any_changes_leave_what_a_plain_dictionary_would(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.lists(change, min_size=1, max_size=5))
    def law(history: list[tuple[dict[int, list[str]], set[int]]]) -> None:
        held: dict[int, str] = {}
        steps = []
        for documents, dropped in history:
            new = [pair for name, given in documents.items() for pair in added(name, *given)]
            steps.append((new, sorted(dropped | set(documents))))
        with TemporaryDirectory(ignore_cleanup_errors=True) as root:
            for (new, gone), folder in zip(steps, chain(Path(root), steps), strict=True):
                held = {key: text for key, text in held.items() if key >> 20 not in gone}
                held.update(new)
                for word in ("river", "bank"):
                    expected = sorted(key for key, text in held.items() if text == word)
                    assert found(folder, word) == expected

    law()
