"""What people ask of the bot: Slack's payloads read as requests, each with the key of its event."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ui.slack.words import mentions, plain

Kind = Literal["ask", "check"]

SPOKEN = (None, "", "file_share", "thread_broadcast")
"""Subtypes of messages that people write; all others tell of edits, joins, bots and the like."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked. `key` is the same however often and in whichever form Slack tells of it.

    `root` is the message whose thread is answered in, empty where the reply begins one. `since` is
    a moment, in seconds, before any reply can have been posted. `direct`: nobody else reads along.
    `outside`: people of another workspace read along; None where Slack did not say. `respond` is
    where Slack takes a sentence to the one who asked, where the bot may not speak.
    """

    key: str
    kind: Kind
    team: str
    channel: str
    user: str
    text: str
    root: str
    since: float
    direct: bool = False
    outside: bool | None = False
    respond: str = ""

    @property
    def by(self) -> str:
        """The person, as the house names people."""
        return f"slack:{self.team}:{self.user}"


def payload(request: Request) -> dict[str, Any]:
    """Return the request as plain JSON values."""
    return asdict(request)


def read_payload(values: Mapping[str, Any]) -> Request:
    """Return the request of `payload`."""
    return Request(**values)


def turn_name(key: str, attempt: int = 1) -> str:
    """Return the name of the turn, or run, that serves an event."""
    return _digest("slack", key, str(attempt))


def conversation_name(request: Request, root: str) -> str:
    """Return the name of a thread's conversation."""
    return _digest("thread", request.team, request.channel, root)


def click_name(*parts: str) -> str:
    """Return the name of a person's click, the same however often it is delivered."""
    return _digest("click", *parts)


def _digest(*parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"slack-{digest[:40]}"


def of_message(body: Mapping[str, Any], bot: str) -> Request | None:
    """Read an `app_mention` or `message` event; None for what is not said to the bot by a person.

    In channels only messages that mention the user `bot` count. Edits count for nothing, so that
    no answer changes behind its readers.
    """
    event = body["event"]
    user, text = event.get("user") or "", event.get("text") or ""
    if not _said(event) or user in ("", bot, "USLACKBOT"):
        return None
    channel, ts = event["channel"], event["ts"]
    direct = channel.startswith("D") or event.get("channel_type") == "im"
    if not direct and not mentions(text, bot):
        return None
    team = body.get("team_id") or event.get("team") or ""
    return Request(
        key=f"{team}:{channel}:{ts}",
        kind="ask",
        team=team,
        channel=channel,
        user=user,
        text=plain(text, bot),
        root=event.get("thread_ts") or ts,
        since=_seconds(ts),
        direct=direct,
        outside=bool(body.get("is_ext_shared_channel")),
    )


def _said(event: Mapping[str, Any]) -> bool:
    strange = ("bot_id", "bot_profile", "edited", "hidden")
    return event.get("subtype") in SPOKEN and not any(event.get(name) for name in strange)


def of_command(body: Mapping[str, Any], now: float) -> Request:
    """Read a slash command; `now` is in seconds since 1970."""
    team, channel = body.get("team_id") or "", body["channel_id"]
    return Request(
        key=f"{team}:{channel}:command:{body['trigger_id']}",
        kind="ask",
        team=team,
        channel=channel,
        user=body["user_id"],
        text=plain(body.get("text") or ""),
        root="",
        since=now,
        direct=channel.startswith("D"),
        outside=body.get("is_ext_shared_channel"),
        respond=body.get("response_url") or "",
    )


def of_shortcut(body: Mapping[str, Any], now: float) -> Request:
    """Read the message shortcut that has somebody's message checked."""
    team = (body.get("team") or {}).get("id") or ""
    channel, message = body["channel"]["id"], body["message"]
    return Request(
        key=f"{team}:{channel}:check:{body['trigger_id']}",
        kind="check",
        team=team,
        channel=channel,
        user=body["user"]["id"],
        text=plain(message.get("text") or ""),
        root=message.get("thread_ts") or message["ts"],
        since=now,
        direct=channel.startswith("D"),
        outside=body.get("is_ext_shared_channel"),
        respond=body.get("response_url") or "",
    )


def _seconds(ts: str) -> float:
    try:
        return float(ts)
    except ValueError:
        return 0.0
