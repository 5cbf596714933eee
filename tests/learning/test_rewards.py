"""A reward against the order of the self-check, and against another reward on new questions."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from reward_pairs import export, row

from app.house import House
from app.learning.candidates import Candidates, Card, Change
from app.learning.held_out import key, note, noted
from app.learning.releasing import SHIPPED, against, figures_of, release
from app.learning.reward import ranker
from app.learning.reward.comparing import Side
from app.learning.reward.encoding import METHOD
from app.learning.reward.house import learning
from app.learning.rewards import rivals
from app.learning.training import Progress
from app.settings import load
from app.verifier import packed
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError


@pytest.fixture
def house(vouch_home: Path) -> Iterator[House]:
    made = House(load(vouch_home, {}, {"check.verifier": "none"}))
    made.__dict__["embedder"] = HashEmbedder(64)
    yield made
    made.close()


@pytest.fixture
def kept(house: House) -> Candidates:
    return Candidates(house.settings.home / "models")


def learned(
    house: House, folder: Path, first: int, score: float = 1.0, carried: bool = False
) -> Card:
    """Learn a reward from forty comparisons; with a score below 0 the worse answers win."""
    data = export(folder, [row(at, score, carried) for at in range(first, first + 40)])
    made = learning(house, [data], 1)
    list(made.run())
    return made.finish()


def test_a_learned_reward_stands_against_the_judges(
    house: House, kept: Candidates, tmp_path: Path
) -> None:
    card = learned(house, tmp_path / "a", 0)
    told = rivals(house, kept, card, SHIPPED, [])
    figure = figures_of(card, SHIPPED)["accuracy"]
    assert told["figures"]["accuracy"]["n"] == figure.n == 40 and "folds" in told["split"]
    assert figure.first == pytest.approx(figure.second + figure.difference)
    assert against("reward", {"accuracy": figure})[0].endswith("at least 50 are needed")
    with pytest.raises(UserError, match="over 40, and at least 50 are needed"):
        release(kept, card.name, "2026-11-28")


def test_two_rewards_meet_on_questions_that_neither_learned_from(
    house: House, kept: Candidates, tmp_path: Path
) -> None:
    good = learned(house, tmp_path / "a", 0, carried=True)
    turned = learned(house, tmp_path / "b", 40, -1.0, carried=True)
    assert key(row(3)["question"]["full_text"]) in noted(kept.folder(good.name))
    kept.change("reward", Change(turned.name, "release", "2026-11-28"))
    new = export(tmp_path / "new", [row(at, carried=True) for at in range(70, 100)])
    told = rivals(house, kept, good, turned.name, [new])["figures"]["accuracy"]
    assert told["n"] == 20, "ten of the thirty were learned from"
    # Nothing that is carried or not decides here: the heads do.
    assert told["first"] > 0.9 and told["second"] < 0.1
    with pytest.raises(UserError, match="there are no comparisons but of questions that"):
        rivals(house, kept, good, turned.name, [tmp_path / "a"])


def test_a_measurement_tells_how_far_it_is_and_goes_on_after_a_stop(
    house: House, kept: Candidates, tmp_path: Path
) -> None:
    good = learned(house, tmp_path / "a", 0)
    other = learned(house, tmp_path / "b", 40, -1.0)
    new = [export(tmp_path / "new", [row(at) for at in range(80, 105)])]
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rivals(house, kept, good, other.name, new, stop)
    told = rivals(house, kept, good, other.name, new, seen.append)
    assert [(one.step, one.steps) for one in seen] == [(32, 50), (50, 50)]
    assert seen[0].left > 0 and seen[1].left == 0
    assert rivals(house, kept, good, other.name, new, seen.append) == told and len(seen) == 2


def test_what_an_encoder_read_is_kept_as_well(
    house: House, kept: Candidates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, asked = learned(house, tmp_path / "a", 0), []

    def scores(weights: object, sides: Sequence[Side]) -> list[float]:
        asked.extend(sides)
        return [float(len(side.text)) for side in sides]

    monkeypatch.setattr(ranker, "read", lambda path: {})
    monkeypatch.setattr(ranker, "scores", scores)
    settings = {"method": METHOD}
    kept.keep(Card("reward-e", "reward", packed.base()[1], "2026-11-28", 1, settings=settings))
    note(kept.folder("reward-e"), [])
    new = [export(tmp_path / "new", [row(at) for at in range(50, 70)])]
    seen: list[Progress] = []
    told = rivals(house, kept, good, "reward-e", new, seen.append)["figures"]["accuracy"]
    assert [one.step for one in seen] == [32, 40, 32, 40] and len(asked) == 40
    assert told["n"] == 20
    assert rivals(house, kept, good, "reward-e", new, seen.append)["figures"]["accuracy"] == told
    assert len(seen) == 4 and len(asked) == 40


def test_a_reward_of_another_embedder_is_not_measured(
    house: House, kept: Candidates, tmp_path: Path
) -> None:
    card = learned(house, tmp_path / "a", 0)
    kept.keep(Card("reward-2", "reward", "another", "2026-11-28", 1))
    with pytest.raises(UserError, match="reward-2 was learned on another embedder or verifier"):
        rivals(house, kept, card, "reward-2", [])
