"""The methods of the Web API that a bot like this one may call.

Each follows its page under https://docs.slack.dev/reference/methods: arguments, shape of the
answer, and the errors that its page lists.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fake_slack.checks import (
    POSTED_TEXT,
    UPDATED_TEXT,
    check_blocks,
    check_metadata,
    check_view,
)
from fake_slack.errors import SlackError
from fake_slack.world import (
    APP,
    BOT,
    BOT_USER,
    JSON,
    TEAM,
    Channel,
    Message,
    World,
)


@dataclass(frozen=True, slots=True)
class Method:
    """What carries a call out, its tier of rate limits and the scope that it needs."""

    run: Callable[[World, JSON], JSON]
    tier: int
    scope: str = ""
    changes: bool = False
    """Whether it changes what people see, so that a fault after it is one to be afraid of."""


def auth_test(world: World, args: JSON) -> JSON:
    names = {"team": "Fake", "user": "vouch", "url": "https://fake.slack.test/"}
    ids = {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT}
    return names | ids | {"is_enterprise_install": False}


def post_message(world: World, args: JSON) -> JSON:
    channel = _channel(world, args, writing=True)
    message, warnings = _composed(world, args, channel, POSTED_TEXT)
    if args.get("thread_ts"):
        message.thread_ts = _root(world, channel, str(args["thread_ts"]))
    world.post(message)
    answer: JSON = {"channel": channel.id, "ts": message.ts, "message": message.shown(True)}
    if warnings:
        notes = [f"[WARN] {warning}" for warning in warnings]
        answer["response_metadata"] = {"warnings": warnings, "messages": notes}
    return answer


def post_ephemeral(world: World, args: JSON) -> JSON:
    channel = _channel(world, args, writing=True)
    if args.get("user") not in world.users:
        raise SlackError("user_not_in_channel")
    message, _ = _composed(world, args, channel, POSTED_TEXT)
    message.thread_ts = str(args.get("thread_ts") or "")
    message.subtype = f"ephemeral to {args['user']}"
    world.ephemeral.append(message)
    return {"message_ts": message.ts}


def update(world: World, args: JSON) -> JSON:
    channel = _channel(world, args, by_id=True)
    message = world.messages.get((channel.id, str(args.get("ts"))))
    if message is None:
        raise SlackError("message_not_found")
    if message.bot_id != BOT:
        raise SlackError("cant_update_message")
    new, _ = _composed(world, args, channel, UPDATED_TEXT, needs="metadata" not in args)
    if "text" in args or "blocks" in args:
        message.text = new.text if "text" in args else message.text
        message.blocks = new.blocks
        message.edited = True
        message.versions.append(message.seen())
    if args.get("metadata") is not None:
        message.metadata = new.metadata
    shown = {"text": message.text, "message": message.shown(True)}
    return {"channel": channel.id, "ts": message.ts, **shown}


def replies(world: World, args: JSON) -> JSON:
    channel = _channel(world, args)
    message = world.messages.get((channel.id, str(args.get("ts"))))
    if message is None:
        raise SlackError("thread_not_found")
    found = world.thread(channel.id, message.thread_ts or message.ts)
    return _page(found, args, default=1000)


def history(world: World, args: JSON) -> JSON:
    channel = _channel(world, args)
    top = [m for m in world.of(channel.id) if m.thread_ts in ("", m.ts)]
    return _page(top[::-1], args, default=100)


def conversation_info(world: World, args: JSON) -> JSON:
    channel = _channel(world, args, member=False)
    kinds = {"is_channel": "channel", "is_group": "group", "is_im": "im"}
    about = {key: channel.kind == kind for key, kind in kinds.items()}
    about |= {"is_private": channel.kind != "channel", "is_member": BOT_USER in channel.members}
    about |= {"is_mpim": False, "is_archived": False, "is_ext_shared": False}
    named = {"user": channel.user} if channel.kind == "im" else {"name": channel.name}
    return {"channel": {"id": channel.id, **about, **named}}


def conversation_open(world: World, args: JSON) -> JSON:
    users = [user for user in str(args.get("users") or "").split(",") if user]
    if len(users) != 1 or users[0] not in world.users:
        raise SlackError("users_list_not_supplied" if not users else "user_not_found")
    return {"channel": {"id": world.direct(users[0]).id}}


def user_info(world: World, args: JSON) -> JSON:
    if args.get("user") not in world.users:
        raise SlackError("user_not_found")
    return {"user": world.users[str(args["user"])]}


def view_open(world: World, args: JSON) -> JSON:
    view = check_view(args.get("view"))
    _exchange(world, str(args.get("trigger_id") or ""))
    return {"view": _keep(world, world.id("V"), view)}


def view_update(world: World, args: JSON) -> JSON:
    view = check_view(args.get("view"))
    old = world.views.get(str(args.get("view_id")))
    if old is None:
        raise SlackError("not_found")
    if args.get("hash") and args["hash"] != old["hash"]:
        raise SlackError("hash_conflict")
    return {"view": _keep(world, old["id"], view)}


def reaction_add(world: World, args: JSON) -> JSON:
    channel = _channel(world, args)
    place = (channel.id, str(args.get("timestamp")))
    if place not in world.messages:
        raise SlackError("message_not_found")
    mark = (*place, str(args.get("name")))
    if mark in world.reactions:
        raise SlackError("already_reacted")
    world.reactions.add(mark)
    return {}


def delete(world: World, args: JSON) -> JSON:
    channel = _channel(world, args, by_id=True)
    message = world.messages.get((channel.id, str(args.get("ts"))))
    if message is None:
        raise SlackError("message_not_found")
    if message.bot_id != BOT:
        raise SlackError("cant_delete_message")
    del world.messages[(channel.id, message.ts)]
    return {"channel": channel.id, "ts": message.ts}


def answer_hook(world: World, name: str, args: JSON) -> None:
    """Take what is posted to a response_url.

    Source: https://docs.slack.dev/interactivity/handling-user-interaction (five uses in half an
    hour, ephemeral unless response_type says in_channel, replace_original, delete_original).
    """
    hook = world.hooks.get(name)
    if hook is None or hook.expires < time.monotonic():
        raise SlackError("expired_url", 404)
    if hook.uses == 0:
        raise SlackError("used_url", 404)
    hook.uses -= 1
    channel = world.channels[hook.channel]
    old = world.messages.get((hook.channel, hook.ts))
    if args.get("delete_original") and old is not None and old.bot_id == BOT:
        del world.messages[(hook.channel, hook.ts)]
        return
    message, _ = _composed(world, args, channel, POSTED_TEXT)
    if args.get("replace_original") and old is not None and old.bot_id == BOT:
        old.text, old.blocks = message.text, message.blocks
        old.versions.append(old.seen())
    elif args.get("response_type") == "in_channel":
        message.thread_ts = str(args.get("thread_ts") or "")
        world.post(message)
    else:
        message.thread_ts = str(args.get("thread_ts") or "")
        message.subtype = f"ephemeral to {hook.user}"
        world.ephemeral.append(message)


METHODS = {
    "auth.test": Method(auth_test, 4),
    "chat.postMessage": Method(post_message, 0, "chat:write", True),
    "chat.postEphemeral": Method(post_ephemeral, 4, "chat:write", True),
    "chat.update": Method(update, 3, "chat:write", True),
    "chat.delete": Method(delete, 3, "chat:write", True),
    "conversations.replies": Method(replies, 3, "channels:history"),
    "conversations.history": Method(history, 3, "channels:history"),
    "conversations.info": Method(conversation_info, 3, "channels:read"),
    "conversations.open": Method(conversation_open, 3, "im:write"),
    "users.info": Method(user_info, 4, "users:read"),
    "views.open": Method(view_open, 4, changes=True),
    "views.update": Method(view_update, 4, changes=True),
    "reactions.add": Method(reaction_add, 3, "reactions:write", True),
}


def _channel(
    world: World, args: JSON, *, writing: bool = False, member: bool = True, by_id: bool = False
) -> Channel:
    name = str(args.get("channel") or "")
    if writing and not by_id and name in world.users:
        return world.direct(name)
    channel = world.channels.get(name)
    if channel is None or (channel.kind != "channel" and BOT_USER not in channel.members):
        raise SlackError("channel_not_found")
    if member and BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _composed(
    world: World, args: JSON, channel: Channel, longest: int, needs: bool = True
) -> tuple[Message, list[str]]:
    """Return a message of the bot that is not posted yet, and warnings."""
    text = str(args.get("text") or "")
    blocks = check_blocks(args["blocks"]) if args.get("blocks") else []
    if needs and not text and not blocks:
        raise SlackError("no_text")
    warnings = []
    if len(text) > longest:
        if longest == UPDATED_TEXT:
            raise SlackError("msg_too_long")
        text, warnings = text[:longest], ["message_truncated"]
    metadata = check_metadata(args.get("metadata"))
    message = Message(channel.id, world.ts(), BOT_USER, text, blocks, bot_id=BOT, metadata=metadata)
    return message, warnings


def _root(world: World, channel: Channel, ts: str) -> str:
    """Return the thread's first message; its first reply makes a message a parent."""
    parent = world.messages.get((channel.id, ts))
    if parent is None:
        raise SlackError("thread_not_found")
    parent.thread_ts = parent.thread_ts or parent.ts
    return parent.thread_ts


def _page(found: list[Message], args: JSON, default: int) -> JSON:
    """Return one page; a cursor says where the next begins (see .../web-api/pagination)."""
    limit = int(args.get("limit") or default)
    if not 0 < limit <= 1000:
        raise SlackError("invalid_limit")
    begin = _at(str(args.get("cursor") or ""))
    kept = [m for m in found if _within(m.ts, args)]
    page = kept[begin : begin + limit]
    more = begin + limit < len(kept)
    metadata = str(args.get("include_all_metadata", "")).lower() in ("1", "true")
    answer: JSON = {"messages": [m.shown(metadata) for m in page], "has_more": more}
    if more:
        cursor = base64.b64encode(f"at:{begin + limit}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _at(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode()[3:]) if cursor else 0
    except ValueError:
        raise SlackError("invalid_cursor") from None


def _within(ts: str, args: JSON) -> bool:
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "99999999999")
    inclusive = str(args.get("inclusive", "")).lower() in ("1", "true")
    return float(oldest) < float(ts) < float(latest) or (inclusive and ts in (oldest, latest))


def _exchange(world: World, trigger: str) -> None:
    expires, used = world.triggers.get(trigger, (None, False))
    if expires is None:
        raise SlackError("invalid_trigger_id")
    if used:
        raise SlackError("exchanged_trigger_id")
    if expires < time.monotonic():
        raise SlackError("expired_trigger_id")
    world.triggers[trigger] = (expires, True)


def _keep(world: World, id: str, view: JSON) -> JSON:
    made: dict[str, Any] = {"id": id, "team_id": TEAM, "app_id": APP, "bot_id": BOT}
    state = {"hash": world.ts(), "root_view_id": id, "state": {"values": {}}}
    world.views[id] = {**view, **made, **state}
    return world.views[id]
