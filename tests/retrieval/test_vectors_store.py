"""The contract of a store of vectors: each kind of search finds what comparing all finds."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from kept_vectors import DIMENSION, SMALL, KeptVectors, drawn, share

from retrieval.keys import Keys, among, keys, rising
from retrieval.vectors import gpu, ivf, part
from retrieval.vectors.exact import Vectors
from retrieval.vectors.store import VectorStore
from retrieval.vectors.write import SIZES

Stocked = tuple[KeptVectors, VectorStore]
RECALL = {"exact": 1.0, "in lists": 0.95, "on a GPU": 1.0}


class StandIn:
    """FAISS on the CPU, with the limit that an index on a GPU has."""

    def __init__(self) -> None:
        import faiss

        self._index = faiss.IndexFlatIP(DIMENSION)
        self.add = self._index.add

    @property
    def ntotal(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Keys]:
        assert k <= gpu.LIMIT
        scores, rows = self._index.search(queries, k)
        return scores, rows


def on_stand_in(store: VectorStore) -> VectorStore:
    """Let the stand-in search the parts as a GPU would."""
    for one in store._parts:
        one.finder = gpu.OnGpu(StandIn(), one.vectors, threading.Lock())
    return store


@pytest.fixture(params=list(RECALL), scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def stocked(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Stocked:
    """2,000 passages, then 200 more, with some of both deleted."""
    sizes = SMALL if kind == "in lists" else SIZES
    kept = KeptVectors(tmp_path_factory.mktemp("stores"), sizes)
    with pytest.MonkeyPatch.context() as patch:
        # A seventh of the lists.
        patch.setattr(ivf, "PROBED", 24)
        kept.add([20] * 100)
    store = kept.add([5] * 40, drop=[3, 50, 51, 110])
    return kept, on_stand_in(store) if kind == "on a GPU" else store


@pytest.fixture(autouse=True)
def _nothing_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kind that is tested answer as often as it may."""
    monkeypatch.setattr(part, "NARROW", 30)


@pytest.fixture
def right(stocked: Stocked, kind: str) -> Callable[..., None]:
    """Compare a search with the reference: equal where exact, nearly all found where not."""
    kept, store = stocked

    def check(count: int, k: int, editions: list[int] | None = None) -> None:
        queries = drawn(count, 1_000 + k)
        inside = None if editions is None else rising(editions)
        scores, found = store.search(queries, k, inside)
        best, wanted = kept.best(queries, k, inside)
        assert scores.shape == best.shape and found.dtype == np.int64
        assert scores.dtype == np.float32 and (np.diff(scores, axis=1) <= 0).all()
        assert share(found, wanted) >= RECALL[kind]
        assert {*found.ravel().tolist()} <= {*kept.held}
        if RECALL[kind] == 1:
            assert found.tolist() == wanted.tolist() and scores.tolist() == best.tolist()

    return check


@pytest.mark.parametrize(("count", "k"), [(1, 1), (1, 10), (40, 10), (3, 50)])
def test_the_nearest_are_found(right: Callable[..., None], count: int, k: int) -> None:
    right(count, k)


def test_it_counts_what_lives(stocked: Stocked, kind: str) -> None:
    kept, store = stocked
    assert (store.count, store.dimension) == (len(kept.held), DIMENSION)
    assert store.kind.startswith("IVF" if kind == "in lists" else "exact")
    assert store.memory > store.count * DIMENSION * 4


def test_each_vector_finds_itself_with_score_one(stocked: Stocked) -> None:
    kept, store = stocked
    some = list(kept.held)[::37]
    scores, found = store.search(np.array([kept.held[key] for key in some]), 1)
    assert found[:, 0].tolist() == some and (scores == 1).all()


def test_more_is_asked_for_than_there_is(stocked: Stocked) -> None:
    kept, store = stocked
    _, found = store.search(drawn(2, 1), len(kept.held) + 9)
    assert [sorted(line) for line in found.tolist()] == [sorted(kept.held)] * 2


@pytest.mark.parametrize(
    "editions",
    [
        [7],
        [7, 108],
        [3, 7],
        [7, 27, 47, 67, 87],
        list(range(1, 60)),
        list(range(1, 141)),
        list(range(1, 141, 3)),
    ],
)
def test_a_filter_misses_nothing_and_lets_nothing_in(
    right: Callable[..., None], stocked: Stocked, editions: list[int]
) -> None:
    right(20, 10, editions)
    found = stocked[1].search(drawn(20, 5), 10, rising(editions))[1]
    assert among(found.ravel(), rising(editions)).all()


@pytest.mark.parametrize("editions", [[], [3], [999]])
def test_a_filter_that_lets_nothing_through_finds_nothing(
    stocked: Stocked, editions: list[int]
) -> None:
    scores, found = stocked[1].search(drawn(2, 1), 5, rising(editions))
    assert scores.shape == found.shape == (2, 0)


def test_a_filter_far_from_the_question_still_finds_enough(stocked: Stocked) -> None:
    """None of the lists that are looked into first may hold anything that is allowed."""
    kept, store = stocked
    for edition in (9, 20, 33):
        inside = rising([edition, edition + 1, edition + 2])
        far = -np.array([kept.held[int(keys(edition, 1)[0])]])
        assert store.search(far, 60, inside)[1].shape == (1, 60)


def test_no_query_and_no_place(stocked: Stocked) -> None:
    store = stocked[1]
    assert store.search(drawn(0, 1), 3)[1].shape == (0, 3)
    assert store.search(drawn(2, 1), 0)[1].shape == (2, 0)


@pytest.mark.parametrize("shape", [(DIMENSION,), (2, DIMENSION + 1), (1, 1, DIMENSION)])
def test_queries_of_another_shape_are_refused(stocked: Stocked, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        stocked[1].search(np.ones(shape, np.float32), 3)


def test_queries_that_are_no_numbers_are_refused(stocked: Stocked) -> None:
    with pytest.raises(ValueError, match="finite"):
        stocked[1].search(np.full((1, DIMENSION), np.nan, np.float32), 3)


def test_threads_search_at_once(stocked: Stocked) -> None:
    _, store = stocked
    queries = [drawn(3, seed) for seed in range(8)]
    wanted = [store.search(some, 10)[1].tolist() for some in queries]
    found: list[list[list[int]]] = [[] for _ in queries]

    def work(number: int) -> None:
        for _ in range(20):
            found[number] = store.search(queries[number], 10)[1].tolist()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(queries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == wanted


def test_equal_vectors_stand_in_order_of_keys(tmp_path: Path) -> None:
    """However many there are, and in whatever order and parts they came."""
    kept = KeptVectors(tmp_path)
    one = np.repeat(drawn(1, 1), 60, axis=0)
    numbers = np.concatenate([keys(2, 60)[::-1], keys(1, 60)])
    kept.write([(numbers, np.concatenate([one, one]))])
    store = kept.add([0])
    store = kept.write([(keys(0, 5), one[:5])])
    found = store.search(one[:1], 70)[1]
    assert found.tolist() == [[*range(5), *keys(1, 60).tolist(), *keys(2, 5).tolist()]]
    assert on_stand_in(store).search(one[:1], 7)[1].tolist() == found[:, :7].tolist()


def test_keys_may_come_in_any_order(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    numbers = np.concatenate([keys(edition, 30) for edition in (4, 2, 3, 1)])[::-1]
    kept.write([(numbers, drawn(120, 1))])
    store = kept.write([(keys(9, 5), drawn(5, 2))], drop=[3])
    queries = drawn(5, 3)
    for inside in (None, rising([2]), rising([1, 3, 9])):
        found, wanted = store.search(queries, 9, inside)[1], kept.best(queries, 9, inside)[1]
        assert found.tolist() == wanted.tolist()


def test_what_eight_bits_confuse_the_vectors_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all lists looked into nothing is missed."""
    monkeypatch.setattr(ivf, "PROBED", 10_000)
    kept = KeptVectors(tmp_path, SMALL)
    store = kept.add([20] * 100)
    assert store.kind.startswith("IVF") and store.recall == 1
    queries = drawn(200, 3)
    assert store.search(queries, 10)[1].tolist() == kept.best(queries, 10)[1].tolist()


def test_recall_is_measured_on_its_own_vectors(tmp_path: Path) -> None:
    store = KeptVectors(tmp_path, SMALL).add([20] * 100)
    assert store.recall is not None and 0.9 < store.recall <= 1 and store.sampled == 200
    assert KeptVectors(tmp_path / "few").add([20]).recall is None


def test_what_a_gpu_cannot_hand_out_is_compared_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptVectors(tmp_path)
    store = on_stand_in(kept.add([20] * 10))
    monkeypatch.setattr(gpu, "LIMIT", 10)
    queries = drawn(3, 2)
    for inside in (None, rising(range(1, 9))):
        assert (
            store.search(queries, 9, inside)[1].tolist()
            == kept.best(queries, 9, inside)[1].tolist()
        )
