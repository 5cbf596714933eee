"""Who works on events: each once however often it comes; faults are waited out."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Any

import pytest
from bot_fakes import MadeHouse, MadeSlack, Parts, Rows, parts, refusal, request

from ui.slack import crew as crew_module
from ui.slack.crew import Crew


@dataclass
class Works:
    """A bot's parts with a crew, and a clock that stands still."""

    bot: Parts
    crew: Crew
    now: float = 0.0

    def settle(self) -> None:
        """Wait until nobody works on anything."""
        for _ in range(500):
            if not self.crew._now and not self.crew._lanes:
                return
            time.sleep(0.01)
        raise AssertionError("the crew does not come to an end")

    def open(self) -> int:
        return len(self.bot.items.open())


@pytest.fixture
def works() -> Iterator[Works]:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    made = Works(bot, Crew(bot.work, bot.items, lambda: made.now))
    yield made
    made.crew.close()


def failing(error: Callable[[], Exception]) -> Callable[[str], None]:
    def step(moment: str) -> None:
        if moment == "chat.postMessage before":
            raise error()

    return step


def test_an_event_that_comes_again_is_one_reply(works: Works) -> None:
    for _ in range(3):
        works.crew.take(request())
    works.settle()
    works.crew.take(request())
    works.crew.resume()
    works.settle()
    assert len(works.bot.slack.shown()) == len(works.bot.house.rows.asked) == 1


def test_what_is_remembered_of_done_events_is_bounded(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "REMEMBERED", 3)
    for number in range(8):
        works.bot.talk.doubt(f"k{number}")
        works.crew.take(request(key=f"k{number}", root=f"17.{number}"))
        works.settle()
    assert len(works.crew._done) == 3 and not works.crew._tries
    assert not works.bot.talk._doubts, "what was doubted of them is forgotten too"
    works.crew.take(request(key="k0", root="17.0"))
    works.settle()
    assert len(works.bot.slack.shown()) == 8, "the house remembers all"


def test_a_token_that_is_refused_leaves_the_event_open(works: Works) -> None:
    works.bot.slack.step = failing(lambda: refusal("invalid_auth"))
    works.crew.take(request())
    works.settle()
    assert works.open() == 1 and not works.bot.slack.shown()
    works.bot.slack.step = lambda moment: None
    works.crew.resume()
    works.settle()
    assert works.open() == 1, "it is not tried again at once"
    works.now += crew_module.WAIT + 1
    works.crew.resume()
    works.settle()
    assert works.open() == 0 and len(works.bot.slack.shown()) == 1


def test_an_event_that_cannot_be_answered_holds_up_nobody_in_its_thread(works: Works) -> None:
    works.bot.slack.step = failing(lambda: refusal("is_archived"))
    works.crew.take(request(key="a"))
    works.settle()
    assert works.open() == 0
    works.bot.slack.step = lambda moment: None
    works.crew.take(request(key="b"))
    works.settle()
    assert len(works.bot.slack.shown()) == 1


def test_a_fault_of_ours_is_said_in_the_end(works: Works) -> None:
    def step(moment: str) -> None:
        if moment == "turn.new before":
            raise RuntimeError("a fault of ours")

    works.bot.house.step = step
    works.crew.take(request())
    for _ in range(crew_module.TRIES):
        works.settle()
        works.now += crew_module.LONGEST_WAIT
        works.crew.resume()
    works.settle()
    assert "unexpected" in works.bot.slack.shown()[0]["text"]


def test_work_that_ends_at_once_stops_nobody(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker may be done before the one who sent it goes on."""
    submit = works.crew._workers.submit

    def ended(*task: Any) -> Any:
        future = submit(*task)
        wait([future])
        return future

    monkeypatch.setattr(works.crew._workers, "submit", ended)
    take = threading.Thread(target=works.crew.take, args=[request()], daemon=True)
    take.start()
    take.join(10)
    assert not take.is_alive() and works.open() == 0
