"""The Web API over HTTP: tokens, scopes, arguments, rate limits, faults and answers.

Source: https://docs.slack.dev/apis/web-api (JSON or form bodies, bearer tokens, "ok" in every
answer, x-oauth-scopes; header names come in small letters), https://docs.slack.dev/apis/web-api/rate-limits.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from fake_slack.errors import SlackError
from fake_slack.faults import CallFault, Faults
from fake_slack.limits import Limits
from fake_slack.methods import METHODS, Method, answer_hook
from fake_slack.socket_mode import SocketMode
from fake_slack.world import APP_TOKEN, BOT_TOKEN, JSON, SCOPES, Message, World


@dataclass(frozen=True, slots=True)
class Called:
    """One call, for traces: `answer` is the error's name, "ok", or the fault that hid the truth."""

    at: float
    method: str
    args: JSON
    answer: str

    def line(self, since: float) -> str:
        told = [(key, self.args.get(key)) for key in ("channel", "ts", "thread_ts", "text")]
        about = " ".join(f"{key}={str(value)[:60]}" for key, value in told if value)
        return f"{self.at - since:7.2f}s {self.method} {about} -> {self.answer}"


class WebApi:
    """Answers calls on a world."""

    def __init__(
        self, world: World, faults: Faults, limits: Limits, socket_mode: SocketMode
    ) -> None:
        self.world = world
        self.faults = faults
        self.limits = limits
        self.socket_mode = socket_mode
        self.scopes = SCOPES
        self.calls: list[Called] = []
        self.watch: Callable[[str], None] = lambda moment: None
        """Told "before" and "after" each call is carried out, as in "chat.postMessage after"."""

        self.echo: Callable[[str, Message], None] = lambda method, message: None
        """Told of every message that the bot posted or changed."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of a method."""
        name = request.match_info["method"]
        args = await _arguments(request)
        token = _token(request, args)
        try:
            if name == "apps.connections.open":
                return await self._connect(request, token)
            if token != BOT_TOKEN:
                raise SlackError("invalid_auth" if token else "not_authed")
            return await self._carry_out(request, name, args)
        except SlackError as error:
            return self._refuse(name, args, error)

    async def hook(self, request: web.Request) -> web.Response:
        """Take what is posted to a response_url; the answer is the plain word "ok"."""
        args = await _arguments(request)
        fault = self.faults.of_call("response_url", True)
        await asyncio.sleep(fault.seconds)
        try:
            if fault.carried_out:
                answer_hook(self.world, request.match_info["name"], args)
        except SlackError as error:
            self._note("response_url", args, error.code)
            return web.Response(status=error.status, text=error.code)
        self._note("response_url", args, fault.seen or "ok")
        if fault.seen:
            return web.Response(status=500, text="internal_error")
        return web.Response(text="ok")

    async def _connect(self, request: web.Request, token: str) -> web.StreamResponse:
        """Give an address to connect to."""
        name = "apps.connections.open"
        if token != APP_TOKEN:
            raise SlackError("not_allowed_token_type" if token == BOT_TOKEN else "invalid_auth")
        fault = self.faults.of_call(name, False)
        await asyncio.sleep(fault.seconds)
        if fault.seen == "429":
            return self._slow_down(name, {}, 1)
        if fault.seen:
            return self._fail(request, name, {}, fault)
        ticket = self.socket_mode.ticket()
        url = f"ws://{request.host}/link/?ticket={ticket}&app_id=A0VOUCH"
        return self._answer(name, {}, {"url": url})

    async def _carry_out(self, request: web.Request, name: str, args: JSON) -> web.StreamResponse:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if method.scope and method.scope not in self.scopes.split(","):
            raise SlackError("missing_scope", needed=method.scope, provided=self.scopes)
        if wait := self.limits.wait(name, method.tier, str(args.get("channel") or "")):
            return self._slow_down(name, args, wait)
        fault = self.faults.of_call(name, method.changes)
        if fault.seen == "429":
            return self._slow_down(name, args, 1)
        await asyncio.sleep(fault.before)
        answer = self._run(name, method, args) if fault.carried_out else {}
        await asyncio.sleep(fault.seconds - fault.before)
        if fault.seen:
            return self._fail(request, name, args, fault)
        return self._answer(name, args, answer)

    def _run(self, name: str, method: Method, args: JSON) -> JSON:
        self.watch(f"{name} before")
        with self.world.lock:
            answer = method.run(self.world, args)
        self.watch(f"{name} after")
        if name in ("chat.postMessage", "chat.update"):
            self.echo(name, self.world.messages[(answer["channel"], answer["ts"])])
        return answer

    def _answer(self, name: str, args: JSON, answer: JSON) -> web.Response:
        self._note(name, args, "ok")
        return self._json({"ok": True, **answer})

    def _refuse(self, name: str, args: JSON, error: SlackError) -> web.Response:
        self._note(name, args, error.code)
        return self._json(error.body(), error.status)

    def _slow_down(self, name: str, args: JSON, seconds: int) -> web.Response:
        self._note(name, args, f"429, {seconds} s")
        body = {"ok": False, "error": "ratelimited"}
        return self._json(body, 429, {"retry-after": str(seconds)})

    def _fail(
        self, request: web.Request, name: str, args: JSON, fault: CallFault
    ) -> web.StreamResponse:
        done = "though carried out" if fault.carried_out else "not carried out"
        self._note(name, args, f"{fault.seen}, {done}")
        if fault.seen == "break":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.seen == "503 page":
            page = "<html><body>upstream connect error</body></html>"
            return web.Response(status=503, text=page, content_type="text/html")
        status = 500 if fault.seen == "500" else 200
        return self._json({"ok": False, "error": "internal_error"}, status)

    def _note(self, name: str, args: JSON, answer: str) -> None:
        self.calls.append(Called(time.monotonic(), name, args, answer))

    def _json(
        self, body: JSON, status: int = 200, headers: dict[str, str] | None = None
    ) -> web.Response:
        scoped = {"x-oauth-scopes": self.scopes, "x-slack-req-id": self.world.id("req")}
        return web.json_response(body, status=status, headers=scoped | (headers or {}))


async def _arguments(request: web.Request) -> JSON:
    """Return the arguments, from the address, a form or JSON."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        args |= json.loads(text) if text else {}
    elif request.can_read_body:
        args |= dict(await request.post())
    return args


def _token(request: web.Request, args: JSON) -> str:
    header = request.headers.get("Authorization", "")
    given = str(args.pop("token", "") or "")
    return header.removeprefix("Bearer ").strip() if header else given
