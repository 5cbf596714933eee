"""Re-ranking by sentences: which are looked at, what is remembered, what cannot be judged."""

from collections.abc import Sequence

import numpy as np
import pytest

from retrieval.documents import Passage
from retrieval.embed import HashEmbedder, SentenceEncoder, Vectors
from retrieval.rerank import LONG, SentenceMax, likely, said


class Counting(HashEmbedder):
    """Notes what it encodes; reads no Chinese."""

    def __init__(self) -> None:
        super().__init__(256)
        self.encoded: list[str] = []

    def reads(self, text: str) -> bool:
        return text.isascii()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        self.encoded += texts
        return super().encode(texts, query=query)


def passage(text: str) -> Passage:
    return Passage("d", "s", "t", text, 0, len(text))


MIXED = "Bread needs salt. The tide mill turns twice a day. Cats sleep. Rain falls in May."
MILLS = "Some mills stand by the sea, others by rivers, and most of them are of no more use."


def test_a_passage_scores_by_its_nearest_sentence() -> None:
    embedder = HashEmbedder(256)
    query = "tide mill turns"
    scores = SentenceMax(embedder).score(query, [passage(MILLS), passage(MIXED)])
    wanted = embedder.encode([query, "The tide mill turns twice a day.", MIXED])
    assert scores.dtype == np.float32 and scores.shape == (2,)
    assert scores[1] == pytest.approx(float(wanted[0] @ wanted[1]), abs=1e-6)
    assert scores[1] > scores[0]
    assert scores[1] > float(wanted[0] @ wanted[2])


def test_sentences_with_the_rarest_words_are_looked_at() -> None:
    texts = [["a mill", "a mill by the tide", "no word"], ["the mill", "nothing", "a mill"]]
    assert likely("tide mill", texts, 1) == [["a mill by the tide"], ["the mill"]]
    assert likely("tide mill", texts, 2) == [
        ["a mill by the tide", "a mill"],
        ["the mill", "a mill"],
    ]
    assert likely("zebra", texts, 2) == [["a mill", "a mill by the tide"], ["the mill", "nothing"]]


def test_long_sentences_are_looked_at_in_parts() -> None:
    parts = said("a long sentence without an end " * 40)
    assert len(parts) > 3 and all(len(part) <= LONG for part in parts)
    assert said("---") == ["---"]


def test_only_likely_sentences_are_encoded_and_each_once() -> None:
    embedder = Counting()
    reranker = SentenceMax(embedder, each=1)
    reranker.score("tide", [passage(MIXED), passage(MILLS), passage(MIXED)])
    assert embedder.encoded == ["The tide mill turns twice a day.", MILLS, "tide"]
    reranker.score("tide", [passage(MIXED)])
    assert embedder.encoded[3:] == ["tide"]


def test_memory_is_bounded_and_the_last_used_are_kept() -> None:
    embedder = Counting()
    reranker = SentenceMax(embedder, each=1, kept=2)
    for text in ("One.", "Two.", "One.", "Six.", "One.", "Two."):
        reranker.score("q", [passage(text)])
    assert [text for text in embedder.encoded if text != "q"] == ["One.", "Two.", "Six.", "Two."]


def test_what_the_embedder_does_not_read_is_not_judged() -> None:
    reranker = SentenceMax(Counting())
    assert np.isnan(reranker.score("磨坊", [passage(MILLS)])).all()
    scores = reranker.score("mills", [passage("磨坊在海边。"), passage(MILLS)])
    assert np.isnan(scores).tolist() == [True, False]
    assert reranker.score("mills", []).shape == (0,)


def test_its_id_names_the_embedder() -> None:
    assert SentenceMax(HashEmbedder(8)).id != SentenceMax(HashEmbedder(16)).id


@pytest.mark.model
def test_with_the_embedded_encoder_meaning_decides() -> None:
    reranker = SentenceMax(SentenceEncoder(device="cpu"))
    texts = [MIXED, "Simmer the tomatoes until the sauce thickens.", MILLS]
    scores = reranker.score("How do I cook pasta sauce?", [passage(text) for text in texts])
    assert int(scores.argmax()) == 1
