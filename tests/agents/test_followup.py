"""Follow-up questions: which lean on what came before, and what the rule makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.events import Exchange
from agents.followup import follow
from agents.topics import ABOUT, topic_of

RANCE = "When did the Rance tidal power station open?"
WEIR = "Who designed the weir at Aldmoor?"
ENGINEER = "Who was the engineer of the weir at Aldmoor?"
BARRAGE = "How long is the Rance barrage?"
FAIR = "When was the apple fair of Tarn cancelled?"
DAM = "三峡大坝有多长？"

LEANING = [
    ("What is the Rance tidal power station?", "When did it open?", RANCE),
    (RANCE, "Who built it?", "Who built the Rance tidal power station?"),
    (RANCE, "What is its height?", "What is the Rance tidal power station's height?"),
    (RANCE, "And when did it close?", "When did the Rance tidal power station close?"),
    (RANCE, "What about Annapolis Royal?", "When did Annapolis Royal open?"),
    (RANCE, "How about Annapolis Royal?", "When did Annapolis Royal open?"),
    (RANCE, "What about the cost?", "What about the cost? (about: the Rance tidal power station)"),
    (RANCE, "Why?", "Why? (about: the Rance tidal power station)"),
    (RANCE, "Why was that?", "Why was that? (about: the Rance tidal power station)"),
    (BARRAGE, "And the Severn?", "How long is the Severn?"),
    (BARRAGE, "And in winter?", "In winter? (about: the Rance barrage)"),
    (BARRAGE, "Who owns this one?", "Who owns this one? (about: the Rance barrage)"),
    (BARRAGE, "How wide?", "How wide? (about: the Rance barrage)"),
    (BARRAGE, "Tell me more.", "Tell me more. (about: the Rance barrage)"),
    (BARRAGE, "Who was the builder?", "Who was the builder? (about: the Rance barrage)"),
    (WEIR, "When was it finished?", "When was the weir at Aldmoor finished?"),
    (WEIR, "Did Clara Voss design it?", "Did Clara Voss design the weir at Aldmoor?"),
    (
        ENGINEER,
        "When was it finished?",
        "When was it finished? (about: the engineer of the weir at Aldmoor)",
    ),
    (
        ENGINEER,
        "What else did she draw?",
        "What else did she draw? (about: Clara Voss, the engineer of the weir at Aldmoor)",
    ),
    ("When was Napoleon born?", "Where did he die?", "Where did Napoleon die?"),
    ("When was Napoleon born?", "Who was his mother?", "Who was Napoleon's mother?"),
    ("What are moths?", "What do they eat?", "What do moths eat?"),
    ("When do moths fly?", "Where do they live?", "Where do moths live?"),
    ("Where is the mill?", "How many people live there?", None),
    ("Which river flows through Paris?", "How long is it?", None),
    (FAIR, "Why was it cancelled?", "Why was it cancelled? (about: the apple fair of Tarn)"),
    ("What is the capital of France?", "What is the population of it?", None),
    (
        "When did it open? (about: the weir of Aldmoor)",
        "Who built it?",
        "Who built it? (about: the weir of Aldmoor)",
    ),
    ("黄河有多长？", "长江呢？", "长江有多长？"),
    ("三峡大坝是什么时候建成的？", "它有多高？", "三峡大坝有多高？"),
    ("谁设计了三峡大坝？", "它的高度呢？", "三峡大坝的高度呢？"),
    ("三峡大坝的设计师是谁？", "他是哪里人？", "他是哪里人？（关于：三峡大坝的设计师）"),
    (DAM, "高度呢？", "三峡大坝的高度呢？"),
    (DAM, "为什么？", "为什么？（关于：三峡大坝）"),
    (DAM, "那么什么时候开放？", "那么什么时候开放？（关于：三峡大坝）"),
    (DAM, "其用途是什么？", "其用途是什么？（关于：三峡大坝）"),
    (RANCE, "它什么时候开放？", None),
]

ALONE = [
    "How tall is the Eiffel Tower?",
    "How tall is the Eiffel Tower and when was it built?",
    "What did Caesar say about his mother?",
    "What did the Romans build when they invaded Britain?",
    "Is it true that Shakespeare was born in Stratford?",
    "How long does it take to boil an egg?",
    "Did Einstein say that God does not play dice?",
    "Is there a bridge over the Rance?",
    "What is photosynthesis?",
    "Where is Paris?",
    "What happened this year in Tarn?",
    "Who was the engineer of the weir at Aldmoor?",
    "黄河有多长？",
    "其他水坝有哪些？",
    "土耳其的首都是哪里？",
    "三峡大坝建成以后，它有什么影响？",
]


@pytest.mark.parametrize(("before", "question", "wanted"), LEANING)
def test_a_question_that_leans_is_made_to_stand_alone(
    before: str, question: str, wanted: str | None
) -> None:
    made = follow(question, [Exchange("Who wrote Hamlet?"), Exchange(before, "Clara Voss [1].")])
    assert made.leaned
    if wanted is None:
        assert topic_of(before).text in made.question or before.rstrip("？?") in made.question
    else:
        assert made.question == wanted


@pytest.mark.parametrize("question", ALONE)
def test_a_question_that_stands_alone_stays_as_asked(question: str) -> None:
    made = follow(question, [Exchange(RANCE, "In 1966 [1].")])
    assert (made.question, made.leaned) == (question, False)


def test_without_a_history_nothing_is_changed() -> None:
    assert follow("When did it open?", []).question == "When did it open?"
    assert follow("When did it open?", [Exchange(" ?")]).leaned is False


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_taken(before: str, question: str) -> None:
    made = follow(question, [Exchange(before)])
    assert made == follow(question, [Exchange(before)])
    assert made.leaned or made.question == " ".join(question.split())
    again = follow(made.question, [Exchange(before)])
    assert not ABOUT.search(made.question) or not again.leaned
