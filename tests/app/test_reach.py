"""Where a question is looked up: the user's choice, then what the question says."""

from dataclasses import replace

import pytest

from app.house import build
from app.reach import reach
from app.settings import load
from retrieval.errors import UserError


@pytest.mark.parametrize("wish", ["library", "web", "both"])
def test_the_users_choice_comes_first(wish):
    assert reach("What is the latest news in my documents?", wish, True, True) == wish


@pytest.mark.parametrize("wish", ["web", "both"])
def test_a_shut_web_is_said_with_the_cure(wish):
    with pytest.raises(UserError, match=r"web.*vouch config set web\.search"):
        reach("Who?", wish, False, True)


def test_what_is_kept_to_a_part_of_the_library_stays_there(tmp_path):
    house = build(load(tmp_path, {}, {"web.search": "wikipedia"}))
    try:
        whole = house.request("What is the latest news of the tower?")
        assert house.reach(whole) == "web"
        for part in ({"collections": ("a",)}, {"sources": ("/a.md",)}, {"tags": ("a",)}):
            assert house.reach(replace(whole, **part)) == "library"
            assert house.reach(replace(whole, reach="both", **part)) == "both"
    finally:
        house.close()


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
