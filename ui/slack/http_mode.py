"""HTTP mode: Slack posts to an address of ours, and Bolt lets nothing in without its signature."""

import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from retrieval.errors import UserError
from ui.slack.bot import Bot, Say

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_sdk.signature import SignatureVerifier
    from starlette.applications import Starlette
    from starlette.requests import Request

    from app.options import Settings

PATH = "/slack/events"
LARGEST = 1 << 20
"""Bytes of a request; Slack's own are far smaller."""


def http_mode(bot: Bot, settings: "Settings", ready: Say) -> None:
    """Listen for Slack's requests until the bot is to end."""
    import uvicorn

    host, port = settings.slack.host, settings.slack.port
    listener = _listen(host, port)
    heard = service(bot.app, settings.slack.signing_secret.get_secret_value())
    config = uvicorn.Config(heard, log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    running = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
    running.start()
    ready(f"listens on http://{host}:{listener.getsockname()[1]}{PATH} as {bot.me.user}")
    try:
        bot.ending.wait()
    finally:
        server.should_exit = True
        running.join(3.0)
        listener.close()


def service(app: "App", secret: str) -> "Starlette":
    """Return an ASGI service that hands signed requests to the Bolt app, and 401 to all others."""
    from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
    from slack_sdk.signature import SignatureVerifier
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    verifier = SignatureVerifier(secret)

    async def heard(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        # Bolt looks too, but only after it has read what the body says.
        if not _signed(verifier, request.headers, body):
            return PlainTextResponse("not signed by Slack", 401)
        asked = to_bolt_request(request, body)
        return to_starlette_response(await run_in_threadpool(app.dispatch, asked))

    return Starlette(routes=[Route(PATH, heard, methods=["POST"])])


def _signed(verifier: "SignatureVerifier", headers: Mapping[str, str], body: bytes) -> bool:
    """Whether Slack signed the request in the last five minutes."""
    moment = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    try:
        return verifier.is_valid(body.decode("utf-8"), moment, signature)
    except (ValueError, TypeError):
        return False


async def _body(request: "Request") -> bytes | None:
    """Return the body; None if it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host} port {port}: {error.strerror or error}",
            origin="slack.host and slack.port",
            cure="free the port or choose another: vouch config set slack.port 3001",
        ) from error
