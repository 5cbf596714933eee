"""The fake Slack itself: a server on this machine, and what people do in its workspace."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web
from fake_slack import payloads
from fake_slack.deliveries import RETRIES, Delivery, Kind
from fake_slack.faults import Faults
from fake_slack.http_mode import HttpMode
from fake_slack.limits import Limits
from fake_slack.socket_mode import SocketMode
from fake_slack.web_api import WebApi
from fake_slack.world import APP_TOKEN, BOT_TOKEN, BOT_USER, JSON, SECRET, Channel, Message, World

Got = TypeVar("Got")


class FakeSlack:
    """Use as a context manager. Everything people do may be called from any thread.

    `callback` is the address of an app in HTTP mode; without one, Socket Mode delivers. With
    `echoes` the app hears of its own messages too, as Slack has it.
    """

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        limits: float = 1.0,
        ack_seconds: float = 3.0,
        retries: tuple[float, ...] = RETRIES,
        callback: str = "",
        echoes: bool = False,
    ) -> None:
        self.world = World()
        self.faults = faults or Faults()
        self.socket_mode = SocketMode(self.faults, ack_seconds, retries)
        self.http_mode = HttpMode(callback, self.faults, ack_seconds, retries)
        self.api = WebApi(self.world, self.faults, Limits(limits), self.socket_mode)
        self.deliveries: list[Delivery] = []
        self.named: dict[str, list[Delivery]] = {}
        """The deliveries by what they are about."""

        if echoes:
            self.api.echo = self._echo
        self.base = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slack", daemon=True)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> "FakeSlack":
        self._thread.start()
        self.base = self.wait(self._start())
        return self

    def __exit__(self, *error: object) -> None:
        self.wait(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def api_url(self) -> str:
        return f"{self.base}api/"

    @property
    def environ(self) -> dict[str, str]:
        """The settings of a bot that shall talk to this server."""
        return {
            "VOUCH_SLACK_API_URL": self.api_url,
            "VOUCH_SLACK_BOT_TOKEN": BOT_TOKEN,
            "VOUCH_SLACK_APP_TOKEN": APP_TOKEN,
            "VOUCH_SLACK_SIGNING_SECRET": SECRET,
        }

    def wait(self, work: Coroutine[Any, Any, Got]) -> Got:
        """Run a coroutine in the server's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread: str = "",
        *,
        bot: str = "",
        edited: bool = False,
    ) -> Message:
        """Let somebody write in a channel; the app hears what its subscriptions let it hear.

        `bot` is the id of another app that writes, `edited` says that the mention came by an edit.
        """
        root = self.world.messages.get((channel, thread))
        top = (root.thread_ts or root.ts) if root else thread
        if root:
            root.thread_ts = top
        message = Message(
            channel, self.world.ts(), user, text, thread_ts=top, bot_id=bot, edited=edited
        )
        self.world.post(message)
        for event in self._events(message, self.world.channels[channel]):
            self.send("events_api", payloads.event(self.world, event), message.ts)
        return message

    def direct(self, user: str, text: str, thread: str = "") -> Message:
        """Let somebody write to the bot directly."""
        return self.say(user, self.world.direct(user).id, text, thread)

    def command(self, user: str, channel: str, text: str, command: str = "/vouch") -> Delivery:
        place = self.world.channels[channel]
        payload = payloads.slash(self.world, self.base, user, place, command, text)
        return self.send("slash_commands", payload, payload["trigger_id"])

    def shortcut(self, user: str, message: Message, callback: str) -> Delivery:
        payload = payloads.shortcut(self.world, self.base, user, message, callback)
        return self.send("interactive", payload, payload["trigger_id"])

    def click(self, user: str, message: Message, action_id: str) -> Delivery:
        """Press the button of that action in a message; KeyError if there is none."""
        for block in message.blocks:
            for element in [*block.get("elements", []), block.get("accessory") or {}]:
                if element.get("action_id") == action_id:
                    action = {"block_id": block.get("block_id", "b"), **element}
                    payload = payloads.click(self.world, self.base, user, message, action)
                    return self.send("interactive", payload, payload["trigger_id"])
        raise KeyError(action_id)

    def submit(self, user: str, view: JSON, values: JSON) -> Delivery:
        payload = payloads.submission(self.world, user, view, values)
        return self.send("interactive", payload, payload["trigger_id"])

    def send(self, kind: Kind, payload: JSON, name: str) -> Delivery:
        """Bring a payload to the app, with the faults that its turn has."""
        delivery = Delivery(kind, payload, name)
        self.deliveries.append(delivery)
        self.named.setdefault(name, []).append(delivery)
        asyncio.run_coroutine_threadsafe(self._send(delivery), self._loop)
        return delivery

    def cut(self) -> None:
        """Break every line of the app."""
        for connection in list(self.socket_mode.connections):
            self._loop.call_soon_threadsafe(connection.cut)

    def refresh(self) -> None:
        """Ask the app to renew every line."""
        for connection in list(self.socket_mode.connections):
            self.wait(self.socket_mode.refresh(connection))

    async def _send(self, delivery: Delivery) -> None:
        mode = self.http_mode if self.http_mode.url else self.socket_mode
        dice, rates = self.faults.chance("event"), self.faults.rates
        if dice.random() < rates.delayed:
            await asyncio.sleep(dice.expovariate(2.0))
        if delivery.kind == "events_api" and dice.random() < rates.duplicated:
            self.socket_mode.go(_later(dice.uniform(0, 2), mode.send_again(delivery)))
        await mode.deliver(delivery)

    def _events(self, message: Message, channel: Channel) -> list[JSON]:
        if channel.kind == "im":
            return [payloads.message_of(message, channel)]
        if BOT_USER not in channel.members:
            return []
        spoken = payloads.message_of(message, channel)
        events = [payloads.changed(spoken, self.world.ts()) if message.edited else spoken]
        if f"<@{BOT_USER}>" in message.text:
            events.append(payloads.mention_of(message, channel))
        return events if self.faults.chance("order").random() < 0.5 else events[::-1]

    def _echo(self, method: str, message: Message) -> None:
        """Tell the app what it did itself: bots hear their own messages and edits."""
        channel = self.world.channels[message.channel]
        event = payloads.message_of(message, channel)
        if method == "chat.update":
            event = payloads.changed(event, self.world.ts())
        self.send("events_api", payloads.event(self.world, event), f"echo {message.ts}")

    async def _start(self) -> str:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_route("*", "/api/{method}", self.api.serve)
        app.router.add_post("/hooks/{name}", self.api.hook)
        app.router.add_get("/link/", self.socket_mode.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/"

    async def _stop(self) -> None:
        await self.socket_mode.close()
        if self._runner is not None:
            await self._runner.cleanup()


async def _later(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    await asyncio.sleep(seconds)
    await work
