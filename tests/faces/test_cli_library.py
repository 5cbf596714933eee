"""The command line on the library: adding, removing, tags, collections, looking it over, export."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Vouch = Callable[..., Any]


def test_documents_are_added_to_a_collection_with_tags(vouch: Vouch, tmp_path: Path) -> None:
    flags = ["--collection", "mills", "--tag", "old", "--tag", "draft", "--reread"]
    ran = vouch("add", str(tmp_path), *flags)
    assert ran.status == 0
    params = {"paths": [str(tmp_path)], "collection": "mills", "tags": ["old", "draft"]}
    assert ran.house.calls == [("add", {**params, "reread": True})]


def test_a_path_that_no_disk_can_hold_is_one_sentence(vouch: Vouch) -> None:
    ran = vouch("add", "a" * 300)
    assert ran.status == 1 and ran.err.startswith("vouch: there is no ")
    assert "aaa (command line); check the path." in ran.err


def test_what_became_of_each_file_is_told_and_summed_up(vouch: Vouch, tmp_path: Path) -> None:
    ran = vouch("add", str(tmp_path), mood="synced")
    assert ran.status == 1
    (said,) = ran.out.splitlines()
    kinds = ("added", "changed", "moved", "removed", "duplicate", "unchanged", "failed")
    assert said == ", ".join(f"1 {kind}" for kind in kinds) + " in 1:01 min"
    lines = ran.err.splitlines()
    assert "moved /x/new.md (from /x/old.md)" in lines and "same.md" not in ran.err
    assert "changed /x/a.md: 2 passages" in lines and "failed /x/cut.pdf: it is cut short" in lines
    assert "duplicate /x/copy.md (the text of /x/a.md)" in lines
    assert "\x1b" not in ran.all and "\u202e" not in ran.all


def test_many_files_in_a_pipe_are_a_line_each_and_one_a_tenth(vouch: Vouch, tmp_path: Path) -> None:
    ran = vouch("add", str(tmp_path), mood="many")
    assert ran.out == "199 added, 1 failed\n" and ran.status == 1
    told = [line for line in ran.err.splitlines() if "/200 files" in line]
    assert 9 <= len(told) <= 11 and told[0].startswith("1/200")
    assert len(ran.err.splitlines()) >= 200


def test_many_files_on_a_terminal_are_a_bar_that_names_those_that_failed(
    terminal: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    status, told = terminal("add", str(tmp_path), mood="many")
    assert status == 1 and "199 added, 1 failed" in told
    assert "/x/007.md: the file is cut short" in told and "/x/008.md" not in told
    assert "━" in told and all(f"{done}/200 files" in told for done in (1, 99, 199))


def test_the_library_of_one_collection(vouch: Vouch) -> None:
    assert "1 document" in vouch("library", "--collection", "default").out
    told = json.loads(vouch("library", "--collection", "default", "--json").out)
    assert [item["collection"] for item in told["documents"]] == ["default"]
    missing = vouch("library", "--collection", "defalt")
    assert missing.status == 1 and "'default'" in missing.err and not missing.out


def test_the_library_says_how_it_is_searched_and_where_documents_are(vouch: Vouch) -> None:
    out = vouch("library").out
    for said in ("hnsw", "98.4%", "1.0 MB of vectors in memory", "3.0 MB on disk", "generation 4"):
        assert said in out
    assert "tiny, passages of at most 800 characters" in out and "mill (1)" in out
    assert "/library/rance.md (also /copies/rance.md)" in out
    assert "\x1b" not in out and "\u202e" not in out
    asleep = vouch("library", mood="asleep").out
    assert "first search" in asleep and "0.0 MB of vectors" not in asleep


def test_the_library_of_a_tag(vouch: Vouch) -> None:
    assert "1 document" in vouch("library", "--tag", "mill").out
    none = vouch("library", "--tag", "new")
    assert none.status == 1 and "'new'" in none.err


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
    ran = vouch("library", "search", "tide mill", "--collection", "mills", "--tag", "old")
    scope = {"collections": ["mills"], "tags": ["old"]}
    assert ran.house.calls == [("search", {"query": "tide mill", **scope})]
    assert "Rance" in ran.out and "page 3" in ran.out and "/library/rance.md" in ran.out
    assert "\x1b" not in ran.out
    assert json.loads(vouch("library", "search", "x", "--json").out)["hits"]
    assert vouch("library", "search", "nothing").out.strip()
    assert vouch("library", "search").status == 1


@pytest.mark.parametrize("command", [["remove"], ["library", "remove"]])
def test_a_source_is_removed_from_a_collection(vouch: Vouch, command: list[str]) -> None:
    ran = vouch(*command, "/library/rance.md", "--collection", "default")
    source = {"source": "/library/rance.md", "collection": "default"}
    assert ran.status == 0 and ran.house.calls[-1] == ("remove", source)
    assert vouch(*command).status in (1, 2)


def test_a_copy_and_a_whole_folder_are_removed_by_name(vouch: Vouch) -> None:
    copy = vouch("remove", "/copies/rance.md")
    assert copy.house.calls[-1] == ("remove", {"source": "/copies/rance.md"})
    folder = vouch("remove", "/library/")
    assert folder.house.calls[-1] == ("remove", {"source": "/library/"})
    assert "2 sources" in folder.out


def test_a_source_may_be_named_from_where_one_stands(
    vouch: Vouch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getcwd", lambda: "/library")
    assert vouch("remove", "rance.md").house.calls[-1][1]["source"] == "/library/rance.md"


@pytest.mark.parametrize("wanted", ["/libary/rance.md", "ranc.md", "/nowhere/rance.md"])
def test_an_unknown_source_names_the_nearest_and_no_others(
    vouch: Vouch, fake: ModuleType, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    held = [{"source": f"/notes/{n}.txt", "collection": "default"} for n in range(300)]
    held.append({"source": "/library/rance.md", "collection": "default"})
    monkeypatch.setattr(fake.FakeHouse, "_library", lambda *_: ([], {"documents": held}))
    for command in (["remove"], ["library", "remove"]):
        ran = vouch(*command, wanted)
        assert ran.status == 1 and "did you mean '/library/rance.md'?" in ran.err
        assert "/notes/" not in ran.err and ran.house.calls[-1][0] == "library"
    far = vouch("remove", "zzzz")
    assert far.status == 1 and "did you mean" not in far.err


def test_tags_are_given_and_taken(vouch: Vouch) -> None:
    ran = vouch("tag", "/library", "--add", "old", "--add", "mill", "--drop", "new")
    tags = {"add": ["old", "mill"], "drop": ["new"]}
    assert ran.status == 0 and ran.house.calls[-1] == ("tag", {"source": "/library", **tags})
    assert ran.out == "2 sources: +old +mill -new\n"
    none = vouch("tag", "/library")
    assert none.status == 1 and "--add" in none.err


def test_a_sound_library_is_one_line(vouch: Vouch) -> None:
    ran = vouch("library", "verify")
    assert ran.status == 0 and ran.out.count("\n") == 1 and "agree" in ran.out
    assert json.loads(vouch("library", "verify", "--json").out) == {"sound": True, "faults": []}


def test_what_is_wrong_is_a_line_each_and_its_cure(vouch: Vouch) -> None:
    ran = vouch("library", "verify", mood="unsound")
    assert ran.status == 1 and len(ran.out.splitlines()) == 2
    assert "(default): vectors: a vector is damaged" in ran.out
    assert "search files: a file is cut short" in ran.out
    assert "vouch library repair" in ran.err.splitlines()[-1]
    assert "\x1b" not in ran.all and "\u202e" not in ran.all
    told = json.loads(vouch("library", "verify", "--json", mood="unsound").out)
    assert not told["sound"] and [f["part"] for f in told["faults"]] == ["vectors", "search files"]


def test_repair_and_reindex_say_what_they_did(vouch: Vouch) -> None:
    assert vouch("library", "repair").out == "nothing to repair\n"
    lost = vouch("library", "repair", mood="lost")
    assert lost.status == 1 and lost.out == "1 failed\n" and "damaged" in lost.err
    ran = vouch("library", "reindex")
    assert (ran.status, ran.out) == (0, "1 changed\n")


def test_an_export_is_a_document_a_line(vouch: Vouch, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    ran = vouch("library", "export", str(path), "--collection", "mills")
    assert ran.status == 0 and ran.house.calls == [("library.export", {"collection": "mills"})]
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [item["document"] for item in told] == ["d0", "d1", "d2"]
    assert told[0]["text"] == "tide \u202e0 潮" and "3 documents" in ran.err
    assert list(tmp_path.iterdir()) == [path]
    piped = vouch("library", "export", "-").out
    assert "\u202e" not in piped and [json.loads(line) for line in piped.splitlines()] == told


def test_an_export_writes_over_nothing_unless_told_to(vouch: Vouch, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("mine")
    refused = vouch("library", "export", str(path))
    assert refused.status == 1 and "--force" in refused.err and not refused.house.calls
    assert path.read_text() == "mine"
    assert vouch("library", "export", str(path), "--force").status == 0
    assert len(path.read_text("utf-8").splitlines()) == 3


def full(*_: Any) -> None:
    raise OSError(28, "No space left on device")


def test_an_export_whose_reader_goes_away_is_stopped(
    vouch: Vouch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.terminal.Screen.piece", lambda *_: _gone())
    ran = vouch("library", "export", "-")
    assert ran.status == 0 and ran.house.stopped and not ran.all


def _gone() -> None:
    raise BrokenPipeError


def test_an_export_that_breaks_leaves_nothing(
    vouch: Vouch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("mine")
    broken = vouch("library", "export", str(path), "--force", mood="broken")
    assert broken.status == 1 and "disk" in broken.err
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]
    monkeypatch.setattr(os, "fsync", full)
    late = vouch("library", "export", str(path), "--force")
    assert late.status == 1 and "No space left" in late.err
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]
    nowhere = vouch("library", "export", str(tmp_path / "no" / "all.jsonl"))
    assert nowhere.status == 1 and "all.jsonl" in nowhere.err and nowhere.err.count("\n") == 1
    assert vouch("library", "export").status == 1
