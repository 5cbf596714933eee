"""Passages: exact spans, in order, nothing lost, cut where a reader would cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import documents
from retrieval.documents import Document, Mark
from retrieval.split import context, in_context, split

LINES = st.lists(
    st.sampled_from(["| a | b |", "|---|", "```", "x = 1", "", "A b c.", "字，字。", "a:"])
)
TEXTS = (
    st.text(alphabet="ab. \n\n。！中\r\t-#”|`:，", max_size=400)
    | st.text(max_size=200)
    | LINES.map("\n".join)
)


def document(text: str, *marks: Mark) -> Document:
    return Document("s", "Title", text, marks=marks)


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=5), st.integers(5, 60))
def test_law_of_offsets_order_and_coverage(text: str, starts: list[int], size: int) -> None:
    marks = tuple(
        Mark(s, f"h{i}") for i, s in enumerate(sorted(s for s in starts if s < len(text)))
    )
    made = document(text, *marks)
    passages = split(made, size=size)
    at = 0
    for passage in passages:
        assert made.text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip() != ""
        assert passage.heading.startswith(made.mark_at(passage.start).heading)
        assert len(passage.text) <= size
        assert not made.text[at : passage.start].strip()
        at = passage.end
    assert not made.text[at:].strip()


def test_paragraphs_and_sentences_stay_whole() -> None:
    sentence = "Every word of this sentence counts, said Dr. Smith. "
    made = document((sentence * 4 + "\n\n") * 6)
    passages = split(made, size=450)
    assert len(passages) > 2
    assert all(p.text.startswith("Every") and p.text.endswith("Smith.") for p in passages)


def test_chinese_is_cut_after_its_stops() -> None:
    passages = split(document("这是一个句子，它有点长。" * 60), size=200)
    assert len(passages) > 3
    assert all(passage.text.endswith("。") for passage in passages)


def test_headings_part_passages_and_are_carried() -> None:
    body = "words of it " * 30
    text = f"{body}\n# One\n{body}\n# Two\n{body}"
    one, two = text.index("# One"), text.index("# Two")
    made = document(text, Mark(one, "One", 1), Mark(two, "One > Two", 3))
    passages = split(made)
    assert [(p.heading, p.page) for p in passages] == [("", None), ("One", 1), ("One > Two", 3)]
    assert [p.start for p in passages] == [0, one, two]


def test_a_lone_heading_joins_what_it_heads() -> None:
    text = "# A\n\n## B\n\n" + "words " * 50
    passages = split(document(text, Mark(0, "A"), Mark(5, "A > B")))
    assert len(passages) == 1 and passages[0].text.startswith("# A")


def test_pieces_are_of_like_length() -> None:
    passages = split(document("Ten of a k. " * 85))
    lengths = [len(passage.text) for passage in passages]
    assert len(lengths) == 2 and min(lengths) > 400


def test_context_names_title_and_heading_once() -> None:
    body = document("x" * 10, Mark(0, "Title > Part"))
    assert context(split(body)[0]) == "Title > Part"
    assert context(split(document("x", Mark(0, "Part")))[0]) == "Title > Part"
    assert in_context(split(document("x"))[0]) == "Title\nx"


def test_a_text_is_hashed_once_however_many_passages_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed: list[int] = []
    plain = documents.content_id

    def counting(*parts: str) -> str:
        hashed.append(sum(map(len, parts)))
        return plain(*parts)

    monkeypatch.setattr(documents, "content_id", counting)
    made = document("Some words of it. " * 2000)
    passages = split(made)
    assert len(passages) > 30
    assert {passage.document for passage in passages} == {made.id}
    assert len([size for size in hashed if size >= len(made.text)]) == 1
