"""What a person does with answers and conversations on the page, on a house in memory."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui.chat import documents, reading
from ui.chat.tree import Talk, Turn
from ui.words import speaker

Page = Callable[..., AppTest]
SAY = speaker("en")


def _script(house: object, home: str) -> None:
    from pathlib import Path

    from ui.chat.shell import show

    show(lambda: house, Path(home), "auto")  # type: ignore[arg-type,return-value]


@pytest.fixture
def house(chat: ModuleType) -> Any:
    """A house with documents in two collections."""
    made = chat.ChatHouse()
    for name, collection in (("Tides", "sea"), ("Mills", "sea"), ("Rance", "rivers")):
        document = {"source": f"/{name}.md", "title": name, "collection": collection}
        made.documents.append(document)
    return made


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """Draw the whole page for a house: page(house, c="c1")."""
    reading._shown.clear()
    documents._documents.clear()
    documents._reach.clear()

    def draw(house: Any, c: str = "", lang: str = "en") -> AppTest:
        made = AppTest.from_function(_script, args=(house, str(tmp_path)))
        made.query_params["lang"] = lang
        if c:
            made.query_params["c"] = c
        return made.run(timeout=30)

    return draw


def _ask(page: AppTest, question: str) -> AppTest:
    page.chat_input(key="ask").set_value(question).run(timeout=30)
    return _settle(page)


def _settle(page: AppTest) -> AppTest:
    for _ in range(6):
        if not any((button.key or "").startswith("stop-") for button in page.button):
            return page
        page.run(timeout=30)
    raise AssertionError("the question never ended")


def _told(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(html.body for html in page.get("html"))


def _button(page: AppTest, key: str) -> Any:
    return next(b for b in reversed(list(page.button)) if (b.key or "").startswith(key))


def _press(page: AppTest, key: str) -> AppTest:
    return _button(page, key).click().run(timeout=30)


def _form(page: AppTest, label: str) -> AppTest:
    """Press the button of an open form."""
    return next(b for b in page.button if b.label == SAY(label)).click().run(timeout=30)


def test_a_thumb_is_kept_at_once_and_its_reasons_when_sent(page: Page, house: Any) -> None:
    drawn = _press(_ask(page(house), "When did it open?"), "down-")
    (mark,) = house.told("feedback.add")
    assert mark["mark"] == "down" and mark["by"] == "local" and mark["run"].startswith("r-")
    drawn.pills[0].set_value(["wrong", "too long"])
    next(t for t in drawn.text_input if t.label == SAY("chat.comment")).set_value("It is 1967.")
    _form(drawn, "chat.send")
    first, second = house.told("feedback.add")
    assert second["tags"] == ["wrong", "too long"] and second["comment"] == "It is 1967."
    assert first["id"] != second["id"] and second["mark"] == "down"


def test_a_thumb_pressed_again_is_taken_back(page: Page, house: Any) -> None:
    drawn = _press(_ask(page(house), "When did it open?"), "up-")
    assert _button(drawn, "up-").label == SAY("chat.up_given")
    _press(drawn, "up-")
    assert [mark["mark"] for mark in house.told("feedback.add")] == ["up", "none"]


def test_an_edited_answer_is_kept_and_shown(page: Page, house: Any) -> None:
    drawn = _press(_ask(page(house), "When did it open?"), "edit-")
    (area,) = drawn.text_area
    assert "It opened in 1966" in area.value
    area.set_value("In November 1966, by <b>de Gaulle</b>.")
    _form(drawn, "chat.save")
    (mark,) = house.told("feedback.add")
    assert mark["mark"] == "edit" and mark["text"].startswith("In November 1966")
    assert "&lt;b&gt;de Gaulle" in _told(drawn)


def test_regenerating_makes_a_sibling_and_the_switch_goes_back(page: Page, house: Any) -> None:
    drawn = _ask(page(house), "When did it open?")
    _settle(_press(drawn, "regenerate-"))
    first, second = house.told("turn.new")
    assert (second["question"], second.get("parent")) == (first["question"], first.get("parent"))
    assert second["conversation"] == "c1"
    assert SAY("chat.of", number=2, count=2) in [caption.value for caption in drawn.caption]
    _press(drawn, "prev-")
    assert house.talks["c1"]["leaf"] == first["turn"]
    assert SAY("chat.of", number=1, count=2) in [caption.value for caption in drawn.caption]
    assert _button(drawn, "prev-").disabled


def test_a_question_is_edited_and_asked_again(page: Page, house: Any) -> None:
    drawn = _press(_ask(page(house), "When did it open?"), "rephrase-")
    drawn.text_area[0].set_value("Who opened it?")
    _settle(_form(drawn, "chat.ask_this"))
    assert house.told("turn.new")[1]["question"] == "Who opened it?"
    assert len(house.talks["c1"]["turns"]) == 2 and "Who opened it?" in _told(drawn)


def test_a_follow_up_follows_the_shown_path(page: Page, house: Any) -> None:
    drawn = _ask(_ask(page(house), "When did it open?"), "and then?")
    first, second = house.told("turn.new")
    assert second["parent"] == first["turn"] and second["conversation"] == "c1"
    assert "What did the Rance mill do then?" in _told(drawn)


def test_only_the_chosen_documents_are_asked(page: Page, house: Any) -> None:
    drawn = page(house)
    assert "reach" not in [group.key for group in drawn.get("button_group")]
    drawn.multiselect(key="collections").set_value(["sea"]).run(timeout=30)
    drawn.multiselect(key="sources").set_value(["/Rance.md"]).run(timeout=30)
    _ask(drawn, "When did it open?")
    (made,) = house.told("turn.new")
    assert made["collections"] == ["sea"] and made["sources"] == ["/Rance.md"]
    assert SAY("chat.only_from", names="sea, /Rance.md") in _told(drawn)


def test_where_to_look_is_chosen_where_the_web_is_open(page: Page, house: Any) -> None:
    house.web = True
    drawn = page(house)
    assert SAY("chat.promise_words") in _told(drawn) and SAY("chat.welcome_web") in _told(drawn)
    assert drawn.chat_input(key="ask").placeholder == SAY("chat.ask_box_web")
    assert SAY("chat.from_all_web") in [one.label for one in drawn.expander]
    drawn.multiselect(key="collections").set_value(["sea"]).run(timeout=30)
    assert drawn.chat_input(key="ask").placeholder == SAY("chat.ask_box")
    drawn.multiselect(key="collections").set_value([]).run(timeout=30)
    drawn.segmented_control(key="reach").set_value("web").run(timeout=30)
    _ask(drawn, "When did it open?")
    (made,) = house.told("turn.new")
    assert made["reach"] == "web" and not made.get("tags")
    assert SAY("chat.only_from", names=SAY("chat.where_web")) in _told(drawn)
    assert SAY("chat.from_web") in [one.label for one in drawn.expander]


@pytest.mark.parametrize("open", [False, True])
def test_where_a_model_is_elsewhere_nothing_is_promised_of_what_stays_here(
    page: Page, house: Any, open: bool
) -> None:
    house.web, house.away = open, True
    told = _told(page(house))
    assert SAY("chat.promise_quotes") in told
    assert SAY("chat.promise_words") not in told and SAY("chat.promise_local") not in told


def test_an_example_is_asked_on_a_click(page: Page, house: Any) -> None:
    drawn = page(house)
    assert "Tides" in drawn.button(key="example-1").label
    _settle(_press(drawn, "example-1"))
    assert "Tides" in house.told("turn.new")[0]["question"]


def test_an_empty_library_asks_for_documents(page: Page, house: Any) -> None:
    house.documents.clear()
    drawn = page(house)
    assert SAY("chat.welcome_empty")[:20] in _told(drawn) and len(drawn.file_uploader) == 2


def test_an_empty_library_is_no_hindrance_where_the_web_is_open(page: Page, house: Any) -> None:
    house.documents.clear()
    house.web = True
    told = _told(page(house))
    assert SAY("chat.welcome_web_empty") in told and SAY("chat.welcome_empty") not in told


def test_dropped_files_are_kept_and_added(page: Page, house: Any, tmp_path: Path) -> None:
    drawn = page(house)
    drawn.file_uploader[0].upload("../evil name.md", b"# Tides", "text/markdown").run(timeout=30)
    (path,) = house.told("add")[0]["paths"]
    assert Path(path).parent == tmp_path / "uploads" and Path(path).read_bytes() == b"# Tides"
    drawn.run(timeout=30)
    assert len(house.told("add")) == 1


def test_a_conversation_is_renamed_and_deleted(page: Page, house: Any) -> None:
    drawn = _ask(page(house), "When did it open?")
    drawn.text_input(key="title").set_value("The mill")
    _form(drawn, "chat.rename")
    assert house.talks["c1"]["title"] == "The mill"
    _press(drawn, "delete")
    _press(drawn, "delete-yes")
    assert not house.talks and SAY("chat.welcome_title") in _told(drawn)


def test_conversations_are_listed_and_opened(page: Page, house: Any) -> None:
    drawn = _ask(page(house), "When did it open?")
    _ask(_press(drawn, "new"), "Who built it?")
    assert len(house.talks) == 2
    _press(drawn, "talk-c1")
    assert "When did it open?" in _told(drawn)


def test_the_language_is_switched_and_stays_in_the_address(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.selectbox(key="language").set_value("zh").run(timeout=30)
    assert speaker("zh")("chat.welcome_title") in _told(drawn)
    assert drawn.query_params["lang"] in ("zh", ["zh"])


def test_a_path_through_the_tree_and_its_siblings() -> None:
    turns = tuple(
        Turn(id, parent, id, f"r-{id}", "answered", 0.0)
        for id, parent in (("a", None), ("b", "a"), ("c", "a"), ("d", "c"), ("e", None))
    )
    talk = Talk("c1", "t", "d", turns)
    assert [turn.id for turn in talk.path()] == ["a", "c", "d"]
    assert [turn.id for turn in talk.siblings(turns[1])] == ["b", "c"]
    assert talk.tip(turns[0]).id == "d" and talk.tip(turns[4]).id == "e"
    assert Talk("c1", "t", None, turns).path() == []
