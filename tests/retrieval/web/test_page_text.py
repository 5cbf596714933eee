"""The main text is chosen by words that stand in it, and set with every offset right."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.web.flow import Block, Piece
from retrieval.web.hrefs import Hrefs
from retrieval.web.main_text import chosen, enough, marked, words
from retrieval.web.typeset import typeset

URL = "https://site.example/a"
TEASER = "The council of the town opened the new bridge"
STORY = f"{TEASER} on Monday, and many people came to see how the river looks from there."


def block(text: str, kind: str = "text", **around: bool) -> Block:
    made = Block("heading" if kind == "heading" else "text", 1 if kind == "heading" else 0)
    made.aside, made.main = around.get("aside", False), around.get("main", False)
    made.pieces.append(Piece(text))
    return made


def kept(texts: list[str], main: str) -> list[int]:
    blocks = [block(text) for text in texts]
    found = {id(taken) for taken in chosen(blocks, main)}
    return [at for at, one in enumerate(blocks) if id(one) in found]


def test_of_a_text_and_its_teaser_the_text_is_kept() -> None:
    assert kept(["Home", f"{TEASER} ...", "Share", STORY, "Related stories"], STORY) == [3]


def test_of_two_texts_alike_the_later_is_kept() -> None:
    assert kept([STORY, "Menu", STORY], STORY) == [2]


def test_short_blocks_are_kept_where_the_text_has_them() -> None:
    texts = ["Berlin", STORY, "Berlin", "a quite different sentence of other words", "Berlin"]
    assert kept(texts, f"{STORY}\nBerlin\na quite different sentence of other words") == [1, 2, 3]


def test_what_is_said_often_is_kept_as_often_as_the_text_says_it() -> None:
    parts = [text for n in range(20) for text in (f"Number {n} is told at length here", "Eat one")]
    asked = [text for text in parts for text in (text, "Portions of one green and two red ones")]
    assert kept(asked, "\n".join(asked)) == list(range(len(asked)))


def test_chinese_is_compared_by_characters() -> None:
    assert words("Ein Wort，中文字") == ["ein", "wort", "中", "文", "字"]
    assert kept(
        ["首页", "桥梁星期一开放，很多人来参观。", "关于我们"], "桥梁星期一开放，很多人来参观。"
    ) == [1]


def test_the_marked_part_is_taken_if_it_holds_a_fair_part() -> None:
    body, beside = block(STORY, main=True), block("Menu of it", aside=True)
    assert marked([beside, body, block("x")]) == [body]
    assert marked([beside, block("x", main=True), other := block(STORY)])[1:] == [other]
    assert not enough([block("few words")], [block(STORY)])
    assert enough([block(STORY)], [block(STORY)])


ROWS = st.lists(
    st.tuples(
        st.text(st.sampled_from(" \n\tab\xa0é中|"), max_size=6), st.integers(0, 2), st.booleans()
    ),
    max_size=8,
)


@given(st.lists(st.tuples(ROWS, st.sampled_from(["text", "item", "code", "heading"])), max_size=6))
def test_links_are_the_words_of_their_pieces(
    rows: list[tuple[list[tuple[str, int, bool]], str]],
) -> None:
    blocks, said, anchor = [], [], 0
    for pieces, kind in rows:
        made = Block(kind, 1, "- " if kind == "item" else "", close=kind == "item")  # type: ignore[arg-type]
        for text, linked, _ in pieces:
            anchor += 1
            hard = kind == "code"
            href = f"/{anchor}" if linked else ""
            made.pieces.append(Piece(text, anchor if linked else 0, href, hard))
            if linked and text.strip():
                said.append((text if hard else " ".join(text.split()), f"/{anchor}"))
        blocks.append(made)
    done = typeset(blocks, Hrefs(URL))
    found = [(done.text[link.start : link.end], link.url) for link in done.links]
    assert found == [(text.strip(), f"https://site.example{href}") for text, href in said]
    assert [mark.start for mark in done.marks] == sorted({mark.start for mark in done.marks})
    assert all(0 <= mark.start < len(done.text) for mark in done.marks)


def test_a_heading_before_text_that_repeats_the_title_is_a_mark_alone() -> None:
    blocks = [block("Bridges", "heading"), block("Of stone", "heading"), block("They last.")]
    blocks[1].level = 2
    done = typeset(blocks, Hrefs(URL), "Bridges - Site")
    assert done.text == "Of stone\n\nThey last."
    assert [(mark.start, mark.heading) for mark in done.marks] == [(0, "Bridges > Of stone")]
