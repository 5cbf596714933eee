"""Searching a part of the library: nothing outside is found, and nothing outside takes a place."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.documents import Document, Hit
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.fuse import fuse
from retrieval.library import Library
from retrieval.scope import Scope, below
from retrieval.shelf import MemoryShelf
from retrieval.split import in_context, split
from retrieval.vectors.index import Kind, empty

WORDS = (
    *("weir", "gate", "mill", "heron", "limestone", "flood"),
    *("engineer", "lock", "river", "stone", "bank", "water"),
)
PLACES = ("/docs/rivers", "/docs/rivers/old", "/docs/riversides", "/notes")
DEPTH = 4


def document(number: int) -> Document:
    """A document of its own, put into one of two collections and one of four folders.

    No two are equally long, so that few are equally good.
    """
    chance = random.Random(number)
    text = f"{' '.join(chance.choices(WORDS, k=6 + number))} number {number}."
    collection = ("public", "private")[number // 4 % 2]
    return Document(
        f"{PLACES[number % 4]}/{number}.txt", f"note {number}", text, collection=collection
    )


DOCUMENTS = [document(number) for number in range(32)]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Library]:
    shelf, embedder = MemoryShelf(), HashEmbedder()
    for each in DOCUMENTS:
        passages = list(split(each))
        vectors = embedder.encode([in_context(passage) for passage in passages])
        shelf.put(each, passages, vectors, embedder=embedder.id, digest=each.id)
    kinds: tuple[Kind, ...] = ("flat", "faiss")
    return {
        kind: Library(shelf, embedder, tmp_path_factory.mktemp(kind), index=kind, depth=DEPTH)
        for kind in kinds
    }


def brute(library: Library, query: str, k: int, scope: Scope) -> list[str]:
    """Rank everything, throw out what lies outside, and only then cut and fuse."""
    library.ready()
    snapshot = library._opened()
    inside = scope.documents(library.holdings())
    rows = [row for row, p in enumerate(snapshot.passages) if p.document in inside]
    vectors = library._embedder.encode([query], query=True)
    dense = snapshot.vectors.search(vectors, len(snapshot.passages))[1][0].tolist()
    lexical = [row for row, _ in snapshot.words.search(query, len(snapshot.passages))]
    depth = max(DEPTH, k)
    cut = {
        "dense": [row for row in dense if row in rows][:depth],
        "lexical": [row for row in lexical if row in rows][:depth],
    }
    return [snapshot.passages[item.row].source for item in fuse(cut)[:k]]


SCOPES = st.builds(
    Scope,
    st.lists(st.sampled_from(["public", "private"]), unique=True, max_size=2).map(tuple),
    st.lists(
        st.sampled_from(["/docs", "/docs/rivers", "/docs/rivers/", "/notes", "/notes/"]),
        unique=True,
        max_size=2,
    ).map(tuple),
)


@pytest.mark.parametrize("kind", ["flat", "faiss"])
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    k=st.integers(1, 8),
    scope=SCOPES,
)
def test_a_scope_is_applied_before_the_cut(
    kind: str, query: str, k: int, scope: Scope, libraries: dict[str, Library]
) -> None:
    library = libraries[kind]
    hits = library.search(query, k, scope.collections, scope.sources)
    assert [hit.passage.source for hit in hits] == brute(library, query, k, scope)
    held = scope.documents(library.holdings())
    assert all(hit.passage.document in held for hit in hits)
    assert len(hits) == min(k, len(held))


@pytest.mark.parametrize("kind", ["flat", "faiss"])
def test_an_index_searches_among_rows(kind: Kind) -> None:
    chance = np.random.default_rng(5)
    vectors = chance.normal(size=(60, 8)).astype(np.float32)
    index = empty(kind, 8)
    index.add(vectors)
    for size in (0, 1, 7, 60):
        rows = np.sort(chance.choice(60, size, replace=False)).astype(np.int64)
        scores, found = index.search(vectors[:3], 9, rows)
        wanted = np.round(vectors[:3] @ vectors[rows].T, 6)
        best = np.argsort(-wanted, axis=1, kind="stable")[:, :9]
        assert (found == rows[best]).all() if size else found.shape == (3, 0)
        assert np.allclose(scores, np.take_along_axis(wanted, best, 1), atol=1e-5)


def sources(hits: list[Hit]) -> set[str]:
    return {hit.passage.source for hit in hits}


def test_the_same_text_in_two_collections_is_found_in_the_one_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The weir was finished in 1887.")
    library = Library(MemoryShelf(), HashEmbedder(), tmp_path / "library", index="flat")
    list(library.add([tmp_path / "a.txt"], "one"))
    list(library.add([tmp_path / "a.txt"], "two"))
    found = library.search("weir", 5, ["two"])
    assert [hit.passage.document for hit in found] == [
        holding.document for holding in library.holdings() if holding.collection == "two"
    ]
    assert len(library.search("weir", 5)) == 2


@pytest.mark.parametrize(
    ("collections", "sources", "names"),
    [
        (("publik",), (), "public"),
        ((), ("/docs/river",), "vouch library"),
        (("public",), ("/notes/7.txt",), "/notes"),
        ((), ("",), "vouch library"),
    ],
)
def test_an_unknown_part_is_refused_with_the_nearest(
    collections: tuple[str, ...],
    sources: tuple[str, ...],
    names: str,
    libraries: dict[str, Library],
) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: libraries["flat"].ready(collections, sources),
        lambda: libraries["flat"].search("weir", 3, collections, sources),
    )
    for call in calls:
        with pytest.raises(UserError) as refused:
            call()
        assert names in str(refused.value)


@pytest.mark.parametrize(
    ("source", "wanted", "held"),
    [
        ("/docs/a.txt", "/docs", True),
        ("/docs/a.txt", "/docs/", True),
        ("/docs/a.txt", "/docs/a.txt", True),
        ("/docs/a.txt", "/doc", False),
        ("/docs/a.txt.bak", "/docs/a.txt", False),
        ("C:\\docs\\a.txt", "C:\\docs", True),
        ("/docs/a.txt", "/", True),
        ("/docs/a.txt", "", False),
    ],
)
def test_a_folder_holds_what_lies_below_it(source: str, wanted: str, held: bool) -> None:
    assert below(source, wanted) is held
