"""What people say to the bot is read as typed; what nobody says to it is left alone."""

from typing import Any

import pytest
from bot_fakes import ADA, BOT, CHANNEL, ROOT, TEAM

from ui.slack.asked import (
    Request,
    conversation_name,
    of_command,
    of_message,
    of_shortcut,
    payload,
    read_payload,
    turn_name,
)
from ui.slack.words import plain

RUN_NAME = r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}"


def event(**changes: Any) -> dict[str, Any]:
    said = {"type": "app_mention", "user": ADA, "channel": CHANNEL, "ts": ROOT}
    return {"team_id": TEAM, "event": {**said, "text": f"<@{BOT}> When?", **changes}}


def heard(**changes: Any) -> Request | None:
    return of_message(event(**changes), BOT)


def test_a_mention_and_its_message_are_one_event() -> None:
    mention = heard()
    message = heard(type="message", channel_type="channel", client_msg_id="x")
    assert mention == message and mention is not None
    assert mention.text == "When?" and mention.root == ROOT and not mention.direct


def test_a_reply_in_a_thread_stays_in_it() -> None:
    reply = heard(ts="1700000005.000200", thread_ts=ROOT)
    assert reply is not None and reply.root == ROOT and reply.key.endswith("1700000005.000200")
    first = heard()
    assert first is not None and first.key != reply.key
    assert conversation_name(first, first.root) == conversation_name(reply, reply.root)


def test_a_direct_message_needs_no_mention() -> None:
    direct = heard(type="message", channel="D0ADA", channel_type="im", text="When?")
    assert direct is not None and direct.direct and direct.text == "When?"


@pytest.mark.parametrize(
    "changes",
    [
        {"user": BOT},
        {"bot_id": "B0OTHER"},
        {"user": ""},
        {"user": "USLACKBOT"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"edited": {"user": ADA, "ts": ROOT}},
        {"hidden": True},
        {"type": "message", "channel_type": "channel", "text": "When?"},
        {"type": "message", "channel_type": "channel", "text": "When, <@U0VOUCHER>?"},
    ],
    ids=str,
)
def test_what_is_not_said_to_it_by_a_person_is_left_alone(changes: dict[str, Any]) -> None:
    assert heard(**changes) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_message_with_a_file_or_for_the_channel_too_is_a_message(subtype: str) -> None:
    assert heard(subtype=subtype) is not None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (f"<@{BOT}|vouch> When?", "When?"),
        ("is 1 &lt; 2 &amp;&amp; 2 &gt; 1?", "is 1 < 2 && 2 > 1?"),
        ("see <https://mill.test/a?b&amp;c|the page>", "see the page"),
        ("see <https://mill.test/a?b&amp;c>", "see https://mill.test/a?b&c"),
        ("ask <@U0BOB|bob> in <#C1|mill>", "ask @bob in #mill"),
        ("<!here> and <!date^1^{date}|today>", "@here and today"),
        ("one\u202e two", "one two"),
    ],
)
def test_markup_is_read_as_its_writer_saw_it(written: str, meant: str) -> None:
    assert plain(written, BOT) == meant


def test_a_command_and_a_shortcut_have_the_key_of_their_click() -> None:
    body = {"team_id": TEAM, "channel_id": CHANNEL, "user_id": ADA, "text": "When?"}
    first = of_command({**body, "trigger_id": "1"}, 17.0)
    assert first.key != of_command({**body, "trigger_id": "2"}, 17.0).key
    assert first.root == "" and first.kind == "ask" and first.since == 17.0
    message = {"ts": "1.2", "thread_ts": "1.1", "text": "It opened in 1966."}
    place = {"team": {"id": TEAM}, "channel": {"id": CHANNEL}, "user": {"id": ADA}}
    check = of_shortcut({**place, "trigger_id": "1", "message": message}, 17.0)
    assert check.kind == "check" and check.root == "1.1" and check.text == "It opened in 1966."
    assert first.outside is check.outside is None


def test_a_request_survives_the_disk() -> None:
    request = heard()
    assert request is not None and read_payload(payload(request)) == request


def test_names_of_turns_are_the_houses() -> None:
    import re

    names = [turn_name("T:C:1"), turn_name("T:C:1", 2), turn_name("T:C:2")]
    assert len(set(names)) == 3 and all(re.fullmatch(RUN_NAME, name) for name in names)
