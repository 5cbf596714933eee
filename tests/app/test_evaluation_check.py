"""The evaluation of the self-check: its measures on known numbers, its splits, and its rows."""

import csv
import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.evaluation.check import Row, confidence, fit, measured
from app.evaluation.claims import SETS, Claimed, load
from app.evaluation.fitting import evenly, fitted
from app.evaluation.judging import auroc, best_limit, figures, gained, shown
from app.evaluation.reading import Read, read
from retrieval.errors import UserError


@pytest.fixture(autouse=True)
def _few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals of a few samples are as good as any to be looked at."""
    monkeypatch.setattr("app.evaluation.judging.SAMPLES", 60)


def test_auroc_counts_pairs_and_halves_ties() -> None:
    truth = np.array([True, True, False, False])
    assert auroc(truth, np.array([0.9, 0.5, 0.5, 0.1])) == pytest.approx(3.5 / 4)
    assert auroc(truth, np.array([1.0, 1.0, 1.0, 1.0])) == 0.5
    assert auroc(np.array([True, True]), np.array([0.1, 0.2])) == 0.5
    dice = np.random.default_rng(1)
    labels, scores = dice.random(60) < 0.4, dice.integers(0, 9, 60).astype(float)
    pairs = [(a > b) + (a == b) / 2 for a in scores[labels] for b in scores[~labels]]
    assert auroc(labels, scores) == pytest.approx(float(np.mean(pairs)))


def test_figures_are_of_what_is_not_supported() -> None:
    truth, kept = [True, True, True, False, False], [True, True, False, False, True]
    found = figures(truth, [0.9, 0.8, 0.4, 0.3, 0.6], kept)
    assert found.precision == found.recall == found.f1 == 0.5
    assert found.balanced == pytest.approx((0.5 + 2 / 3) / 2)
    assert found.auroc == pytest.approx(5 / 6)


def test_the_limit_is_the_best_over_sets_and_not_over_claims() -> None:
    large = ([True] * 90 + [False] * 10, [0.9] * 90 + [0.7] * 10)
    small = ([True, False], [0.5, 0.1])
    assert 0.1 < best_limit([large, small]) <= 0.9
    assert 0.7 < best_limit([large]) <= 0.9


def test_a_gain_is_paired_and_drawn_by_document() -> None:
    dice = random.Random(2)
    truth = [dice.random() < 0.5 for _ in range(200)]
    noise = [dice.random() for _ in truth]
    better = [value + one for value, one in zip(truth, noise, strict=True)]
    documents = [str(at // 4) for at in range(200)]
    gain, low, high = gained(truth, better, noise, documents)
    assert 0 < low < gain < high
    assert gained(truth, noise, noise, documents) == (0.0, 0.0, 0.0)
    lone = gained(truth, better, noise, ["one"] * 200)
    assert lone[0] == lone[1] == lone[2] == pytest.approx(gain)


def test_confidence_that_says_what_is_so_has_no_error() -> None:
    right = [True] * 9 + [False]
    calm = shown(right, [0.9] * 10)
    assert calm.ece == pytest.approx(0.0) and calm.brier == pytest.approx(0.09)
    loud = shown(right, [1.0] * 10)
    assert loud.ece == pytest.approx(0.1)
    assert loud.bins == ((0.9, 10, 1.0, 0.9),)


def test_weights_are_fitted_by_set_and_serve_features_as_they_come() -> None:
    dice = random.Random(3)
    rows, truth, groups = [], [], []
    for at in range(600):
        x, y = dice.uniform(-3, 3), dice.uniform(100, 200)
        rows.append({"x": x, "y": y, "still": 4.0})
        truth.append(dice.random() < 1 / (1 + math.exp(-(2 * x - 0.05 * (y - 150)))))
        groups.append("large" if at < 500 else "small")
    found = fitted(rows, truth, groups)
    assert found["x"] == pytest.approx(2, abs=0.6)
    assert found["y"] == pytest.approx(-0.05, abs=0.02)
    assert found["bias"] + 150 * found["y"] == pytest.approx(0, abs=0.6)
    assert found["still"] == pytest.approx(0.0, abs=1e-6)
    # The larger set, turned round, outvotes nobody: each set weighs one.
    turned = [
        not one if group == "large" else one for one, group in zip(truth, groups, strict=True)
    ]
    assert abs(fitted(rows, turned, groups)["x"]) < 0.5


def test_even_weights_count_every_feature_the_same_way_up() -> None:
    dice = random.Random(4)
    rows = [{"near": dice.gauss(0, 1), "lack": dice.gauss(0, 50)} for _ in range(400)]
    truth = [row["near"] - row["lack"] / 50 + dice.gauss(0, 0.5) > 0.3 for row in rows]
    found = evenly(rows, truth, ["one"] * 400, {"near": 1, "lack": -1})
    assert found["near"] > 0 > found["lack"]
    assert found["near"] / -found["lack"] == pytest.approx(50, rel=0.1)
    sums = (found["bias"] + sum(found[name] * row[name] for name in row) for row in rows)
    chances = [1 / (1 + math.exp(-one)) for one in sums]
    assert float(np.mean(chances)) == pytest.approx(float(np.mean(truth)), abs=0.02)


class Fixed:
    """Carries what says that it is carried; all texts are equally alike."""

    name = "fixed"
    scripts: tuple[str, ...] = ()

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return [0.5 for _ in pairs]

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        return [(0.9, 0.02) if "carried" in claim else (0.1, 0.6) for _, claim in pairs]


def _reads(name: str, count: int) -> list[Read]:
    dice = random.Random(name)
    given = []
    for at in range(count):
        supported = dice.random() < 0.5
        word = "carried" if supported != (dice.random() < 0.15) else "borne"
        claim = f"The old mill {word} heavy grain downstream."
        evidence = f"Mill number {at}: grain went down the river. The mill is an old one."
        given.append(Claimed(name, claim, evidence, supported, f"{name} {at}"))
    return read(given, Fixed(), Fixed())


def test_every_way_to_judge_has_a_row_and_the_verifier_helps() -> None:
    tuned = [one for name in ("wice", "begin", "fever-symmetric") for one in _reads(name, 60)]
    (found,) = measured(tuned, _reads("qags", 80))
    assert (found.name, found.claims, found.documents) == ("qags", 80, 80)
    rows = {row.name: row for row in found.rows}
    assert [*rows] == [
        *("word overlap", "length", "cosine", "containment", "verifier"),
        *("cascade, left out", "cascade, as shipped"),
    ]
    assert rows["word overlap"].gain == 0.0
    assert rows["cascade, left out"].low > 0.1
    assert rows["cascade, left out"].figures.balanced > 0.7
    assert 0 <= confidence(_reads("qags", 80)).ece <= 1


def test_a_set_is_judged_by_weights_from_other_families_alone() -> None:
    """Sets on which the verifier is wrong spoil no weights that their family is judged by."""

    def rows(tuned: list[Read], name: str) -> list[Row]:
        (found,) = measured(tuned, _reads(name, 40))
        return list(found.rows)

    good = _reads("begin", 40)
    spoilt = [_turned(one) for name in ("wice", "wice-chunks") for one in _reads(name, 40)]
    assert rows(good, "wice") == rows(good + spoilt, "wice")
    assert rows(good, "qags")[5] != rows(good + spoilt, "qags")[5]
    # Nothing is fitted on sets whose licence does not allow it.
    unfit = [_turned(one) for one in _reads("healthver", 90)]
    assert rows(good, "qags") == rows(good + unfit, "qags")


def _turned(one: Read) -> Read:
    said = one.claimed
    turned = Claimed(said.set, said.claim, said.evidence, not said.supported, said.document)
    return replace(one, claimed=turned)


def test_a_fit_is_a_blend_with_its_limit() -> None:
    found = fit([one for name in ("wice", "begin") for one in _reads(name, 80)])
    assert found.blend.support["carried"] > 0
    assert 0 < found.limit < 1


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"claim": f"Claim {at}.", "label": "Supports" if at % 2 else "Neutral", "evidence": str(at)}
        for at in range(40)
    ]
    path = tmp_path / "healthver" / "healthver_dev.csv"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["claim", "label", "evidence"])
        writer.writeheader()
        writer.writerows(rows)
    article = {
        "article": "Text.",
        "summary_sentences": [
            {"sentence": "Yes.", "responses": [{"response": r} for r in ("yes", "yes", "no")]},
            {"sentence": "No.", "responses": [{"response": r} for r in ("no", "yes", "no")]},
        ],
    }
    qags = tmp_path / "qags" / "mturk_cnndm.jsonl"
    qags.parent.mkdir()
    qags.write_text(json.dumps(article), encoding="utf-8")
    return tmp_path


def test_halves_share_no_document_and_a_draw_is_the_same_each_time(data: Path) -> None:
    given = SETS["healthver"]
    tune, report = (load(given, data, half, 100) for half in ("tune", "report"))
    assert len(tune) + len(report) == 40
    assert not {one.document for one in tune} & {one.document for one in report}
    drawn = load(given, data, "report", 5)
    assert drawn == load(given, data, "report", 5) and len(drawn) == 5
    assert set(drawn) <= set(report)
    assert all(one.supported == (int(one.evidence) % 2 == 1) for one in tune)


def test_most_of_three_people_decide(data: Path) -> None:
    found = [one for half in ("tune", "report") for one in load(SETS["qags"], data, half, 9)]
    assert [(one.claim, one.supported) for one in found] == [("Yes.", True), ("No.", False)]


def test_a_set_that_is_not_there_or_is_none_is_told(data: Path) -> None:
    with pytest.raises(UserError, match=r"set 'wice' is not in"):
        load(SETS["wice"], data, "tune", 9)
    (data / "qags" / "mturk_cnndm.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="is no set of the kind 'qags'"):
        load(SETS["qags"], data, "tune", 9)


def test_the_sets_at_hand_are_read(shared_data: Path) -> None:
    for given in SETS.values():
        found = load(given, shared_data, "tune", 50)
        assert len(found) == 50 and all(one.claim and one.evidence for one in found)
        assert {one.supported for one in found} == {True, False}
