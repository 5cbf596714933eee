"""The page store: what it gave out is whole, whatever happened to the disk or the program."""

import os
import random
import signal
import sqlite3
import subprocess
import textwrap
import threading
from pathlib import Path

import pytest

from retrieval.errors import UserError
from retrieval.web.store import PageStore
from retrieval.web.types import Fetched

ROOT = Path(__file__).parents[3]


def _page(body: bytes, asked: str = "http://a.test/") -> Fetched:
    return Fetched(asked, "http://a.test/end", 200, "text/html", "utf-8", body, hops=1, at=5.0)


def _bodies(folder: Path) -> list[Path]:
    return sorted((folder / "bodies").glob("??/*"))


def test_a_page_is_kept_under_both_its_addresses(tmp_path: Path) -> None:
    kept = PageStore(tmp_path).put(_page(b"text"), '"1"', "Sat")
    found = PageStore(tmp_path).get("http://a.test/")
    end = PageStore(tmp_path).get("http://a.test/end")
    assert found is not None and end is not None
    assert (found.etag, found.modified) == ('"1"', "Sat")
    assert found.page == Fetched(
        "http://a.test/", "http://a.test/end", 200, "text/html", "utf-8", b"text",
        digest=kept.digest, hops=1, at=5.0, cached=True,
    )  # fmt: skip
    assert (end.page.body, end.page.hops) == (b"text", 0)
    assert PageStore(tmp_path).get("http://b.test/") is None
    assert PageStore(tmp_path).body(kept.digest) == b"text"


@pytest.mark.parametrize("name", ["", "..", "../index.sqlite", "a" * 63, "G" * 64])
def test_what_is_no_digest_names_nothing(tmp_path: Path, name: str) -> None:
    assert PageStore(tmp_path).body(name) is None


@pytest.mark.parametrize("rounds", [25, pytest.param(1_000, marks=pytest.mark.prove)])
def test_damaged_bodies_are_never_served(tmp_path: Path, rounds: int) -> None:
    chance, store = random.Random(5), PageStore(tmp_path)
    body = bytes(chance.randrange(256) for _ in range(300))
    for _ in range(rounds):
        kept = store.put(_page(body))
        (path,) = _bodies(tmp_path)
        damaged = bytearray(body)
        damaged[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        path.write_bytes(chance.choice([bytes(damaged), body[: chance.randrange(300)], b""]))
        assert store.get("http://a.test/") is None
        assert store.body(kept.digest) is None
        assert not _bodies(tmp_path) and store.size() == 0


@pytest.mark.parametrize("damage", [b"", b"no index at all" * 100, None])
def test_a_lost_index_loses_no_body(tmp_path: Path, damage: bytes | None) -> None:
    store = PageStore(tmp_path)
    kept = store.put(_page(b"text"))
    store.close()
    index = tmp_path / "index.sqlite"
    if damage is None:
        index.unlink()
    else:
        index.write_bytes(damage)
    again = PageStore(tmp_path)
    assert again.get("http://a.test/") is None
    assert again.body(kept.digest) == b"text" and again.size() == 4
    again.put(_page(b"text"))
    assert again.get("http://a.test/") is not None


def test_what_was_not_read_for_longest_goes_first(tmp_path: Path) -> None:
    clock = iter(range(100))
    store = PageStore(tmp_path, limit=30, now=lambda: next(clock))
    for name in "abc":
        store.put(_page(name.encode() * 10, f"http://{name}.test/"))
    assert store.get("http://a.test/")
    store.put(_page(b"d" * 10, "http://d.test/"))
    held = {name: store.get(f"http://{name}.test/") is not None for name in "abcd"}
    assert held == {"a": True, "b": False, "c": True, "d": True}
    assert store.size() == 30 and len(_bodies(tmp_path)) == 3
    store.put(_page(b"e" * 100, "http://e.test/"))
    assert store.get("http://e.test/") and store.size() == 100


def test_threads_share_a_store(tmp_path: Path) -> None:
    store, wrong = PageStore(tmp_path), []

    def work(name: str) -> None:
        for turn in range(10):
            body = f"{name}{turn}".encode()
            store.put(_page(body, f"http://{name}.test/"))
            found = store.get(f"http://{name}.test/")
            if found is None or found.page.body != body:
                wrong.append(body)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(_bodies(tmp_path)) == 40


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bodies").write_text("a file")
    with pytest.raises(UserError, match="cannot be used"):
        PageStore(tmp_path)


def test_a_full_disk_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PageStore(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put(_page(b"text"))
    assert not list(tmp_path.glob("*.part")) and not _bodies(tmp_path)
    assert store.get("http://a.test/") is None


def test_a_body_gets_its_name_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where renaming fails nothing has the name, so nothing was written there."""
    store = PageStore(tmp_path)

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="Input/output"):
        store.put(_page(b"text"))
    assert not list(tmp_path.glob("*.part")) and not _bodies(tmp_path)


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from retrieval.web.store import PageStore
    from retrieval.web.types import Fetched
    store, left = PageStore(Path(sys.argv[1])), int(sys.argv[2])
    def watch(event, arguments):
        global left
        at_work = any(sys.argv[1] in str(argument) for argument in arguments)
        if event in ("open", "os.rename") and at_work:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    page = Fetched("http://a.test/", "http://a.test/end", 200, "", "", b"text" * 50_000)
    store.put(page)
    print("kept", flush=True)
    """
)


def test_a_killed_program_leaves_a_whole_page_or_none(tmp_path: Path, python: str) -> None:
    """Killed at each opening and renaming of a file while it keeps a page."""
    seen = set()
    for step in range(8):
        folder = tmp_path / str(step)
        done = subprocess.run(
            [python, "-c", KILLED, str(folder), str(step)], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        store = PageStore(folder, now=lambda: 9e9)
        found = store.get("http://a.test/")
        assert "kept" not in done.stdout or found is not None
        assert found is None or found.page.body == b"text" * 50_000
        assert all(path.stat().st_size == 200_000 for path in _bodies(folder))
        assert not list(folder.glob("*.part"))
        assert store.size() == 200_000 * len(_bodies(folder))
        seen.add((done.returncode, len(_bodies(folder)), found is not None))
        if done.returncode == 0:
            break
    assert {(-signal.SIGKILL, 0, False), (-signal.SIGKILL, 1, False), (0, 1, True)} <= seen


def test_the_index_is_brought_to_the_disk(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    told = {name: store._index.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode")}  # fmt: skip
    assert told == {"synchronous": 2, "journal_mode": "delete"}
    assert sqlite3.connect(tmp_path / "index.sqlite").execute("PRAGMA integrity_check").fetchone()
