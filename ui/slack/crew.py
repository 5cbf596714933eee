"""Who works on the events: placeholders at once, answers by turns, one at a time in a thread."""

import bisect
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.slack.asked import Request
from ui.slack.items import Item, Items
from ui.slack.web import Doubt, Leaving, Refused
from ui.slack.work import Work

log = logging.getLogger("vouch.slack")

GREETERS, WORKERS = 4, 8
REMEMBERED = 2000
TRIES = 3
WAIT, LONGEST_WAIT = 10.0, 600.0
"""Seconds until an event that could not be finished is tried again; doubled each time."""

UNABLE = {
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
    "missing_scope", "no_permission", "org_login_required", "ekm_access_denied",
}  # fmt: skip
"""Refusals that concern every message: the event stays open until somebody has mended them."""


_Waiting: TypeAlias = "tuple[Item, Future[None]]"


class Crew:
    """Takes events and has them worked on by a bounded number of threads."""

    def __init__(
        self,
        work: Work,
        items: Items,
        clock: Callable[[], float] = time.monotonic,
        workers: int = WORKERS,
    ) -> None:
        """`clock` gives seconds."""
        self._work = work
        self._items = items
        self._clock = clock
        self._greeters = ThreadPoolExecutor(GREETERS, "greet")
        self._workers = ThreadPoolExecutor(workers, "answer")
        self._lock = threading.Lock()
        self._now: dict[str, Item] = {}
        self._lanes: dict[tuple[str, str], list[_Waiting]] = {}
        self._done: OrderedDict[str, None] = OrderedDict()
        self._tries: dict[str, tuple[int, float]] = {}

    def take(self, request: Request) -> None:
        """Take an event; it is committed when this returns, and the work on it has begun."""
        with self._lock:
            if request.key in self._now or request.key in self._done:
                return
        item = self._items.take(request)
        if item is not None:
            self._begin(item)

    def resume(self) -> None:
        """Begin the work on what is open and nobody works on: left by a crash, or by a fault."""
        for item in self._items.open():
            _, due = self._tries.get(item.key, (0, 0.0))
            if due <= self._clock():
                self._begin(item)

    def at_work(self, key: str) -> Item | None:
        """Return the event in work of that key."""
        with self._lock:
            return self._now.get(key)

    def close(self) -> None:
        """Begin nothing more."""
        self._greeters.shutdown(wait=False, cancel_futures=True)
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _begin(self, item: Item) -> None:
        with self._lock:
            if item.key in self._now or item.key in self._done:
                return
            self._now[item.key] = item
            greeting = self._greeters.submit(self._work.greet, item)
            lane = self._lanes.setdefault(_lane(item), [])
            # What was asked first is answered first; the head of the lane is in work already.
            bisect.insort(lane, (item, greeting), lo=min(len(lane), 1), key=_asked_at)
            alone = len(lane) == 1
        if alone:
            self._send(item, greeting)

    def _send(self, item: Item, greeting: "Future[None]") -> None:
        """Have it answered. The lock is free: what ends at once is noted in this very thread."""
        answer = self._workers.submit(self._carry_out, item, greeting)
        answer.add_done_callback(lambda ended: self._ended(item, ended))

    def _carry_out(self, item: Item, greeting: "Future[None]") -> bool:
        """Return whether the event is done; what cannot be done now is left open."""
        try:
            greeting.result()
            self._work.answer(item)
        except Refused as refused:
            if refused.code in UNABLE:
                log.error("Slack refuses the bot: %s; see vouch doctor", refused.code)
                return False
            self._work.give_up(item, refused.code)
        except (Doubt, UserError, EngineFault) as fault:
            log.warning("an event is left for later: %s: %s", type(fault).__name__, fault)
            return False
        return True

    def _ended(self, item: Item, ended: "Future[bool]") -> None:
        """Let the next one of the thread begin."""
        if ended.cancelled():
            return
        fault = ended.exception()
        if isinstance(fault, Leaving):
            return
        if fault is not None:
            log.error("an event failed unexpectedly", exc_info=fault)
        with self._lock:
            done = fault is None and ended.result()
            tried = self._note(item.key, done)
            if fault is not None and tried == TRIES:
                self._workers.submit(self._work.say, item, "Something unexpected went wrong.")
            del self._now[item.key]
            lane = self._lanes[_lane(item)]
            lane.pop(0)
            following = lane[:1]
            if not lane:
                del self._lanes[_lane(item)]
        for waiting in following:
            self._send(*waiting)

    def _note(self, key: str, done: bool) -> int:
        """Remember how it ended; return how often it was tried in vain."""
        if done:
            self._tries.pop(key, None)
            self._done[key] = None
            if len(self._done) > REMEMBERED:
                self._done.popitem(last=False)
            return 0
        tried = self._tries.get(key, (0, 0.0))[0] + 1
        wait = min(WAIT * 2 ** (tried - 1), LONGEST_WAIT)
        self._tries[key] = (tried, self._clock() + wait)
        return tried


def _lane(item: Item) -> tuple[str, str]:
    return item.request.channel, item.request.root or item.key


def _asked_at(waiting: _Waiting) -> float:
    return waiting[0].request.since
