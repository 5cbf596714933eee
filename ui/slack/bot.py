"""The bot as a whole: its parts put together, connected to Slack, until it is told to end."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.slack_check import no_answer, unreachable
from app.wire import EngineFault
from retrieval.errors import UserError
from ui.house_port import House
from ui.slack import listeners
from ui.slack.access import Access
from ui.slack.clicks import Clicks
from ui.slack.crew import Crew
from ui.slack.items import Items
from ui.slack.talk import Me, Talk
from ui.slack.web import Web
from ui.slack.work import Work

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_sdk import WebClient

    from app.options import Settings

log = logging.getLogger("vouch.slack")

SECONDS = 15
"""Until a call of Slack's that gets no answer is left in doubt."""

ROUND = 15.0
"""Seconds between two looks at what is open; they keep the engine awake, and start it again."""

HOOKS = "hooks.slack.com"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to be connected."""

    app: "App"
    crew: Crew
    me: Me
    ending: threading.Event


def assemble(settings: "Settings", house: House, ending: threading.Event) -> Bot:
    """Sign in and put the parts together; `UserError` says what is wrong with the tokens."""
    from slack_sdk import WebClient

    slack = settings.slack
    # A client that tries again by itself would post twice what was carried out unheard.
    client = WebClient(
        token=_secret(settings, "bot_token"),
        base_url=slack.api_url,
        timeout=SECONDS,
        retry_handlers=[],
        logger=logging.getLogger("vouch.slack.sdk"),
    )
    me = sign_in(client, slack.api_url)
    talk = Talk(Web(client, ending), me, _hook(slack.api_url))
    items = Items(house)
    work = Work(house, talk, items, Access(slack.channels, slack.collections))
    crew = Crew(work, items)
    clicks = Clicks(house, talk, work, crew)
    secret = slack.signing_secret.get_secret_value()
    return Bot(listeners.build(client, secret, me, crew, clicks), crew, me, ending)


def sign_in(client: "WebClient", address: str) -> Me:
    """Ask Slack who the token belongs to."""
    from slack_sdk.errors import SlackApiError

    try:
        told = client.auth_test()
    except SlackApiError as error:
        code = str(error.response.get("error") or "")[:60]
        raise UserError(
            f"Slack does not accept the bot token: {code}",
            origin="slack.bot_token",
            cure="copy the Bot User OAuth Token of the app again; see vouch doctor",
        ) from None
    except no_answer() as error:
        raise _unreachable(address, error) from None
    return Me(str(told["user_id"]), str(told.get("bot_id") or ""), str(told["team_id"]))


def _unreachable(address: str, error: Exception) -> UserError:
    return UserError(unreachable(address, error), cure="look at the network and try again")


@contextmanager
def rounds(bot: Bot) -> Iterator[None]:
    """Take up what is open, now and again and again, while the block is carried out."""
    bot.crew.resume()
    watch = threading.Thread(target=_watch, args=(bot,), name="rounds", daemon=True)
    watch.start()
    try:
        yield
    finally:
        bot.ending.set()
        bot.crew.close()


def _watch(bot: Bot) -> None:
    while not bot.ending.wait(ROUND):
        try:
            bot.crew.resume()
        except (UserError, EngineFault) as fault:
            log.warning("the engine is not there: %s", fault)


def socket_mode(bot: Bot, settings: "Settings", ready: Say) -> None:
    """Be connected by Socket Mode until the bot is to end."""
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from slack_sdk.errors import SlackApiError

    token = _secret(settings, "app_token")
    connection: Any = SocketModeHandler(bot.app, token)
    try:
        connection.connect()
    except SlackApiError as error:
        code = str(error.response.get("error") or "")[:60]
        raise UserError(
            f"Slack does not accept the app token: {code}",
            origin="slack.app_token",
            cure="make one with the scope connections:write, under Basic Information",
        ) from None
    except no_answer() as error:
        raise _unreachable(settings.slack.api_url, error) from None
    ready(f"connected by Socket Mode as {bot.me.user} of {bot.me.team}")
    try:
        bot.ending.wait()
    finally:
        connection.close()


def _hook(api_url: str) -> Callable[[str, str], None]:
    """Return what sends a text to an address of Slack's own, and of nobody else's."""

    def send(address: str, text: str) -> None:
        from slack_sdk.webhook import WebhookClient

        where = urlsplit(address)
        own = where.scheme == "https" and where.hostname == HOOKS
        if not own and where.netloc != urlsplit(api_url).netloc:
            log.warning("a sentence was not sent: its address is not Slack's")
            return
        try:
            WebhookClient(address, timeout=SECONDS).send(text=text, response_type="ephemeral")
        except no_answer() as error:
            log.warning("a sentence was not sent: %s", type(error).__name__)

    return send


def _secret(settings: "Settings", name: str) -> str:
    value: Any = getattr(settings.slack, name)
    return str(value.get_secret_value())
