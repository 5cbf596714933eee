"""The contract of vector indexes, run for each back end, and their agreement."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.vectors.index import Kind, Vectors, empty, load

DIMENSION = 8


def unit(count: int, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("kind", ["flat", "faiss"])
class TestVectorIndex:
    def test_finds_each_vector_itself(self, kind: Kind) -> None:
        index = empty(kind, DIMENSION)
        vectors = unit(50)
        index.add(vectors[:20])
        index.add(vectors[20:])
        scores, rows = index.search(vectors, 3)
        assert index.count == 50
        assert scores.shape == rows.shape == (50, 3)
        assert rows[:, 0].tolist() == list(range(50))
        assert np.allclose(scores[:, 0], 1, atol=1e-5)
        assert (np.diff(scores, axis=1) <= 0).all()

    def test_scores_are_inner_products(self, kind: Kind) -> None:
        index = empty(kind, DIMENSION)
        vectors, queries = unit(30), unit(4, seed=1)
        index.add(vectors)
        scores, rows = index.search(queries, 30)
        assert np.allclose(scores, np.take_along_axis(queries @ vectors.T, rows, 1), atol=1e-5)

    def test_equal_vectors_stand_in_order(self, kind: Kind) -> None:
        index = empty(kind, DIMENSION)
        index.add(np.repeat(unit(1), 9, axis=0))
        assert index.search(unit(1), 9)[1].tolist() == [list(range(9))]

    def test_more_asked_for_than_there_is(self, kind: Kind) -> None:
        index = empty(kind, DIMENSION)
        assert index.search(unit(2), 5)[1].shape == (2, 0)
        index.add(unit(3))
        assert sorted(index.search(unit(1), 99)[1][0].tolist()) == [0, 1, 2]

    def test_saved_and_loaded_it_is_the_same(self, kind: Kind, tmp_path: Path) -> None:
        index = empty(kind, DIMENSION)
        index.add(unit(20))
        index.save(tmp_path / "vectors")
        again = load(kind, tmp_path / "vectors")
        assert again.count == 20 and again.kind == index.kind
        for before, after in zip(
            index.search(unit(5, 2), 7), again.search(unit(5, 2), 7), strict=True
        ):
            assert (before == after).all()

    def test_empty_is_saved_too(self, kind: Kind, tmp_path: Path) -> None:
        empty(kind, DIMENSION).save(tmp_path / "vectors")
        assert load(kind, tmp_path / "vectors").count == 0


def test_back_ends_rank_alike() -> None:
    flat, faiss = empty("flat", DIMENSION), empty("faiss", DIMENSION)
    flat.add(unit(400))
    faiss.add(unit(400))
    queries = unit(50, seed=3)
    assert (flat.search(queries, 10)[1] == faiss.search(queries, 10)[1]).all()
