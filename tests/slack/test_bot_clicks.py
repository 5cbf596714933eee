"""The whole bot in a workspace: what people ask, press and send, with the real house behind it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fake_slack.house import build_calls, fact, write_library
from fake_slack.server import FakeSlack
from fake_slack.storm import SHORTCUT, wait_for
from fake_slack.world import Message

from agents.models.base import Cancel
from app.options import Settings
from app.settings import load
from ui.slack import modals
from ui.slack.bot import assemble, rounds
from ui.slack.socket_mode import socket_mode

FACTS = [fact(number, long=number == 3) for number in range(6)]


class InProcess:
    """The calls of a house without an engine, each at once."""

    def __init__(self, calls: Any) -> None:
        self.calls = calls
        self.hold = threading.Event()
        self.hold.set()
        self.cancels: dict[str, threading.Event] = {}

    def call(self, name: str, params: Any, job: str | None = None) -> "Ran":
        cancel = self.cancels.setdefault(job or name, threading.Event())
        if job is None:
            cancel.clear()
        return Ran(self, self.calls[name].run(dict(params), cancel), bool(job), cancel)

    def stop(self, job: str) -> bool:
        self.cancels.setdefault(job, threading.Event()).set()
        self.hold.set()
        return True

    def job(self, job: str) -> None:
        return None


class Ran(Iterator[Any]):
    """One call; a question waits for `hold` before its work begins."""

    job = "job"

    def __init__(self, house: InProcess, items: Any, waits: bool, cancel: Cancel) -> None:
        self.house, self.items, self.waits = house, items, waits
        self.result: Any = None

    def __next__(self) -> Any:
        if self.waits:
            self.house.hold.wait(20)
        try:
            return next(self.items)
        except StopIteration as stop:
            self.result = stop.value
            raise StopIteration from None


@dataclass
class Town:
    """A workspace with a bot in it."""

    slack: FakeSlack
    house: InProcess

    def mention(self, number: int, user: str = "U0ADA", thread: str = "") -> Message:
        return self.slack.say(user, "C0MILL", f"<@U0VOUCH> {FACTS[number].question}", thread)

    def reply(self, message: Message, until: Callable[[Message], Any]) -> Message:
        """Return the first reply in a message's thread for which `until` holds."""
        found: list[Message] = []

        def there() -> bool:
            mine = [m for m in self.slack.world.by_bot() if m.thread_ts == message.ts]
            found[:] = [m for m in mine if until(m)]
            return bool(found)

        wait_for(there, 20)
        return found[0]

    def answer(self, message: Message) -> Message:
        return self.reply(message, lambda m: "vouch_up" in str(m.blocks))

    def view(self) -> dict[str, Any]:
        wait_for(lambda: self.slack.world.views, 10)
        (view,) = self.slack.world.views.values()
        self.slack.world.views.clear()
        return view

    def whispered(self) -> str:
        wait_for(lambda: self.slack.world.ephemeral, 10)
        return self.slack.world.ephemeral.pop().seen()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One bot for all tests of this file."""
    folder = tmp_path_factory.mktemp("town")
    write_library(folder / "lib", FACTS)
    with FakeSlack(limits=0, retries=(0.0, 0.2, 0.4), ack_seconds=1.0) as slack:
        for user in ("ada", "bob"):
            slack.world.add_user(f"U0{user.upper()}", user)
        slack.world.add_channel("C0MILL", "mill")
        slack.world.add_channel("C0ELSE", "else", bot=False)
        environ = slack.environ | {"VOUCH_HOME": str(folder)}
        calls = build_calls(folder, environ, {})
        house = InProcess(calls.calls)
        list(house.call("add", {"paths": [str(folder / "lib")]}))
        with connected(load(environ=environ), house):
            yield Town(slack, house)
        calls.close()


@contextmanager
def connected(settings: Settings, house: InProcess) -> Iterator[None]:
    ending, told = threading.Event(), []
    bot = assemble(settings, house, ending)

    def serve() -> None:
        with rounds(bot):
            socket_mode(bot, settings, told.append)

    thread = threading.Thread(target=serve)
    thread.start()
    wait_for(lambda: told, 20)
    yield
    house.hold.set()
    ending.set()
    thread.join(10)


@pytest.fixture
def town(running: Town) -> Iterator[Town]:
    """The workspace, with nothing said in it yet."""
    yield running
    running.house.hold.set()
    world = running.slack.world
    wait_for(lambda: "vouch_stop" not in str([m.blocks for m in world.by_bot()]), 20)
    for things in (world.messages, world.views, world.ephemeral, running.slack.deliveries):
        things.clear()


def test_a_mention_is_answered_in_its_thread_with_sources(town: Town) -> None:
    answered = town.answer(town.mention(0))
    assert FACTS[0].code in answered.seen() and "✓" in answered.seen()
    assert "[1]" in answered.seen() and str(town.slack.base) not in answered.seen()


def test_quotes_open_in_a_window(town: Town) -> None:
    answered = town.answer(town.mention(1))
    town.slack.click("U0BOB", answered, "vouch_quotes")
    assert FACTS[1].sentence in str(town.view()["blocks"])


def test_what_the_check_changed_opens_in_a_window(town: Town) -> None:
    answered = town.answer(town.mention(2))
    town.slack.click("U0BOB", answered, "vouch_changes")
    assert "draft" in str(town.view()["blocks"])


def marks(town: Town, answered: Message, user: str) -> dict[str, Any]:
    buttons = answered.blocks[-1]["elements"]
    run = buttons[-1]["value"]
    stream = town.house.call("feedback.of", {"runs": [run], "by": f"slack:T0VOUCH:{user}"})
    list(stream)
    found: dict[str, Any] = stream.result["marks"].get(run, {})
    return found


def test_a_thumb_up_is_kept_once_and_thanked(town: Town) -> None:
    answered = town.answer(town.mention(0))
    delivery = town.slack.click("U0BOB", answered, "vouch_up")
    assert "noted" in town.whispered()
    mark = marks(town, answered, "U0BOB")
    assert mark["mark"] == "up" and mark["face"] == "slack"
    town.slack.send("interactive", delivery.payload, "again")
    wait_for(lambda: town.slack.deliveries[-1].acked, 10)
    assert marks(town, answered, "U0BOB")["id"] == mark["id"]
    assert not town.slack.world.ephemeral and not marks(town, answered, "U0ADA")


def test_a_thumb_down_asks_for_reasons_and_keeps_them(town: Town) -> None:
    answered = town.answer(town.mention(0))
    town.slack.click("U0BOB", answered, "vouch_down")
    view = town.view()
    option = view["blocks"][0]["element"]["options"][0]
    values = {
        modals.TAGS: {modals.TAGS: {"type": "checkboxes", "selected_options": [option]}},
        modals.WORDS: {modals.WORDS: {"type": "plain_text_input", "value": "It is K1."}},
    }
    assert not marks(town, answered, "U0BOB")
    town.slack.submit("U0BOB", view, values)
    assert "noted" in town.whispered()
    mark = marks(town, answered, "U0BOB")
    assert (mark["mark"], mark["tags"]) == ("down", [option["value"]])
    assert mark["comment"] == "It is K1."


def test_only_the_one_who_asked_stops_the_work(town: Town) -> None:
    town.house.hold.clear()
    waiting = town.reply(town.mention(0), lambda m: "vouch_stop" in str(m.blocks))
    town.slack.click("U0BOB", waiting, "vouch_stop")
    assert "Only the one who asked" in town.whispered()
    town.slack.click("U0ADA", waiting, "vouch_stop")
    wait_for(lambda: "vouch_stop" not in str(waiting.blocks), 10)
    assert "Stopped" in waiting.seen() and FACTS[0].code not in waiting.seen()


def test_a_claim_of_somebody_is_checked_in_its_thread(town: Town) -> None:
    claim = town.slack.say("U0BOB", "C0MILL", FACTS[4].sentence)
    town.slack.shortcut("U0ADA", claim, SHORTCUT)
    checked = town.answer(claim)
    assert "✓" in checked.seen() and "supported" in checked.seen()


def test_a_command_where_the_bot_is_no_member_is_told_so(town: Town) -> None:
    town.slack.command("U0ADA", "C0ELSE", FACTS[0].question)
    assert "Invite me" in town.whispered()
    assert not town.slack.world.by_bot()


def test_events_are_acknowledged_while_every_answer_waits(town: Town) -> None:
    town.house.hold.clear()
    for number in range(12):
        town.mention(number % 6)
    wait_for(lambda: len(town.slack.world.by_bot()) == 12, 30)
    wait_for(lambda: all(delivery.acked for delivery in town.slack.deliveries), 30)
    assert not any("vouch_up" in str(m.blocks) for m in town.slack.world.by_bot())
    town.house.hold.set()
    done = lambda: all("vouch_up" in str(m.blocks) for m in town.slack.world.by_bot())  # noqa: E731
    wait_for(done, 30)
    assert len(town.slack.world.by_bot()) == 12


def test_questions_of_a_thread_are_answered_in_their_order(town: Town) -> None:
    town.house.hold.clear()
    first = town.mention(0)
    town.reply(first, lambda m: "vouch_stop" in str(m.blocks))
    town.mention(1, thread=first.ts)
    town.mention(2, thread=first.ts)
    wait_for(lambda: len(town.slack.world.by_bot()) == 3, 10)
    town.house.hold.set()
    wait_for(lambda: sum("vouch_up" in str(m.blocks) for m in town.slack.world.by_bot()) == 3, 20)
    found = town.house.call("conversations", {"face": "slack"})
    list(found)
    talk = found.result["conversations"][0]
    told = town.house.call("conversation", {"id": talk["id"]})
    list(told)
    turns = told.result["turns"]
    assert [turn["question"] for turn in turns] == [FACTS[n].question for n in range(3)]
    assert [turn["parent"] for turn in turns] == [None, turns[0]["id"], turns[1]["id"]]


def test_the_bot_takes_no_word_of_its_own_for_a_question(town: Town) -> None:
    answered = town.answer(town.mention(0))
    count = len(town.slack.world.by_bot())
    town.slack.say("U0VOUCH", "C0MILL", "<@U0VOUCH> and again?", answered.thread_ts, bot="B0VOUCH")
    wait_for(lambda: all(delivery.acked for delivery in town.slack.deliveries), 10)
    time.sleep(0.1)
    assert len(town.slack.world.by_bot()) == count + 1
