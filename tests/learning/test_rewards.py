"""A reward against the order of the self-check, and against another reward on new questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from reward_pairs import export, row

from app.house import House
from app.learning.candidates import Candidates, Card, Change
from app.learning.held_out import key, noted
from app.learning.releasing import SHIPPED, against, figures_of, release
from app.learning.reward.house import learning
from app.learning.rewards import rivals
from app.settings import load
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


def test_a_reward_of_another_embedder_is_not_measured(
    house: House, kept: Candidates, tmp_path: Path
) -> None:
    card = learned(house, tmp_path / "a", 0)
    kept.keep(Card("reward-2", "reward", "another", "2026-11-28", 1))
    with pytest.raises(UserError, match="reward-2 was learned on another embedder or verifier"):
        rivals(house, kept, card, "reward-2", [])
