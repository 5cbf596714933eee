"""Where a question is looked up: the user's choice, then what the question says."""

from dataclasses import replace

import pytest

from app.house import build
from app.reach import reach
from app.serving.answers import asking
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


PARTS = [{"collections": ["a"]}, {"sources": ["/a.md"]}, {"tags": ["a"]}]


@pytest.fixture
def looked_up(tmp_path):
    """Say where a call with these parameters looks, under a setting of `web.sources`."""

    def look(usual, **params):
        web = {"web.search": "wikipedia", "web.sources": usual}
        house = build(load(tmp_path, {}, web))
        try:
            return house.reach(asking(house.request("What is the latest news?"), params))
        finally:
            house.close()

    return look


@pytest.mark.parametrize("usual", ["auto", "library", "web", "both"])
@pytest.mark.parametrize("part", PARTS)
def test_a_setting_sends_no_question_out_that_is_kept_to_a_part(looked_up, usual, part):
    assert looked_up(usual, **part) == "library"
    assert looked_up(usual, reach="auto", **part) == "library"
    for said in ("library", "web", "both"):
        assert looked_up(usual, reach=said, **part) == said


@pytest.mark.parametrize("usual", ["library", "web", "both"])
def test_a_question_to_everything_follows_the_setting(looked_up, usual):
    assert looked_up(usual) == usual


@pytest.mark.parametrize("usual", ["auto", "web", "both"])
def test_a_program_chooses_where_the_owner_left_the_web_open(looked_up, usual):
    for said in ("library", "web", "both"):
        assert looked_up(usual, reach=said, bound=True) == said


def test_a_program_opens_nothing_that_the_owner_kept_shut(looked_up):
    for said in ("web", "both"):
        with pytest.raises(UserError, match=r"not open to programs.*web\.sources"):
            looked_up("library", reach=said, bound=True)
    for said in ({}, {"reach": "auto"}, {"reach": "library"}):
        assert looked_up("library", **said, bound=True) == "library"


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
