"""The compare page: blind, on five points, with claims to mark; a vote is stored once."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from retrieval.errors import UserError
from ui.words import LANGUAGES

Page = Callable[..., AppTest]
SCALES = ("core", "coherence", "overall")


def _script(house: object, home: str, language: str) -> None:
    from pathlib import Path

    from ui.chat.compare_page import show
    from ui.chat.context import Context
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
    """A house with two pairs of runs."""
    made = pages.PagesHouse()
    made.runs = {
        "r1": pages.story("When?", f"In 1966 {pages.NASTY}.", "secret-model-a"),
        "r2": pages.story("When?", "In 1967 [1].", "secret-model-b"),
        "r3": pages.story("Why?", "Because [1].", "secret-model-a"),
        "r4": pages.story("Why?", "For the tide [1].", "secret-model-b"),
    }
    pairs = [("When?", "r2", "r1", "swapped"), ("Why?", "r3", "r4", "asked")]
    made.pairs = [
        {"prompt": prompt, "left": left, "right": right, "order": order}
        for prompt, left, right, order in pairs
    ]
    return made


def _all(page: AppTest) -> str:
    kinds = ("html", "markdown", "caption", "success", "info")
    return "\n".join(str(element.value) for kind in kinds for element in page.get(kind))


def _find(page: AppTest, kind: str, begin: str) -> list[Any]:
    return [one for one in page.get(kind) if str(one.key or "").startswith(begin)]


def _rate(page: AppTest, *points: int) -> AppTest:
    for name, point in zip(SCALES, points, strict=True):
        _find(page, "radio", f"compare.{name}.")[0].set_value(point)
    return page.run()


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_nothing_to_compare_says_how_there_would_be(
    page: Page, pages: ModuleType, language: str
) -> None:
    drawn = page(pages.PagesHouse(), language)
    assert not drawn.exception and "v-empty" in _all(drawn) and not drawn.radio


def test_two_answers_are_shown_without_their_models(page: Page, house: Any) -> None:
    drawn = page(house)
    shown = _all(drawn)
    assert "In 1966" in shown and "In 1967" in shown and "secret" not in shown
    assert "supported" not in shown.replace("the quotes do not support", "")
    assert "<script>" not in shown and "<img" not in shown


def test_a_vote_is_sent_as_it_was_given_and_the_next_pair_comes(page: Page, house: Any) -> None:
    drawn = page(house)
    _find(drawn, "checkbox", "compare.left.1.")[0].check()
    _rate(drawn, -1, 0, 2)
    _find(drawn, "button", "compare.submit.")[0].click().run()
    (vote,) = house.told("compare.add")
    assert (vote["left"], vote["right"], vote["order"]) == ("r2", "r1", "swapped")
    assert vote["unsupported"] == {"left": [1], "right": []} and vote["by"] == "local"
    assert [vote[name] for name in SCALES] == [-1, 0, 2]
    assert "For the tide" in _all(drawn) and "secret\\-model\\-b" in _all(drawn)
    assert all(radio.value is None for radio in drawn.radio)


def test_no_vote_without_the_three_answers(page: Page, house: Any) -> None:
    drawn = page(house)
    (submit,) = _find(drawn, "button", "compare.submit.")
    assert submit.disabled
    _find(drawn, "radio", "compare.core.")[0].set_value(0).run()
    assert _find(drawn, "button", "compare.submit.")[0].disabled


def test_a_second_click_while_the_first_is_on_its_way_stores_nothing_twice(
    page: Page, house: Any
) -> None:
    house.faults["compare.add"] = UserError("the engine is away", cure="try again")
    drawn = _rate(page(house), 1, 1, 1)
    _find(drawn, "button", "compare.submit.")[0].click().run()
    assert "ry again" in _all(drawn)
    del house.faults["compare.add"]
    _find(drawn, "button", "compare.submit.")[0].click().run()
    ids = {vote["id"] for vote in house.told("compare.add")}
    assert len(house.told("compare.add")) == 2 and len(ids) == 1 and len(house.compared) == 1


def test_number_keys_answer_the_questions_in_turn(page: Page, house: Any) -> None:
    drawn = page(house)
    for number in (1, 3, 5):
        _find(drawn, "button", f"compare.key.{number}.")[0].click().run()
    assert [_find(drawn, "radio", f"compare.{name}.")[0].value for name in SCALES] == [-2, 0, 2]
    _find(drawn, "button", "compare.key.4.")[0].click().run()
    assert _find(drawn, "radio", "compare.overall.")[0].value == 1
    keys = [one.proto.shortcut for one in _find(drawn, "button", "compare.key.")]
    assert keys == ["1", "2", "3", "4", "5"]


def test_a_pair_can_be_skipped(page: Page, house: Any) -> None:
    drawn = page(house)
    for shown in ("For the tide", "v-empty"):
        _find(drawn, "button", "compare.skip.")[0].click().run()
        assert shown in _all(drawn)
    assert not house.told("compare.add")


def test_drawing_again_keeps_the_pair_and_its_id(page: Page, house: Any) -> None:
    drawn = page(house)
    before = [radio.key for radio in drawn.radio]
    drawn.run().run()
    assert [radio.key for radio in drawn.radio] == before
    assert len(house.told("compare.next")) == 1


def test_a_fault_is_one_box(page: Page, house: Any) -> None:
    house.faults["compare.next"] = UserError("the store is locked", cure="wait a moment")
    drawn = page(house)
    assert not drawn.exception and "ait a moment" in _all(drawn)


def test_every_control_has_a_label(page: Page, house: Any) -> None:
    drawn = page(house)
    for kind in ("radio", "checkbox", "button"):
        controls = drawn.get(kind)
        assert controls and all(control.label.strip() for control in controls), kind
