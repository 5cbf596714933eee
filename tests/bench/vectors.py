"""Times the store of vectors, and beside it other kinds of FAISS index, on 100,000 and a million.

    python tests/bench/vectors.py [--rows 100000 1000000] [--asked 1000] [--no-rivals]

Vectors are made as tests/bench/million.py says, ten to a document; queries are real questions of
the report half, one at a time (300 of them for rivals). Recall is the share of the true ten nearest
among the ten found. Memory of a store is what a new process holds after 200 queries, pages of files
in brackets; built is followed by the most memory that is no file. Adding and deleting 1,000 take
writing the next folder and opening it; of a rival, changing it and writing its file. Vectors and
truth are kept in the folder for temporary files.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import psutil
import rival_vectors
from million import kept, likeness, million, nearest, passages, questions, real
from rival_vectors import Rival
from threadpoolctl import threadpool_info

from retrieval.embed import Vectors
from retrieval.keys import Editions, Keys, keys
from retrieval.vectors.store import VectorStore, write
from retrieval.vectors.write import Block, Sizes

EACH = 10
TOP = 10
MORE = 50_000
FEWER = 300
NONE = np.empty(0, np.int64)
KINDS = {"exact": Sizes(lists=10**9), "in lists": Sizes(lists=1)}


@dataclass(frozen=True, slots=True)
class Data:
    """Vectors, some more to add, queries, and the rows that are truly the nearest of each."""

    vectors: Vectors
    more: Vectors
    queries: Vectors
    truth: Keys


def blocks(vectors: Vectors, first: int = 0) -> Iterator[Block]:
    """Yield the vectors as documents of ten passages, editions from `first` on."""
    for start in range(0, len(vectors), EACH):
        some = vectors[start : start + EACH]
        yield keys(first + start // EACH, len(some)), np.asarray(some)


def rows_of(found: Keys) -> Keys:
    """Return the rows that keys were given to."""
    return (found >> 20) * EACH + (found & ((1 << 20) - 1))


def recall(found: Keys, truth: Keys) -> float:
    """Return the share of the truth that was found."""
    return float(np.mean([len({*a} & {*b}) / len(b) for a, b in zip(found, truth, strict=True)]))


def timed(search: Callable[[Vectors], Keys], queries: Vectors) -> tuple[list[float], Keys]:
    """Search one query at a time; return milliseconds and what was found."""
    for query in queries[:50]:
        search(query[None])
    spent, found = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(search(query[None])[0])
        spent.append(1000 * (time.perf_counter() - began))
    return spent, np.stack(found)


@contextmanager
def peak() -> Iterator[list[float]]:
    """Tell how many MB of memory that is no file were taken at most, beyond those at the start."""
    process, told, done = psutil.Process(), [0.0], threading.Event()

    def held() -> float:
        memory = process.memory_info()
        return (memory.rss - memory.shared) / 1e6

    def watch(first: float) -> None:
        while not done.wait(0.02):
            told[0] = max(told[0], held() - first)

    thread = threading.Thread(target=watch, args=(held(),))
    thread.start()
    yield told
    done.set()
    thread.join()


def written(folder: Path, data: Data, sizes: Sizes) -> tuple[float, float]:
    """Write the store of all vectors; return seconds and the peak of memory in MB."""
    began = time.perf_counter()
    with peak() as told:
        write(
            folder,
            before=None,
            added=[],
            dropped=NONE,
            everything=lambda: blocks(data.vectors),
            dimension=data.vectors.shape[1],
            sizes=sizes,
        )
    return time.perf_counter() - began, told[0]


def changed(
    folder: Path, before: Path, more: Vectors, dropped: Editions, sizes: Sizes
) -> tuple[float, float]:
    """Write and open the next store; return milliseconds and the MB written."""

    def refuse() -> Iterator[Block]:
        raise AssertionError("a small change makes nothing anew")

    first = int(1e9)
    began = time.perf_counter()
    write(
        folder,
        before=before,
        added=blocks(more, first),
        dropped=dropped,
        everything=refuse,
        dimension=more.shape[1],
        sizes=sizes,
    )
    VectorStore.open(folder)
    spent = 1000 * (time.perf_counter() - began)
    known = {path.stat().st_ino for path in before.iterdir()}
    new = (path.stat() for path in folder.iterdir() if path.stat().st_ino not in known)
    return spent, sum(stat.st_size for stat in new) / 1e6


def held(folder: Path, queries: Vectors) -> dict[str, float]:
    """Open a store in a new process, search, and return what memory that took, in MB."""
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, queries)
        file.flush()
        command = [sys.executable, __file__, "--held", str(folder), file.name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def hold(folder: Path, queries: Path) -> None:
    """Print what `held` returns."""
    process, asked = psutil.Process(), np.load(queries, allow_pickle=False)
    before = process.memory_info()
    began = time.perf_counter()
    store = VectorStore.open(folder)
    opened = 1000 * (time.perf_counter() - began)
    for query in asked:
        store.search(query[None], TOP)
    after = process.memory_info()
    files = (after.shared - before.shared) / 1e6
    print(json.dumps({"all": (after.rss - before.rss) / 1e6, "files": files, "open": opened}))


def store_row(name: str, folder: Path, data: Data, sizes: Sizes) -> str:
    """Build a store, measure it, and return its row."""
    built, most = written(folder / name, data, sizes)
    store = VectorStore.open(folder / name)
    spent, found = timed(lambda query: store.search(query, TOP)[1], data.queries)
    added = changed(folder / f"{name} more", folder / name, data.more[:1000], NONE, sizes)
    gone = np.arange(0, len(data.vectors) // EACH, len(data.vectors) // 1000)
    dropped = changed(folder / f"{name} less", folder / name, data.more[:0], gone, sizes)
    memory = held(folder / name, data.queries[:200])
    stated = "" if store.recall is None else f" (it says {store.recall:.3f})"
    cells = [
        f"**{store.kind}**",
        *(f"{value:.1f}" for value in np.percentile(spent, [50, 99])),
        f"{recall(rows_of(found), data.truth):.3f}{stated}",
        f"{memory['all']:,.0f} ({memory['files']:,.0f})",
        f"{built:.0f} s, {most:,.0f} MB",
        *(f"{ms:,.0f} ms, {size:.1f} MB" for ms, size in (added, dropped)),
    ]
    return "| " + " | ".join(cells) + " |"


def rival_row(rival: Rival, folder: Path, data: Data) -> str:
    """Build an index of FAISS, measure it, and return its row."""
    began = time.perf_counter()
    index = rival.built()
    built = time.perf_counter() - began
    spent, found = timed(lambda query: rival.search(index, query, TOP), data.queries[:FEWER])
    path = folder / "rival"
    faiss.write_index(index, str(path))
    size = path.stat().st_size / 1e6

    def spell(change: Callable[[], object]) -> str:
        began = time.perf_counter()
        change()
        faiss.write_index(index, str(path))
        return f"{1000 * (time.perf_counter() - began):,.0f} ms, {size:,.0f} MB"

    added = spell(lambda: index.add(data.more[:1000]))
    dropped = "cannot"
    if rival.deletes:
        gone = np.arange(0, len(data.vectors), len(data.vectors) // 1000)
        dropped = spell(lambda: index.remove_ids(faiss.IDSelectorBatch(gone)))
    cells = [
        rival.name,
        *(f"{value:.1f}" for value in np.percentile(spent, [50, 99])),
        f"{recall(found, data.truth[:FEWER]):.3f}",
        f"{size + rival.beside / 1e6:,.0f}",
        f"{built:.0f} s{rival.note}",
        added,
        dropped,
    ]
    return "| " + " | ".join(cells) + " |"


def ratio(name: str, store: VectorStore, bare: Callable[[Vectors], Keys], queries: Vectors) -> str:
    """Ask store and bare index by turns; return a line with the ratio of their medians."""
    spent: dict[str, list[float]] = {"store": [], "bare": []}
    searches = {"store": lambda query: store.search(query, TOP)[1], "bare": bare}
    for number, query in enumerate(queries):
        for kind, search in sorted(searches.items(), reverse=bool(number % 2)):
            began = time.perf_counter()
            search(query[None])
            spent[kind].append(1000 * (time.perf_counter() - began))
    ours, theirs = (float(np.median(spent[kind])) for kind in ("store", "bare"))
    return f"{name}: store {ours:.2f} ms, bare FAISS {theirs:.2f} ms, ratio {ours / theirs:.2f}"


def filtered(store: VectorStore, data: Data) -> Iterator[str]:
    """Yield a row for each share of documents that a search is kept to."""
    random = np.random.default_rng(2)
    count = len(data.vectors) // EACH
    queries = data.queries[:200]
    for some in (10, count // 100, count // 10, count // 2):
        inside = np.sort(random.choice(count, some, replace=False))
        rows = (inside[:, None] * EACH + np.arange(EACH)).ravel()
        truth = rows[nearest(queries, data.vectors[rows], TOP, itself=True)[1]]
        search = lambda query, inside=inside: store.search(query, TOP, inside)[1]  # noqa: E731
        spent, found = timed(search, queries)
        p50, p99 = np.percentile(spent, [50, 99])
        share = recall(rows_of(found), truth)
        yield f"| {some * EACH:,} of {len(data.vectors):,} | {p50:.1f} | {p99:.1f} | {share:.3f} |"


def prepared(count: int, asked: int, likely: list[str]) -> Data:
    """Make the vectors, and compare all to know the truth; both are kept for the next time."""
    known = real(passages())
    queries = real(questions("report"), query=True)
    queries = queries[np.random.default_rng(3).permutation(len(queries))[:asked]]
    every = million(known, count + MORE)
    vectors = every[:count]
    if not likely:
        likely.append(likeness("real", known, queries))
        likely.append(likeness("made", vectors[:: max(1, count // len(known))], queries))
    likely.append(likeness("made", vectors, queries))
    name = f"truth-{hashlib.sha256(queries.tobytes() + known.tobytes()).hexdigest()[:16]}-{count}"
    path = kept(name, lambda: iter([nearest(queries, vectors, TOP, itself=True)[1]]))
    return Data(vectors, every[count:], queries, np.fromfile(path, np.int64).reshape(-1, TOP))


def compared(data: Data, folder: Path) -> Iterator[str]:
    """Yield the lines that set stores beside bare FAISS, and searches beside a full rest."""
    flat = faiss.IndexFlatIP(data.vectors.shape[1])
    flat.add(np.ascontiguousarray(data.vectors))
    bare = {
        "exact": lambda query: np.asarray(flat.search(query, TOP)[1]),
        "in lists": rival_vectors.same_lists(data.vectors, folder / "in lists" / "1.ivf"),
    }
    for name, search in bare.items():
        store = VectorStore.open(folder / name)
        yield ratio(f"{len(data.vectors):,}, {name}", store, search, data.queries[:FEWER])
    changed(folder / "rest", folder / "in lists", data.more, NONE, KINDS["in lists"])
    store = VectorStore.open(folder / "rest")
    spent = timed(lambda query: store.search(query, TOP)[1], data.queries)[0]
    p50, p99 = np.percentile(spent, [50, 99])
    rest = f"{len(data.more):,} beside the lists"
    yield f"{len(data.vectors):,}, {rest}: p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def measured(folder: Path, data: Data, beside: bool) -> tuple[list[str], list[str], list[str]]:
    """Return rows of kinds, rows of filters, and lines of comparison."""
    kinds = [store_row(name, folder, data, sizes) for name, sizes in KINDS.items()]
    for row in kinds:
        print(row, file=sys.stderr, flush=True)
    filters = list(filtered(VectorStore.open(folder / "in lists"), data))
    lines = list(compared(data, folder))
    for rival in rival_vectors.rivals(data.vectors, folder / "in lists" / "1.ivf"):
        if beside:
            kinds.append(rival_row(rival, folder, data))
            print(kinds[-1], file=sys.stderr, flush=True)
    return kinds, filters, lines


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--asked", type=int, default=1000)
    parser.add_argument("--no-rivals", action="store_true")
    options = parser.parse_args(arguments)
    likely: list[str] = []
    tables: list[tuple[int, tuple[list[str], list[str], list[str]]]] = []
    for count in options.rows:
        folder = Path(tempfile.mkdtemp())
        try:
            data = prepared(count, options.asked, likely)
            tables.append((count, measured(folder, data, not options.no_rivals)))
        finally:
            shutil.rmtree(folder)
    shown(likely, tables)


def shown(
    likely: list[str], tables: list[tuple[int, tuple[list[str], list[str], list[str]]]]
) -> None:
    """Print all tables; distances are those of unit vectors."""
    print("| vectors | number | nearest, p10 / 50 / 90 | 10th | 50th | dimension "
          "| question: nearest | 10th |\n" + "|---" * 8 + "|", *likely, sep="\n")  # fmt: skip
    for count, (kinds, _, _) in tables:
        print(f"\n| {count:,} vectors | p50, ms | p99, ms | recall@10 | memory, MB | build "
              "| add 1,000 | delete 1,000 |\n" + "|---" * 8 + "|", *kinds, sep="\n")  # fmt: skip
    print("\n| may be found | p50, ms | p99, ms | recall@10 |\n" + "|---" * 4 + "|")
    print(*(row for _, (_, filters, _) in tables for row in filters), sep="\n")
    print(*("\n" + line for _, (_, _, lines) in tables for line in lines), sep="")
    kernels = {f"{one['prefix']} {one['version']}: {one['architecture']}"
               for one in threadpool_info() if one["user_api"] == "blas"}  # fmt: skip
    print("\nBLAS: " + ", ".join(sorted(kernels)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--held"]:
        hold(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
