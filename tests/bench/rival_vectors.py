"""Other kinds of FAISS index over the same vectors, for the benchmark of the store."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from retrieval.embed import Vectors
from retrieval.keys import Keys

IP = faiss.METRIC_INNER_PRODUCT
PROBED = 256
BLOCK = 1 << 14


@dataclass(frozen=True, slots=True)
class Rival:
    """How an index is built and searched, whether it deletes, and the bytes it needs beside it."""

    name: str
    built: Callable[[], Any]
    search: Callable[[Any, Vectors, int], Keys]
    deletes: bool = True
    beside: int = 0
    note: str = ""


def rivals(vectors: Vectors, lists: Path) -> Iterator[Rival]:
    """Yield the kinds; those with lists take the centroids of the store's file `lists`."""
    codes = faiss.ScalarQuantizer
    dimension = vectors.shape[1]
    yield Rival("Flat", partial(filled, vectors, lambda: faiss.IndexFlatIP(dimension)), plain)
    ours = faiss.read_index(str(lists))
    own = partial(grouped, vectors, ours)
    note = ", centroids given"
    yield Rival("IVF, 32 bit", partial(own, "Flat"), probing, note=note)
    yield Rival("IVF, 16 bit", partial(own, codes.QT_fp16), probing, note=note)
    yield Rival("IVF, 8 bit, not refined", partial(own, codes.QT_8bit), probing, note=note)
    for bits, kind in ((4, codes.QT_4bit), (1, "RaBitQ")):
        search = partial(refined, vectors, 8)
        beside = vectors.nbytes
        yield Rival(f"IVF, {bits} bit, refined", partial(own, kind), search, True, beside, note)
    graph = partial(filled, vectors, lambda: faiss.IndexHNSWFlat(dimension, 32, IP))
    yield Rival("HNSW32, breadth 600", graph, partial(walking, 600), deletes=False)


def filled(vectors: Vectors, made: Callable[[], Any]) -> Any:
    """Build an index from nothing but its kind."""
    index = made()
    for start in range(0, len(vectors), BLOCK):
        index.add(np.ascontiguousarray(vectors[start : start + BLOCK]))
    return index


def grouped(vectors: Vectors, ours: Any, kind: Any) -> Any:
    """Build lists around centroids that were found already."""
    coarse = faiss.downcast_index(ours.quantizer)
    centres = coarse.reconstruct_n(0, ours.nlist)
    fixed = (coarse, vectors.shape[1], ours.nlist)
    if kind == "Flat":
        index = faiss.IndexIVFFlat(*fixed, IP)
    elif kind == "RaBitQ":
        index = faiss.IndexIVFRaBitQ(*fixed, IP)
    else:
        index = faiss.IndexIVFScalarQuantizer(*fixed, kind, IP, False)
    index.train(vectors[:: max(1, len(vectors) // 50_000)])
    for start in range(0, len(vectors), 2048):
        block = np.ascontiguousarray(vectors[start : start + 2048])
        numbers = np.arange(start, start + len(block), dtype=np.int64)
        near = (block @ centres.T).argmax(axis=1)
        index.add_core(len(block), *(faiss.swig_ptr(part) for part in (block, numbers, near)))
    return index


def plain(index: Any, queries: Vectors, k: int) -> Keys:
    return np.asarray(index.search(queries, k)[1])


def probing(index: Any, queries: Vectors, k: int) -> Keys:
    return np.asarray(index.search(queries, k, params=faiss.SearchParametersIVF(nprobe=PROBED))[1])


def walking(breadth: int, index: Any, queries: Vectors, k: int) -> Keys:
    params = faiss.SearchParametersHNSW(efSearch=breadth)
    return np.asarray(index.search(queries, k, params=params)[1])


def refined(vectors: Vectors, factor: int, index: Any, queries: Vectors, k: int) -> Keys:
    """Rank what the index finds by the vectors themselves."""
    found = probing(index, queries, factor * k)
    scores = np.stack([vectors[rows] @ query for rows, query in zip(found, queries, strict=True)])
    return np.take_along_axis(found, np.argsort(-scores, axis=1)[:, :k], 1)


def same_lists(vectors: Vectors, lists: Path) -> Callable[[Vectors], Keys]:
    """Return a search of bare FAISS in the store's own lists, refined as the store does."""
    base = faiss.read_index(str(lists))
    index = faiss.IndexRefineFlat(base, faiss.swig_ptr(np.ascontiguousarray(vectors)))
    probed = faiss.SearchParametersIVF(nprobe=PROBED)
    params = faiss.IndexRefineSearchParameters(k_factor=2.8, base_index_params=probed)
    return lambda queries: np.asarray(index.search(queries, 10, params=params)[1])
