"""Makes a million vectors out of ten thousand real ones, and says how like them they are.

Real are MiniLM's vectors of the passages of six public sets and of the questions of three. The
questions are asked as they are; every passage among the million is made, as

    normalize(x + a (y - x) + NOISE g)

where x is a real passage, y one of the NEAR real ones nearest to it, a uniform in 0..1, and g
Gaussian with the covariance of the steps between such neighbours, of expected length 1: so the
noise has the directions in which passages on one subject differ, not all there are. The real
passages themselves are left out, or each would be the nearest of all that were made of it.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.embed import SentenceEncoder, Vectors

DATA = Path("../shared/data")
NEAR = 16
NOISE = 0.65
BLOCK = 8192
KEPT = Path(tempfile.gettempdir()) / "vouch-bench"


def half(title: str) -> str:
    """Return the half that a title belongs to, as everywhere here."""
    return "report" if hashlib.sha256(title.encode()).digest()[0] % 2 else "tune"


def passages() -> list[str]:
    """Return the real passages under their titles, none twice."""
    titled = (f"{title}\n{text}" if title else text for title, text in _titled())
    return list(dict.fromkeys(titled))


def questions(part: str) -> list[str]:
    """Return the real questions of one half, none twice; one without a title is its own title."""
    found = []
    for line in _lines("nq_open/NQ-open.efficientqa.dev.1.1.jsonl"):
        found.append((json.loads(line)["question"],) * 2)
    for article in json.loads(_read("squad2_cs224n/dev-v2.0.json"))["data"]:
        asked = [asked["question"] for piece in article["paragraphs"] for asked in piece["qas"]]
        found += [(article["title"], question) for question in asked]
    for item in json.loads(_read("hipporag/musique_train.json")):
        found.append((item["question"],) * 2)
    return list(dict.fromkeys(question for title, question in found if half(title) == part))


def real(texts: list[str], *, query: bool = False) -> Vectors:
    """Return MiniLM's vectors, shape (len(texts), 384), kept in the folder for temporary files."""
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    name = f"minilm-{digest}-{query:d}"
    path = kept(name, lambda: iter([SentenceEncoder(device="cpu").encode(texts, query=query)]))
    return np.fromfile(path, np.float32).reshape(len(texts), -1)


def million(vectors: Vectors, count: int) -> Vectors:
    """Return `count` made vectors, kept in the folder for temporary files."""
    digest = hashlib.sha256(vectors.tobytes() + f"{NEAR} {NOISE}".encode()).hexdigest()[:16]
    path = kept(f"made-{digest}-{count}", lambda: made(vectors, count))
    return np.asarray(np.memmap(path, np.float32, "r").reshape(-1, vectors.shape[1]))


def kept(name: str, blocks: Callable[[], Iterator[NDArray[Any]]]) -> Path:
    """Return the file that holds what the blocks do; make it if it is not there."""
    path = KEPT / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        beside = path.with_suffix(".tmp")
        with beside.open("wb") as file:
            for block in blocks():
                file.write(np.ascontiguousarray(block).data)
        beside.replace(path)
    return path


def made(vectors: Vectors, count: int, seed: int = 0) -> Iterator[Vectors]:
    """Yield `count` made vectors in blocks."""
    near = nearest(vectors, vectors, NEAR)[1]
    steps = (vectors[near] - vectors[:, None]).reshape(-1, vectors.shape[1])
    spread = np.cov(steps, rowvar=False)
    values, axes = np.linalg.eigh(spread / np.trace(spread))
    # Rounding may leave a variance just below nothing.
    shape = (axes * np.sqrt(values.clip(0))).T.astype(np.float32)
    random = np.random.default_rng(seed)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        at = random.integers(len(vectors), size=size)
        beside = vectors[near[at, random.integers(NEAR, size=size)]]
        share = random.random((size, 1), np.float32)
        noise = random.standard_normal((size, len(shape)), np.float32) @ shape
        mixed = vectors[at] + share * (beside - vectors[at]) + np.float32(NOISE) * noise
        yield np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def nearest(
    queries: Vectors, vectors: Vectors, k: int, *, itself: bool = False
) -> tuple[Vectors, NDArray[np.int64]]:
    """Return distances and rows of the `k` nearest, best first, by comparing all.

    A vector at distance 0 is the query's own and left out, unless `itself` is set.
    """
    best = np.full((len(queries), k), -2, np.float32)
    rows = np.full((len(queries), k), -1, np.int64)
    for start in range(0, len(vectors), BLOCK):
        scores = queries @ vectors[start : start + BLOCK].T
        if not itself:
            scores[scores > 1 - 1e-5] = -2
        numbers = np.broadcast_to(np.arange(scores.shape[1]) + start, scores.shape)
        scores, numbers = np.hstack([best, scores]), np.hstack([rows, numbers])
        order = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        best, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(numbers, order, 1)
    order = np.argsort(-best, axis=1)
    best, rows = np.take_along_axis(best, order, 1), np.take_along_axis(rows, order, 1)
    return np.sqrt(np.clip(2 - 2 * best, 1e-9, None)), rows


def likeness(name: str, vectors: Vectors, questions: Vectors) -> str:
    """Return a row: distances to the nearest others, local dimension, and questions' distances.

    The dimension is the median of the maximum-likelihood estimates of Levina and Bickel (2004)
    from 20 neighbours.
    """
    random = np.random.default_rng(1)
    some = vectors[np.sort(random.choice(len(vectors), min(500, len(vectors)), replace=False))]
    away, asked = nearest(some, vectors, 50)[0], nearest(questions, vectors, 10)[0]
    logs = np.log(away[:, :19] / away[:, 19:20])
    cells = [
        f"{len(vectors):,}",
        " / ".join(f"{value:.2f}" for value in np.percentile(away[:, 0], [10, 50, 90])),
        *(f"{np.median(away[:, at]):.2f}" for at in (9, 49)),
        f"{np.median(-1 / logs.mean(axis=1)):.0f}",
        *(f"{np.median(asked[:, at]):.2f}" for at in (0, 9)),
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _titled() -> Iterator[tuple[str, str]]:
    for name in ("musique_train_corpus", "2wikimultihopqa_corpus"):
        for item in json.loads(_read(f"hipporag/{name}.json")):
            yield item["title"], item["text"]
    for name in ("squad2_cs224n/dev-v2.0.json", "xquad/xquad.en.json"):
        for article in json.loads(_read(name))["data"]:
            for part in article["paragraphs"]:
                yield article["title"].replace("_", " "), part["context"]
    for name in ("answerable", "unanswerable"):
        for line in _lines(f"clapnq/clapnq_{name}_A.jsonl"):
            for item in json.loads(line)["passages"]:
                yield item["title"], item["text"]
    for name in ("chatlogs", "finance", "pubmed", "state_of_the_union", "wikitexts"):
        text = _read(f"chunking_eval/{name}.md")
        yield from (("", text[start : start + 800]) for start in range(0, len(text), 800))


def _read(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


def _lines(name: str) -> list[str]:
    return _read(name).splitlines()
