"""Sentence offsets: where English, Chinese and laid-out text is cut, and the laws of the spans."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One came. Two left! Why? Because.", ["One came.", "Two left!", "Why?", "Because."]),
        ("Dr. Smith met Mrs. Jones. They spoke.", ["Dr. Smith met Mrs. Jones.", "They spoke."]),
        ("The U.S. Army came. It won.", ["The U.S. Army came.", "It won."]),
        ("He lives in the U.S. The rest left.", ["He lives in the U.S.", "The rest left."]),
        ("J. R. R. Tolkien wrote it. Yes.", ["J. R. R. Tolkien wrote it.", "Yes."]),
        ("Use a tool, e.g. Git. Done.", ["Use a tool, e.g. Git.", "Done."]),
        ("Pi is 3.14 or so. Next.", ["Pi is 3.14 or so.", "Next."]),
        ("See Fig. 3 and No. 5. Then stop.", ["See Fig. 3 and No. 5.", "Then stop."]),
        ("He said “Stop.” Then he ran.", ["He said “Stop.”", "Then he ran."]),
        ("“Why?” he asked. Silence.", ["“Why?” he asked.", "Silence."]),
        ("(It was late.) We slept.", ["(It was late.)", "We slept."]),
        ("It rose.[3] It fell.[4, 5] End", ["It rose.[3]", "It fell.[4, 5]", "End"]),
        ("Wait... and see. Go.", ["Wait... and see.", "Go."]),
        ("It was on Jan. 5 that he came. Good.", ["It was on Jan. 5 that he came.", "Good."]),
        ("Apples, pears, etc. The rest is gone.", ["Apples, pears, etc.", "The rest is gone."]),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天下雨。明天呢？好！", ["今天下雨。", "明天呢？", "好！"]),
        ("他说：“走吧。”然后走了。", ["他说：“走吧。”", "然后走了。"]),
        ("《怎么办？》是一本书。完。", ["《怎么办？》是一本书。", "完。"]),
        ("圆周率是3.14。它用了GPT-4。", ["圆周率是3.14。", "它用了GPT-4。"]),
        ("「本当？」彼は聞いた。", ["「本当？」", "彼は聞いた。"]),
    ],
)
def test_scripts_without_spaces(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Setting up\nRun the command.", ["Setting up", "Run the command."]),
        ("Introduction\nThe house stands.", ["Introduction", "The house stands."]),
        ("Title\n=====\nBody here", ["Title", "Body here"]),
        ("First\n\nsecond", ["First", "second"]),
        ("- one thing\n- another\n1. third. More", ["one thing", "another", "third.", "More"]),
        ("a line that goes\non here", ["a line that goes\non here"]),
        (
            "This line of prose is wrapped by its author near column\nForty and goes on. End.",
            ["This line of prose is wrapped by its author near column\nForty and goes on.", "End."],
        ),
        ("| a | b |\n| c | d |", ["| a | b |", "| c | d |"]),
        ("```sh\nmake run\nmake test\n```\nDone.", ["make run", "make test", "Done."]),
        ("", []),
        (" \n\t\n", []),
        ("---\n***", []),
    ],
)
def test_layout(text: str, expected: list[str]) -> None:
    assert [part for part in cut(text) if part != "```sh"] == expected


@settings(deadline=None)
@given(st.text(alphabet="aB3 .!?。？”\"')(\n-#|,\u3000x中\r\u2028e", max_size=80) | st.text())
def test_spans_are_ordered_disjoint_trimmed_and_lose_no_word(text: str) -> None:
    spans = sentences(text)
    for start, end in spans:
        assert text[start:end] and text[start:end] == text[start:end].strip()
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    covered = {offset for start, end in spans for offset in range(start, end)}
    lost = "".join(c if i not in covered else "\n" for i, c in enumerate(text))
    words = [word for word in lost.split() if any(c.isalnum() for c in word)]
    assert all(re.fullmatch(r"[(（]?\w{1,10}[.)）、]", word) for word in words)
