"""The library page: documents are listed, added, removed and searched; faults are one box."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from retrieval.errors import UserError
from ui.uploads import uploads

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
    """A house with three documents in two collections, one with a hostile title."""
    made = pages.PagesHouse()
    made.documents = [
        pages.document("/library/rance.md", "Rance"),
        pages.document("/library/nasty.md", pages.NASTY),
        pages.document("/secret/plan.md", "Plan", "work"),
    ]
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


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_library_says_how_to_fill_it(page: Page, pages: ModuleType, language: str) -> None:
    drawn = page(pages.PagesHouse(), language)
    assert not drawn.exception and not drawn.dataframe
    assert "v-empty" in _html(drawn) and drawn.file_uploader and drawn.text_area


def test_the_documents_are_listed_and_filtered(page: Page, house: Any) -> None:
    drawn = page(house)
    assert list(drawn.dataframe[0].value["source"]) == [d["source"] for d in house.documents]
    assert drawn.dataframe[0].value["type"][0] == "Markdown"
    drawn.text_input(key="library.filter").set_value("PLAN").run()
    assert list(drawn.dataframe[0].value["title"]) == ["Plan"]
    drawn.text_input(key="library.filter").set_value("nothing like it").run()
    assert not drawn.dataframe and drawn.info


def test_a_collection_can_be_shown_alone(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.selectbox(key="library.filter_collection").set_value("work").run()
    assert list(drawn.dataframe[0].value["collection"]) == ["work"]


def test_removing_asks_first_and_takes_only_what_was_ticked(
    page: Page, house: Any, pages: ModuleType
) -> None:
    drawn = _tick(page(house), 2)
    drawn.button(key="library.remove").click().run()
    assert not house.told("remove")
    drawn.button(key="library.go").click().run()
    assert house.told("remove") == [{"source": "/secret/plan.md", "collection": "work"}]
    assert {d["title"] for d in house.documents} == {"Rance", pages.NASTY} and drawn.success


def test_ticks_do_not_move_to_other_rows_when_the_filter_changes(page: Page, house: Any) -> None:
    drawn = _tick(page(house), 0)
    assert not drawn.button(key="library.remove").disabled
    drawn.text_input(key="library.filter").set_value("Plan").run()
    assert drawn.button(key="library.remove").disabled


def test_a_removed_upload_is_deleted_and_other_files_stay(
    page: Page, house: Any, pages: ModuleType, tmp_path: Path
) -> None:
    uploads(tmp_path).mkdir()
    copy, own = uploads(tmp_path) / "copy.md", tmp_path / "own.md"
    for path in (copy, own):
        path.write_text("text")
    house.documents = [pages.document(str(copy), "Copy"), pages.document(str(own), "Own")]
    drawn = _tick(page(house), 0, 1)
    drawn.button(key="library.remove").click().run()
    drawn.button(key="library.go").click().run()
    assert not house.documents and not copy.exists() and own.exists()


def test_files_are_uploaded_and_added_with_a_report(page: Page, house: Any, tmp_path: Path) -> None:
    drawn = page(house)
    files = [("../a.md", b"# A", "text/markdown"), ("cut.bad", b"x", "text/plain")]
    drawn.file_uploader[0].set_value(files)
    drawn.selectbox(key="library.collection.0").set_value("work")
    drawn.button(key="library.add").click().run()
    (added,) = house.told("add")
    assert added["collection"] == "work"
    assert [Path(path).parent for path in added["paths"]] == [uploads(tmp_path)] * 2
    assert "a.md" in _words(drawn) and "cut.bad" in _words(drawn)
    assert "<script>" not in _html(drawn) and "<img" not in _html(drawn)
    assert "library.work" not in drawn.session_state
    assert [path.name for path in uploads(tmp_path).iterdir()] == ["a.md"]
    drawn.run()
    assert len(house.told("add")) == 1
    drawn.button(key="library.dismiss").click().run()
    assert "cut.bad" not in _words(drawn)


def test_another_file_of_a_name_is_kept_beside_and_said(
    page: Page, house: Any, tmp_path: Path
) -> None:
    drawn = page(house)
    for text in (b"one", b"two"):
        drawn.file_uploader[0].set_value([("a.md", text, "text/markdown")])
        drawn.button(key="library.add").click().run()
    assert "a (2)" in _words(drawn).replace("\\", "")
    assert {path.name for path in uploads(tmp_path).iterdir()} == {"a.md", "a (2).md"}


def test_a_path_that_is_not_there_is_told_and_nothing_is_added(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.text_area(key="library.paths.0").set_value("/no/such/file")
    drawn.button(key="library.add").click().run()
    assert not house.told("add") and "v-fault" in _html(drawn)
    assert drawn.text_area(key="library.paths.0").value == "/no/such/file"


def test_adding_nothing_says_so(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.button(key="library.add").click().run()
    assert not house.told("add") and "v-fault" in _html(drawn)


def test_a_fault_while_adding_is_one_box_and_is_not_tried_again(
    page: Page, house: Any, tmp_path: Path
) -> None:
    house.faults["add"] = UserError("the disk is full", cure="free some space")
    drawn = page(house)
    drawn.text_area(key="library.paths.0").set_value(str(tmp_path))
    drawn.button(key="library.add").click().run()
    assert "The disk is full" in _html(drawn) and "ree some space" in _html(drawn)
    assert drawn.dataframe
    drawn.run()
    assert len(house.told("add")) == 1


def test_work_under_way_is_taken_up_again_and_never_begun_twice(
    page: Page, house: Any, tmp_path: Path
) -> None:
    from ui.chat.library_work import Work

    added = {"kind": "added", "path": "/library/late.md", "passages": 3, "done": 1, "total": 1}
    house.jobs["j7"] = ([added], {"failed": 0})
    drawn = page(house)
    drawn.session_state["library.work"] = Work("j7", "add", {"paths": ["/library/late.md"]})
    drawn.run()
    assert "late.md" in _words(drawn) and len(house.documents) == 3


def test_the_page_does_not_wait_for_work_that_goes_on(page: Page, house: Any) -> None:
    from ui.chat.library_work import Work

    items = [
        {"kind": "added", "path": f"/library/{name}.md", "passages": 3, "done": 1, "total": 2}
        for name in ("soon", "late")
    ]
    house.jobs["j7"], house.told_so_far["j7"] = (items, {"failed": 0}), 1
    drawn = page(house)
    drawn.session_state["library.work"] = Work("j7", "add", {"paths": ["/library"]})
    drawn.run()
    assert "soon.md" in _words(drawn) and "late.md" not in _words(drawn) and drawn.dataframe
    drawn.button(key="library.stop").click().run()
    assert house.stopped == ["j7"]
    del house.told_so_far["j7"]
    drawn.run()
    assert "late.md" in _words(drawn) and "library.work" not in drawn.session_state
    assert _words(drawn).count("soon.md") == 1


def test_work_that_the_engine_took_along_is_told_and_not_begun_again(
    page: Page, house: Any
) -> None:
    from ui.chat.library_work import Work

    house.jobs["j7"], house.told_so_far["j7"] = ([], {"failed": 0}), 0
    drawn = page(house)
    drawn.session_state["library.work"] = Work("j7", "add", {"paths": ["/library"]})
    drawn.run()
    del house.jobs["j7"]
    drawn.run()
    assert "v-fault" in _html(drawn) and not house.told("add")
    assert "library.work" not in drawn.session_state


def test_the_index_is_built_anew(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.button(key="library.reindex").click().run()
    assert len(house.told("reindex")) == 1 and drawn.success


def test_a_collection_becomes_private(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.toggle(key="library.private.work.False").set_value(True).run()
    assert house.told("collection.set") == [{"name": "work", "private": True}]
    assert drawn.toggle(key="library.private.work.True").value


def test_a_search_marks_its_words_and_nothing_else(
    page: Page, house: Any, pages: ModuleType
) -> None:
    hit = {"source": "/library/rance.md", "title": pages.NASTY, "start": 0, "end": 9, "page": 3}
    text = f"{pages.NASTY} The tide mill {pages.NASTY}"
    house.hits = [{**hit, "text": text, "score": 0.5, "found_by": ["dense"], "cosine": 0.71}]
    drawn = page(house)
    drawn.text_input(key="library.query").set_value("mill of the tide").run()
    shown = _html(drawn)
    assert "<mark>mill</mark>" in shown and "<mark>The" not in shown and "0.71" in shown
    assert "<script>" not in shown and "<img" not in shown


def test_a_search_that_finds_nothing_says_so(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.text_input(key="library.query").set_value("zebra").run()
    assert "v-empty" in _html(drawn)


@pytest.mark.parametrize("call", ["library", "collections", "search"])
def test_a_fault_is_a_box_with_its_cure_and_never_a_traceback(
    page: Page, house: Any, call: str
) -> None:
    house.faults[call] = UserError("the engine <b>is away</b>", cure="start it: vouch chat")
    drawn = page(house)
    if call == "search":
        drawn.text_input(key="library.query").set_value("mill").run()
    assert not drawn.exception and "tart it: vouch chat" in _html(drawn)
    assert "<b>is away" not in _html(drawn)


def test_every_control_has_a_label(page: Page, house: Any) -> None:
    drawn = page(house)
    for kind in ("text_input", "text_area", "selectbox", "button", "toggle", "file_uploader"):
        controls = drawn.get(kind)
        assert controls and all(control.label.strip() for control in controls), kind
