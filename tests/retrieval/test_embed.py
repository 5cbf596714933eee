"""The contract of embedders, run for the fake and for the embedded model."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from retrieval.embed import Embedder, HashEmbedder, SentenceEncoder, Vectors, embedded
from retrieval.errors import UserError


@cache
def fake() -> Embedder:
    return HashEmbedder()


@cache
def shipped() -> Embedder:
    return SentenceEncoder(device="cpu")


@pytest.mark.parametrize("make", [fake, pytest.param(shipped, marks=pytest.mark.model)])
class TestEmbedder:
    TEXTS = ("The cat sat on the mat.", "", "短い", "a " * 3000, "The cat sat on a mat.")

    def test_unit_vectors_of_its_dimension(self, make: Callable[[], Embedder]) -> None:
        vectors = make().encode(self.TEXTS)
        assert vectors.shape == (len(self.TEXTS), make().dimension)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert make().encode([]).shape == (0, make().dimension)

    def test_alike_is_near(self, make: Callable[[], Embedder]) -> None:
        texts = ["Cats sleep most of the day.", "Taxes rose again in spring."]
        query = make().encode(["when do cats sleep"], query=True)[0]
        near, far = make().encode(texts) @ query
        assert near > far

    def test_the_same_text_the_same_vector(self, make: Callable[[], Embedder]) -> None:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(make().encode, [self.TEXTS] * 8))
        assert all((one == found[0]).all() for one in found)

    def test_has_a_stable_id(self, make: Callable[[], Embedder]) -> None:
        assert make().id == make().id != ""


def test_the_english_embedder_leaves_other_languages_to_words() -> None:
    embedder = SentenceEncoder()
    assert embedder.languages == {"en"}
    assert embedder.reads("Who wrote Hamlet?") and embedder.reads("What does 道 mean in English?")
    assert not embedder.reads("谁写了哈姆雷特？") and not embedder.reads("GPT-4是谁开发的？")
    assert not embedder.reads("Кто написал «Гамлета»?")
    assert not embedder.reads("Der Fuchs springt über den Hund und läuft dann in den Wald hinein.")


def test_what_is_not_read_is_not_encoded() -> None:
    class Picky(HashEmbedder):
        def reads(self, text: str) -> bool:
            return "no" not in text

        def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
            asked.extend(texts)
            return super().encode(texts, query=query)

    asked: list[str] = []
    vectors = embedded(Picky(), ["yes", "no", "maybe", "no no"])
    assert asked == ["yes", "maybe"]
    assert not vectors[[1, 3]].any()
    assert (vectors[[0, 2]] == HashEmbedder().encode(["yes", "maybe"])).all()
    asked.clear()
    assert embedded(Picky(), ["no"]).shape == (1, 64) and not asked
    assert embedded(Picky(), []).shape == (0, 64)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    embedder = SentenceEncoder(str(tmp_path))
    for use in (lambda: embedder.encode(["x"]), lambda: embedder.id, lambda: embedder.dimension):
        with pytest.raises(UserError, match=tmp_path.name):
            use()
    with pytest.raises(UserError, match="there is no such folder"):
        SentenceEncoder(str(tmp_path / "none")).encode(["x"])


def test_an_unknown_device_is_named() -> None:
    for device in ("abacus", "cuda:99"):
        with pytest.raises(UserError, match=device):
            SentenceEncoder(device=device).encode(["x"])
