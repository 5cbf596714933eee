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
from ui.slack.talk import Me, Talk, insist
from ui.slack.web import Doubt, Refused, Web
from ui.slack.work import Work

if TYPE_CHECKING:
    from slack_bolt import App

    from app.options import Settings

log = logging.getLogger("vouch.slack")

SECONDS = 15
"""Until a call of Slack's that gets no answer is left in doubt."""

ROUND = 15.0
"""Seconds between two looks at what is open; they keep the engine awake, and start it again."""

HOOKS = ("hooks.slack.com", "hooks.slack-gov.com")
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
    web = Web(client, ending)
    me = sign_in(web, slack.api_url)
    talk = Talk(web, me, _hook(slack.api_url))
    items = Items(house)
    work = Work(house, talk, items, Access(slack.channels, slack.collections))
    crew = Crew(work, items)
    clicks = Clicks(house, talk, work, crew)
    app = listeners.build(settings, me, crew, clicks)
    return Bot(app, crew, me, ending)


def sign_in(web: Web, address: str) -> Me:
    """Ask Slack who the token belongs to; a fault of the network is given some seconds."""
    try:
        told = insist(web, "auth.test")
    except Refused as refused:
        raise UserError(
            f"Slack does not accept the bot token: {refused.code}",
            origin="slack.bot_token",
            cure="copy the Bot User OAuth Token of the app again; see vouch doctor",
        ) from None
    except Doubt as doubt:
        fault = doubt.__cause__ if isinstance(doubt.__cause__, Exception) else doubt
        raise UserError(
            unreachable(address, fault), cure="look at the network and try again"
        ) from None
    return Me(str(told["user_id"]), str(told.get("bot_id") or ""), str(told["team_id"]))


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


def _hook(api_url: str) -> Callable[[str, str], None]:
    """Return what sends a text to an address of Slack's own, and of nobody else's."""

    def send(address: str, text: str) -> None:
        from slack_sdk.webhook import WebhookClient

        if not is_slacks(address, api_url):
            log.warning("a sentence was not sent: its address is not Slack's")
            return
        try:
            WebhookClient(address, timeout=SECONDS).send(text=text, response_type="ephemeral")
        except no_answer() as error:
            log.warning("a sentence was not sent: %s", type(error).__name__)

    return send


def is_slacks(address: str, api_url: str) -> bool:
    """Whether an address is one of Slack's, or of the server that stands in for it."""
    try:
        where, api = urlsplit(address), urlsplit(api_url)
    except ValueError:
        return False
    own = where.scheme == "https" and where.hostname in HOOKS
    return own or (where.scheme, where.netloc) == (api.scheme, api.netloc)


def _secret(settings: "Settings", name: str) -> str:
    value: Any = getattr(settings.slack, name)
    return str(value.get_secret_value())
