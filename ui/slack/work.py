"""The work on one event: placeholder, question, steps, and the checked answer in its place."""

import logging
from dataclasses import replace
from typing import Any

from agents.events import Asked, Entry, Forked
from app.wire import EngineFault
from retrieval.errors import UserError
from ui import render
from ui.house_port import House, read_entries
from ui.slack import blocks
from ui.slack.access import Access, none_left
from ui.slack.asked import conversation_name, turn_name
from ui.slack.blocks import Message
from ui.slack.items import DONE, Item, Items, result
from ui.slack.pieces import shortened
from ui.slack.talk import Talk
from ui.slack.web import Refused
from ui.slack.words import escape
from ui.summary import Summary, summarize

log = logging.getLogger("vouch.slack")

ATTEMPTS = 2
"""A question whose run was cut off is asked once more."""

ENGINES = 3
"""So many engines may be lost over one run; the next one tells what became of it."""

STEPS = 6
WAITING = "Waiting:"
STRANGE = ("not_in_channel", "channel_not_found")
ABSENT = "I am not a member here. Invite me with /invite, or write me a direct message."
UNSAID = "I could not answer there."
UNFIT = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long")
GONE = ("message_not_found", "cant_update_message", "edit_window_closed")


class Work:
    """Carries events to their end. Every step can be done again after a crash at any point."""

    def __init__(self, house: House, talk: Talk, items: Items, access: Access) -> None:
        self._house = house
        self._talk = talk
        self._items = items
        self._access = access

    def greet(self, item: Item) -> None:
        """See to it that the placeholder stands, once."""
        if 0 in item.parts:
            return
        if not item.known:
            self._recall(item)
        if 0 not in item.parts:
            first = blocks.working(item.key, ["Looking into it …"], head(item))
            self._post(item, 0, first)
        self._items.mark(item, "placed")

    def answer(self, item: Item) -> None:
        """Do what is asked, and put its end in the placeholder's place."""
        messages = self._messages(item)
        for number, message in enumerate(messages):
            self._put(item, number, message)
        if self._talk.doubted(item.key):
            self._tidy(item, messages)
        self._finish(item)

    def say(self, item: Item, text: str) -> None:
        """End an event with one sentence."""
        self._put(item, 0, blocks.sentence(text, head(item)))
        self._finish(item)

    def give_up(self, item: Item, code: str) -> None:
        """End an event whose reply Slack does not take."""
        log.error("an event cannot be answered in its channel: %s", code)
        if item.request.respond:
            self._talk.respond(item.request.respond, ABSENT if code in STRANGE else UNSAID)
        self._finish(item)

    def stop(self, item: Item) -> None:
        """End the work on an event as its person wishes; what stands by then is said."""
        with item.lock:
            if item.finished:
                return
            item.stopped = True
            self._items.mark(item, "placed")
        for attempt in range(1, ATTEMPTS + 1):
            self._house.stop(turn_name(item.key, attempt))

    def summary(self, run: str, direct: bool) -> Summary:
        """Return what a run comes to, for a direct message or for a channel.

        `UserError` when what it was answered from has become private since, or is gone.
        """
        stream = self._house.call("show", {"run": run})
        entries = [told["entry"] for told in stream if "entry" in told]
        summary = summarize(read_entries(entries))
        if not set(summary.asked.collections) <= set(self._access.readable(direct, self._house)):
            raise UserError("what this was answered from has become private")
        return summary

    def _recall(self, item: Item) -> None:
        """Find what an earlier life of the bot posted for an event."""
        for posted in self._talk.find(item.place, item.key):
            item.parts.setdefault(posted.part, posted.ts)
        # What that life sent last may arrive after this look.
        self._talk.doubt(item.key)
        item.known = True

    def _finish(self, item: Item) -> None:
        with item.lock:
            self._items.mark(item, DONE)
            item.finished = True
        self._talk.forget(item.key)

    def _tidy(self, item: Item, messages: list[Message]) -> None:
        """Mend what a call did later than anybody thought: a second copy, an edit out of order."""
        for posted in self._talk.find(item.place, item.key):
            if posted.ts != item.parts.get(posted.part):
                self._talk.delete(item.place, posted.ts)
            elif posted.part < len(messages) and posted.text != messages[posted.part].text:
                self._put(item, posted.part, messages[posted.part])

    def _messages(self, item: Item) -> list[Message]:
        """Return the reply; a fault that people can mend is a sentence of it."""
        refusal = self._refusal(item)
        try:
            return [_sentence(item, refusal)] if refusal else self._reply(item)
        except UserError as fault:
            log.info("an event ended with: %s", fault)
            if item.stopped:
                return [_sentence(item, "Stopped before it began.")]
            return [_sentence(item, f"{_capital(fault.what)}.")]
        except EngineFault as fault:
            log.warning("an event ended with: %s", fault)
            return [_sentence(item, "The engine failed on this. Please ask again.")]

    def _refusal(self, item: Item) -> str:
        request = item.request
        if request.outside is None and not request.direct:
            request = replace(request, outside=self._talk.is_shared(request.channel))
        return self._access.refusal(request)

    def _reply(self, item: Item) -> list[Message]:
        direct = item.request.direct
        readable = self._access.readable(direct, self._house)
        if nothing := none_left(readable):
            return [_sentence(item, nothing)]
        run = self._run(item, readable)
        if run is None:
            return [_sentence(item, "The work on this was interrupted. Please ask again.")]
        summary = self.summary(run, direct)
        typed = item.request.text if item.request.kind == "ask" else ""
        return blocks.reply(summary, typed, head(item))

    def _run(self, item: Item, readable: list[str]) -> str | None:
        """Return the run that answers; None if it was cut off each time."""
        parent: Any = None
        for attempt in range(1, ATTEMPTS + 1):
            name = turn_name(item.key, attempt)
            if item.request.kind == "check":
                call, params, run = "verify", self._check(item, name, readable), name
            else:
                made = self._turn(item, name, readable, attempt, parent)
                parent, run = made["parent"], str(made["run"])
                call, params = "turn.run", {"turn": name, "session": item.request.by}
            # Of what was stopped before, only what stands already is told.
            if item.stopped or self._watched(item, call, params, name) != "interrupted":
                return run
        return None

    def _watched(self, item: Item, call: str, params: dict[str, Any], job: str) -> str:
        """Follow a run to its end and return its state; the engine may be lost on the way."""
        for _ in range(ENGINES - 1):
            try:
                return self._watch(item, call, params, job)
            except EngineFault as fault:
                log.warning("the engine was lost over an event: %s", fault)
        return self._watch(item, call, params, job)

    def _turn(
        self, item: Item, name: str, readable: list[str], attempt: int, parent: Any
    ) -> dict[str, Any]:
        """Keep the question as the next turn of its thread; a second attempt stands beside the
        first."""
        beside = {"parent": parent} if attempt > 1 else {"follow": True}
        params = {
            "turn": name,
            "conversation": conversation_name(item.request, item.root),
            "begin": True,
            "question": item.request.text,
            "by": item.request.by,
            "face": "slack",
            "collections": readable,
            **beside,
        }
        made: dict[str, Any] = result(self._house, "turn.new", params)
        return made

    def _check(self, item: Item, name: str, readable: list[str]) -> dict[str, Any]:
        text, by = item.request.text, item.request.by
        return {"text": text, "run": name, "collections": readable, "session": by}

    def _watch(self, item: Item, call: str, params: dict[str, Any], job: str) -> str:
        """Show the steps of a run until it ends; return its state."""
        lines: list[str] = []
        shown: list[str] = []
        stream = self._house.call(call, params, job=job)
        for told in stream:
            lines = _with(lines, _told(told))
            if lines != shown:
                message = blocks.working(item.key, lines, head(item))
                if self._talk.progress(item.place, item.parts[0], item.key, message):
                    shown = lines
        return str((stream.result or {}).get("state", "answered"))

    def _put(self, item: Item, part: int, message: Message) -> None:
        """Make a part of the reply stand as it should, whatever stood there before."""
        try:
            self._place(item, part, message)
        except Refused as refused:
            if refused.code not in UNFIT:
                raise
            log.error("Slack does not take the blocks of an answer: %s", refused.code)
            self._place(item, part, Message(message.text))

    def _place(self, item: Item, part: int, message: Message) -> None:
        if part not in item.parts and not item.known:
            self._recall(item)
        if part not in item.parts:
            self._post(item, part, message)
            return
        try:
            self._talk.edit(item.place, item.parts[part], item.key, part, message)
        except Refused as refused:
            if refused.code not in GONE:
                raise
            # Nobody may edit it any more: the answer stands below, and the placeholder goes.
            old = item.parts.pop(part)
            self._post_beside(item, part, message, old)
            if refused.code != "message_not_found":
                self._talk.delete(item.place, old)

    def _post_beside(self, item: Item, part: int, message: Message, old: str) -> None:
        found = self._talk.find(item.place, item.key)
        newer = [posted.ts for posted in found if posted.part == part and posted.ts != old]
        if newer:
            item.parts[part] = newer[0]
            return
        self._post(item, part, message)

    def _post(self, item: Item, part: int, message: Message) -> None:
        place = item.place
        if part and not place.root:
            place = type(place)(place.channel, item.root, place.since)
        item.parts[part] = self._talk.post(place, item.key, part, message)
        self._items.mark(item, "placed")


def head(item: Item) -> str:
    """Return what the reply begins with where no message of the person's stands above it."""
    request = item.request
    if request.root or not request.user.isalnum():
        return ""
    asked = shortened(escape(request.text), 1000)
    return f"<@{request.user}> asked: {asked}"


def _sentence(item: Item, text: str) -> Message:
    return blocks.sentence(text, head(item))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with(lines: list[str], said: str) -> list[str]:
    """Return the newest steps with one more; a place in the queue is none to keep."""
    kept = [line for line in lines if not line.startswith(WAITING)]
    return [*kept[1 - STEPS :], said] if said and said not in lines else lines


def _told(told: Any) -> str:
    """Return what an item of a call says of the work, in a few words; "" for most."""
    match told:
        case {"queued": int(place)} if place:
            return f"{WAITING} {place} ahead"
        case {"working": {"phase": str(phase), "count": int(count)}}:
            return _capital(render.working(phase, count).text)
        case {"entry": dict(entry)}:
            return "; ".join(_step(shown) for shown in read_entries([entry]))
        case _:
            return ""


def _step(entry: Entry) -> str:
    # Policy and model are told with the answer.
    if isinstance(entry.event, Asked | Forked):
        return ""
    line = render.step(entry.event)
    return _capital(line.text) if line else ""
