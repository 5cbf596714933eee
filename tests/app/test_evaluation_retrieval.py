"""The evaluation of rankings, end to end on tiny sets whose figures are known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app.evaluation.memory import Remembered
from app.evaluation.pool import Pool
from app.evaluation.retrieval import Comparison, Measured, figures, measured
from app.evaluation.sets import Question, QuestionSet, Span, whole
from retrieval.documents import Document, Passage
from retrieval.embed import HashEmbedder, Vectors
from retrieval.errors import UserError
from retrieval.rerank import SentenceMax
from retrieval.split import split

TEXTS = {
    "mill": "The tide mill of Rance turns with the sea.",
    "bread": "Bread is baked from flour and water.",
    "play": "Brand is a play by Henrik Ibsen.",
    "ibsen": "Henrik Ibsen was born in Skien.",
    "水车": "水车在河边转动。",
}
DOCUMENTS = tuple(Document(name, name, text) for name, text in TEXTS.items())


class Counting(HashEmbedder):
    """Reads no Chinese, and notes what it encodes."""

    def __init__(self) -> None:
        super().__init__(256)
        self.encoded: list[str] = []

    def reads(self, text: str) -> bool:
        return text.isascii()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        self.encoded += texts
        return super().encode(texts, query=query)


def asking(*pairs: tuple[str, str], together: bool = False) -> QuestionSet:
    spans = {document.source: whole(document) for document in DOCUMENTS}
    questions = tuple(
        Question(text, "report", tuple(spans[name] for name in gold.split()))
        for text, gold in pairs
    )
    return QuestionSet("tiny", DOCUMENTS, questions, together=together)


def by_name(found: Measured) -> dict[str, dict[str, float]]:
    return {row.ranking: row.figures for row in found.rows}


def test_every_ranking_is_measured() -> None:
    given = asking(("tide mills", "mill"), ("Who baked bread?", "bread"), ("zebra", "play"))
    embedder = Counting()
    found = measured(given, "report", embedder, SentenceMax(embedder))
    rows = by_name(found)
    assert list(rows) == [
        *("plain BM25", "lexical", "dense", "rank fusion", "fused", "re-ranked"),
    ]
    assert rows["lexical"]["R@1"] == rows["plain BM25"]["R@1"] == pytest.approx(2 / 3)
    assert rows["re-ranked"]["R@5"] == 1.0
    assert (found.questions, found.documents, found.passages) == (3, 5, 5)
    assert [(c.ranking, c.against, c.measure) for c in found.comparisons] == [
        ("re-ranked", "plain BM25", "R@5"),
        ("re-ranked", "dense", "R@5"),
    ]
    first = found.comparisons[0]
    assert (first.before, first.after, first.fewer) == (pytest.approx(2 / 3), 1.0, 1.0)
    assert first.low <= first.after - first.before <= first.high


def test_chinese_is_found_by_words_where_the_embedder_reads_none() -> None:
    found = measured(asking(("水车在哪里转动？", "水车")), "report", Counting(), None)
    rows = by_name(found)
    assert list(rows) == ["plain BM25", "lexical", "fused"]
    assert rows["fused"] == rows["lexical"]
    assert rows["fused"]["MRR@10"] == 1.0
    assert [c.against for c in found.comparisons] == ["plain BM25", "lexical"]


def test_passages_that_the_embedder_does_not_read_are_in_no_dense_ranking(tmp_path: Path) -> None:
    passages = [passage for document in DOCUMENTS for passage in split(document)]
    embedder = Counting()
    pool = Pool(passages, embedder, tmp_path / "words")
    assert not any("水车" in text for text in embedder.encoded)
    assert sorted(pool.dense("sea")) == [0, 1, 2, 3]
    assert pool.dense("水车") == {}


def test_a_second_search_finds_what_the_first_one_names() -> None:
    """Where nothing but words counts, only the second query holds the name that leads on."""
    given = asking(
        ("In which town was the author of the play Brand born?", "play ibsen"), together=True
    )
    decoys = tuple(
        Document(f"n{n}", f"n{n}", f"A town and an author born in year {n}.") for n in range(12)
    )
    given = QuestionSet("tiny", (*DOCUMENTS, *decoys), given.questions, together=True)

    class Blind(Counting):
        def reads(self, text: str) -> bool:
            return False

    rows = by_name(measured(given, "report", Blind(), None))
    assert rows["fused"]["all@5"] == 0.0
    assert rows["searched again"]["all@5"] == 1.0
    compared = measured(given, "report", Blind(), None).comparisons
    assert ("searched again", "fused", "all@5") in [
        (c.ranking, c.against, c.measure) for c in compared
    ]


def test_spans_are_measured_by_the_first_five_passages() -> None:
    document = Document("d", "d", "x" * 100)
    given = QuestionSet("tiny", (document,), (), "span")
    parts = [Passage("d", "d", "d", "x" * 10, at, at + 10) for at in range(0, 70, 10)]
    question = Question("q", "tune", (Span("d", 45, 65),))
    assert figures(parts, question, given) == {
        "recall@5": 5 / 20,
        "IoU@5": 5 / (50 + 20 - 5),
        "characters@5": 50.0,
    }


def test_a_half_without_questions_is_refused() -> None:
    with pytest.raises(UserError, match="tune half"):
        measured(asking(("mill", "mill")), "tune", Counting(), None)


def test_misses_avoided_are_a_share_of_those_there_were() -> None:
    assert Comparison("b", "a", "R@5", 0.8, 0.9, 0.0, 0.2).fewer == pytest.approx(0.5)
    assert Comparison("b", "a", "R@5", 0.8, 0.7, -0.2, 0.0).fewer == pytest.approx(-0.5)
    assert Comparison("b", "a", "R@5", 1.0, 1.0, 0.0, 0.0).fewer == 0.0


def test_vectors_are_remembered_between_evaluations(tmp_path: Path) -> None:
    embedder = Counting()
    first = Remembered(embedder, tmp_path / "cache")
    vectors = first.encode(["mill", "sea", "mill"])
    asked = first.encode(["mill"], query=True)
    first.save()
    assert embedder.encoded == ["mill", "sea", "mill"]
    again = Remembered(embedder, tmp_path / "cache")
    assert np.array_equal(again.encode(["mill", "sea", "mill"]), vectors)
    assert np.array_equal(again.encode(["mill"], query=True), asked)
    assert len(embedder.encoded) == 3
    assert again.encode([]).shape == (0, 256)
    assert not list((tmp_path / "cache").glob("*.part"))


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no zip", b"text"])
def test_a_damaged_memory_is_not_read(damage: bytes, tmp_path: Path) -> None:
    embedder = Counting()
    kept = Remembered(embedder, tmp_path)
    kept.encode(["mill"])
    kept.save()
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert Remembered(embedder, tmp_path).encode(["mill"]).shape == (1, 256)
    assert embedder.encoded == ["mill", "mill"]
    assert Remembered(HashEmbedder(8), tmp_path).encode(["mill"]).shape == (1, 8)
