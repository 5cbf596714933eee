"""Whether the kept quotes answer: a probability from the events, and the user's strictness."""

import pytest

from agents.asked import STRICTNESS, Asked
from agents.entailing import ENTAILED
from agents.events import Event, Found, Measured, Quoted, Result
from agents.sufficiency import decide, features, sort_of, sufficiency
from agents.sufficiency_weights import WEIGHTS

BRIDGE = "The Harbour Bridge was opened in March 1932 by the Premier, Jack Lang."
TUNNEL = "Traffic in the city has grown since the tunnel was planned."
FERRY = "Ferries carry commuters over the water in the morning."
ASKED = "When was the Harbour Bridge opened?"


def run(
    question: str, texts: list[str], cosines: list[float | None], quoted: list[int]
) -> list[Event]:
    """The events of a search that found the texts, and of quotes of some of them."""
    results = tuple(
        Result(f"d{n}", f"p{n}", f"{n}.txt", "", text, 0, len(text), 1 / (n + 1), cosine=cosine)
        for n, (text, cosine) in enumerate(zip(texts, cosines, strict=True))
    )
    events: list[Event] = [Asked(question), Found(question, results)]
    if cosines[0] is not None:
        near = [value or 0.0 for value in cosines for _ in (0, 1)]
        events.append(Measured("spans", "", tuple(near)))
    for number, n in enumerate(quoted, start=1):
        events.append(Quoted(number, f"d{n}", f"{n}.txt", "", texts[n], 0, len(texts[n])))
    return events


@pytest.mark.parametrize("read", [True, False])
def test_quotes_that_carry_the_question_are_likelier_to_answer_it(read: bool) -> None:
    near: list[float | None] = [0.8, 0.2] if read else [None, None]
    far: list[float | None] = [0.2, 0.15] if read else [None, None]
    good = sufficiency(run(ASKED, [BRIDGE, TUNNEL], near, [0]))
    bad = sufficiency(run(ASKED, [TUNNEL, FERRY], far, [0]))
    assert good.probability > 0.6 > STRICTNESS > bad.probability


def test_chinese_has_weights_of_its_own() -> None:
    bridge, other = "大桥于1932年3月开通，由总理主持。", "这座城市的交通每年都在增长。"
    good = run("大桥是哪一年开通的？", [bridge, other], [None, None], [0])
    bad = run("大桥是哪一年开通的？", [other, bridge], [None, None], [0])
    assert sort_of(good) == "zh"
    assert sufficiency(good).probability > 2 * sufficiency(bad).probability


def test_without_a_quote_nothing_suffices() -> None:
    none = sufficiency(run(ASKED, [BRIDGE], [0.9], []))
    assert none.probability == 0.0
    assert decide(none, 0.0) == "decline"


def test_what_no_embedder_read_goes_by_words() -> None:
    assert sort_of(run(ASKED, [BRIDGE], [0.5], [0])) == "en"
    assert sort_of(run(ASKED, [BRIDGE], [None], [0])) == "en words"


def test_strictness_is_the_least_probability_that_is_answered_from() -> None:
    found = sufficiency(run(ASKED, [BRIDGE, TUNNEL], [0.8, 0.2], [0]))
    p = found.probability
    assert [decide(found, s) for s in (0.0, p, p + 0.01, 1.0)] == [
        "answer", "answer", "decline", "decline",
    ]  # fmt: skip
    assert decide(found) == decide(found, STRICTNESS) == "answer"


def test_every_weight_is_of_a_feature() -> None:
    known = {"bias", *features(run(ASKED, [BRIDGE, TUNNEL], [0.8, 0.2], [0]))}
    assert all(set(weights) <= known for weights in WEIGHTS.values())


def test_the_features_that_it_came_from_are_told() -> None:
    told = dict(sufficiency(run(ASKED, [BRIDGE, TUNNEL], [0.8, 0.2], [0])).features)
    assert told["first"] == told["all"] == 1.0
    assert told["names lacking"] == 0.0
    assert told["kind"] == 1.0
    lacking = dict(sufficiency(run(ASKED, [TUNNEL, BRIDGE], [0.2, 0.1], [0])).features)
    assert lacking["names lacking"] == 1.0
    assert lacking["kind"] == 0.0


def heard(base: list[Event], sure: float) -> float:
    return sufficiency([*base, Measured(ENTAILED, "", (sure, 0.0))]).probability


@pytest.mark.parametrize("texts", [[BRIDGE, TUNNEL], [TUNNEL, FERRY]])
def test_what_it_reads_counts_both_ways(texts: list[str]) -> None:
    base = run(ASKED, texts, [0.6, 0.2], [0])
    chances = [heard(base, sure) for sure in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert chances == sorted(chances) and chances[0] < chances[-1]
    assert chances[0] > 0 and chances[-1] < 1
    assert dict(sufficiency([*base, Measured(ENTAILED, "", (0.5, 0.0))]).features)[ENTAILED] == 0.5


def test_it_is_not_heard_where_that_was_not_fitted() -> None:
    worded = run(ASKED, [BRIDGE, TUNNEL], [None, None], [0])
    assert heard(worded, 0.01) == heard(worded, 0.99) == sufficiency(worded).probability
