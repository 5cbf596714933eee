"""Verifiers out of a folder: how their classes are read, and what is refused."""

import json
from pathlib import Path

import pytest
import torch
from tiny_classifiers import classifier

from app.verifier.choice import verifier
from app.verifier.foreign import ForeignVerifier
from retrieval.errors import UserError

PAIRS = [("the tide turns the mill", "the mill turns"), ("a cat", "the tide"), ("the mill", "a")]


def logits(folder: Path, *, tokens: bool = False) -> list[torch.Tensor]:
    """What the library itself makes of each pair alone."""
    from transformers import AutoTokenizer, BertForSequenceClassification
    from transformers import BertForTokenClassification as Tokens

    made = AutoTokenizer.from_pretrained(str(folder))
    model = (Tokens if tokens else BertForSequenceClassification).from_pretrained(folder).eval()
    with torch.inference_mode():
        return [model(**made(*pair, return_tensors="pt")).logits[0] for pair in PAIRS]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("labels", "carried", "against"),
    [
        (["entailment", "neutral", "contradiction"], 0, 2),
        (["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], 2, 0),
        (["not_entailment", "entailment"], 1, None),
        (["SUPPORTS", "REFUTES", "NOT ENOUGH INFO"], 0, 1),
        (["inconsistent", "consistent"], 1, None),
        (["LABEL_0", "LABEL_1"], 1, None),
    ],
)
def test_named_classes(
    tmp_path: Path, labels: list[str], carried: int, against: int | None
) -> None:
    folder = classifier(tmp_path / "model", labels)
    found = ForeignVerifier("model", folder).entailments(PAIRS)
    for (ours, denied), one in zip(found, logits(folder), strict=True):
        chances = one.softmax(0)
        assert ours == pytest.approx(float(chances[carried]), abs=1e-5)
        assert denied == pytest.approx(
            0.0 if against is None else float(chances[against]), abs=1e-5
        )


@pytest.mark.slow
def test_one_score_is_a_chance(tmp_path: Path) -> None:
    folder = classifier(tmp_path / "model", ["score"])
    found = ForeignVerifier("model", folder).entailments(PAIRS)
    wanted = [float(one.sigmoid()[0]) for one in logits(folder)]
    assert [carried for carried, _ in found] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow
def test_a_claim_is_carried_as_its_worst_token_is(tmp_path: Path) -> None:
    folder = classifier(tmp_path / "model", ["supported", "hallucinated"], tokens=True)
    found = ForeignVerifier("model", folder).entailments(PAIRS)
    for (carried, _), (_, claim), one in zip(
        found, PAIRS, logits(folder, tokens=True), strict=True
    ):
        count = len(claim.split())
        worst = one.softmax(1)[-1 - count : -1, 1].max()
        assert carried == pytest.approx(float(1 - worst), abs=1e-5)


def _config(folder: Path, **values: object) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "names no architecture"),
        ({"architectures": ["BertModel"]}, "BertModel classifies nothing"),
        (
            {
                "architectures": ["BertForSequenceClassification"],
                "id2label": {"0": "sad", "1": "glad", "2": "calm"},
            },
            "none of its classes means supported: sad, glad, calm",
        ),
        (
            {"architectures": ["BertForTokenClassification"], "id2label": {"0": "B-PER", "1": "O"}},
            "no class of tokens means unsupported",
        ),
    ],
)
def test_what_is_no_verifier_is_refused(
    tmp_path: Path, values: dict[str, object], reason: str
) -> None:
    folder = _config(tmp_path / "model", **values)
    with pytest.raises(UserError, match=f"{reason}.*check.verifier.*`none`"):
        verifier(str(folder))


@pytest.mark.slow
def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    config = {"architectures": ["BertForSequenceClassification"], "model_type": "bert"}
    found = verifier(str(_config(tmp_path / "model", **config)))
    assert found is not None
    with pytest.raises(UserError, match="does not load"):
        found.entailments(PAIRS)


def test_no_folder_and_no_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not load: there is no such folder"):
        verifier(str(tmp_path / "none"))
    assert verifier("none") is None
