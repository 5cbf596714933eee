"""A made-up workspace: users, channels, messages, views, triggers and the hooks of response_url.

Shapes follow Slack's reference of objects and methods (https://docs.slack.dev/reference/objects,
https://docs.slack.dev/reference/methods); nothing of it is copied.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

TEAM, APP = "T0VOUCH", "A0VOUCH"
BOT_USER, BOT = "U0VOUCH", "B0VOUCH"
BOT_TOKEN, APP_TOKEN = "xoxb-1-fake", "xapp-1-fake"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,groups:history,"
    "groups:read,im:history,im:read,im:write,mpim:history,mpim:read,reactions:write,users:read,"
    "metadata.message:read"
)


@dataclass(slots=True)
class Channel:
    """A public channel ("channel"), a private one ("group") or a direct message ("im")."""

    id: str
    name: str
    kind: str = "channel"
    members: set[str] = field(default_factory=set)
    user: str = ""


@dataclass(slots=True)
class Message:
    """One message; `versions` keeps every text that it ever had, `posted` is a monotonic time."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[JSON] = field(default_factory=list)
    thread_ts: str = ""
    bot_id: str = ""
    subtype: str = ""
    metadata: JSON | None = None
    edited: bool = False
    versions: list[str] = field(default_factory=list)
    posted: float = field(default_factory=time.monotonic)

    def shown(self, metadata: bool = False) -> JSON:
        """Return the message as methods give it; metadata only when asked for."""
        values: JSON = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        values["team"] = TEAM
        optional = {
            "thread_ts": self.thread_ts,
            "bot_id": self.bot_id,
            "app_id": APP if self.bot_id else "",
            "subtype": self.subtype,
            "blocks": self.blocks,
            "metadata": self.metadata if metadata else None,
            "edited": {"user": self.user, "ts": self.ts} if self.edited else None,
        }
        return values | {key: value for key, value in optional.items() if value}

    def seen(self) -> str:
        """Return all text that a reader sees: of the blocks if there are any."""
        return "\n".join(texts(self.blocks)) if self.blocks else self.text


@dataclass(slots=True)
class Hook:
    """What a response_url leads to; it may be used five times within half an hour."""

    channel: str
    user: str
    expires: float
    ts: str = ""
    uses: int = 5


class World:
    """The state of the workspace. Threads share it under `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.users: dict[str, JSON] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.ephemeral: list[Message] = []
        self.views: dict[str, JSON] = {}
        self.triggers: dict[str, tuple[float, bool]] = {}
        self.hooks: dict[str, Hook] = {}
        self.reactions: set[tuple[str, str, str]] = set()
        self._ids = 0
        self._stamp = int(time.time() * 1e6)
        self.add_user(BOT_USER, "vouch", bot=True)

    def id(self, prefix: str) -> str:
        """Return a new id."""
        with self.lock:
            self._ids += 1
            return f"{prefix}{self._ids:06d}"

    def ts(self) -> str:
        """Return a time stamp, later than every one before it."""
        with self.lock:
            self._stamp = max(self._stamp + 1, int(time.time() * 1e6))
            return f"{self._stamp // 1_000_000}.{self._stamp % 1_000_000:06d}"

    def add_user(self, id: str, name: str, bot: bool = False) -> str:
        profile = {"real_name": name.title(), "display_name": name}
        self.users[id] = {
            "id": id,
            "team_id": TEAM,
            "name": name,
            "is_bot": bot,
            "profile": profile,
            "tz": "Etc/UTC",
            "locale": "en-US",
        }
        return id

    def add_channel(self, id: str, name: str, kind: str = "channel", bot: bool = True) -> str:
        self.channels[id] = Channel(id, name, kind, {BOT_USER} if bot else set())
        return id

    def direct(self, user: str) -> Channel:
        """Return the direct message channel of the bot and a user, opening it."""
        with self.lock:
            for channel in self.channels.values():
                if channel.kind == "im" and channel.user == user:
                    return channel
            id = self.id("D")
            self.channels[id] = Channel(id, "", "im", {BOT_USER, user}, user)
            return self.channels[id]

    def post(self, message: Message) -> Message:
        with self.lock:
            self.messages[(message.channel, message.ts)] = message
            message.versions.append(message.seen())
            return message

    def of(self, channel: str) -> list[Message]:
        """Return the messages of a channel, oldest first."""
        with self.lock:
            found = [m for (place, _), m in self.messages.items() if place == channel]
            return sorted(found, key=lambda m: m.ts)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """Return the message and its replies, oldest first."""
        return [m for m in self.of(channel) if ts in (m.ts, m.thread_ts)]

    def trigger(self, seconds: float) -> str:
        """Return a trigger id, good once and for so many seconds."""
        with self.lock:
            id = f"{self.id('')}.{self.id('')}.trigger"
            self.triggers[id] = (time.monotonic() + seconds, False)
            return id

    def hook(self, channel: str, user: str, ts: str = "") -> str:
        """Return the name of a new response_url."""
        with self.lock:
            name = self.id("hook")
            self.hooks[name] = Hook(channel, user, time.monotonic() + 1800, ts)
            return name

    def by_bot(self) -> list[Message]:
        """Return what the bot posted, oldest first."""
        with self.lock:
            found = [m for m in self.messages.values() if m.bot_id == BOT]
            return sorted(found, key=lambda m: m.ts)


def texts(value: Any) -> Iterator[str]:
    """Yield every text in blocks, in order."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        text = value.get("text")
        if isinstance(text, str):
            yield text
        for key, item in value.items():
            if isinstance(item, dict | list) and key != "style":
                yield from texts(item)
