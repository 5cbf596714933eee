"""HTTP mode on a loopback port: nothing that Slack did not sign just now causes any work."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from bot_fakes import MadeHouse, Rows
from fake_slack.server import FakeSlack
from fake_slack.world import Message

from app.options import Settings
from app.settings import load
from ui.slack.bot import assemble, rounds
from ui.slack.http_mode import LARGEST, http_mode

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class Door:
    """A bot in HTTP mode, and the house behind it."""

    url: str
    house: MadeHouse
    slack: FakeSlack

    def post(self, body: bytes, **headers: str) -> int:
        """Post a body and return the status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url, body, named, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def signed(self, body: bytes, secret: str = SECRET, age: float = 0.0, **headers: str) -> int:
        moment = str(int(time.time() - age))
        told = {"X_Slack_Request_Timestamp": moment, "Content_Type": "application/json"}
        told["X_Slack_Signature"] = sign(body, moment, secret)
        return self.post(body, **(told | headers))

    def settled(self, count: int) -> None:
        """Wait until so many events have their replies."""
        for _ in range(500):
            states = [letter["state"] for letter in self.house.rows.inbox.values()]
            if states.count("done") >= count:
                return
            time.sleep(0.01)
        pytest.fail(f"the inbox is {self.house.rows.inbox}")


def sign(body: bytes, moment: str, secret: str = SECRET) -> str:
    told = f"v0:{moment}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


@pytest.fixture
def door(slack: FakeSlack) -> Iterator[Door]:
    values = {"slack.mode": "http", "slack.port": "0", "slack.signing_secret": SECRET}
    tokens = {"slack.bot_token": "xoxb-1-fake", "slack.api_url": slack.api_url}
    settings: Settings = load(overrides=values | tokens)
    house = MadeHouse(Rows())
    ending, told = threading.Event(), []
    bot = assemble(settings, house, ending)

    def serve() -> None:
        with rounds(bot):
            http_mode(bot, settings, told.append)

    thread = threading.Thread(target=serve)
    thread.start()
    while not told:
        time.sleep(0.01)
    yield Door(told[0].split()[2], house, slack)
    ending.set()
    thread.join(10)
    assert not thread.is_alive()


def mention(slack: FakeSlack, text: str = "When?") -> bytes:
    message = Message("C0MILL", slack.world.ts(), "U0ADA", f"<@U0VOUCH> {text}")
    slack.world.post(message)
    said = {"type": "app_mention", "user": "U0ADA", "channel": "C0MILL", "ts": message.ts}
    event = {**said, "text": message.text}
    body = {"type": "event_callback", "team_id": "T0VOUCH", "event_id": "Ev1", "event": event}
    return json.dumps(body).encode()


def test_a_signed_event_is_answered_once_however_often_it_comes(door: Door) -> None:
    body = mention(door.slack)
    assert [door.signed(body) for _ in range(3)] == [200, 200, 200]
    assert door.signed(body, X_Slack_Retry_Num="1") == 200
    door.settled(1)
    (reply,) = door.slack.world.by_bot()
    assert "1966" in reply.seen() and len(door.house.rows.asked) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Slack_Signature": "v0=" + "0" * 64},
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0=\u00e9"},
        {"X_Slack_Request_Timestamp": "soon"},
        {"X_Slack_Request_Timestamp": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("secret", ["another secret", SECRET])
def test_a_forged_request_is_refused_and_causes_no_work(
    door: Door, headers: dict[str, str], secret: str
) -> None:
    if secret == SECRET and not headers:
        return
    assert door.signed(mention(door.slack), secret, **headers) == 401
    assert_idle(door)


@pytest.mark.parametrize("age", [301.0, 86_400.0, -400.0])
def test_a_stale_request_is_refused_and_causes_no_work(door: Door, age: float) -> None:
    assert door.signed(mention(door.slack), age=age) == 401
    assert_idle(door)


def test_a_changed_body_is_refused(door: Door) -> None:
    moment = str(int(time.time()))
    signature = sign(mention(door.slack), moment)
    told = {"X_Slack_Request_Timestamp": moment, "X_Slack_Signature": signature}
    other = mention(door.slack, "Who else?")
    assert door.post(other, Content_Type="application/json", **told) == 401
    assert door.post(b"\xff\xfe", **told) == 401
    assert door.post(b"ssl_check=1", **told) == 401
    assert_idle(door)


def test_a_request_without_end_is_refused(door: Door) -> None:
    assert door.signed(b"x" * (LARGEST + 1)) == 413
    assert_idle(door)


def test_slack_learns_that_the_address_is_ours(door: Door) -> None:
    challenge = {"type": "url_verification", "challenge": "abc", "token": "x"}
    assert door.signed(json.dumps(challenge).encode()) == 200
    assert door.signed(json.dumps(challenge).encode(), "another secret") == 401


def test_a_command_comes_as_a_form(door: Door) -> None:
    form: dict[str, Any] = {"command": "/vouch", "text": "When?", "trigger_id": "1"}
    form |= {"team_id": "T0VOUCH", "channel_id": "C0MILL", "user_id": "U0ADA"}
    body = urllib.parse.urlencode(form).encode()
    kind = "application/x-www-form-urlencoded"
    assert door.signed(body, Content_Type=kind) == 200
    assert door.signed(body, Content_Type=kind) == 200
    door.settled(1)
    assert len(door.slack.world.by_bot()) == 1


def test_an_event_that_cannot_be_kept_is_not_acknowledged(door: Door) -> None:
    def broken(params: dict[str, Any]) -> Any:
        raise OSError("the disk is full")

    keep, door.house._inbox_take = door.house._inbox_take, broken  # type: ignore[method-assign]
    body = mention(door.slack)
    assert door.signed(body) == 500
    door.house._inbox_take = keep  # type: ignore[method-assign]
    assert door.signed(body, X_Slack_Retry_Num="1") == 200
    door.settled(1)
    assert len(door.slack.world.by_bot()) == 1


def assert_idle(door: Door) -> None:
    assert not door.house.named("inbox.take") and not door.slack.world.by_bot()
