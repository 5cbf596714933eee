"""Examples out of public reading sets: halves, quotes as browsing deals them, writable replies."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from agents.claims import cites
from app.evaluation.sets import half
from app.learning.pairs import tuned_on
from app.learning.writing import public
from app.learning.writing.enough import LEAST, check
from app.learning.writing.given import Given
from app.learning.writing.public import Asked, asked, clean, examples
from retrieval.errors import UserError

PARAGRAPH = (
    "The Harbour Bridge is made of steel. It was opened in March 1932 by Jack Lang. "
    "About 1,400 workers built the bridge in eight years. Trains and trams crossed it."
)
ASKED = [
    Asked("Bridges", PARAGRAPH, "How many workers built it?", "1,400", PARAGRAPH.index("1,4"), "s"),
    Asked("Bridges", PARAGRAPH, "When was the bridge opened?", "March 1932", 50, "s"),
]


def _titles() -> tuple[str, str]:
    """A title that is in the tune half by both splits, and one that is so by one of them alone."""
    names = [f"Title_{number}" for number in range(200)]
    both = next(name for name in names if half(name) == "tune" and tuned_on(name))
    one = next(name for name in names if half(name) == "tune" and not tuned_on(name))
    return both, one


def _folder(place: Path) -> Path:
    articles = [
        {"title": title, "paragraphs": [{"context": PARAGRAPH, "qas": [
            {"id": "1", "question": f"How many workers built it, {title}?", "answers": [
                {"text": "1,400", "answer_start": PARAGRAPH.index("1,4")}]},
            {"id": "2", "question": "Who?", "is_impossible": True, "answers": []}]}]}
        for title in (*_titles(), "Warsaw")
    ]  # fmt: skip
    for name in public.SETS:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(json.dumps({"data": articles}), "utf-8")
    return place


def test_only_titles_of_the_tune_half_by_both_splits_are_learned_from(tmp_path: Path) -> None:
    found = asked(_folder(tmp_path))
    assert [one.title for one in found] == [_titles()[0]]
    assert not clean(_titles()[1])


def test_a_set_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"xquad\.en\.json"):
        public.digests(tmp_path)


def test_the_reply_cites_the_quote_that_holds_the_answer() -> None:
    for seed in range(12):
        for one in examples(ASKED, seed):
            text = one.prompt[-1].content
            if one.kind == "prose":
                (number,) = cites(one.reply)
                quote = text.split(f"[{number}] ")[1].split("\n")[0]
                said = [answer for answer in ("1,400", "March 1932") if answer in one.reply]
                assert len(said) == 1 and said[0] in quote
            else:
                assert one.reply in text


def test_questions_about_one_article_count_one_by_one() -> None:
    asked_more = [replace(ASKED[0], question=f"How many built it, {n}?") for n in range(120)]
    found = Given(examples=examples(asked_more, 1))
    assert len(found.examples) >= LEAST["sft"]
    check(found, "sft", "write")
    with pytest.raises(UserError, match="about 1 questions"):
        check(Given(examples=examples([ASKED[0]] * 120, 1)), "sft", "write")


def test_the_same_seed_deals_the_same_quotes() -> None:
    assert examples(ASKED, 3) == examples(ASKED, 3)
    assert examples(ASKED, 3) != examples(ASKED, 4)


def test_quotes_differ_in_number_and_place() -> None:
    replies = [one.reply for seed in range(40) for one in examples(ASKED[1:], seed)]
    assert len(Counter(cites(reply)[0] for reply in replies if "[" in reply)) > 1


def test_what_the_grammar_cannot_write_is_left_out() -> None:
    text = "Dr. No was seen at St. James in May. Others were not."
    one = Asked("T", text, "Where was No seen?", "St. James", text.index("St."), "s")
    assert [e for e in examples([one], 1) if e.kind == "prose"] == []
