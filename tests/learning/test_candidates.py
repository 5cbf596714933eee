"""What was learned is kept with its card; releases and rollbacks are never half written."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.learning.candidates import AS_SHIPPED, Candidates, Card, Change, before, entry
from retrieval.errors import UserError


def card(name: str, kind: str = "write", made: str = "2026-11-28") -> Card:
    return Card(name, kind, "base", made, 1, {"a.jsonl": {"rows": 3}}, {"steps": 2}, {"f1": 0.5})  # type: ignore[arg-type]


def released(name: str) -> Change:
    return Change(name, "release", "2026-11-28T10:00:00", {"f1": [0.1, 0.05, 0.2]})


def test_a_card_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.keep(card("b", made="2026-11-27"))
    kept.keep(card("a"))
    assert Candidates(tmp_path).all() == [card("b", made="2026-11-27"), card("a")]
    assert kept.find("a") == card("a")


def test_a_folder_without_a_card_is_no_candidate(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.folder("half").mkdir(parents=True)
    assert kept.all() == []
    with pytest.raises(UserError, match="no candidate 'half'"):
        kept.find("half")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", ".x", "x" * 65])
def test_a_name_stays_in_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no name"):
        Candidates(tmp_path).folder(name)


def test_the_newest_release_of_a_kind_is_in_use(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    for one in (card("a"), card("b"), card("r", "reward")):
        kept.keep(one)
    assert kept.released("write") is None
    kept.change("write", released("a"))
    kept.change("reward", released("r"))
    kept.change("write", released("b"))
    assert kept.released("write") == card("b")
    assert kept.released("reward") == card("r", "reward")
    kept.change("write", Change(AS_SHIPPED, "rollback", "2026-11-28T11:00:00"))
    assert kept.released("write") is None
    assert [change.name for change in kept.changes("write")] == ["a", "b", ""]


def test_a_candidate_is_released_as_what_it_is(tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.keep(card("r", "reward"))
    with pytest.raises(UserError, match="not of the kind"):
        kept.change("write", released("r"))
    with pytest.raises(UserError, match="no candidate"):
        kept.change("write", released("gone"))
    assert kept.changes("write") == ()


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"write": [{"name": "a"}]}'])
def test_a_spoilt_list_of_releases_is_said(spoilt: str, tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.folder("a").mkdir(parents=True)
    (kept.folder("a").parent / "released.json").write_text(spoilt)
    with pytest.raises(UserError, match="cannot be read"):
        kept.released("write")


@pytest.mark.parametrize("spoilt", ["", "{", "[]", json.dumps({"name": "a"})])
def test_a_spoilt_card_is_said(spoilt: str, tmp_path: Path) -> None:
    kept = Candidates(tmp_path)
    kept.folder("a").mkdir(parents=True)
    (kept.folder("a") / "card.json").write_text(spoilt)
    with pytest.raises(UserError, match="cannot be read"):
        kept.find("a")


@given(st.lists(st.sampled_from(["release", "rollback"]), max_size=12))
def test_rollbacks_take_back_releases_one_by_one(acts: list[str]) -> None:
    changes: list[Change] = []
    in_use = [AS_SHIPPED]
    for at, act in enumerate(acts):
        if act == "release":
            in_use.append(f"c{at}")
            changes.append(released(f"c{at}"))
        else:
            name = before(changes)
            changes.append(Change(name, "rollback", "2026-11-28T10:00:00"))
            if len(in_use) > 1:
                in_use.pop()
            assert name == in_use[-1]


def test_two_files_of_one_name_stand_on_a_card_apart() -> None:
    data = {"out/train.jsonl": {"sha256": "aa" * 32}}
    assert entry(data, "out/train.jsonl", "aa" * 32) == "out/train.jsonl"
    assert entry(data, "out/train.jsonl", "bb" * 32) == "out/train.jsonl (bbbbbbbb)"
    assert entry(data, "more/train.jsonl", "bb" * 32) == "more/train.jsonl"
