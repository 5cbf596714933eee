"""Where a question is looked up: the user's choice, then what the question says."""

import pytest

from app.reach import reach
from retrieval.errors import UserError


@pytest.mark.parametrize("wish", ["library", "web", "both"])
def test_the_users_choice_comes_first(wish):
    assert reach("What is the latest news in my documents?", wish, True, True) == wish


@pytest.mark.parametrize("wish", ["web", "both"])
def test_a_shut_web_is_said_with_the_cure(wish):
    with pytest.raises(UserError, match=r"web.*vouch config set web\.search"):
        reach("Who?", wish, False, True)


@pytest.mark.parametrize(
    ("question", "web", "library", "where"),
    [
        ("Who built the tower?", False, True, "library"),
        ("What is the latest news?", False, True, "library"),
        ("Who built the tower?", False, False, "library"),
        ("Who built the tower?", True, False, "web"),
        ("Who built the tower?", True, True, "both"),
        ("What do my notes say of the tower?", True, True, "library"),
        ("我的文档里怎么说?", True, True, "library"),
        ("What do my notes and today's news say?", True, True, "both"),
        ("Do my notes agree with https://tower.test/?", True, True, "both"),
    ],
)
def test_an_open_question_decides(question, web, library, where):
    assert reach(question, "auto", web, library) == where
