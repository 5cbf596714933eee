"""The command line on collections: adding to one, listing, searching, making private."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Vouch = Callable[..., Any]


def test_documents_are_added_to_a_collection(vouch: Vouch, tmp_path: Path) -> None:
    ran = vouch("add", str(tmp_path), "--collection", "mills")
    assert ran.status == 0
    assert ran.house.calls == [("add", {"paths": [str(tmp_path)], "collection": "mills"})]


def test_the_library_of_one_collection(vouch: Vouch) -> None:
    assert "1 document" in vouch("library", "--collection", "default").out
    told = json.loads(vouch("library", "--collection", "default", "--json").out)
    assert [item["collection"] for item in told["documents"]] == ["default"]
    missing = vouch("library", "--collection", "mill")
    assert missing.status == 1 and "'mill'" in missing.err and not missing.out


def test_collections_are_listed_and_harmless(vouch: Vouch) -> None:
    ran = vouch("library", "collections")
    rows = ran.out.splitlines()
    assert len(rows) == 2 and "private" not in rows[0] and "private" in rows[1]
    assert "\x1b" not in ran.out and "\u202e" not in ran.out
    assert len(json.loads(vouch("library", "collections", "--json").out)["collections"]) == 2


@pytest.mark.parametrize(("word", "private"), [("private", True), ("public", False)])
def test_a_collection_is_made_private_and_public(vouch: Vouch, word: str, private: bool) -> None:
    ran = vouch("library", word, "mills")
    assert ran.status == 0 and "mills" in ran.out
    assert ran.house.calls == [("collection.set", {"name": "mills", "private": private})]
    assert vouch("library", word).status == 1


def test_a_search_prints_its_hits(vouch: Vouch) -> None:
    ran = vouch("library", "search", "tide mill", "--collection", "mills")
    assert ran.house.calls == [("search", {"query": "tide mill", "collections": ["mills"]})]
    assert "Rance" in ran.out and "page 3" in ran.out and "/library/rance.md" in ran.out
    assert "\x1b" not in ran.out
    assert json.loads(vouch("library", "search", "x", "--json").out)["hits"]
    assert vouch("library", "search", "nothing").out.strip()
    assert vouch("library", "search").status == 1


def test_a_source_is_removed_from_a_collection(vouch: Vouch) -> None:
    ran = vouch("library", "remove", "/library/rance.md", "--collection", "default")
    assert ran.house.calls[-1] == (
        "remove",
        {"source": "/library/rance.md", "collection": "default"},
    )
