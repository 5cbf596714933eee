"""What a home has to learn from is counted, and what is missing for each way to learn is told."""

from pathlib import Path
from typing import Any

import pytest

from agents.events import Event
from app.feedback.marks import Mark
from app.feedback.pairs import derive
from app.learning.candidates import Candidates, Card, Change
from app.learning.reward.given import given, kept
from app.learning.standing import Standing, Truth, standing, truth


def _mark(run: str, kind: str) -> Mark:
    return Mark(f"{run}.{kind}", run, kind, by="ann", face="chat", at=1.0)  # type: ignore[arg-type]


@pytest.fixture
def counted(make_case: Any, make_events: Any, tmp_path: Path) -> Any:
    def make(questions: int, each: int = 1) -> Standing:
        cases, marks, events = {}, [], {}
        for number in range(questions):
            for other in range(each):
                for kind, said in (("up", "Clara Voss"), ("down", "Otto Lind")):
                    run = f"{kind}-{number}-{other}"
                    text = f"The engineer number {other} was {said} [1]."
                    told = {"question": f"Who was engineer {number}?"}
                    cases[run] = make_case(run, text, float(number), **told)
                    events[run] = make_events(text, **told)
                    marks.append(_mark(run, kind))
        pairs = derive(cases, marks, [])

        def read(run: str) -> list[Event]:
            return list(events[run])

        return standing(Truth(cases, marks, pairs, read), Candidates(tmp_path))

    return make


def _needs(found: Standing) -> dict[str, str]:
    return {need.way: need.lacking for need in found.needs}


def test_an_empty_home_lacks_everything(counted: Any) -> None:
    found = counted(0)
    assert dict(found.pairs) == {"compare": 0, "thumbs": 0, "self-check": 0, "edit": 0}
    assert dict(found.thumbs) == {"up": 0, "down": 0} and not found.cards
    assert dict(found.in_use) == {"reward": "", "write": "", "browse": ""}
    assert _needs(found)["reward"] == "40 more comparisons, 20 more different questions"


def test_what_there_is_suffices_for_some_ways(counted: Any) -> None:
    found = counted(22, each=2)
    # Two ups and two downs of a question give four pairs.
    assert found.pairs["thumbs"] == 88 and dict(found.thumbs) == {"up": 44, "down": 44}
    needs = _needs(found)
    assert needs["reward"] == ""
    assert needs["write (dpo)"] == "12 more pairs"
    assert needs["write (kto)"] == "12 more thumbs"
    assert needs["browse"] == "100 more steps of good runs, 20 more different questions"
    few = counted(10, each=4)
    assert _needs(few)["reward"] == "10 more different questions"


def test_thumbs_of_one_kind_alone_teach_little(counted: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.learning.standing.ONE_SIDED", 0.6)
    assert _needs(counted(60))["write (kto)"] == "60% of the rarer kind, up or down"


def test_candidates_and_what_is_in_use_are_told(counted: Any, tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.keep(Card("reward-1", "reward", "hash", "2026-11-28", 1))
    kept.change("reward", Change("reward-1", "release", "2026-11-28T10:00:00"))
    found = counted(1)
    assert [card.name for card in found.cards] == ["reward-1"]
    assert found.in_use["reward"] == "reward-1" and found.told()["in_use"]["write"] == ""


def test_what_stands_in_a_home_is_counted_and_can_be_compared(
    served: Any, make_events: Any, tmp_path: Path
) -> None:
    good = served.keep("good", make_events("The engineer was Clara Voss [1]."))
    bad = served.keep("bad", make_events("The engineer was somebody else [1]."))
    served.vote(good, bad)
    found = standing(truth(served.house), Candidates(tmp_path))
    assert found.pairs["thumbs"] == 1 and dict(found.thumbs) == {"up": 1, "down": 1}
    (one,) = given(kept(served.house), []).comparisons
    assert (one.first.text, one.share, one.origin) == (
        "The engineer was Clara Voss [1].", 1.0, "thumbs"
    )  # fmt: skip
    assert one.group == "who was the engineer of the weir at aldmoor?"
