"""Folders to learn from: exports by their format, refusals with the reason and the cure."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.feedback.folder import SCHEMA
from app.learning.writing.enough import GROUPS, LEAST, check
from app.learning.writing.given import Method, given
from app.learning.writing.preferring import weights
from retrieval.errors import UserError

ASK = [{"role": "user", "content": "When?"}]
SYSTEM = [{"role": "system", "content": "Look."}, {"role": "user", "content": "Question: When?"}]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


PAIR = {"prompt": ASK, "chosen": _said("In 1932 [1]."), "rejected": _said("Long ago.")}
THUMBS = [
    {"prompt": ASK, "completion": _said("In 1932 [1]."), "label": True},
    {"prompt": ASK, "completion": _said("Long ago."), "label": False},
]
STEPS = [
    {"prompt": SYSTEM, "completion": _said("search bridge")},
    {"prompt": ASK, "completion": _said("In 1932 [1].")},
]


def _folder(place: Path, kind: str, rows: list[Any]) -> Path:
    place.mkdir()
    (place / "manifest.json").write_text(json.dumps({"schema": SCHEMA, "format": kind}))
    (place / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


def test_good_answers_are_cloned_from_every_format(tmp_path: Path) -> None:
    folders = [
        _folder(tmp_path / "a", "trl", [PAIR]),
        _folder(tmp_path / "b", "kto", THUMBS),
        _folder(tmp_path / "c", "trajectories", STEPS),
    ]
    found = given(folders, "sft", seed=1)
    assert [one.reply for one in found.examples] == ["In 1932 [1]."] * 3
    assert {one.kind for one in found.examples} == {"prose"}
    assert [found.data[f"{name}/train.jsonl"]["rows"] for name in "abc"] == [1, 2, 2]
    assert len(found.data["a/train.jsonl"]["sha256"]) == 64


def test_browsing_learns_from_steps_alone(tmp_path: Path) -> None:
    folders = [
        _folder(tmp_path / "c", "trajectories", STEPS),
        _folder(tmp_path / "a", "trl", [PAIR]),
    ]
    found = given(folders, "sft", 1, browsing=True)
    assert [one.reply for one in found.examples] == ["search bridge"]


def test_pairs_and_opinions(tmp_path: Path) -> None:
    pairs = _folder(tmp_path / "a", "trl", [PAIR])
    (one,) = given([pairs], "dpo", 1).preferences
    assert (one.chosen, one.rejected) == ("In 1932 [1].", "Long ago.")
    found = given([pairs, _folder(tmp_path / "b", "kto", THUMBS)], "kto", 1).opinions
    assert [one.good for one in found] == [True, False, True, False]


@pytest.mark.parametrize(("method", "kind"), [("dpo", "kto"), ("sft", "webgpt")])
def test_a_format_that_does_not_serve_is_named(tmp_path: Path, method: Method, kind: str) -> None:
    folder = _folder(tmp_path / "a", kind, THUMBS)
    with pytest.raises(UserError, match=f"'{kind}'.*method {method} learns from"):
        given([folder], method, 1)


def test_a_spoilt_file_is_named(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "a", "trl", [{"prompt": ASK}])
    with pytest.raises(UserError, match=r"train\.jsonl.*chosen"):
        given([folder], "dpo", 1)


def _many(tmp_path: Path, count: int, groups: int, good: int) -> Path:
    rows = [
        {
            "prompt": [{"role": "user", "content": f"When {at % groups}?"}],
            "completion": _said("Then."),
            "label": at < good,
        }
        for at in range(count)
    ]
    return _folder(tmp_path / "many", "kto", rows)


@pytest.mark.parametrize(
    ("count", "groups", "good", "why"),
    [
        (LEAST["kto"] - 1, GROUPS, 50, "there are 99 opinions, and at least 100"),
        (LEAST["kto"], GROUPS - 1, 50, "about 19 questions, and at least 20"),
        (LEAST["kto"], GROUPS, 95, "5 of 100 opinions are of the rarer kind"),
    ],
)
def test_too_little_is_refused_with_the_reason(
    tmp_path: Path, count: int, groups: int, good: int, why: str
) -> None:
    found = given([_many(tmp_path, count, groups, good)], "kto", 1)
    with pytest.raises(UserError, match=why):
        check(found, "kto", "write")


def test_enough_is_enough(tmp_path: Path) -> None:
    check(given([_many(tmp_path, LEAST["kto"], GROUPS, 90)], "kto", 1), "kto", "write")


@pytest.mark.parametrize(("good", "bad"), [(90, 10), (10, 90), (50, 50), (55, 45), (60, 40)])
def test_good_opinions_count_as_much_as_bad_ones_or_a_little_more(good: int, bad: int) -> None:
    desirable, undesirable = weights(good, bad)
    assert 1 <= good * desirable / (bad * undesirable) <= 4 / 3
    assert min(desirable, undesirable) == 1
