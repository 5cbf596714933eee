"""Socket Mode: one connection to Slack, looked after, and made anew where the SDK cannot."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from app.slack_check import no_answer, unreachable
from retrieval.errors import UserError
from ui.slack.bot import SECONDS, Bot, Say
from ui.slack.web import doubtful

if TYPE_CHECKING:
    from app.options import Settings

log = logging.getLogger("vouch.slack")

PING = 3.0
"""Seconds between two pings; the SDK gives a line up that has not answered for four of them."""

PATIENCE = 5.0
"""Seconds that the SDK has to mend a broken line before it is made anew."""

FIRST_TRIES = (1.0, 2.0, 4.0, 8.0, 0.0)
"""Seconds to wait after each vain try of the first connection; after the last it is said."""

Connect = Callable[[], Any]


def socket_mode(bot: Bot, settings: "Settings", ready: Say) -> None:
    """Be connected until the bot is to end; `UserError` says why it cannot be at all."""

    def connect() -> Any:
        return _connected(bot, settings)

    line = _first(connect, bot, settings.slack.api_url)
    ready(f"connected by Socket Mode as {bot.me.user} of {bot.me.team}")
    keep(line, connect, bot.ending)


def keep(
    line: Any,
    connect: Connect,
    ending: threading.Event,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Look after a line until the end: one that stays broken for long is replaced by another.

    The SDK connects again by itself, but a thread of its that an error ended stays ended.
    """
    sound = clock()
    while not ending.wait(1.0):
        if alive(line):
            sound = clock()
        elif clock() - sound > PATIENCE:
            log.warning("the line to Slack is made anew")
            _drop(line)
            sound = clock()
            try:
                line = connect()
            except no_answer() as error:
                log.warning("Slack gives no line: %s", type(error).__name__)
    _drop(line)


def alive(line: Any) -> bool:
    """Whether a line is connected, its last ping was sent, and the SDK's threads of it run."""
    client = line.client
    threads = (client.message_processor, client.current_session_runner, client.current_app_monitor)
    if not client.is_connected() or not all(thread.is_alive() for thread in threads):
        return False
    # The SDK takes a line for connected until five pings of it have failed.
    return not getattr(client.current_session, "consecutive_check_state_error_count", 0)


def _connected(bot: Bot, settings: "Settings") -> Any:
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from slack_sdk import WebClient

    slack = settings.slack
    # A client of its own, without the bot's token: only the app's opens lines.
    client = WebClient(base_url=slack.api_url, timeout=SECONDS, retry_handlers=[], logger=log)
    token = slack.app_token.get_secret_value()
    line: Any = SocketModeHandler(bot.app, token, web_client=client, ping_interval=PING)
    line.connect()
    return line


def _first(connect: Connect, bot: Bot, address: str) -> Any:
    for pause in FIRST_TRIES:
        try:
            line = connect()
            if alive(line):
                return line
            _drop(line)
            fault: Exception = ConnectionError("the line broke at once")
        except SlackApiError as error:
            if not doubtful(error.response):
                raise _refused(error) from None
            fault = error
        except no_answer() as error:
            fault = error
        bot.ending.wait(pause)
    raise UserError(unreachable(address, fault), cure="look at the network and try again")


def _refused(error: SlackApiError) -> UserError:
    code = str(error.response.get("error") or "")[:60]
    return UserError(
        f"Slack does not accept the app token: {code}",
        origin="slack.app_token",
        cure="make one with the scope connections:write, under Basic Information",
    )


def _drop(line: Any) -> None:
    """Close a line in a thread of its own: one that hangs must hold nobody up."""
    threading.Thread(target=line.close, name="close", daemon=True).start()
