"""How strict Vouch is with its quotes: from the settings, a question's own wish or the shell."""

from pathlib import Path
from typing import Any

import pytest

from app.assistant import Request
from app.batch.terms import Wishes
from app.house import build
from app.serving.answers import asking
from app.settings import load
from retrieval.errors import UserError
from ui.arguments import parse


def test_the_setting_reaches_every_question(tmp_path: Path) -> None:
    house = build(load(tmp_path, {"VOUCH_ASK_STRICTNESS": "0.4"}, {}))
    assert house.request("Why?").strictness == 0.4
    with pytest.raises(UserError, match=r"ask\.strictness"):
        load(tmp_path, {}, {"ask.strictness": "1.1"})


def test_a_question_may_wish_for_another_strictness() -> None:
    base = Request("Why?", strictness=0.3)
    assert asking(base, {"strictness": 0}).strictness == 0
    assert asking(base, {}).strictness == 0.3


@pytest.mark.parametrize("wrong", [1.5, -0.1, "high", True, float("nan")])
def test_a_strictness_that_is_no_share_is_refused(wrong: Any) -> None:
    with pytest.raises(UserError, match="strictness"):
        asking(Request("Why?"), {"strictness": wrong})


def test_the_shell_takes_it_for_questions_and_batches() -> None:
    assert parse(["ask", "Why?", "--strictness", "0.5"]).strictness == 0.5
    assert parse(["batch", "questions.txt", "--strictness", "1"]).strictness == 1.0
    assert Wishes(strictness=0.5).params() == {"strictness": 0.5}
    with pytest.raises(SystemExit):
        parse(["ask", "Why?", "--strictness", "2"])
