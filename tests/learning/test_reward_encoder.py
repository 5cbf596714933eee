"""An encoder is tuned on comparisons, goes on after a stop, and ranks drafts once released."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reward_pairs import export, readers, row

from app.learning import checkpoint
from app.learning.candidates import Candidates, Change
from app.learning.reward.comparing import TIE, Comparison, Side
from app.learning.reward.encoding import WEIGHTS, EncoderRanker, scores, tokens
from app.learning.reward.given import given, quoted
from app.learning.reward.ranker import Released, opened
from app.learning.reward.tuned import EncoderLearning
from app.learning.reward.tuning import LENGTH, Recipe, Tuning, length
from retrieval.errors import UserError

RECIPE = Recipe(seed=1, steps=2, questions=1, warmup=1)
QUOTES = (quoted(1, "weirs", "The weir at Aldmoor was built by Clara Voss in 1887."),)
QUESTION = "Who built the weir at Aldmoor?"
RIGHT, WRONG = "It was built by Clara Voss [1].", "It was built by Otto Lind [1]."


def learning(models: Path, data: Path) -> EncoderLearning:
    return EncoderLearning(models, given([], [data]), readers(), RECIPE)


def with_ties() -> list[dict[str, Any]]:
    """Forty decided comparisons, and ten ties: on every fifth question of one plain deal."""
    asked = {row(at)["question"]["full_text"].casefold(): at for at in range(50)}
    order = sorted(asked)
    np.random.default_rng(RECIPE.seed).shuffle(order)
    ties = {asked[text] for text in order[::5]}
    return [row(at, 0.0 if at in ties else 1.0) for at in range(50)]


@pytest.mark.slow
def test_it_goes_on_after_a_stop_and_ranks_when_released(tmp_path: Path) -> None:
    data, models = export(tmp_path / "pairs", with_ties()), tmp_path / "models"
    first = learning(models, data)
    assert first.plan().step == 0
    next(iter(first.run(every=1)))
    second = learning(models, data)
    plan = second.plan()
    assert (plan.step, plan.steps, second.done) == (1, 2, False) and plan.bytes > 10**8
    assert [one.step for one in second.run()] == [2]
    card = second.finish("2026-11-28")
    assert card.settings["method"] == "encoder" and second.done
    assert card.figures["held out"]["pairs"] == 8, "a fifth of the decided ones"
    assert card.settings["ties"] == 10
    assert not (second.folder / checkpoint.FILE).exists()
    kept = Candidates(models)
    kept.change("reward", Change(card.name, "release", "2026-11-28T10:00:00"))
    ranker = Released(models, readers)()
    assert isinstance(ranker, EncoderRanker) and ranker.name == card.name
    good, bad = ranker.rank(QUESTION, QUOTES, [(RIGHT, ()), (WRONG, ())])
    assert good > bad
    pair = Comparison("q", Side(QUESTION, QUOTES, RIGHT), Side(QUESTION, QUOTES, WRONG), 1.0, "")
    assert opened(kept, card).margins([pair], []) == pytest.approx([good - bad], abs=1e-3)
    (second.folder / WEIGHTS).write_bytes(b"spoilt")
    with pytest.raises(UserError, match="cannot be read"):
        EncoderRanker(card.name, second.folder / WEIGHTS)


def test_question_and_quotes_stand_before_the_answer_without_its_quotes() -> None:
    below = f"{RIGHT}\n\n“{QUOTES[0].text}” [1]"
    one, other = tokens([Side(QUESTION, QUOTES, RIGHT), Side(QUESTION, QUOTES, below)])
    assert one == other
    long = tokens([Side(QUESTION, QUOTES, "word " * 900)])[0]
    assert len(long.ids) <= 256 and len(long.ids) > 128


@pytest.mark.slow
def test_the_loss_is_that_of_bradley_and_terry_by_question(tmp_path: Path) -> None:
    import torch

    good, bad = Side(QUESTION, QUOTES, RIGHT), Side(QUESTION, QUOTES, WRONG)
    other = Side("When was it built?", QUOTES, "In 1887 [1].")
    late = Side("When was it built?", QUOTES, "It was built in 1931 by somebody else [1].")
    pairs = [
        Comparison("who", good, bad, 1.0, ""),
        Comparison("when", other, late, 1.0, ""),
        Comparison("when", late, other, TIE, ""),
    ]
    tuning = Tuning(pairs, RECIPE, tmp_path)
    found = scores(tuning.weights, [good, bad, other, late])
    who, when = (torch.tensor(found[at] - found[at + 1]) for at in (0, 2))
    sure = torch.nn.functional.logsigmoid
    tie = (sure(when) + sure(-when)) / 2
    wanted = -(sure(who) + (sure(when) + tie) / 2) / 2
    assert float(tuning._loss(["who", "when"]).detach()) == pytest.approx(float(wanted), abs=1e-3)
    with torch.no_grad():
        tuning.weights[LENGTH] += 0.001
    moved = when + length(other) - length(late)
    tie = (sure(moved) + sure(-moved)) / 2
    wanted = -(sure(moved) + tie) / 2
    assert float(tuning._loss(["when"]).detach()) == pytest.approx(float(wanted), abs=1e-3)
