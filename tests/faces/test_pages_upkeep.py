"""The library page on tags, folders and upkeep: what is shown, what is called, what comes of it."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui.chat.library_parts import details, facts, folders, pace
from ui.tally import Tally
from ui.uploads import uploads
from ui.words import speaker

Page = Callable[..., AppTest]


def _script(house: object, home: str, language: str) -> None:
    from pathlib import Path

    from ui.chat.context import Context
    from ui.chat.library_page import show
    from ui.words import speaker

    show(Context(house, speaker(language), language, Path(home), "s1"))


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """Draw the page for a house: page(house, language="zh")."""

    def draw(house: Any, language: str = "en") -> AppTest:
        made = AppTest.from_function(_script, args=(house, str(tmp_path), language))
        return made.run(timeout=30)

    return draw


@pytest.fixture
def house(pages: ModuleType) -> Any:
    """A house with a folder of three documents, one of them twice on the disk, and one more."""
    made = pages.PagesHouse()
    names = (("/docs/a.md", "A"), ("/docs/in/b.md", "B"), ("/docs/in/c.md", pages.NASTY))
    made.documents = [pages.document(source, title) for source, title in names]
    made.documents.append(pages.document("/docs/a.md", "A of work", "work"))
    made.documents[0] |= {"also": ["/copies/a.md"], "tags": ["draft"]}
    made.documents[1]["tags"] = ["old", "draft"]
    return made


def _html(page: AppTest) -> str:
    return "\n".join(element.value for element in page.get("html"))


def _words(page: AppTest) -> str:
    kinds = ("markdown", "caption", "success", "warning", "info", "error")
    return _html(page) + "\n".join(str(e.value) for kind in kinds for e in page.get(kind))


def _tick(page: AppTest, *rows: int) -> AppTest:
    key = page.dataframe[0].key
    page.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return page.run()


def test_tags_are_shown_and_filtered_by(page: Page, house: Any) -> None:
    drawn = page(house)
    assert list(drawn.dataframe[0].value["tags"]) == ["draft", "old, draft", "", ""]
    drawn.selectbox(key="library.filter_tag").set_value("old").run()
    assert list(drawn.dataframe[0].value["title"]) == ["B"]


def test_without_tags_there_is_nothing_about_them(page: Page, house: Any) -> None:
    for document in house.documents:
        document["tags"] = []
    drawn = page(house)
    assert "tags" not in drawn.dataframe[0].value
    keys = {box.key for box in drawn.selectbox}
    assert "library.filter_collection" in keys and "library.filter_tag" not in keys


def test_files_are_added_with_tags(page: Page, house: Any, tmp_path: Path) -> None:
    drawn = page(house)
    drawn.text_area(key="library.paths.0").set_value(str(tmp_path))
    tags = drawn.multiselect(key="library.tags.0")
    assert tags.options == ["draft", "old"]
    tags.set_value(["old"])
    drawn.button(key="library.add").click().run()
    (added,) = house.told("add")
    assert added == {"paths": [str(tmp_path)], "collection": "default", "tags": ["old"]}


def test_ticked_documents_are_given_tags_in_every_place(page: Page, house: Any) -> None:
    drawn = _tick(page(house), 0, 1)
    drawn.multiselect(key="library.tag_add").set_value(["old"])
    drawn.multiselect(key="library.tag_drop").set_value(["draft"])
    drawn.run()
    drawn.button(key="library.tag_do").click().run()
    places = {call["source"] for call in house.told("tag")}
    assert places == {"/docs/a.md", "/copies/a.md", "/docs/in/b.md"}
    assert all(call["add"] == ["old"] and call["drop"] == ["draft"] for call in house.told("tag"))
    assert [document["tags"] for document in house.documents] == [["old"], ["old"], [], []]
    assert drawn.success


def test_a_document_is_removed_with_its_copies(page: Page, house: Any) -> None:
    drawn = _tick(page(house), 0)
    drawn.button(key="library.remove").click().run()
    drawn.button(key="library.go").click().run()
    assert "A" not in [document["title"] for document in house.documents]
    assert len(house.documents) == 3 and drawn.success


def test_a_whole_folder_is_removed_after_a_question(page: Page, house: Any) -> None:
    drawn = page(house)
    box = drawn.selectbox(key="library.folder")
    assert box.options == ["/docs (3)", "/docs/in (2)"]
    assert drawn.button(key="library.folder_remove").disabled
    box.select_index(1).run()
    drawn.button(key="library.folder_remove").click().run()
    assert not house.told("remove") and "/docs/in" in _words(drawn)
    assert "<script>" not in _words(drawn).replace("\\", "")
    drawn.button(key="library.keep").click().run()
    assert not house.told("remove")
    drawn.button(key="library.folder_remove").click().run()
    drawn.button(key="library.go").click().run()
    assert house.told("remove") == [{"source": "/docs/in", "collection": "default"}]
    assert len(house.documents) == 2


def test_a_folder_of_uploads_goes_with_its_copies(
    page: Page, house: Any, pages: ModuleType, tmp_path: Path
) -> None:
    uploads(tmp_path).mkdir()
    copies = [uploads(tmp_path) / name for name in ("a.md", "b.md")]
    for copy in copies:
        copy.write_text("text")
    house.documents = [pages.document(str(copy), copy.stem) for copy in copies]
    drawn = page(house)
    drawn.selectbox(key="library.folder").select_index(0).run()
    drawn.button(key="library.folder_remove").click().run()
    drawn.button(key="library.go").click().run()
    assert not house.documents and not any(copy.exists() for copy in copies)


def test_folders_that_hold_all_of_another_are_left_out(pages: ModuleType) -> None:
    names = ("/home/me/x/1/a.md", "/home/me/x/1/b.md", "/home/me/x/2/c.md", "https://x.org/a/b")
    made = [pages.document(name, name) for name in names]
    assert [(f.path, f.documents) for f in folders(made)] == [
        ("/home/me/x", 3),
        ("/home/me/x/1", 2),
    ]
    assert folders(made[:1]) == []


def test_a_search_is_kept_to_tags_and_collections(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.multiselect(key="library.search_tags").set_value(["old"])
    drawn.multiselect(key="library.search_collections").set_value(["work"])
    drawn.text_input(key="library.query").set_value("mill").run()
    scope = {"tags": ["old"], "collections": ["work"]}
    assert house.told("search")[-1] == {"query": "mill", "k": 10, **scope}
    drawn.multiselect(key="library.search_tags").set_value([]).run()
    assert "tags" not in house.told("search")[-1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sound_library_is_said_to_be(page: Page, house: Any, language: str) -> None:
    drawn = page(house, language)
    drawn.button(key="library.verify").click().run()
    assert len(house.told("library.verify")) == 1
    assert speaker(language)("library.told_sound") in [one.value for one in drawn.success]


def test_what_is_wrong_is_named_and_repaired(page: Page, house: Any, pages: ModuleType) -> None:
    bad = {"part": "vectors", "what": "a vector is damaged", "source": pages.NASTY}
    torn = {"part": "search files", "what": "a file is cut short", "source": "", "collection": ""}
    house.wrong = [{**bad, "collection": "default"}, torn]
    drawn = page(house)
    drawn.button(key="library.verify").click().run()
    assert "2 things are wrong" in _words(drawn) and "a file is cut short" in _html(drawn)
    assert "<script>" not in _html(drawn) and "<img" not in _html(drawn)
    drawn.button(key="library.repair").click().run()
    assert len(house.told("library.repair")) == 1 and not house.wrong
    assert "a file is cut short" not in _html(drawn) and drawn.success


def test_a_folder_brought_up_to_date_is_told_by_kind(page: Page, house: Any) -> None:
    from ui.chat.library_work import Work

    items = [
        {"kind": "changed", "path": "/docs/a.md", "passages": 2, "done": 1, "total": 3},
        {"kind": "moved", "path": "/docs/new.md", "before": "/docs/old.md", "done": 2, "total": 3},
        {"kind": "unchanged", "path": "/docs/in/b.md", "done": 3, "total": 3},
        {"kind": "removed", "path": "/docs/gone.md", "done": 3, "total": 3},
    ]
    house.jobs["j7"] = (items, {"failed": 0})
    drawn = page(house)
    drawn.session_state["library.work"] = Work("j7", "add", {"paths": ["/docs"]})
    drawn.run()
    said = _words(drawn)
    assert "1 changed · 1 moved · 1 removed · 1 unchanged" in said
    assert "moved from /docs/old.md" in said and "/docs/gone.md" in said


def test_of_many_files_some_are_named_and_those_that_failed_first(page: Page, house: Any) -> None:
    from ui.chat.library_work import Work

    file = {"kind": "added", "passages": 1, "total": 40}
    items = [{**file, "path": f"/docs/{n}.md", "done": n + 1} for n in range(40)]
    items[30] |= {"kind": "failed", "why": "it is cut short"}
    house.jobs["j7"] = (items, {"failed": 1})
    drawn = page(house)
    drawn.session_state["library.work"] = Work("j7", "add", {"paths": ["/docs"]})
    drawn.run()
    report = next(one.value for one in drawn.get("html") if "vt-files" in one.value)
    assert report.count("<li>") == 8 and report.index("cut short") < report.index("/docs/0.md")
    assert any("32" in one.label for one in drawn.expander)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_how_the_library_is_searched_is_said(language: str) -> None:
    say = speaker(language)
    state = {
        "documents": [], "passages": 9, "generation": 4, "bytes": 2**20, "memory": 3 * 2**20,
        "index": "hnsw", "recall": 0.984, "embedder": "tiny", "splitter": "900 characters",
    }  # fmt: skip
    told = " · ".join(facts(state, say) + details(state, say))
    for said in ("hnsw", "98.4%", "900", "3.0 MB", "1.0 MB", "tiny", "4"):
        assert said in told
    asleep = {**state, "index": "not open", "recall": None, "memory": 0}
    told = " · ".join(facts(asleep, say) + details(asleep, say))
    assert say("library.asleep") in told and "not open" not in told and "0.0 MB" not in told
    assert say("library.no_index") in facts({**state, "generation": 0}, say)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pace_of_adding_is_said(language: str) -> None:
    say, now = speaker(language), [0.0]
    tally = Tally(lambda: now[0])
    assert pace(tally, say) == ""
    for done in range(1, 5):
        tally.see({"kind": "added", "passages": 300, "done": done, "total": 1200})
        now[0] += 2.0
    told = pace(tally, say)
    assert say("library.rate_files_slow", rate="30.0") in told
    assert say("library.rate_passages", rate="150") in told
    assert say("library.left", time="39:52") in told and "1,200" in told
    tally.see({"kind": "added", "done": 1200, "total": 1200})
    assert pace(tally, say) == say("library.indexing")
