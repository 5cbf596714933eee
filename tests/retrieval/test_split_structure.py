"""Structure is kept where a text is cut: rows with their header, code, lists, what leads in."""

import re

import pytest

from retrieval.blocks import blocks, header
from retrieval.cuts import SENTENCE, boundaries, pieces
from retrieval.documents import Document, Mark
from retrieval.split import in_context, split


def cut(text: str, size: int) -> list[str]:
    return [text[start:end] for start, end in pieces(text, size)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in blocks(text)]


def test_blocks_are_told_by_their_lines() -> None:
    table, code = "| a | b |\n|---|---|\n| 1 | 2 |\n", "```py\n| no | row |\n\n```\n"
    text = f"Prose here.\n\n{table}More.\n{code}End\n"
    assert kinds(text) == [
        ("prose", "Prose here.\n\n"),
        ("table", table),
        ("prose", "More.\n"),
        ("code", code),
        ("prose", "End\n"),
    ]
    assert [block.ruled for block in blocks(text)] == [False, True, False, False, False]


def test_two_fences_in_a_row_are_two_blocks_and_a_longer_fence_holds_a_shorter() -> None:
    assert len(kinds("```\na\n```\n```\nb\n```\n")) == 2
    assert len(kinds("````\n```\na\n```\n````\nend")) == 2


def test_code_without_fences_is_seen_by_its_lines() -> None:
    code = "import os\n\ndef f(x):\n    if x:\n        return [\n            x,\n        ]\n"
    assert [kind for kind, _ in kinds(code)] == ["code"]
    prose = "A line of prose, which\nis wrapped.\n  And this one is indented.\nNo more.\n"
    assert [kind for kind, _ in kinds(prose)] == ["prose"]


@pytest.mark.parametrize("ruled", [True, False])
def test_a_row_is_never_cut_and_the_header_can_be_reached(ruled: bool) -> None:
    rows = [f"| mill no. {n} | It stands. It grinds. |" for n in range(90)]
    rule = ["|---|---|"] if ruled else []
    text = "\n".join(["Mills:", "", "| Name | What it does |", *rule, *rows, "", "The end."])
    passages = split(Document("s", "Mills", text, marks=(Mark(0, "List"),)), size=400)
    lines = [line for passage in passages for line in passage.text.split("\n")]
    assert [line for line in lines if line.startswith("| mill")] == rows
    assert passages[0].heading == "List" and rows[0] in passages[0].text
    inner = [passage for passage in passages[1:] if passage.text.startswith("|")]
    assert len(inner) > 5
    assert all(p.heading == "List > Name | What it does" for p in inner)
    assert in_context(inner[0]).startswith("Mills > List > Name | What it does\n| mill")


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("| Name | Age |\n| Ann | 7 |\n", "Name | Age"),
        ("Name | Age\n--- | ---\nAnn | 7\n", "Name | Age"),
        ("| **Name** | Age |\n| Ann | 7 |\n", "Name | Age"),
        ("| Name | Age |\n| Name: Ann | Age: 7 |\n", ""),
        ("| Ann | 7 |\n| Bob | 8 |\n", ""),
        ("| a | a |\n| b | c |\n", ""),
        (f"| {'long ' * 9} | b |\n| c | d |\n", ""),
    ],
)
def test_a_header_names_columns(table: str, names: str) -> None:
    assert header(table, next(blocks(table))) == names


def test_a_row_too_long_is_cut_all_the_same() -> None:
    text = f"| a | b |\n| {'word ' * 100} | c |\n"
    assert "".join("".join(cut(text, 90)).split()) == "".join(text.split())
    assert all(len(piece) <= 90 for piece in cut(text, 90))


def test_code_is_cut_before_a_definition() -> None:
    code = "".join(f"def f{n}(x):\n    y = x\n\n    return y\n\n\n" for n in range(40))
    found = cut(f"How it is done:\n\n```python\n{code}```\n", 300)
    assert len(found) > 4
    assert all(piece.startswith("def ") for piece in found[1:])
    assert found[0].startswith("How it is done:\n\n```python\ndef f0")
    assert found[-1].endswith("```")


def prose(length: int) -> str:
    """Return so many characters of sentences."""
    return ("Some words stand here and end. " * 30)[: length - 1].strip() + "."


def test_code_that_fits_stays_whole_though_a_cut_in_it_would_be_even() -> None:
    code = "```\n" + "first = 1\n\nsecond = 2\n\n" * 9 + "```"
    found = cut(f"{prose(120)}\n\n{code}\n\n{prose(120)}", 300)
    assert code in found


def test_a_header_stays_with_its_first_row() -> None:
    rows = "\n".join(f"| mill {n} | {n} wheels |" for n in range(40))
    found = cut(f"{prose(205)}\n\n| Mill | Wheels |\n{rows}", 300)
    assert len(found) > 3
    assert "| Mill | Wheels |\n| mill 0 | 0 wheels |" in "\0".join(found)


def test_what_leads_in_stays_with_what_it_leads_to() -> None:
    heads = [f"Part {n}" for n in range(5)]
    text = "\n\n".join([prose(200), *(f"{head}\n\n{prose(222)}" for head in heads)])
    found = cut(text, 300)
    assert len(found) == 6
    assert [piece.split("\n")[0] for piece in found[1:]] == heads
    long = "This line is longer than any heading is, and says that what is below belongs to it:"
    text = "\n\n".join([prose(140), *(f"{long}\n\n{prose(142)}" for _ in heads)])
    assert all(not piece.endswith(":") for piece in cut(text, 300))


def test_stops_that_may_end_no_sentence_are_cut_at_last() -> None:
    text = "it is no. 5 of all. and so it goes on in small letters. "
    costs = boundaries(text * 2, 300)
    assert costs[text.index("and")] > SENTENCE
    assert all(re.fullmatch(r".*\.", piece) for piece in cut(text * 30, 300))


def test_chinese_sentences_stay_whole_and_clauses_come_before_characters() -> None:
    assert all(p.endswith("。") for p in cut("他说：“今天下雨，我不去。”然后他走了。" * 40, 120))
    assert all(p.endswith("，") for p in cut("这是一个很长的句子，" * 60, 95)[:-1])
    assert [len(piece) for piece in cut("字" * 250, 100)] == [100, 100, 50]


def test_many_short_lines_are_cut_in_good_time() -> None:
    text = "a\n" * 60_000
    found = cut(text, 900)
    assert "".join(found).count("a") == 60_000
    assert len(found) < 250
