"""Scores follow SQuAD's normalisation, by character for Chinese; comparisons find what is there."""

import json
import random
import re
import string
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.batch import compare, output
from app.batch.questions import Question
from app.batch.results import failed
from app.batch.scoring import contains, exact, f1, lead, scored, tokens
from app.batch.totals import totals
from retrieval.errors import UserError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The U.S. Senate!", ["us", "senate"]),
        ("an apple a day", ["apple", "day"]),
        ("1,400 workers", ["1400", "workers"]),
        ("北京大学，1898年", ["北", "京", "大", "学", "1898", "年"]),
        ("ＡＢＣ　は「東京」", ["abc", "は", "東", "京"]),
        ("“…” — ¿?", []),
        ("维生素A 和 a 𠮷𠮷", ["维", "生", "素", "a", "和", "𠮷", "𠮷"]),
    ],
)
def test_tokens(text: str, found: list[str]) -> None:
    assert tokens(text) == found


PARTS = [
    "a",
    "an",
    "the",
    "The ",
    "x",
    "Y9",
    " ",
    ".",
    ",",
    "'s",
    "-",
    "(",
    "$1",
    "\n",
    "é",
    "\u00a0",
]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
@example("re-a-ct; the A-Team's $3.50, THE end")
def test_what_is_not_chinese_is_normalised_as_squad_does(text: str) -> None:
    """Rajpurkar et al. 2016: lower case, no punctuation, no articles, one space between words."""
    plain = text.lower().translate(str.maketrans("", "", string.punctuation))
    assert tokens(text) == re.sub(r"\b(a|an|the)\b", " ", plain).split()


def test_scores_by_hand() -> None:
    assert exact("the Eiffel Tower.", "Eiffel tower") == 1.0
    assert f1("the tower in Paris", "Eiffel Tower") == pytest.approx(2 * 1 / 5)
    assert f1("清华大学", "北京大学") == pytest.approx(0.5)
    assert f1("", "") == 1.0 and f1("x", "") == 0.0
    assert contains("It opened in 1966 there", "in 1966") == 1.0
    assert contains("It opened in 19661", "1966") == 0.0
    assert contains("他在北京大学读书", "北京大学") == 1.0


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ("1966 [1].\n“It opened in 1966.” [1]", "1966."),
        ("It opened in 1966 [1]. It yields power [2].", "It opened in 1966."),
        ("“It opened. In 1966.” [1]", "It opened. In 1966."),
        ("", ""),
    ],
)
def test_the_lead_is_what_an_answer_says_first(answer: str, first: str) -> None:
    assert lead(answer) == first


def row(id: str, **known: Any) -> dict[str, Any]:
    return failed(Question(id, f"Question {id}?"), "") | {"outcome": "answered", **known}


def test_the_best_gold_counts() -> None:
    found = scored(row("1", answer="In 1966 [1]. More."), ["1970", "1966"])
    assert (found["exact"], found["contains"], found["f1"]) == (0.0, 1.0, round(2 / 3, 4))
    assert scored(row("1", answer="1966 [1]"), ["1966"])["exact"] == 1.0
    assert scored(row("1"), [])["f1"] is None


@pytest.mark.parametrize(
    ("outcome", "gold", "right"),
    [("declined", "", 1.0), ("declined", "1966", 0.0), ("failed", "", 0.0), ("answered", "", 0.0)],
)
def test_declining_is_right_where_nothing_is(outcome: str, gold: str, right: float) -> None:
    found = scored(row("1", outcome=outcome, answer="I found 1966"), [gold])
    assert (found["exact"], found["f1"], found["contains"]) == (right, right, right)


def test_totals_add_up() -> None:
    claims = [{"ruling": ruling} for ruling in ("supported", "supported", "unchecked")]
    rows = [
        scored(row("1", answer="x", claims=claims, seconds=2.0), ["x"]),
        scored(row("2", outcome="failed"), ["x"]),
        row("3", seconds=4.0),
    ]
    found = totals(rows, 5, 1)
    assert (found.done, found.left, found.failed, found.bad) == (3, 2, 1, 1)
    assert found.supported == 0.6667 and found.median_seconds == 3.0
    assert found.scores == {"exact": 0.5, "f1": 0.5, "contains": 0.5} and found.scored == 2
    assert json.dumps(found.plain())
    assert totals([], 0, 0).supported is None


def pair(tmp_path: Path, effect: float, count: int = 400) -> tuple[Path, Path]:
    """Two outputs whose F1 differs by `effect` in the mean, with much noise in common."""
    draw = random.Random(7)
    first, second = [], []
    for number in range(count):
        base = draw.random()
        noise = draw.gauss(0, 0.05)
        first.append(row(str(number), f1=base, seconds=1.0))
        second.append(row(str(number), f1=base + effect + noise, seconds=2.0))
    paths = tmp_path / "a.jsonl", tmp_path / "b.csv"
    paths[0].write_bytes(output.encode(first, ".jsonl"))
    paths[1].write_bytes(output.encode([*second, row("more")], ".csv"))
    return paths


@pytest.mark.parametrize(("effect", "clear"), [(0.02, True), (-0.02, True), (0.0, False)])
def test_a_known_effect_is_found(tmp_path: Path, effect: float, clear: bool) -> None:
    found = compare.compare(*pair(tmp_path, effect))
    by_name = {one.metric: one for one in found.differences}
    score = by_name["f1"]
    assert score.count == 400 and score.clear is clear
    assert score.low < score.difference < score.high
    assert score.low - 0.01 < effect < score.high + 0.01
    assert by_name["seconds"].difference == pytest.approx(1.0) and by_name["seconds"].clear
    assert "exact" not in by_name, "nobody was scored by it"
    assert (found.common, found.only) == (400, (0, 1))
    assert compare.compare(*pair(tmp_path, effect)) == found, "the seed is fixed"


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = numpy.random.default_rng(1)
    held = 0
    for seed in range(200):
        low, high = compare.interval(generator.normal(0.3, 1.0, 80), samples=500, seed=seed)
        held += low <= 0.3 <= high
    assert 180 <= held <= 197


def test_pairing_matters(tmp_path: Path) -> None:
    first, second = pair(tmp_path, 0.02)
    width = compare.compare(first, second).differences[0]
    a = numpy.array([row["f1"] for row in output.read(first)])
    b = numpy.array([row["f1"] for row in output.read(second) if row["f1"] is not None])
    mixed = compare.interval(numpy.random.default_rng(0).permutation(b) - a)
    assert width.high - width.low < 0.3 * (mixed[1] - mixed[0])


def test_files_without_common_questions_are_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_bytes(output.encode([row("1")], ".jsonl"))
    second.write_bytes(output.encode([row("2")], ".jsonl"))
    with pytest.raises(UserError, match="no question in common"):
        compare.compare(first, second)
    second.write_bytes(output.encode([row("1") | {"question": "other"}], ".jsonl"))
    with pytest.raises(UserError, match="no question in common"):
        compare.compare(first, second)


def test_what_is_no_output_is_told_and_one_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    first, second, third = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.csv"
    whole = row("1")
    first.write_bytes(output.encode([whole], ".jsonl"))
    less = {name: value for name, value in whole.items() if name != "tokens_read"}
    for strange in ({"id": "1"}, less, whole | {"seconds": "long"}, [1]):
        second.write_text(json.dumps(strange) + "\n")
        with pytest.raises(UserError, match="no output"):
            compare.compare(first, second)
    saved = output.encode([whole], ".csv")
    third.write_bytes(b"\xef\xbb\xbf" + saved)
    assert compare.compare(first, third).common == 1
    third.write_bytes(saved + b"1,torn\n")
    with pytest.raises(UserError, match="no output"):
        compare.compare(first, third)
