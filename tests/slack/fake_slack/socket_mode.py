"""Socket Mode: tickets, connections, envelopes, acks, redelivery, refreshes and broken lines.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode (hello, envelope_id,
accepts_response_payload, disconnect with warning, refresh_requested or link_disabled, up to ten
connections of which any may get a payload). Envelopes that went unanswered come again, also with
the same envelope_id (https://github.com/slackapi/bolt-js/issues/2487).
"""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web
from fake_slack.deliveries import RETRIES, Attempt, Delivery
from fake_slack.faults import Faults
from fake_slack.world import APP, JSON

MOST = 10
PING = 10.0


class Connection:
    """One open WebSocket of the app."""

    def __init__(self, name: str, line: web.WebSocketResponse, request: web.Request) -> None:
        self.name = name
        self.line = line
        self.request = request
        self.open = True
        self.used = asyncio.Event()
        """Set for a moment whenever something was sent."""

    async def send(self, value: JSON) -> None:
        with suppress(ConnectionError, RuntimeError):
            await self.line.send_str(json.dumps(value))

    def cut(self, reset: bool = False) -> None:
        """Break the line without a word of goodbye: it just ends, or it is reset."""
        self.open = False
        transport = self.request.transport
        if transport is None:
            return
        if reset:
            wire = transport.get_extra_info("socket")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class SocketMode:
    """The connections of one app, and what waits for an ack. Lives in one event loop."""

    def __init__(
        self, faults: Faults, ack_seconds: float = 3.0, retries: tuple[float, ...] = RETRIES
    ) -> None:
        self.faults = faults
        self.ack_seconds = ack_seconds
        self.retries = retries
        self.connections: list[Connection] = []
        self.tickets: set[str] = set()
        self.opened = 0
        self.stray: list[JSON] = []
        """What came in and acknowledged nothing that is known."""

        self.watch: Callable[[str], None] = lambda moment: None
        """Told "ack" as each ack comes in, "ack alone" if nothing else tells of that matter."""

        self._waiting: dict[str, tuple[Delivery, Attempt, asyncio.Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ticket(self) -> str:
        """Return a ticket for one connection."""
        ticket = uuid4().hex
        self.tickets.add(ticket)
        return ticket

    def go(self, work: Any) -> None:
        """Run a coroutine until it ends or the server does."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve a connection to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=403)
        self.tickets.discard(ticket)
        line = web.WebSocketResponse(heartbeat=PING)
        await line.prepare(request)
        self.opened += 1
        connection = Connection(f"c{self.opened}", line, request)
        self.connections.append(connection)
        self.go(self._age(connection))
        try:
            await self._greet(connection)
            async for message in line:
                if message.type is WSMsgType.TEXT:
                    self._take(connection, message.data)
        finally:
            connection.open = False
            self.connections.remove(connection)
        return line

    async def _greet(self, connection: Connection) -> None:
        debug = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        about = {"num_connections": len(self.connections), "connection_info": {"app_id": APP}}
        if len(self.connections) > MOST:
            await connection.send({"type": "disconnect", "reason": "too_many_websockets"})
            await connection.line.close()
            return
        await connection.send({"type": "hello", "debug_info": debug, **about})

    async def deliver(self, delivery: Delivery) -> None:
        """Send until an ack is heard; an event at most four times, anything else once."""
        waits = [0.0, *self.retries] if delivery.kind == "events_api" else [0.0]
        envelope = str(uuid4())
        for number, wait in enumerate(waits):
            await asyncio.sleep(wait)
            again = number and self.faults.chance("envelope").random() < 0.5
            envelope = str(uuid4()) if again else envelope
            if await self._attempt(delivery, number, envelope):
                return
            delivery.failed += 1
        delivery.given_up = True

    async def send_again(self, delivery: Delivery) -> None:
        """Deliver a copy that nobody asked for, as happens when Slack doubles an event."""
        await self._attempt(delivery, 0, str(uuid4()))

    async def _attempt(self, delivery: Delivery, number: int, envelope: str) -> bool:
        ready = [connection for connection in self.connections if connection.open]
        if not ready:
            return False
        dice = self.faults.chance("sending")
        connection = dice.choice(ready)
        attempt = Attempt(number, envelope, connection.name, time.monotonic())
        delivery.attempts.append(attempt)
        heard = asyncio.Event()
        self._waiting[envelope] = (delivery, attempt, heard)
        await connection.send(_enveloped(delivery, attempt))
        connection.used.set()
        connection.used.clear()
        try:
            await asyncio.wait_for(heard.wait(), self.ack_seconds)
        except TimeoutError:
            return False
        return True

    def _take(self, connection: Connection, text: str) -> None:
        """Hear an ack, or lose it."""
        said = json.loads(text)
        delivery, attempt, heard = self._waiting.get(said.get("envelope_id"), (None, None, None))
        if delivery is None or attempt is None or heard is None:
            self.stray.append(said)
            return
        attempt.acked = attempt.acked or time.monotonic()
        self.watch("ack alone" if delivery.alone else "ack")
        attempt.payload = said.get("payload")
        lost = self.faults.chance("ack").random() < self.faults.rates.unheard
        if not lost and time.monotonic() - attempt.sent <= self.ack_seconds:
            attempt.heard = True
            heard.set()

    async def _age(self, connection: Connection) -> None:
        """Break the line some time, just after something was sent, or ask for a fresh one."""
        dice, rates = self.faults.chance("line"), self.faults.rates
        each = rates.dropped + rates.refreshed
        if not each:
            return
        await asyncio.sleep(dice.expovariate(each))
        if dice.random() < rates.refreshed / each:
            await self.refresh(connection)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(connection.used.wait(), 2.0)
        await asyncio.sleep(dice.uniform(0, 0.05))
        connection.cut(reset=dice.random() < 0.5)

    async def refresh(self, connection: Connection, seconds: float = 1.0) -> None:
        """Ask the client to connect anew, and close this line a little later."""
        connection.open = False
        about = {"debug_info": {"host": "applink-fake"}}
        await connection.send({"type": "disconnect", "reason": "warning", **about})
        await asyncio.sleep(seconds / 2)
        await connection.send({"type": "disconnect", "reason": "refresh_requested", **about})
        await asyncio.sleep(seconds)
        with suppress(ConnectionError, RuntimeError):
            await connection.line.close()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self.connections):
            connection.cut()


def _enveloped(delivery: Delivery, attempt: Attempt) -> JSON:
    envelope: JSON = {
        "envelope_id": attempt.envelope,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
    }
    if delivery.kind == "events_api":
        envelope["retry_attempt"] = min(attempt.number, len(RETRIES))
        envelope["retry_reason"] = "timeout" if attempt.number else ""
    return envelope
