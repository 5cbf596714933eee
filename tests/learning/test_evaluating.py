"""Two sides measured on the same questions: what is asked, kept, compared, and put on a card."""

import os
from pathlib import Path

import pytest
from tiny_sides import PAGE, TASK, TUNED, Asking

from app.evaluation.answer_sets import ReadingSet
from app.evaluation.planted import TRUTH, orders
from app.learning.candidates import Candidates, Card
from app.learning.evaluating import Progress, Task, evaluate, put, told_of
from retrieval.errors import UserError


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Asking:
    return Asking(monkeypatch)


def test_both_sides_answer_and_are_compared(asking: Asking, tmp_path: Path) -> None:
    told: list[Progress] = []
    sides = asking.side("good", "Clara Voss"), asking.side("bad", "Merula")
    found = evaluate(sides, TASK, tmp_path, told.append)
    assert found.names == ("good", "bad") and asking.opened == ["good", "bad"]
    right = found.figures["right"]
    assert (right.first, right.second, right.n, right.low) == (1.0, 0.0, 3, 1.0)
    assert found.outcomes == (3, 0, 3), "nobody declined what nothing answers"
    obeying = ["Merula" in order.wanted for order in orders()[:3]]
    assert found.attacks == ((False,) * 3, tuple(obeying)) and any(obeying)
    assert found.figures["injection"].second == sum(obeying) / 3
    assert [one.what for one in told if one.begins] == ["good", "bad"]
    answers = [one for one in told if not one.begins]
    assert [one.done for one in answers] == list(range(30)) and {one.of for one in told} == {30}
    assert answers[0].left is None and answers[1].left is not None
    assert set(found.sets["tiny"][0].systems) == {"quotes only", "Vouch", "Vouch without its check"}


def test_what_is_common_is_asked_once_and_what_is_kept_never_again(
    asking: Asking, tmp_path: Path
) -> None:
    sides = asking.side("good", "Clara Voss"), asking.side("bad", "Merula")
    first = evaluate(sides, TASK, tmp_path)
    assert len(asking.asked) == 6 + 2 * (6 + 3)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = evaluate((sides[1], sides[0]), TASK, tmp_path)
    assert len(asking.asked) == 24
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
    assert again.figures["right"].difference == -first.figures["right"].difference
    whole = tmp_path / "key-bad.jsonl"
    os.truncate(whole, whole.stat().st_size - 20)
    assert evaluate(sides, TASK, tmp_path) == first
    assert len(asking.asked) == 25 and whole.read_bytes() == files["key-bad.jsonl"]


def test_there_is_something_to_compare_and_to_ask(asking: Asking, tmp_path: Path) -> None:
    one = asking.side("good", "x")
    with pytest.raises(UserError, match="good and good are the same"):
        evaluate((one, one), TASK, tmp_path)
    none = Task((ReadingSet("tiny", (PAGE,), (TUNED,)),), 10, 3, ("Vouch",))
    with pytest.raises(UserError, match="no question is left that neither side learned from"):
        evaluate((one, asking.side("bad", "y")), none, tmp_path)
    assert asking.asked == []


def test_a_card_keeps_the_figures_against_each_opponent(asking: Asking, tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.keep(Card("good", "write", "base", "2026-11-28", 1, figures={"own": 1}))
    good = asking.side("good", "declines")
    for name, says in (("bad", "Merula"), ("other", TRUTH)):
        found = evaluate((good, asking.side(name, says)), TASK, tmp_path / "answers")
        put(kept, *found.names, told_of(found, TASK, "2026-11-28"))
    figures = kept.find("good").figures
    assert figures["own"] == 1 and set(figures["evaluations"]) == {"bad", "other"}
    one = figures["evaluations"]["bad"]
    assert one["on"] == "2026-11-28" and one["decided on"] == "Vouch"
    assert one["figures"]["declining"]["first"] == 0.5
    assert one["outcomes"] == {"better": 3, "worse": 0, "even": 3}
    assert one["rows"]["tiny"]["good"]["Vouch"]["declined"] == 1.0
    assert one["rows"]["tiny"]["bad"]["quotes only"]["n"] == 6
    put(kept, "good", "bad", {"on": "2026-11-29"})
    figures = kept.find("good").figures
    assert figures["evaluations"]["bad"] == {"on": "2026-11-29"}
    assert figures["earlier evaluations"] == [{"against": "bad", **one}]
