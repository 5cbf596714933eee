"""A line to Slack that breaks is mended, or made anew; a bot says plainly why it cannot begin."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bot_fakes import MadeHouse, Rows
from fake_slack.faults import Faults, Rates
from fake_slack.server import FakeSlack
from fake_slack.storm import wait_for

from app.settings import load
from retrieval.errors import UserError
from ui import commandline
from ui.commands.slack import keep_log
from ui.slack import socket_mode
from ui.slack.bot import assemble

VOUCH = [sys.executable, "-c", "from ui.cli import main; main()"]
Vouch = Callable[..., SimpleNamespace]


class Running:
    """A thread of the SDK's."""

    def __init__(self, alive: bool = True) -> None:
        self.alive = alive

    def is_alive(self) -> bool:
        return self.alive


class Line:
    """A line as the SDK shows it."""

    def __init__(self, connected: bool = True, errors: int = 0, threads: bool = True) -> None:
        session = SimpleNamespace(consecutive_check_state_error_count=errors)
        self.closed = threading.Event()
        self.client = SimpleNamespace(
            is_connected=lambda: connected,
            current_session=session,
            message_processor=Running(threads),
            current_session_runner=Running(),
            current_app_monitor=Running(),
        )

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize(
    "broken",
    [Line(connected=False), Line(errors=1), Line(threads=False)],
    ids=["cut", "pipe", "deaf"],
)
def test_a_line_that_stays_broken_is_made_anew(broken: Line) -> None:
    assert not socket_mode.alive(broken) and socket_mode.alive(Line())
    ending, made = Ticks(40), []

    def connect() -> Any:
        made.append(Line())
        return made[-1]

    socket_mode.keep(broken, connect, ending, ending.now)
    assert len(made) == 1
    assert broken.closed.wait(5) and made[0].closed.wait(5)


def test_a_line_that_is_sound_again_in_time_is_kept() -> None:
    states = iter([True, False, False, True] * 20)
    line = Line()
    line.client.is_connected = lambda: next(states)
    ending = Ticks(40)
    socket_mode.keep(line, lambda: pytest.fail("no need"), ending, ending.now)


def test_slack_without_a_line_to_give_is_asked_again() -> None:
    ending, asked = Ticks(60), []

    def connect() -> Any:
        asked.append(ending.now())
        raise ConnectionRefusedError

    socket_mode.keep(Line(connected=False), connect, ending, ending.now)
    assert len(asked) > 3


class Ticks(threading.Event):
    """An event that is set after so many waits of a second each, none of which takes time."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count

    def now(self) -> float:
        return -float(self.left)

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left <= 0


@pytest.fixture
def vouch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vouch:
    """Carry out a command line in this process; no engine is asked for."""

    def carry_out(*words: str, **environ: str) -> SimpleNamespace:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        status = commandline.run(list(words), lambda choice: pytest.fail("an engine was wanted"))
        told = capsys.readouterr()
        return SimpleNamespace(returncode=status, stdout=told.out, stderr=told.err)

    return carry_out


@pytest.mark.parametrize(
    ("words", "environ", "named"),
    [
        ([], {}, "VOUCH_SLACK_BOT_TOKEN"),
        ([], {"VOUCH_SLACK_BOT_TOKEN": "xapp-1-wrong"}, "xoxb-"),
        ([], {"VOUCH_SLACK_BOT_TOKEN": "xoxb-1"}, "VOUCH_SLACK_APP_TOKEN"),
        (["--mode", "http"], {"VOUCH_SLACK_BOT_TOKEN": "xoxb-1"}, "VOUCH_SLACK_SIGNING_SECRET"),
    ],
)
def test_a_missing_token_is_one_sentence_with_its_cure(
    vouch: Vouch, words: list[str], environ: dict[str, str], named: str
) -> None:
    told = vouch("slack", *words, **environ)
    assert told.returncode == 1 and named in told.stderr and "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert all(value not in told.stderr for value in environ.values())


def test_the_manifest_asks_for_no_more_than_the_bot_uses(vouch: Vouch) -> None:
    import json

    told = json.loads(vouch("slack", "manifest").stdout)
    assert told["settings"]["socket_mode_enabled"] is True
    assert told["settings"]["event_subscriptions"]["bot_events"] == ["app_mention", "message.im"]
    assert "url" not in told["features"]["slash_commands"][0]
    assert len(told["features"]["slash_commands"][0]["description"]) <= 2000
    assert len(told["features"]["shortcuts"][0]["name"]) <= 24
    http = ["slack", "manifest", "--mode", "http"]
    assert vouch(*http).returncode == 1
    where = "https://vouch.example.org/slack/events"
    over = json.loads(vouch(*http, "--url", where).stdout)
    asked = [
        over["settings"][part]["request_url"] for part in ("event_subscriptions", "interactivity")
    ]
    assert {*asked, over["features"]["slash_commands"][0]["url"]} == {where}
    assert over["settings"]["socket_mode_enabled"] is False


def settings_of(slack: FakeSlack, **changes: str) -> Any:
    environ = slack.environ | {"VOUCH_HOME": os.environ["VOUCH_HOME"]} | changes
    return load(environ=environ)


def test_tokens_that_slack_refuses_are_named_and_not_shown(slack: FakeSlack) -> None:
    ending = threading.Event()
    wrong = settings_of(slack, VOUCH_SLACK_BOT_TOKEN="xoxb-wrong-token")
    with pytest.raises(UserError) as refused:
        assemble(wrong, MadeHouse(Rows()), ending)
    assert refused.value.origin == "slack.bot_token" and "invalid_auth" in refused.value.what
    assert "xoxb-wrong-token" not in str(refused.value)
    app = settings_of(slack, VOUCH_SLACK_APP_TOKEN="xapp-wrong-token")
    bot = assemble(app, MadeHouse(Rows()), ending)
    with pytest.raises(UserError) as refused:
        socket_mode.socket_mode(bot, app, lambda said: None)
    assert refused.value.origin == "slack.app_token" and "xapp" not in str(refused.value)


def test_a_faltering_slack_is_waited_for_at_the_start() -> None:
    with FakeSlack(Faults(3, Rates(refused=0.6)), limits=0) as slack:
        settings = load(environ=slack.environ | {"VOUCH_HOME": os.environ["VOUCH_HOME"]})
        assert assemble(settings, MadeHouse(Rows()), threading.Event()).me.user == "U0VOUCH"


def test_one_bot_a_home_and_no_token_in_any_log(slack: FakeSlack, vouch_home: Path) -> None:
    environ = {**os.environ, **slack.environ, "VOUCH_HOME": str(vouch_home)}
    started = subprocess.Popen([*VOUCH, "slack"], env=environ, stderr=subprocess.PIPE, text=True)
    assert started.stderr is not None
    try:
        wait_for(lambda: any(c.open for c in slack.socket_mode.connections), 90)
        second = subprocess.run([*VOUCH, "slack"], env=environ, capture_output=True, text=True)
        assert second.returncode == 1 and "another bot is running" in second.stderr
    finally:
        started.send_signal(signal.SIGTERM)
        status = started.wait(20)
        subprocess.run([*VOUCH, "engine", "stop"], env=environ, capture_output=True, timeout=60)
    said = started.stderr.read()
    started.stderr.close()
    assert status == 0 and "connected" in said and "stopped" in said
    logs = "".join(path.read_text() for path in (vouch_home / "logs").iterdir())
    secrets = [slack.environ[name] for name in slack.environ if "URL" not in name]
    assert logs and not [secret for secret in secrets if secret in logs + said]


def test_tokens_are_struck_out_of_messages_and_tracebacks(
    vouch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = {"BOT_TOKEN": "xoxb-1-hush", "APP_TOKEN": "xapp-1-hush", "SIGNING_SECRET": "5ecre7"}
    for name, token in tokens.items():
        monkeypatch.setenv(f"VOUCH_SLACK_{name}", token)
    root, log = logging.getLogger(), logging.getLogger("vouch.slack.sdk")
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(logging, "raiseExceptions", True)
    (vouch_home / "logs").mkdir(parents=True)
    keep_log(load())
    for token in tokens.values():
        log.error("sent %s", token, exc_info=ValueError(f"Invalid header value {token!r}"))
    for opened in root.handlers:
        opened.close()
    written = (vouch_home / "logs" / "slack.log").read_text("utf-8")
    assert written.count("***") == 6 and not [t for t in tokens.values() if t in written]


def test_a_bot_with_tokens_shares_the_engine_of_a_shell_without() -> None:
    from app.door import fingerprint

    home = {"VOUCH_HOME": os.environ["VOUCH_HOME"]}
    alone = fingerprint(load(environ=home))
    assert fingerprint(load(environ=home | {"VOUCH_SLACK_BOT_TOKEN": "xoxb-1-fake"})) == alone
    assert fingerprint(load(environ=home | {"VOUCH_MODEL_API_KEY": "another"})) != alone
