"""Facts: numbers, dates, names, units, negation, quantifiers, and what carries them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.check.dates import dates
from agents.check.facts import carried, facts
from agents.check.names import names
from agents.check.numbers import numbers

NUMBERS = [
    ("3.5 million", "3500000", ""),
    ("3,500,000", "3500000", ""),
    ("350万", "3500000", ""),
    ("三百五十万人", "3500000", ""),
    ("two", "2", ""),
    ("twenty-five", "25", ""),
    ("one hundred and five", "105", ""),
    ("a million", "1000000", ""),
    ("two thousand and sixteen", "2016", ""),
    ("一八八九年", "1889", ""),
    ("第三次", "3", ""),
    ("the 21st", "21", ""),
    ("the third", "3", ""),
    ("World War II", "2", ""),
    ("50%", "50", "percent"),
    ("fifty percent", "50", "percent"),
    ("百分之三十", "30", "percent"),
    ("5 km", "5000", "length"),
    ("5,000 metres", "5000", "length"),
    ("a dozen", "12", ""),
    ("$3.5m", "3500000", "dollar"),
    ("3.5 million dollars", "3500000", "dollar"),
    ("-5 °C", "-5", "celsius"),
    ("44 BC", "44", "before christ"),
    ("the 1990s", "1990", "period"),
    ("one mile", "1", "mile"),
    ("一亿二千万", "120000000", ""),
]


@pytest.mark.parametrize(("text", "value", "dimension"), NUMBERS)
def test_a_number_is_normalised(text: str, value: str, dimension: str) -> None:
    assert [(n.value, n.dimension) for n in numbers(text)] == [(Decimal(value), dimension)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("24–10", [24, 10]),
        ("2008-09", [2008, 2009]),
        ("5 to 10 km", [5000, 10000]),
        ("between 1990 and 1995", [1990, 1995]),
        ("20–30%", [20, 30]),
    ],
)
def test_both_ends_of_a_range_are_numbers(text: str, values: list[int]) -> None:
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    "text", ["one of them", "no one", "一个人", "统一", "millions of people", "a"]
)
def test_pronouns_are_no_numbers(text: str) -> None:
    assert numbers(text) == []


DATES = [
    ("July 4, 1776", (1776, 7, 4)),
    ("4 July 1776", (1776, 7, 4)),
    ("4th of July 1776", (1776, 7, 4)),
    ("1776-07-04", (1776, 7, 4)),
    ("1776年7月4日", (1776, 7, 4)),
    ("一七七六年七月四日", (1776, 7, 4)),
    ("July 1776", (1776, 7, None)),
    ("Feb. 7", (None, 2, 7)),
    ("7月4日", (None, 7, 4)),
    ("in May", (None, 5, None)),
    ("25/12/1999", (1999, 12, 25)),
]


@pytest.mark.parametrize(("text", "parts"), DATES)
def test_a_date_is_read(text: str, parts: tuple[int | None, ...]) -> None:
    assert [(date.year, date.month, date.day) for date in dates(text)] == [parts]


def test_an_ambiguous_date_gives_both_readings() -> None:
    assert {(date.month, date.day) for date in dates("03/04/1999")} == {(3, 4), (4, 3)}


@pytest.mark.parametrize("text", ["he may 5", "they march 10 miles", "version 1.2.3"])
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert dates(text) == []


NAMES = [
    ("The Denver Broncos beat the Carolina Panthers.", ["Denver Broncos", "Carolina Panthers"]),
    ("Studied at the University of Paris", ["University of Paris"]),
    ("He lived in Paris and London.", ["Paris", "London"]),
    ("It was run by the NFL in the U.S.", ["NFL", "U.S."]),
    ("He met Smith, Jones and Doe.", ["Smith", "Jones", "Doe"]),
    ("It was cold in July.", []),
    ("They said so. The end was near.", []),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_names_are_found(text: str, expected: list[str]) -> None:
    assert [name.text for name in names(text) if name.sure] == expected


CARRIED = [
    ("It has 3.5 million people.", "Its population is 3,500,000."),
    ("The bridge is 5 km long.", "The bridge is 5,000 metres long."),
    ("It lies 5 to 10 km away.", "It lies between 5 and 10 km away."),
    ("It has two towers.", "Both towers are tall."),
    ("It was in the 1990s.", "It was in 1995."),
    ("About 3.5 million came.", "3,512,233 people came."),
    ("It opened on 4 July 1776.", "It opened on July 4, 1776."),
    ("It opened in 1776.", "It opened on July 4, 1776."),
    ("它建于一八八九年。", "它于1889年建成。"),
    ("占百分之三十。", "占30%。"),
    ("全长3公里。", "全长三千米。"),
    ("The NFL began then.", "The National Football League began then."),
    ("The National Football League began.", "The NFL began."),
    ("Then Obama spoke.", "Then Barack Obama spoke."),
    ("It was a French ship.", "It was a ship of France."),
    ("It was in the US.", "It was in the United States of America."),
    ("They met at Oxford University.", "They met at the University of Oxford."),
    ("He did not win.", "He never won."),
    ("All came.", "Everyone came."),
    ("Most came.", "The majority came."),
    ("He won, not only once.", "He won more than once."),
]


@pytest.mark.parametrize(("claim", "evidence"), CARRIED)
def test_the_same_fact_in_another_form_is_carried(claim: str, evidence: str) -> None:
    assert carried(facts(claim), facts(evidence)) == []


LOST = [
    ("It has 3.6 million people.", "Its population is 3,500,000.", "number", True),
    ("It is 5 miles long.", "It is 5 km long.", "number", False),
    ("It was 50 people.", "It was 50%.", "number", False),
    ("It cost $5.", "It cost €5.", "number", False),
    ("It was in 1990.", "It was in 1989.", "number", True),
    ("It was in 1990.", "It was in the 1990s.", "number", False),
    ("It was the third time.", "It was the second time.", "number", True),
    ("It was in 44 BC.", "It was in 44.", "number", False),
    ("它建于一八八九年。", "它于1898年建成。", "number", True),
    ("It opened on 5 July 1776.", "It opened on July 4, 1776.", "date", True),
    ("It opened on 4 June 1776.", "It opened on July 4, 1776.", "date", True),
    ("It opened in July 1777.", "It opened in July 1776.", "date", True),
    ("It was in Paris.", "It was in London.", "name", False),
    ("Then Barack Obama spoke.", "Then Michelle Obama spoke.", "name", False),
    ("Then Barack Obama spoke.", "Then Obama spoke.", "name", False),
    (
        "Then Carolina Broncos won.",
        "The Denver Broncos then beat Carolina Panthers.",
        "name",
        False,
    ),
    ("He read 《红楼梦》.", "He read 《西游记》.", "name", False),
    ("He did not win.", "He won.", "negation", True),
    ("He won.", "He did not win.", "negation", True),
    ("They have no water.", "They have water.", "negation", True),
    ("他没有赢。", "他赢了。", "negation", True),
    ("他赢了。", "他没有赢。", "negation", True),
    ("All came.", "Many came.", "quantifier", False),
    ("Only Peru has it.", "Peru has it.", "quantifier", False),
    ("Sales increased.", "Sales decreased.", "opposite", True),
]


@pytest.mark.parametrize(("claim", "evidence", "kind", "clash"), LOST)
def test_a_fact_that_differs_is_missed(claim: str, evidence: str, kind: str, clash: bool) -> None:
    assert (kind, clash) in [(m.kind, m.clash) for m in carried(facts(claim), facts(evidence))]


def test_a_missing_fact_is_named_with_what_stands_in_its_place() -> None:
    (missing,) = carried(facts("It was in 1990."), facts("It was in 1989."))
    assert "1990" in missing.because and "1989" in missing.because


TEXTS = st.lists(
    st.sampled_from(
        ["Paris", "the", "NFL", "3.5 million", "km", "not", "never", "only", "all", "July 4, 1776",
         "二十", "没有", "won", "increase", ".", ",", "King Henry VIII", "50%",
         "1990s", "U.S.", "and"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(TEXTS | st.text(max_size=50))
def test_a_text_carries_itself(text: str) -> None:
    assert carried(facts(text), facts(text)) == []
