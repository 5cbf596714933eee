"""What Slack sends to an app when somebody does something.

Sources: https://docs.slack.dev/apis/events-api (the wrapper of events),
https://docs.slack.dev/reference/events/app_mention and message.im,
https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads (block_actions, view_submission, shortcuts).
"""

import time
from typing import Any

from fake_slack.world import APP, BOT_USER, JSON, TEAM, Channel, Message, World

TRIGGER_SECONDS = 3.0
TOLD_OF_ACTIONS = ("action_id", "block_id", "value", "text", "type")
KINDS = {"channel": "channel", "group": "group", "im": "im"}


def event(world: World, body: JSON) -> JSON:
    """Wrap an event as the Events API does; each wrapper has an event_id of its own."""
    authorized = {"team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "enterprise_id": None}
    return {
        "token": "verification",
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event": body,
        "event_id": world.id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [{**authorized, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": world.id("4-"),
    }


def mention_of(message: Message, channel: Channel) -> JSON:
    return _spoken(message, channel) | {"type": "app_mention"}


def message_of(message: Message, channel: Channel) -> JSON:
    kind = {"type": "message", "channel_type": KINDS[channel.kind]}
    extra = {"subtype": message.subtype} if message.subtype else {}
    return _spoken(message, channel) | kind | extra


def changed(event: JSON, ts: str) -> JSON:
    """Return what Slack tells when the message of an event was edited."""
    kept = {key: event[key] for key in ("type", "channel", "channel_type")}
    now = {"subtype": "message_changed", "hidden": True, "ts": ts, "event_ts": ts}
    inner = {key: value for key, value in event.items() if key not in ("channel", "channel_type")}
    return {**kept, **now, "message": inner, "previous_message": inner}


def _spoken(message: Message, channel: Channel) -> JSON:
    values: JSON = {
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel": channel.id,
        "team": TEAM,
        "client_msg_id": f"client-{message.ts}",
    }
    if message.bot_id:
        values |= {"bot_id": message.bot_id, "app_id": APP}
    if message.edited:
        values["edited"] = {"user": message.user, "ts": message.ts}
    thread = message.thread_ts
    return values | ({"thread_ts": thread} if thread and thread != message.ts else {})


def slash(world: World, base: str, user: str, channel: Channel, command: str, text: str) -> JSON:
    """What a slash command sends, as a form in HTTP mode."""
    return {
        "token": "verification",
        "team_id": TEAM,
        "team_domain": "fake",
        "channel_id": channel.id,
        "channel_name": channel.name if channel.kind == "channel" else "directmessage",
        "user_id": user,
        "user_name": world.users[user]["name"],
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": f"{base}hooks/{world.hook(channel.id, user)}",
        "trigger_id": world.trigger(TRIGGER_SECONDS),
    }


def shortcut(world: World, base: str, user: str, message: Message, callback: str) -> JSON:
    """A message shortcut."""
    hook = world.hook(message.channel, user)
    return _interaction(world, user, message.channel) | {
        "type": "message_action",
        "callback_id": callback,
        "action_ts": world.ts(),
        "message_ts": message.ts,
        "message": message.shown(),
        "response_url": f"{base}hooks/{hook}",
    }


def click(world: World, base: str, user: str, message: Message, action: JSON) -> JSON:
    """A press of a button, or a choice, in a message; `action` is the element as posted."""
    hook = world.hook(message.channel, user, message.ts)
    place = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    hidden = {"is_ephemeral": bool(message.subtype), "thread_ts": message.thread_ts}
    told = {key: value for key, value in action.items() if key in TOLD_OF_ACTIONS}
    return _interaction(world, user, message.channel) | {
        "type": "block_actions",
        "container": place | hidden,
        "message": message.shown(True),
        "state": {"values": {}},
        "response_url": f"{base}hooks/{hook}",
        "actions": [{**told, "action_ts": world.ts()}],
    }


def submission(world: World, user: str, view: JSON, values: JSON) -> JSON:
    """A modal that is sent; `values` is {block_id: {action_id: {...}}}."""
    interaction = _interaction(world, user, "")
    interaction.pop("channel")
    sent: dict[str, Any] = {**view, "state": {"values": values}}
    return interaction | {"type": "view_submission", "view": sent, "response_urls": []}


def _interaction(world: World, user: str, channel: str) -> JSON:
    name = world.channels[channel].name if channel else ""
    return {
        "user": {"id": user, "username": world.users[user]["name"], "team_id": TEAM},
        "api_app_id": APP,
        "token": "verification",
        "team": {"id": TEAM, "domain": "fake"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": name or "directmessage"},
        "trigger_id": world.trigger(TRIGGER_SECONDS),
    }
