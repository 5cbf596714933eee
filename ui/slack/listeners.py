"""What the bot listens to: a Bolt app whose listeners keep an event and acknowledge it at once."""

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.slack import asked, blocks, modals
from ui.slack.asked import Request
from ui.slack.clicks import Body, Clicks
from ui.slack.crew import Crew
from ui.slack.talk import Me

if TYPE_CHECKING:
    from slack_bolt import App

    from app.options import Settings

log = logging.getLogger("vouch.slack")

COMMAND, CHECK = "/vouch", "vouch_check"
WINDOWS = 4
"""Threads that open windows: Slack gives three seconds from the click."""

FOREIGN = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_VERIFICATION_TOKEN")
"""Variables of other programs that would have Bolt sign in to more than one workspace."""

Ack = Callable[..., Any]


def build(settings: "Settings", me: Me, crew: Crew, clicks: Clicks) -> "App":
    """Return the app. A listener ends before Slack hears of it (`process_before_response`), so
    an event is on the disk when it is acknowledged, and one that could not be kept is not."""
    from slack_bolt import App
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk import WebClient

    for name in FOREIGN:
        os.environ.pop(name, None)
    slack = settings.slack
    # Who the bot is was asked once at the start: no event waits for Slack to say it again.
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=me.team,
        bot_user_id=me.user,
        bot_id=me.bot,
        bot_token=slack.bot_token.get_secret_value(),
    )
    app = App(
        name="vouch",
        client=WebClient(base_url=slack.api_url),
        authorize=lambda: known,
        signing_secret=slack.signing_secret.get_secret_value(),
        process_before_response=True,
        ssl_check_enabled=False,
        logger=logging.getLogger("vouch.slack.bolt"),
    )
    _events(app, me, crew)
    _clicks(app, clicks)
    return app


def _events(app: "App", me: Me, crew: Crew) -> None:
    def heard(ack: Ack, body: Body) -> Any:
        return _taken(ack, crew, asked.of_message(body, me.user))

    def command(ack: Ack, body: Body) -> Any:
        return _taken(ack, crew, asked.of_command(body, time.time()))

    def check(ack: Ack, body: Body) -> Any:
        return _taken(ack, crew, asked.of_shortcut(body, time.time()))

    app.event("app_mention")(heard)
    app.event("message")(heard)
    app.command(COMMAND)(command)
    app.message_shortcut(CHECK)(check)


def _taken(ack: Ack, crew: Crew, request: Request | None) -> Any:
    if request is not None:
        crew.take(request)
    return ack()


def _clicks(app: "App", clicks: Clicks) -> None:
    pool = ThreadPoolExecutor(WINDOWS, "window")

    def soon(carry_out: Callable[[Body], None]) -> Callable[..., Any]:
        """Acknowledge, and carry the click out in a thread: opening a window takes a while."""

        def clicked(ack: Ack, body: Body) -> Any:
            pool.submit(_carried_out, clicks, carry_out, body)
            return ack()

        return clicked

    def first(carry_out: Callable[[Body], None]) -> Callable[..., Any]:
        """Carry the click out, and then acknowledge it: what a person says is kept by then."""

        def clicked(ack: Ack, body: Body) -> Any:
            _carried_out(clicks, carry_out, body)
            return ack()

        return clicked

    app.action(blocks.STOP)(soon(clicks.stop))
    app.action(blocks.QUOTES)(soon(clicks.quotes))
    app.action(blocks.CHANGES)(soon(clicks.changes))
    app.action(blocks.DOWN)(soon(clicks.ask_reasons))
    app.action(blocks.UP)(first(clicks.up))
    app.view(modals.REASONS)(first(clicks.down))


def _carried_out(clicks: Clicks, carry_out: Callable[[Body], None], body: Body) -> None:
    try:
        carry_out(body)
    except (UserError, EngineFault) as fault:
        log.warning("a click failed: %s", fault)
        clicks.fail(body, fault)
