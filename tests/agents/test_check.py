"""The self-check: verdicts of the containment judge, and what a round of it yields."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.check.judge import ContainmentJudge
from agents.check.overlap import overlap
from agents.check.round import check
from agents.claims import split
from agents.codec import dump, load
from agents.events import Claim, Event, Judged, Measured, Quoted, Verdict
from retrieval.sentences import sentences


class Level:
    """A scorer that finds every pair alike to one degree, and counts what it was asked."""

    def __init__(self, degree: float = 0.7) -> None:
        self.degree = degree
        self.asked: list[tuple[str, str]] = []

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        self.asked += pairs
        return [self.degree] * len(pairs)


def quote(number: int, text: str, title: str = "") -> Quoted:
    return Quoted(number, "document", "source", title, text, 0, len(text))


GAME = quote(
    1,
    "The Denver Broncos defeated the Carolina Panthers 24–10 to earn their third Super Bowl title. "
    "The game was played on February 7, 2016, at Levi's Stadium in Santa Clara, California. "
    "It did not rain during the game.",
    "Super_Bowl_50",
)
TOWER = quote(
    2,
    "The Eiffel Tower was finished in 1889 and is 330 metres tall. About seven million people "
    "visit it every year. Gustave Eiffel's company designed and built it.",
    "Eiffel Tower",
)
BRIDGE = quote(3, "大桥建于一八八九年，全长三千米。它每年没有关闭过。", "大桥")
QUOTES = (GAME, TOWER, BRIDGE)


def run(
    claims: Iterable[Claim], scorer: Level | None = None, quotes: Sequence[Quoted] = QUOTES
) -> tuple[list[Event], tuple[Verdict, ...]]:
    events: list[Event] = []
    steps = check(tuple(claims), quotes, scorer or Level(), 0)
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


def verdict(answer: str, degree: float = 0.7) -> Verdict:
    (one,) = run(split(answer), Level(degree))[1]
    return one


SUPPORTED = [
    "The game was played on February 7, 2016, at Levi's Stadium [1].",
    "The game took place on 7 February 2016 at Levi's Stadium [1].",
    "Super Bowl 50 was played on February 7, 2016 [1].",
    "The Broncos defeated the Panthers 24-10 [1].",
    "The Denver Broncos won their third Super Bowl title [1].",
    "Denver Broncos [1].",
    "24–10 [1]",
    "Levi's Stadium in Santa Clara [1]",
    "The Eiffel Tower is 330 m tall [2].",
    "The tower was finished in 1889 [1][2].",
    "About 7 million people visit the Eiffel Tower every year [2].",
    "It did not rain during the game [1].",
    "According to the source, the game was played in Santa Clara [1].",
    "大桥建于1889年[3]。",
    "大桥全长3000米[3]。",
]


@pytest.mark.parametrize("answer", SUPPORTED)
def test_what_the_cited_quotes_carry_is_supported(answer: str) -> None:
    found = verdict(answer)
    assert found.ruling == "supported", found.because
    assert found.confidence >= 0.5
    assert found.evidence in found.claim.cites


CONTRADICTED = [
    "The game was played on February 8, 2016, at Levi's Stadium [1].",
    "The Broncos defeated the Panthers 24-12 [1].",
    "The Eiffel Tower was finished in 1890 [2].",
    "The game was not played at Levi's Stadium [1].",
    "It rained during the game [1].",
    "The Denver Broncos earned their second Super Bowl title [1].",
    "大桥建于一八九八年[3]。",
    "大桥全长四千米[3]。",
    "rain during the game [1].",
]


@pytest.mark.parametrize("answer", CONTRADICTED)
def test_a_changed_number_date_or_negation_contradicts(answer: str) -> None:
    found = verdict(answer)
    assert (found.ruling, bool(found.because)) == ("contradicted", True)
    assert found.evidence in found.claim.cites


UNSUPPORTED = [
    "The game was played in Santa Clara.",
    "The game was played in Santa Clara [2].",
    "The game was played in Santa Clara [9].",
    "The game was played in Chicago, California [1].",
    "Carolina Broncos [1].",
    "Chicago Bears [1].",
    "The Eiffel Tower is 330 feet tall [2].",
    "Only seven million people visit it every year [2].",
    "Quantum processors decohere quickly [2].",
    "大桥由法国工程师设计[3]。",
]


@pytest.mark.parametrize("answer", UNSUPPORTED)
def test_what_the_cited_quotes_lack_is_not_supported(answer: str) -> None:
    found = verdict(answer, 0.3)
    assert (found.ruling, bool(found.because)) == ("unsupported", True)


@pytest.mark.parametrize(
    "answer", ["大桥建于1889年[2]。", "Мост построен в 1889 году [2].", "It is so [1]."]
)
def test_what_cannot_be_compared_is_unchecked(answer: str) -> None:
    found = verdict(answer)
    assert (found.ruling, found.confidence) == ("unchecked", 0.0)


def test_meaning_decides_where_words_are_few() -> None:
    answer = "The Denver Broncos beat Carolina in the final [1]."
    assert verdict(answer, 0.9).ruling != verdict(answer, 0.1).ruling


def test_a_claim_without_a_citation_is_unsupported_even_word_for_word() -> None:
    assert verdict("It did not rain during the game.").ruling == "unsupported"


def test_a_number_cut_out_of_a_longer_one_is_not_word_for_word() -> None:
    quotes = [quote(1, "The town has 3 million people and 1,500 shops in 2016.")]
    for answer in ["The town has 3 [1].", "The town has 3 million people and 1 [1]."]:
        (found,) = run(split(answer), quotes=quotes)[1]
        assert found.ruling != "supported", answer


def test_a_whole_quote_is_carried_however_it_is_spaced() -> None:
    quotes = [quote(1, "01 特拉斯当首相的44天  先介绍下特拉斯上台时英国的经济情况。")]
    said = "“01 特拉斯当首相的44天 先介绍下特拉斯上台时英国的经济情况。” [1]"
    (found,) = run(split(said), quotes=quotes)[1]
    assert found.ruling == "supported"
    (part,) = run(
        split("“01 特拉斯当首相的45天 先介绍下特拉斯上台时英国的经济情况。” [1]"), quotes=quotes
    )[1]
    assert part.ruling != "supported"


def test_pairs_go_to_the_scorer_at_once_and_come_back_rounded() -> None:
    scorer = Level(0.123456789)
    claims = split("The game was held in Santa Clara, California [1]. People visit the tower [2].")
    events, verdicts = run(claims, scorer)
    measured = [event for event in events if isinstance(event, Measured)]
    assert len(measured) == 1 and measured[0].what == "check"
    assert set(measured[0].scores) == {0.1235}
    assert len(measured[0].scores) == len(scorer.asked)
    assert [event.verdict for event in events if isinstance(event, Judged)] == list(verdicts)
    assert [found.claim for found in verdicts] == list(claims)


def test_nothing_is_measured_where_all_is_clear() -> None:
    scorer = Level()
    events, verdicts = run(split("Denver Broncos [1]. It rained. It rained [1]."), scorer)
    assert scorer.asked == []
    assert not any(isinstance(event, Measured) for event in events)
    assert len(verdicts) == 3


def test_a_round_without_claims_yields_nothing() -> None:
    assert run([]) == ([], ())


def test_the_same_claims_and_scores_give_the_same_events() -> None:
    claims = split("The game was held in Santa Clara [1]. 大桥建于1889年[3]。 It rained [1].")
    first, second = run(claims, Level(0.61234)), run(claims, Level(0.61234))
    assert first == second
    assert [load(dump(event)) for event in first[0]] == first[0]


def test_other_pairs_have_another_digest() -> None:
    one = run(split("The game was held in Santa Clara [1]."))[0][0]
    two = run(split("The match was held in Santa Clara [1]."))[0][0]
    assert isinstance(one, Measured) and isinstance(two, Measured)
    assert one.digest != two.digest


def test_overlap_counts_content_words_by_stem_and_cjk_by_bigram() -> None:
    assert overlap("The towers were finished", "It finishes a tower") == 1.0
    assert overlap("the tower fell", "a tower stands") == 0.5
    assert overlap("大桥长", "大桥") == 0.5
    assert overlap("It is so", "anything") is None


SENTENCES = [text.text[slice(*span)] for text in QUOTES for span in sentences(text.text)]


@given(st.sampled_from(SENTENCES), st.floats(-1, 1))
def test_a_sentence_of_a_quote_is_supported_with_its_own_citation(
    sentence: str, degree: float
) -> None:
    number = next(one.number for one in QUOTES if sentence in one.text)
    claim = Claim(f"{sentence} [{number}]", 0, len(sentence) + 4, (number,))
    (found,) = run([claim], Level(degree))[1]
    assert (found.ruling, found.confidence, found.evidence) == ("supported", 1.0, number)


NUMBERED = [
    ("The Broncos beat the Panthers {}–10 [1].", 1),
    ("The Eiffel Tower was finished in {} [2].", 2),
    ("The Eiffel Tower is {} metres tall [2].", 2),
    ("About {} million people visit it every year [2].", 2),
    ("The game was played on February {}, 2016 [1].", 1),
    ("大桥建于{}年[3]。", 3),
    ("大桥全长{}米[3]。", 3),
    ("{} [2]", 2),
]


@given(st.sampled_from(NUMBERED), st.integers(2, 9999), st.floats(-1, 1))
def test_a_number_that_no_quote_has_is_never_supported(
    case: tuple[str, int], number: int, degree: float
) -> None:
    template, _ = case
    if number in (24, 10, 50, 3, 7, 2016, 1889, 330, 3000):
        return
    claims = split(template.format(number))
    assert all(found.ruling != "supported" for found in run(claims, Level(degree))[1])


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_gets_a_verdict_per_claim(answer: str, text: str) -> None:
    claims = split(answer + " [1]")
    events, verdicts = run(claims, quotes=[quote(1, text)])
    assert len(verdicts) == len(claims)
    assert all(0 <= found.confidence <= 1 for found in verdicts)
    assert sum(isinstance(event, Judged) for event in events) == len(claims)


def test_the_judge_names_itself() -> None:
    assert verdict("Denver Broncos [1].").judge == ContainmentJudge().name
