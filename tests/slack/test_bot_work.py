"""One event, one reply: through crashes at every moment, lost answers, refusals and slowness."""

from collections.abc import Callable
from typing import Any

import pytest
from bot_fakes import (
    DRAFTED,
    Killed,
    MadeHouse,
    MadeSlack,
    Rows,
    carry_out,
    parts,
    refusal,
    request,
    story,
    through,
)

from agents.events import Answer, Answered, Asked, Event, Stopped
from ui.slack.asked import Request

LONG = "The mill turns when the tide falls, and the gate is shut by night. " * 400


def long_story(question: str, **asked: Any) -> list[Event]:
    return [Asked(question, **asked), Answered(Answer(LONG, "answered", "prose"))]


def keys_and_parts(slack: MadeSlack) -> list[tuple[str, int]]:
    payloads = [message["metadata"]["event_payload"] for message in slack.shown()]
    return [(payload["key"], payload["part"]) for payload in payloads]


def test_a_placeholder_stands_at_once_and_becomes_the_answer() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    item = bot.items.take(request())
    assert item is not None
    bot.work.greet(item)
    (waiting,) = bot.slack.shown()
    assert waiting["thread_ts"] == request().root and "vouch_stop" in str(waiting["blocks"])
    assert waiting["unfurl_links"] is False and waiting["unfurl_media"] is False
    bot.work.answer(item)
    (answered,) = bot.slack.shown()
    assert "It opened in 1966 [1]. ✓" in str(answered["blocks"])
    assert "vouch_stop" not in str(answered["blocks"])


def test_no_word_of_the_draft_is_posted() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    through(bot, request())
    assert DRAFTED not in str(bot.slack.calls)


def test_steps_are_shown_and_edits_are_rare() -> None:
    slow = parts(MadeHouse(Rows()), MadeSlack())
    through(slow, request())
    steps = [str(call["blocks"]) for call in slow.slack.named("chat.update")]
    assert any("Searched" in step for step in steps)
    quick = parts(MadeHouse(Rows()), MadeSlack())
    quick.talk._clock = lambda: 7.0
    through(quick, request())
    assert len(quick.slack.named("chat.update")) == 2


@pytest.mark.parametrize("asked", [request(), request(root=""), request(kind="check")])
@pytest.mark.parametrize("answer", [story, long_story])
def test_a_bot_killed_at_any_moment_leaves_one_reply(
    asked: Request, answer: Callable[..., list[Event]]
) -> None:
    """Kill it at the n-th moment of the work, for every n, and start another one on what stands."""
    whole = parts(MadeHouse(Rows(), answer=answer), MadeSlack())
    through(whole, asked)
    wanted = [(message["text"], message["blocks"]) for message in whole.slack.shown()]
    for moment in range(200):
        rows, slack = Rows(), MadeSlack()
        died = dies_at(moment, rows, slack, asked, answer)
        slack.step = lambda moment: None
        again = parts(MadeHouse(rows, answer=answer), slack)
        for item in again.items.open():
            carry_out(again, item)
        through(again, asked)
        stand = [(message["text"], message["blocks"]) for message in slack.shown()]
        assert stand == wanted, f"killed at moment {moment}"
        assert keys_and_parts(slack) == [(asked.key, n) for n in range(len(wanted))]
        assert len(rows.asked) == 1
        if not died:
            assert moment > 12
            return
    pytest.fail("the work has more moments than this test kills it at")


def dies_at(
    moment: int, rows: Rows, slack: MadeSlack, asked: Request, answer: Callable[..., list[Event]]
) -> bool:
    """Carry an event out and die at its n-th moment; False if it ended before."""
    left = moment

    def step(name: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed(name)

    slack.step = step
    try:
        through(parts(MadeHouse(rows, step, answer), slack), asked)
    except Killed:
        return True
    return False


FAULTS = [
    TimeoutError("timed out"),
    ConnectionResetError(104, "reset"),
    refusal("internal_error", 500),
    refusal("Received a response in a non-JSON format: <html>", 503),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault)[:12])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "conversations.replies"])
def test_what_is_left_in_doubt_is_looked_for(fault: Exception, when: str, method: str) -> None:
    bot = parts(MadeHouse(Rows(), answer=long_story), MadeSlack())
    failing = {f"{method} {when}": 2, f"chat.postMessage {when}": 1}

    def step(moment: str) -> None:
        if failing.get(moment, 0) > 0:
            failing[moment] -= 1
            raise fault

    bot.slack.step = step
    through(bot, request())
    asked = request().key
    assert keys_and_parts(bot.slack) == [(asked, n) for n in range(len(bot.slack.shown()))]
    assert len(bot.slack.shown()) > 1 and "Working" not in str(bot.slack.shown())
    assert not bot.slack.named("chat.delete")


def test_a_copy_that_was_posted_later_than_anybody_thought_is_taken_away() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    lost, blind = [TimeoutError("timed out")], [True]
    found = bot.slack._found

    def step(moment: str) -> None:
        if moment == "chat.postMessage after" and lost:
            raise lost.pop()

    bot.slack.step = step
    bot.slack._found = lambda args: iter(()) if blind and blind.pop() else found(args)  # type: ignore
    through(bot, request())
    assert len(bot.slack.named("chat.postMessage")) == 2
    (answered,) = bot.slack.shown()
    assert "1966" in answered["text"]


def test_a_message_of_another_app_is_no_reply_of_ours() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    item = bot.items.take(request())
    assert item is not None
    bot.work.greet(item)
    (placeholder,) = bot.slack.shown()
    placeholder |= {"user": "U0EVIL", "bot_id": "B0EVIL"}
    assert bot.talk.find(item.place, item.key) == []


def test_slowness_is_waited_out_and_nothing_is_posted_meanwhile() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    answers = [refusal("ratelimited", 429, Retry_After="7")] * 3

    def step(moment: str) -> None:
        if moment == "chat.postMessage before" and answers:
            raise answers.pop()

    bot.slack.step = step
    waits: list[float] = []
    rest = bot.talk.web.rest
    bot.talk.web.rest = lambda seconds: waits.append(seconds) or rest(seconds)  # type: ignore
    through(bot, request())
    assert len(bot.slack.shown()) == 1 and max(waits) > 3


def test_a_message_that_may_not_be_edited_is_replaced() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())

    def step(moment: str) -> None:
        if moment == "chat.update before":
            raise refusal("edit_window_closed")

    bot.slack.step = step
    through(bot, request())
    (answered,) = bot.slack.shown()
    assert "1966" in answered["text"]


def test_blocks_that_slack_does_not_take_become_plain_text() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())

    def step(moment: str) -> None:
        last = bot.slack.calls[-1:] and bot.slack.calls[-1][1]
        if moment == "chat.update after" and last["blocks"] and "1966" in str(last["blocks"]):
            raise refusal("invalid_blocks")

    bot.slack.step = step
    through(bot, request())
    (answered,) = bot.slack.shown()
    assert answered["blocks"] == [] and "1966" in answered["text"]


def test_a_run_that_was_cut_off_is_asked_once_more() -> None:
    rows = Rows()
    cut = lambda question, **asked: [Asked(question, **asked)]  # noqa: E731
    bot = parts(MadeHouse(rows, answer=cut), MadeSlack())
    through(bot, request())
    assert len(rows.asked) == 2 and "interrupted" in bot.slack.shown()[0]["text"]
    first, second = rows.turns.values()
    assert first["parent"] == second["parent"] and first["conversation"] == second["conversation"]


def test_a_thread_is_one_conversation_and_another_thread_is_not() -> None:
    rows = Rows()
    bot = parts(MadeHouse(rows), MadeSlack())
    through(bot, request(key="a"))
    through(bot, request(key="b"))
    through(bot, request(key="c", root="1700000009.000100"))
    through(bot, request(key="d", channel="C0OTHER"))
    first, second, third, fourth = rows.turns.values()
    assert second["conversation"] == first["conversation"] and second["parent"] == first["turn"]
    talks = {turn["conversation"] for turn in (first, third, fourth)}
    assert len(talks) == 3 and third["parent"] is None


def test_the_reply_to_a_command_is_the_root_of_its_conversation() -> None:
    rows = Rows()
    bot = parts(MadeHouse(rows), MadeSlack())
    through(bot, request(key="cmd", root=""))
    (reply,) = bot.slack.shown()
    assert "thread_ts" not in reply and "<@U0ADA> asked: When did" in str(reply["blocks"])
    through(bot, request(key="next", root=reply["ts"]))
    first, second = rows.turns.values()
    assert first["conversation"] == second["conversation"]


def test_a_stop_is_kept_and_heeded() -> None:
    stopped = lambda question, **asked: [Asked(question, **asked), Stopped("cancelled")]  # noqa: E731
    bot = parts(MadeHouse(Rows(), answer=stopped), MadeSlack())
    item = bot.items.take(request())
    assert item is not None
    bot.work.greet(item)
    bot.work.stop(item)
    assert bot.house.stopped and bot.items.open()[0].stopped
    again = parts(MadeHouse(bot.house.rows), bot.slack)
    for left in again.items.open():
        carry_out(again, left)
    assert not again.house.rows.runs and "Stopped" in bot.slack.shown()[0]["text"]


def test_a_stop_that_comes_too_late_undoes_no_answer() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    item = bot.items.take(request())
    assert item is not None
    carry_out(bot, item)
    bot.work.stop(item)
    assert not bot.items.open() and "1966" in bot.slack.shown()[0]["text"]


def test_what_stands_already_is_told_after_a_stop() -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())

    def step(moment: str) -> None:
        if moment == "show before":
            raise Killed(moment)

    item = bot.items.take(request())
    assert item is not None
    bot.work.greet(item)
    bot.house.step = step
    with pytest.raises(Killed):
        bot.work.answer(item)
    bot.work.stop(item)
    again = parts(MadeHouse(bot.house.rows), bot.slack)
    for left in again.items.open():
        carry_out(again, left)
    assert "1966" in bot.slack.shown()[0]["text"] and len(bot.house.rows.asked) == 1
