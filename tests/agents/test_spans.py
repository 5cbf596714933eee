"""What to quote: exact sentences, ranked by words, meaning and kind; what is still lacking."""

from hypothesis import given
from hypothesis import strategies as st

from agents import spans
from agents.spans import Candidate, Span
from agents.wording import content, kind_of, stem

PAGE = (
    "Lisbon lies on the Tagus. The bridge over the river was opened in 1966. "
    "It is painted red. Its builders came from America."
)


def pool(*texts: str, page: str = "p") -> list[Candidate]:
    return [Candidate(Span(0, len(text), text), page) for text in texts]


@given(st.integers(0, len(PAGE)), st.integers(0, len(PAGE)))
def test_candidates_are_exact_and_touch_the_window(start: int, end: int) -> None:
    for span in spans.candidates(PAGE, start, end):
        assert PAGE[span.start : span.end] == span.text
        assert span.start < end
        assert span.end > start


def test_whole_sentences_of_a_window_are_preferred_to_cut_ones() -> None:
    found = spans.candidates(PAGE, 5, 80)
    assert [span.text for span in found] == ["The bridge over the river was opened in 1966."]


def test_pairs_are_two_a_sentence_with_what_stands_before() -> None:
    found = spans.candidates(PAGE)
    made = spans.pairs("q?", "Lisbon", found)
    assert len(made) == 2 * len(found)
    assert made[1] == ("q?", f"Lisbon. {found[0].text}")
    assert made[3] == ("q?", f"{found[0].text} {found[1].text}")


def test_a_sentence_with_the_words_and_the_kind_asked_for_comes_first() -> None:
    found = [span.text for span in spans.candidates(PAGE)]
    ranked = spans.rank("When was the bridge opened?", pool(*found))
    assert ranked[0].candidate.span.text == found[1]
    assert ranked[0].carried > ranked[-1].carried


def test_similarity_rank_and_cosine_each_decide_between_equal_sentences() -> None:
    one, two = pool("It is painted red.", "It is painted blue.")
    for better in (
        Candidate(two.span, "p", similarity=0.5),
        Candidate(two.span, "p", wider=0.5),
        Candidate(two.span, "p", cosine=0.5),
    ):
        worse = Candidate(one.span, "p", cosine=0.1 if better.cosine else None)
        assert spans.rank("Which colour?", [worse, better])[0].candidate == better
    far = Candidate(one.span, "p", rank=3)
    assert spans.rank("Which colour?", [far, two])[0].candidate == two


def test_neighbours_help_only_on_their_own_page() -> None:
    question = "Who painted the bridge?"
    beside = [*pool("The bridge is old.", "Ann did it."), *pool("Bob did it.", page="other")]
    order = [item.candidate.span.text for item in spans.rank(question, beside)]
    assert order.index("Ann did it.") < order.index("Bob did it.")


def test_pick_takes_close_ones_and_no_text_twice() -> None:
    ranked = [
        spans.Ranked(candidate, score, 0.0)
        for candidate, score in zip(
            pool("One.", "One.", "Two.", "Three."), (9.0, 9.0, 8.0, 1.0), strict=True
        )
    ]
    texts = [item.candidate.span.text for item in spans.pick(ranked, 1, 3, 2.0)]
    assert texts == ["One.", "Two."]
    assert len(spans.pick(ranked, 3, 3, 0.0)) == 3


def test_lacking_names_the_words_that_no_quote_carries() -> None:
    question = "Which engineers invaded the bridge of Porto?"
    assert spans.lacking(question, ["The engineer crossed a bridge."]) == ["invaded", "Porto"]
    assert spans.lacking("大桥在里斯本", ["大桥很红"]) != []
    assert spans.lacking("大桥在里斯本", ["大桥在里斯本"]) == []


def test_stems_meet_and_kinds_follow_the_first_question_word() -> None:
    assert stem("invading") == stem("invaded") == stem("invade")
    assert "the" not in content("the bridge")
    assert kind_of("Who ruled when Rome fell?") == "person"
    assert kind_of("In what year did it fall?") == "time"
    assert kind_of("What does Doctor Who travel in?") == "thing"
    assert kind_of("有多少工人？") == "number"
