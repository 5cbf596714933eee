"""Examines the Slack bot's tokens: that Slack takes them, and that they may do what they must."""

import http.client
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.vitals import Fact

if TYPE_CHECKING:
    from app.options import Settings
    from app.options_faces import SlackSettings

SCOPES = {
    "app_mentions:read": "hear mentions",
    "chat:write": "answer",
    "commands": "the slash command and the message shortcut",
    "channels:history": "find its own replies in public channels after a crash",
    "groups:history": "the same in private channels",
    "im:history": "hear direct messages, and find its own replies there",
    "mpim:history": "find its own replies in group messages",
    "channels:read": "see whether a public channel is shared with another workspace",
    "groups:read": "the same of private channels",
    "mpim:read": "the same of group messages",
}
"""The scopes of the bot's token, and what each is for."""

SECONDS = 10
MANIFEST = "give the app the manifest that vouch slack manifest prints, and install it again"
NO_TOKEN = "holds a character that no token has, such as a space or a line break"
_ID = re.compile(r"[CDG][A-Z0-9]{2,}")
_TOKEN = re.compile(r"[!-~]+")


def examine_slack(settings: "Settings") -> Iterator[Fact]:
    """Yield what is to be said of the bot; Slack is only asked if there is a token."""
    slack = settings.slack
    tokens = (slack.bot_token, slack.app_token, slack.signing_secret)
    if not any(token.get_secret_value() for token in tokens):
        yield "ok", "not set up; vouch slack manifest is the beginning", ""
        return
    yield _bot_token(slack)
    yield _app_token(slack) if slack.mode == "socket" else _signing_secret(slack)
    strange = [channel for channel in slack.channels if not _ID.fullmatch(channel)]
    if strange:
        cure = "write ids such as C0123ABCD: they stand at the end of a channel's details"
        yield "fault", f"slack.channels holds no id of a channel: {', '.join(strange)}", cure


def _bot_token(slack: "SlackSettings") -> Fact:
    token = slack.bot_token.get_secret_value()
    if not token:
        return "fault", "the bot token is not set", "set slack.bot_token (OAuth & Permissions)"
    if not is_token(token):
        return "fault", f"the bot token {NO_TOKEN}", "copy slack.bot_token again from the app"
    told = _asked(slack, token, "auth.test")
    if isinstance(told, str):
        return "fault", f"the bot token: {told}", "copy slack.bot_token again from the app"
    granted = {scope.strip() for scope in _header(told, "x-oauth-scopes").split(",")}
    missing = [scope for scope in SCOPES if scope not in granted]
    who = f"signed in as {told.get('user')} of {told.get('team')}"
    if missing:
        return "fault", f"{who}, without the scopes {', '.join(missing)}", MANIFEST
    return "ok", f"{who}, with all {len(SCOPES)} scopes", ""


def _app_token(slack: "SlackSettings") -> Fact:
    """A connection is asked for and not opened: that shows whether one would be given."""
    token = slack.app_token.get_secret_value()
    cure = "make an app-level token with connections:write, and set slack.app_token"
    if not token:
        return "fault", "the app token is not set", cure
    if not is_token(token):
        return "fault", f"the app token {NO_TOKEN}", cure
    told = _asked(slack, token, "apps.connections.open")
    if isinstance(told, str):
        return "fault", f"the app token: {told}", cure
    return "ok", "Socket Mode is open to the app token", ""


def _signing_secret(slack: "SlackSettings") -> Fact:
    if slack.signing_secret.get_secret_value():
        return "ok", "HTTP mode, with a signing secret", ""
    cure = "set slack.signing_secret (Basic Information, App Credentials)"
    return "fault", "the signing secret is not set", cure


def _asked(slack: "SlackSettings", token: str, method: str) -> Any:
    """Return Slack's answer, or a few words on why there is none."""
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    client = WebClient(token, slack.api_url, SECONDS, retry_handlers=[])
    try:
        return client.api_call(method)
    except SlackApiError as error:
        return f"Slack says {str(error.response.get('error') or 'nothing')[:60]}"
    except no_answer() as error:
        return unreachable(slack.api_url, error)


def is_token(text: str) -> bool:
    """Whether a text can be a token: any other would not fit into a header of HTTP."""
    return _TOKEN.fullmatch(text) is not None


def no_answer() -> tuple[type[Exception], ...]:
    """Return what slack_sdk raises where Slack gave no answer, or none that can be read."""
    from slack_sdk.errors import SlackClientError

    return OSError, http.client.HTTPException, SlackClientError, ValueError


def unreachable(address: str, error: Exception) -> str:
    """Say that nobody answers at an address, and why."""
    why = getattr(error, "reason", None) or type(error).__name__
    return f"Slack cannot be reached at {address} ({why})"


def _header(told: Any, name: str) -> str:
    return next((str(value) for key, value in told.headers.items() if key.lower() == name), "")
