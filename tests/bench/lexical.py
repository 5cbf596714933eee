"""Times the index of words at a million short texts, and beside it bm25s and SQLite's FTS5.

    python tests/bench/lexical.py [--rows 1000000] [--rivals 100000] [--asked 200]

Texts are made as tests/bench/texts.py says, questions are of XQuAD's report half. Each index is
built in a process of its own; memory is what a process holds besides mapped files, at its peak.
"""

import argparse
import json
import multiprocessing
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from rivals import EACH, Bm25s, Fts5, Ours, Rival, key
from texts import questions, stock, texts

from retrieval.keys import Editions, rising
from retrieval.terms import telling, tokens
from retrieval.words import Words, write

K = 50
CHANGED = 1_000
RIVALS: dict[str, type[Rival]] = {"bm25s": Bm25s, "FTS5": Fts5, "tantivy (ours)": Ours}


@dataclass(slots=True)
class Spent:
    """Seconds, and megabytes of memory at the peak above those at the start."""

    seconds: float = 0.0
    memory: float = 0.0
    _end: threading.Event = field(default_factory=threading.Event)


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure what happens inside: time, and anonymous memory twenty times a second."""
    spent, process = Spent(), psutil.Process()

    def held() -> float:
        memory = process.memory_info()
        return float(memory.rss - memory.shared) / 1e6

    first = held()

    def watch() -> None:
        while not spent._end.wait(0.05):
            spent.memory = max(spent.memory, held() - first)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        yield spent
    finally:
        spent.seconds = time.perf_counter() - began
        spent._end.set()
        watcher.join()


def lines(path: Path, rows: int) -> Iterator[str]:
    """Yield the first `rows` lines."""
    with path.open(encoding="utf-8") as file:
        for _ in range(rows):
            yield file.readline().rstrip("\n")


def make(folder: Path, rows: int) -> None:
    """Write the texts, and their terms with spaces between them, a line for each."""
    with (folder / "texts").open("w") as whole, (folder / "terms").open("w") as cut:
        for text in texts(stock(), rows):
            whole.write(text + "\n")
            cut.write(" ".join(tokens(text)) + "\n")


def build(name: str, source: Path, folder: Path, rows: int) -> tuple[float, float]:
    """Build one index; return seconds and megabytes."""
    folder.mkdir(parents=True)
    given = "texts" if RIVALS[name] is Ours else "terms"
    with spending() as spent:
        RIVALS[name]().build(folder, lines(source / given, rows))
    return spent.seconds, spent.memory


def alone(work: Callable[..., tuple[float, float]], *given: object) -> tuple[float, float]:
    """Call in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def size(folder: Path) -> float:
    """Return the megabytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def timed(search: Callable[[str], object], asked: list[str]) -> list[float]:
    """Return p50 and p99 in milliseconds."""
    spent = []
    for question in asked:
        began = time.perf_counter()
        search(question)
        spent.append(1000 * (time.perf_counter() - began))
    return [statistics.median(spent), float(np.quantile(spent, 0.99))]


def show(name: str, search: Callable[[str], object], asked: list[str]) -> None:
    """Ask all once to warm up, once for the clock, and print a line."""
    timed(search, asked)
    half, most = timed(search, asked)
    print(f"{name:30}{half:7.1f} {most:7.1f}", flush=True)


def cutting(source: Path, rows: int) -> float:
    """Return the seconds to cut so many texts into terms, by what some of them take."""
    some = min(rows, 20_000)
    began = time.perf_counter()
    for text in lines(source / "texts", some):
        tokens(text)
    return (time.perf_counter() - began) * rows / some


def ours(source: Path, folder: Path, rows: int, asked: dict[str, list[str]]) -> None:
    """Print what the library's index costs, at full size."""
    seconds, memory = alone(build, "tantivy (ours)", source, folder, rows)
    words = Words(folder / "words")
    print(f"built in {seconds:.0f} s (of which {cutting(source, rows):.0f} s to cut texts into "
          f"terms), {size(folder):.0f} MB, {segments(folder / 'words')} segments, "
          f"{memory:.0f} MB of memory")  # fmt: skip
    print(f"\nsearch, k = {K}, one thread    p50 ms  p99 ms")
    for language, found in asked.items():
        show(language, partial(words.search, k=K), found)
    for share in (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9):
        inside = some(rows // EACH, share)
        show(f"en, in {len(inside):7,} documents", partial(words.search, k=K, inside=inside),
             asked["en"])  # fmt: skip
    page = " ".join([*asked["en"], *asked["zh"]])
    terms = len(telling(tokens(page)))
    show(f"a query of {terms:,} terms", partial(words.search, k=K), [page])
    show("the commonest words", partial(words.search, k=K), ["the of and in", "的在年一"])
    changes(source, folder, rows)


def some(documents: int, share: float) -> Editions:
    """Return a share of all editions, drawn with a fixed seed."""
    drawn = np.random.default_rng(0).permutation(documents)[: max(1, int(documents * share))]
    return rising((1 + drawn).tolist())


def segments(folder: Path) -> int:
    """Return how many parts an index has."""
    return len(json.loads((folder / "meta.json").read_text())["segments"])


def changes(source: Path, folder: Path, rows: int) -> None:
    """Add, delete and replace a thousand texts time after time, each from the index before."""
    new = list(lines(source / "texts", CHANGED))
    documents = CHANGED // EACH
    before, spent, parts = folder / "words", [], []
    for turn in range(24):
        first = rows + EACH * (1 + turn * documents)
        named = [(key(first + at), text) for at, text in enumerate(new)]
        gone = 1 + np.arange(turn * documents, (turn + 1) * documents)
        kind = ("add", "delete", "replace")[turn % 3]
        began = time.perf_counter()
        write(
            folder / f"next{turn}",
            before=before,
            added=[] if kind == "delete" else named,
            dropped=rising(()) if kind == "add" else gone,
        )
        spent.append((kind, time.perf_counter() - began))
        before = folder / f"next{turn}"
        parts.append(segments(before))
    for kind in ("add", "delete", "replace"):
        found = [seconds for name, seconds in spent if name == kind]
        print(f"{kind} {CHANGED:,} of {rows:,}: median {statistics.median(found):.2f} s, "
              f"worst {max(found):.2f} s")  # fmt: skip
    print(f"segments after each of {len(parts)} writes: at most {max(parts)}")


def compared(source: Path, folder: Path, rows: int, asked: list[str]) -> None:
    """Print the three side by side; `right` are those of the first ten that belong there by bm25s.

    It is the one that rounds no length of a text; rows of equal score are equally right.
    """
    print(f"\n| {rows:,} texts | build s | add {CHANGED:,} s | MB on disk | MB to build | "
          "p50 ms | p99 ms | right in 10 |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    expected: list[set[int]] = []
    for name, make_rival in RIVALS.items():
        place = folder / name.split()[0]
        seconds, memory = alone(build, name, source, place, rows)
        disk, rival = size(place), make_rival()
        rival.open(place)
        if isinstance(rival, Bm25s):
            expected = [rival.right(question, 10) for question in asked]
        tops = [rival.search(question, 10) for question in asked]
        half, most = timed(partial(rival.search, k=10), asked)
        pairs = [(len(right.intersection(top)), min(10, len(right)))
                 for top, right in zip(tops, expected, strict=True)]  # fmt: skip
        share = sum(found for found, _ in pairs) / sum(most for _, most in pairs)
        more = seconds if isinstance(rival, Bm25s) else added(name, rival, source, place, rows)
        print(f"| {name} | {seconds:.1f} | {more:.2f} | {disk:.0f} | {memory:.0f} | "
              f"{half:.1f} | {most:.1f} | {share:.3f} |", flush=True)  # fmt: skip
        shutil.rmtree(place)
    print(f"\n{cutting(source, rows):.0f} s of tantivy's are the cutting of texts into terms, "
          "which the others were spared")  # fmt: skip


def added(name: str, rival: Rival, source: Path, place: Path, rows: int) -> float:
    """Return the seconds to add a thousand texts."""
    new = list(lines(source / ("texts" if RIVALS[name] is Ours else "terms"), CHANGED))
    began = time.perf_counter()
    rival.add(place, rows + EACH, new)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rivals", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--asked", type=int, default=200, help="questions of each language")
    given = parser.parse_args()
    asked = {language: questions(language, given.asked) for language in ("en", "zh")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, given.rows)
        average = (folder / "texts").stat().st_size / given.rows
        print(f"{given.rows:,} texts of {average:.0f} bytes")
        ours(folder, folder / "ours", given.rows, asked)
        few = [question for found in asked.values() for question in found[: given.asked // 4]]
        for rows in given.rivals:
            compared(folder, folder, min(rows, given.rows), few)


if __name__ == "__main__":
    main()
