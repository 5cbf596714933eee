"""Claims that say one thing: clauses, list items and cells, and what each says alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.check.case import alone, lay
from agents.check.round import check
from agents.claims import bare, split
from agents.codec import dump, load
from agents.events import Claim, Claimed, Quoted
from agents.verifying import queries

CUT = """
The hotel was built in 1890 and has 40 rooms. | The hotel has 40 rooms.
The hotel was built in 1890 [1] and has 40 rooms [2]. | The hotel has 40 rooms.
The hotel was built in 1890, has 40 beds, and is open. | The hotel has 40 beds / The hotel is open.
The hotel, built in 1890, has 40 rooms. | The hotel has 40 rooms.
In 1890, the hotel burned down and was rebuilt. | The hotel was rebuilt.
He was born in Paris and raised in London. | He was raised in London.
Smith, who was born in Dijon, designed it. | Smith was born in Dijon / Smith designed it.
The capital is Paris, which lies on the Seine. | Paris lies on the Seine.
It was built by John Fox, who was born in Dijon. | John Fox was born in Dijon.
The tower is tall. It was built in 1889. | The tower was built in 1889.
The tower is tall, and it was built in 1889. | The tower was built in 1889.
The tower is tall and it was built in 1889. | The tower was built in 1889.
The tower is tall. Its top is red. | The tower’s top is red.
Einstein was born in Ulm. He moved to Bern. | Einstein moved to Bern.
The Colts won. They beat the Jets and earned it. | The Colts beat the Jets / The Colts earned it.
铁塔建于1889年，高330米。 | 铁塔高330米。
铁塔建于1889年，高330米，位于巴黎。 | 铁塔高330米 / 铁塔位于巴黎。
铁塔建于1889年，并于1900年开放。 | 铁塔于1900年开放。
铁塔位于巴黎，它建于1889年。 | 铁塔建于1889年。
铁塔位于巴黎。它建于1889年。 | 铁塔建于1889年。
铁塔位于巴黎。该塔建于1889年。 | 铁塔建于1889年。
铁塔位于巴黎。其高度为330米。 | 铁塔的高度为330米。
阿尔伯特·爱因斯坦出生于乌尔姆。他后来移居美国。 | 阿尔伯特·爱因斯坦后来移居美国。
"""


def _rows(table: str) -> list[tuple[str, list[str]]]:
    rows = [line.partition(" | ") for line in table.strip().splitlines()]
    return [(text, alone.split(" / ")) for text, _, alone in rows]


@pytest.mark.parametrize(("answer", "stands"), _rows(CUT))
def test_what_leaves_its_subject_out_says_it_when_it_stands_alone(
    answer: str, stands: list[str]
) -> None:
    assert [claim.stands for claim in split(answer) if claim.stands] == stands


@pytest.mark.parametrize(
    "answer",
    [
        "The city has parks and works of art.",
        "He directed and produced films in Rome.",
        "The hotel that was built in 1890 and has 40 rooms is closed.",
        "It sells cars made in France and imported from Spain.",
        "He was tired and decided to leave.",
        "They have schools and elected officials.",
        "There is a pool and has been since 1990.",
        "He said that it was late, and the game was over.",
        "A and B won in 1990 and lost in 1991, respectively.",
        'He wrote "it was cold and has been since" there.',
        "在1889年，铁塔建成。",
        "随着城市发展，人口增长了。",
        "如果下雨，比赛取消，而且退票。",
        "铁塔由钢、铁和木建成。",
    ],
)
def test_what_is_no_safe_cut_stays_whole(answer: str) -> None:
    assert [(claim.text, claim.stands) for claim in split(answer)] == [(answer, "")]


@pytest.mark.parametrize(
    "answer",
    [
        "Einstein met Bohr. He was Danish.",
        "Einstein was born in Ulm. It lies on the Danube.",
        "It rained. It is known that rain is wet.",
        "The towers are tall. It was built in 1889.",
        "The tower is tall. They were built in 1889.",
        "What is it? It was built in 1889.",
        "In Paris there are towers. It is old.",
        "“The tower is tall. It was built in 1889.” [1]",
        "铁塔位于巴黎。他出生于里昂。",
        "铁塔位于巴黎。他们出生于里昂。",
        "铁塔位于巴黎。该校建于1889年。",
        "The tower is tall.\n\n## The Plaza\n\nIt was built in 1889.",
        "The tower is tall.\n\n**The Plaza**\nIt was built in 1889.",
    ],
)
def test_a_pronoun_that_is_not_plain_is_left_as_it_is(answer: str) -> None:
    assert all(claim.stands == "" for claim in split(answer))


def test_items_of_a_list_stand_with_their_lead_in() -> None:
    having = "The hotel has:\n- 40 rooms [1]\n- a pool [2]"
    assert [claim.stands for claim in split(having)] == [
        "The hotel has 40 rooms",
        "The hotel has a pool",
    ]
    naming = "The tower:\n1. was built in 1889 [1]\n2. Has three floors [1]"
    assert [claim.stands for claim in split(naming)] == [
        "The tower was built in 1889",
        "The tower has three floors",
    ]


TABLE = """The buildings:

| Name | Year built | Rooms [3] |
|:---|---:|---|
| Grand Hotel | 1890 [1] | 40 |
| Plaza [2] | 1907 | - |
| Ritz | 1898 | 159 |

They are old [1]."""


def test_a_cell_says_one_thing_of_its_row_under_its_header() -> None:
    found = [(claim.text, claim.stands, claim.cites) for claim in split(TABLE)]
    assert found == [
        ("1890 [1]", "The year built of Grand Hotel is 1890", (1,)),
        ("40", "The rooms of Grand Hotel is 40", (1,)),
        ("1907", "The year built of Plaza is 1907", (2,)),
        ("1898", "The year built of Ritz is 1898", ()),
        ("159", "The rooms of Ritz is 159", (3,)),
        ("They are old [1].", "", (1,)),
    ]


def test_a_chinese_table_and_one_without_outer_bars_are_read_too() -> None:
    chinese = "名称 | 高度\n--- | ---\n铁塔 | 330米 [1]"
    assert [claim.stands for claim in split(chinese)] == ["铁塔的高度是330米"]
    built = "| Hotel | Built |\n|---|---|\n| Ritz | 1898 [1] |"
    assert [claim.stands for claim in split(built)] == ["Ritz built 1898"]
    told = "| Property | Value |\n|---|---|\n| Height | 330 m [1] |"
    assert [claim.stands for claim in split(told)] == ["Height is 330 m"]


@pytest.mark.parametrize(
    "answer",
    [
        "a | b [1]",
        "| a | b |",
        "“| a | b |\n|---|---|\n| 1 | 2 |” [1]",
        "|---|---|",
        "| a |\n|---|",
    ],
)
def test_bars_alone_make_no_table(answer: str) -> None:
    assert all(claim.stands == "" for claim in split(answer))


QUOTE = Quoted(1, "d", "s", "", "The Grand Hotel was built in 1890 and has 40 rooms.", 0, 52)
OTHER = Quoted(2, "d", "s", "", "It has a pool.", 0, 14)
LONE = Quoted(3, "e", "s", "", "It has a pool.", 0, 14)


def test_a_clause_is_judged_as_it_stands_alone() -> None:
    right = split("The Grand Hotel was built in 1890 and has 40 rooms [1].")[1]
    wrong = split("The Plaza was built in 1890 and has 40 rooms [1].")[1]
    assert alone(right) == "The Grand Hotel has 40 rooms."
    assert not lay(right, [QUOTE], 6).missing
    assert [item.text for item in lay(wrong, [QUOTE], 6).missing] == ["Plaza"]


def test_what_a_quote_says_word_for_word_of_the_same_thing_is_judged_word_for_word() -> None:
    claim = split("The Grand Hotel was built in 1890 and has 40 rooms [1].")[1]
    steps = check([claim], [QUOTE], _Silent(), 0)
    assert lay(claim, [QUOTE], 6).text == "has 40 rooms."
    assert [event.verdict.confidence for event in steps] == [1.0]  # type: ignore[union-attr]


class _Silent:
    """A scorer that must not be asked."""

    def similarities(self, pairs: object) -> list[float]:
        raise AssertionError(pairs)


def test_the_name_behind_a_pronoun_may_stand_in_another_quote_of_the_document() -> None:
    answer = "The Grand Hotel is old [1]. It has a pool [2]."
    claim = split(answer)[1]
    assert claim.stands == "The Grand Hotel has a pool."
    assert not lay(claim, [QUOTE, OTHER], 6).missing
    elsewhere = Claim(claim.text, claim.start, claim.end, (3,), claim.stands)
    assert [item.text for item in lay(elsewhere, [QUOTE, LONE], 6).missing] == ["Grand Hotel"]


def test_a_clause_is_looked_up_with_its_subject() -> None:
    text = "The hotel was built in 1890 and has 40 rooms."
    assert queries(text) == ["The hotel was built in 1890", "The hotel has 40 rooms."]


def test_a_claim_of_an_old_journal_is_read_and_written_as_it_was() -> None:
    old = {"text": "It is old.", "start": 0, "end": 10, "cites": [1]}
    event = load({"kind": "claimed", "round": 0, "claims": [old]})
    assert isinstance(event, Claimed) and event.claims == (Claim("It is old.", 0, 10, (1,)),)
    assert dump(event)["claims"] == [old]


def test_a_claim_that_stands_with_more_is_read_back_as_it_was() -> None:
    event = Claimed(0, split("The tower is tall. It is old [1]."))
    assert json.loads(json.dumps(dump(event)))["claims"][1]["stands"] == "The tower is old."
    assert load(dump(event)) == event


PIECES = st.sampled_from(
    ["The tower ", "was built in 1890", " and has 40 rooms", ", which lies in Rome", " [1]", "[2]",
     "It ", "is old", "Its top", ". ", ", ", "\n", "\n- ", "\n\n", "| a | b |\n", "|---|---|\n",
     ":\n",
     "铁塔", "建于1889年", "，高330米", "，并位于巴黎", "。", "它", "其", "“", "”", "(", "who "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=16).map("".join))
def test_offsets_are_exact_and_claims_disjoint(answer: str) -> None:
    end = 0
    for claim in split(answer):
        assert answer[claim.start : claim.end] == claim.text and end <= claim.start
        assert bare(claim.text) and alone(claim)
        end = claim.end


@given(st.lists(PIECES, max_size=16).map("".join))
def test_nothing_stands_in_a_claim_that_the_answer_does_not_say(answer: str) -> None:
    letters = set(answer.lower()) | set(" ’s的是the ofwa")
    for claim in split(answer):
        assert set(claim.stands.lower()) <= letters


def test_a_quotation_is_told_as_it_is() -> None:
    quote = "“dump(obj, indent=None) and has 3 uses. It is old, and it is tall.” [1]"
    assert all(claim.stands == "" for claim in split(quote))
