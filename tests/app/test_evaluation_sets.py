"""Question sets: read from tiny files in the publishers' formats, and from the real ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.evaluation.loaders import SETS, load
from app.evaluation.sets import QuestionSet, Span, half
from retrieval.errors import UserError

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def put(path: Path, *values: Any, lines: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(map(json.dumps, values)) if lines else json.dumps(values[0])
    path.write_text(text, encoding="utf-8")


def squad(path: Path, **article: Any) -> None:
    questions = [{"id": "1", "question": "Who?", "answers": []}]
    paragraph = {"id": "P7", "context": "Ann did.", "qas": questions}
    put(path, {"version": "1", "data": [{"paragraphs": [paragraph, paragraph], **article}]})


def test_squad_with_titles_and_without(tmp_path: Path) -> None:
    squad(tmp_path / "xquad" / "xquad.en.json", title="Super_Bowl_50")
    given = load("xquad-en", tmp_path)
    assert [(d.source, d.title) for d in given.documents] == [
        ("Super_Bowl_50/0", "Super Bowl 50"),
        ("Super_Bowl_50/1", "Super Bowl 50"),
    ]
    assert given.questions[1].gold == (Span("Super_Bowl_50/1", 0, 8),)
    assert {question.half for question in given.questions} == {half("Super_Bowl_50")}
    squad(tmp_path / "cmrc2018" / "cmrc2018_dev.json")
    assert [d.title for d in load("cmrc2018", tmp_path).documents] == ["", ""]
    assert load("cmrc2018", tmp_path).questions[0].half == half("P7")


def test_clapnq_searches_the_unanswerable_passages_too(tmp_path: Path) -> None:
    def item(name: str) -> dict[str, Any]:
        passages = [{"title": f"T {name}", "text": f"Text {name}."}]
        return {"id": name, "input": f"{name}?", "passages": passages}

    put(tmp_path / "clapnq" / "clapnq_answerable_A.jsonl", item("a"), lines=True)
    put(tmp_path / "clapnq" / "clapnq_unanswerable_A.jsonl", item("b"), item("c"), lines=True)
    given = load("clapnq", tmp_path)
    assert [d.title for d in given.documents] == ["T a", "T b", "T c"]
    assert [(q.text, q.gold) for q in given.questions] == [("a?", (Span("a", 0, 7),))]


def test_musique_needs_all_its_passages(tmp_path: Path) -> None:
    corpus = [{"title": "A", "text": "one"}, {"title": "A", "text": "two"}]
    told = [
        {"title": p["title"], "paragraph_text": p["text"], "is_supporting": n != 1}
        for n, p in enumerate([corpus[1], corpus[0], corpus[1]])
    ]
    put(tmp_path / "hipporag" / "musique_train.json", [{"question": "Q?", "paragraphs": told}])
    put(tmp_path / "hipporag" / "musique_train_corpus.json", corpus)
    given = load("musique", tmp_path)
    assert given.together and given.questions[0].gold == (Span("1", 0, 3),)


def test_codebase_finds_chunks_by_document_and_number(tmp_path: Path) -> None:
    chunks = [{"original_index": 0, "content": "ab"}, {"original_index": 1, "content": "ab"}]
    folder = tmp_path / "anthropic_cookbook_rag"
    document = {"original_uuid": "u", "content": "ab ab cd", "chunks": chunks}
    put(folder / "codebase_chunks.json", [document])
    asked = {"query": "Q", "golden_doc_uuids": ["u"], "golden_chunk_uuids": [["u", 1], ["u", 1]]}
    put(folder / "evaluation_set.jsonl", asked, lines=True)
    given = load("codebase", tmp_path)
    assert [(p.start, p.text) for p in given.passages()] == [(0, "ab"), (3, "ab")]
    assert given.questions[0].gold == (Span("u", 3, 5),)


def test_chunking_seeks_spans(tmp_path: Path) -> None:
    folder = tmp_path / "chunking_eval"
    folder.mkdir()
    (folder / "state_of_x.md").write_text("A text of words.", encoding="utf-8")
    references = json.dumps([{"content": "text", "start_index": 2, "end_index": 6}])
    quoted = references.replace('"', '""')
    (folder / "questions_df.csv").write_text(
        f'question,references,corpus_id\n"What?\nWhen?","{quoted}",state_of_x\n', encoding="utf-8"
    )
    given = load("chunking", tmp_path)
    assert (given.unit, given.documents[0].title) == ("span", "state of x")
    question = given.questions[0]
    assert (question.text, question.gold) == ("What?\nWhen?", (Span("state_of_x", 2, 6),))


@pytest.mark.parametrize("name", SETS)
def test_a_set_that_is_missing_is_one_sentence_with_the_cure(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"'{name}'.*--data FOLDER\.$") as refused:
        load(name, tmp_path)
    assert "\n" not in str(refused.value)


def test_a_set_of_another_format_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "drcd" / "DRCD_dev.json", {"data": [{"paragraphs": [{"text": "x"}]}]})
    with pytest.raises(UserError, match=r"DRCD_dev\.json.*'drcd'"):
        load("drcd", tmp_path)


SIZES = {
    "xquad-en": (240, 1190),
    "xquad-zh": (240, 1190),
    "drcd": (1000, 3524),
    "cmrc2018": (848, 3219),
    "clapnq": (275, 143),
    "codebase": (90, 248),
    "musique": (1890, 100),
    "chunking": (5, 472),
}


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside the checkout")
@pytest.mark.parametrize("name", SETS)
def test_the_real_sets_are_whole(name: str) -> None:
    given = load(name, DATA)
    assert (len(given.documents), len(given.questions)) == SIZES[name]
    lengths = {document.source: len(document.text) for document in given.documents}
    assert len(lengths) == len(given.documents)
    spans = [span for question in given.questions for span in question.gold]
    assert all(0 <= span.start < span.end <= lengths[span.source] for span in spans)
    for part in ("tune", "report"):
        assert 0.3 < len(given.asked(part)) / len(given.questions) < 0.7
    _gold_can_be_found(given)


def _gold_can_be_found(given: QuestionSet) -> None:
    """Whatever is sought is whole documents, passages that are there, or text of a document."""
    cuts = {Span(p.source, p.start, p.end) for p in given.passages()} if given.unit == "cut" else ()
    wholes = {Span(d.source, 0, len(d.text)) for d in given.documents}
    for question in given.questions:
        assert question.gold
        if given.unit != "span":
            assert set(question.gold) <= (set(cuts) or wholes)
