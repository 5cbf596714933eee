"""Searching a part of the library: nothing outside is found, and nothing outside takes a place."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.documents import Document, Hit
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.fuse import blend
from retrieval.keys import keys
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.scope import Scope, below

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
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = Library(MemoryShelf(), HashEmbedder(), tmp_path_factory.mktemp("library"), depth=DEPTH)
    made.put(DOCUMENTS[::2], ["even"])
    made.put(DOCUMENTS[1::2])
    made.tag(DOCUMENTS[3].source, DOCUMENTS[3].collection, ["third", "odd"])
    return made


def brute(library: Library, query: str, k: int, scope: Scope) -> list[str]:
    """Rank everything, throw out what lies outside, and only then cut and fuse."""
    snapshot = library._index.current()
    held = {keys(h.edition, 1).item(): h for h in library.holdings() if scope.holds(h)}
    vectors = library._embedder.encode([query], query=True)
    scores, near = snapshot.vectors.search(vectors, len(DOCUMENTS))
    dense = dict(zip(near[0].tolist(), scores[0].tolist(), strict=True))
    lexical = dict(snapshot.words.search(query, len(DOCUMENTS)))
    depth = max(DEPTH, k)

    def cut(ranking: dict[int, float]) -> dict[int, float]:
        return dict([(key, score) for key, score in ranking.items() if key in held][:depth])

    return [held[item.row].source for item in blend(cut(dense), cut(lexical))[:k]]


SCOPES = st.builds(
    Scope,
    st.lists(st.sampled_from(["public", "private"]), unique=True, max_size=2).map(tuple),
    st.lists(
        st.sampled_from(["/docs", "/docs/rivers", "/docs/rivers/", "/notes", "/notes/"]),
        unique=True,
        max_size=2,
    ).map(tuple),
    st.lists(st.sampled_from(["even", "odd"]), unique=True, max_size=1).map(tuple),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    k=st.integers(1, 8),
    scope=SCOPES,
)
def test_a_scope_is_applied_before_the_cut(
    query: str, k: int, scope: Scope, library: Library
) -> None:
    held = {holding.document for holding in library.holdings() if scope.holds(holding)}
    try:
        hits = library.search(query, k, scope.collections, scope.sources, scope.tags)
    except UserError as error:
        assert "tag" in str(error) and scope.tags == ("odd",)
        return
    assert [hit.passage.source for hit in hits] == brute(library, query, k, scope)
    assert all(hit.passage.document in held for hit in hits)
    assert len(hits) == min(k, len(held))


def sources(hits: list[Hit]) -> set[str]:
    return {hit.passage.source for hit in hits}


def test_the_same_text_in_two_collections_is_found_in_the_one_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The weir was finished in 1887.")
    library = Library(MemoryShelf(), HashEmbedder(), tmp_path / "library")
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
    library: Library,
) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: library.ready(collections, sources),
        lambda: library.search("weir", 3, collections, sources),
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
