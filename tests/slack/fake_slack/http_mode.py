"""HTTP mode: signed requests to the app's own address.

Sources: https://docs.slack.dev/authentication/verifying-requests-from-slack (v0 signature),
https://docs.slack.dev/apis/events-api (X-Slack-Retry-Num, X-Slack-Retry-Reason, url_verification).
"""

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp
from fake_slack.deliveries import RETRIES, Attempt, Delivery
from fake_slack.faults import Faults
from fake_slack.world import JSON, SECRET


def sign(body: bytes, at: float, secret: str = SECRET) -> dict[str, str]:
    """Return the headers that prove who sent the body, and when."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }


def body_of(kind: str, payload: JSON) -> tuple[bytes, str]:
    """Return the body and its type: events are JSON, commands and interactions are forms."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


class HttpMode:
    """Posts deliveries to one address."""

    def __init__(
        self,
        url: str,
        faults: Faults,
        ack_seconds: float = 3.0,
        retries: tuple[float, ...] = RETRIES,
    ) -> None:
        self.url = url
        self.faults = faults
        self.ack_seconds = ack_seconds
        self.retries = retries

    async def verify(self) -> bool:
        """Ask the address for the challenge, as when it is entered for the first time."""
        body, kind = body_of("events_api", {"type": "url_verification", "challenge": "3eZbrw1a"})
        status, text = await self._post(body, kind, {})
        return status == 200 and "3eZbrw1a" in text

    async def deliver(self, delivery: Delivery) -> None:
        """Post until 2xx is heard; an event at most four times, anything else once."""
        waits = [0.0, *self.retries] if delivery.kind == "events_api" else [0.0]
        reason = ""
        for number, wait in enumerate(waits):
            await asyncio.sleep(wait)
            reason = await self._attempt(delivery, number, reason)
            if not reason:
                return
            delivery.failed += 1
        delivery.given_up = True

    async def send_again(self, delivery: Delivery) -> None:
        await self._attempt(delivery, 0, "")

    async def _attempt(self, delivery: Delivery, number: int, before: str) -> str:
        """Return "" or the reason to try again."""
        body, kind = body_of(delivery.kind, delivery.payload)
        again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": before}
        attempt = Attempt(number, "", "http", time.monotonic())
        delivery.attempts.append(attempt)
        try:
            status, text = await self._post(body, kind, again if number else {})
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"
        if not 200 <= status < 300:
            return "http_error"
        attempt.acked = time.monotonic()
        attempt.payload = json.loads(text) if text.startswith("{") else {"text": text}
        attempt.heard = self.faults.chance("ack").random() >= self.faults.rates.unheard
        return "" if attempt.heard else "http_timeout"

    async def _post(self, body: bytes, kind: str, more: dict[str, str]) -> tuple[int, str]:
        headers = {"Content-Type": kind, **sign(body, time.time()), **more}
        limit = aiohttp.ClientTimeout(total=self.ack_seconds)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(self.url, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.text()
