"""Posts each reply once: a message carries the key of its event, and is looked for by it."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ui.slack.blocks import Message
from ui.slack.web import Doubt, Refused, Web

EVENT_TYPE = "vouch_reply"
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each new attempt of what was left in doubt."""

EDIT_SECONDS = 1.25
"""Between two edits of placeholders: Slack takes some 50 of them a minute (tier 3)."""

SLACK_CLOCK = 300.0
"""Seconds by which this machine's clock may be ahead of Slack's."""

PAGE = 200


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is in its workspace."""

    user: str
    bot: str
    team: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where replies to an event stand: a channel and the thread in it, "" for none. No reply was
    posted before `since` (seconds)."""

    channel: str
    root: str
    since: float


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of ours that was found: which part of the reply it is, and its text."""

    part: int
    ts: str
    text: str


class Talk:
    """Posts, edits and finds the messages of replies. Usable from several threads."""

    def __init__(
        self,
        web: Web,
        me: Me,
        hook: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`hook` sends a text to an address that Slack gave; `clock` gives seconds."""
        self.web = web
        self.me = me
        self._hook = hook
        self._clock = clock
        self._lock = threading.Lock()
        self._edited = float("-inf")
        self._doubts: set[str] = set()

    def post(self, place: Place, key: str, part: int, message: Message) -> str:
        """Post a part of the reply to an event and return its ts.

        After a doubtful outcome it is looked for before it is posted again. `Refused`; `Doubt` if
        Slack cannot be reached for long.
        """
        for pause in PAUSES:
            try:
                return str(self._post(place, key, part, message)["ts"])
            except Doubt:
                self._doubts.add(key)
                self.web.rest(pause)
            found = [posted.ts for posted in self.find(place, key) if posted.part == part]
            if found:
                return found[0]
        raise Doubt("chat.postMessage")

    def edit(self, place: Place, ts: str, key: str, part: int, message: Message) -> None:
        """Replace a message; `Refused`, or `Doubt` if Slack cannot be reached for long."""
        args = {"channel": place.channel, "ts": ts, **_content(key, part, message)}
        try:
            self.web.call("chat.update", **args)
        except Doubt:
            self._doubts.add(key)
            insist(self.web, "chat.update", **args)

    def progress(self, place: Place, ts: str, key: str, message: Message) -> bool:
        """Replace a placeholder if it is time for it, and say whether that was done."""
        with self._lock:
            if self._clock() - self._edited < EDIT_SECONDS:
                return False
            self._edited = self._clock()
        args = {"channel": place.channel, "ts": ts, **_content(key, 0, message)}
        try:
            return self.web.attempt("chat.update", **args) is not None
        except Refused:
            return False
        except Doubt:
            self._doubts.add(key)
            return False

    def doubt(self, key: str) -> None:
        """Remember that a call for an event may yet be carried out, unheard."""
        self._doubts.add(key)

    def doubted(self, key: str) -> bool:
        """Whether the outcome of a call for an event was not known at first; said once."""
        if key in self._doubts:
            self._doubts.discard(key)
            return True
        return False

    def forget(self, key: str) -> None:
        """Keep nothing of an event that is done: a bot runs for months."""
        self._doubts.discard(key)

    def find(self, place: Place, key: str) -> list[Posted]:
        """Return our messages that carry the key, oldest first; `Doubt`, `Refused`."""
        found = list(self._found(place, key))
        if not place.root and found:
            thread = Place(place.channel, found[0].ts, place.since)
            found += [more for more in self._found(thread, key) if more.ts != found[0].ts]
        return sorted(found, key=lambda posted: posted.ts)

    def is_shared(self, channel: str) -> bool:
        """Whether people of another workspace read a channel, or are invited to; `Refused`."""
        told = insist(self.web, "conversations.info", channel=channel).get("channel") or {}
        return bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared"))

    def delete(self, place: Place, ts: str) -> None:
        """Take a message of ours away; one that is gone already is well."""
        try:
            insist(self.web, "chat.delete", channel=place.channel, ts=ts)
        except Refused as refused:
            if refused.code != "message_not_found":
                raise

    def whisper(self, channel: str, user: str, root: str, text: str) -> None:
        """Say something that only one person sees; if it is lost, it is lost."""
        thread = {"thread_ts": root} if root else {}
        try:
            self.web.call("chat.postEphemeral", channel=channel, user=user, text=text, **thread)
        except (Doubt, Refused):
            return

    def respond(self, address: str, text: str) -> None:
        """Say something to the one who asked, through the address that Slack gave for it."""
        self._hook(address, text)

    def _post(self, place: Place, key: str, part: int, message: Message) -> Any:
        thread = {"thread_ts": place.root} if place.root else {}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        content = _content(key, part, message)
        return self.web.call(
            "chat.postMessage", channel=place.channel, **thread, **quiet, **content
        )

    def _found(self, place: Place, key: str) -> Iterator[Posted]:
        for message in self._messages(place):
            metadata = message.get("metadata") or {}
            told = metadata.get("event_payload") or {}
            if metadata.get("event_type") != EVENT_TYPE or told.get("key") != key:
                continue
            # Other apps could claim the key; only what we posted ourselves is our reply.
            if message.get("bot_id") == self.me.bot or message.get("user") == self.me.user:
                part = int(told.get("part") or 0)
                yield Posted(part, str(message["ts"]), str(message.get("text") or ""))

    def _messages(self, place: Place) -> Iterator[dict[str, Any]]:
        method = "conversations.replies" if place.root else "conversations.history"
        args: dict[str, Any] = {"ts": place.root} if place.root else {}
        args |= {"channel": place.channel, "limit": PAGE, "include_all_metadata": True}
        args["oldest"] = f"{max(0.0, place.since - SLACK_CLOCK):.6f}"
        while True:
            answer = insist(self.web, method, **args)
            yield from answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            args["cursor"] = cursor


def insist(web: Web, method: str, **args: Any) -> Any:
    """Call what may be called again and again until its outcome is known."""
    for pause in PAUSES:
        try:
            return web.call(method, **args)
        except Doubt:
            web.rest(pause)
    return web.call(method, **args)


def _content(key: str, part: int, message: Message) -> dict[str, Any]:
    payload = {"key": key, "part": part}
    metadata = {"event_type": EVENT_TYPE, "event_payload": payload}
    return {"text": message.text, "blocks": message.blocks, "metadata": metadata}
