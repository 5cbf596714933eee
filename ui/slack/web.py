"""One call of Slack's Web API: rate limits are waited out, and refusals are told from doubt."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from slack_sdk.errors import SlackApiError

from app.slack_check import no_answer

log = logging.getLogger("vouch.slack")

DOUBTFUL = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
"""Errors after which nobody knows whether the call was carried out."""

READING = {"conversations.replies", "conversations.history", "conversations.info"}


class Refused(Exception):
    """Slack did not carry the call out and will not; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Doubt(Exception):
    """Nobody knows whether the call was carried out: no answer, or one that says nothing."""


class Leaving(Exception):
    """The bot is ending; what is open is taken up by the next one."""


class Client(Protocol):
    """What is used of `slack_sdk.WebClient`. It must not retry by itself: a message sent twice is
    posted twice."""

    def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = ...,
        params: dict[str, Any] | None = ...,
        json: dict[str, Any] | None = ...,
    ) -> Any: ...


class Web:
    """Calls methods for several threads. A method that Slack slows down in a channel is not
    called there again before its time."""

    def __init__(
        self,
        client: Client,
        ending: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds."""
        self._client = client
        self._ending = ending
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[tuple[str, str], float] = {}

    def call(self, method: str, **args: Any) -> Any:
        """Return what Slack answers. `Refused`, `Doubt`, or `Leaving` once the bot ends."""
        while True:
            answer = self.attempt(method, **args)
            if answer is not None:
                return answer
            self.rest(self.wait(method, args))

    def attempt(self, method: str, **args: Any) -> Any:
        """Call once; None if Slack asks to slow down. Raises as `call` does."""
        if self._ending.is_set():
            raise Leaving
        if self.wait(method, args) > 0:
            return None
        try:
            if method in READING:
                return self._client.api_call(method, http_verb="GET", params=args)
            return self._client.api_call(method, json=args)
        except SlackApiError as error:
            self._judge(method, args, error.response)
            return None
        except no_answer() as error:
            log.warning("%s got no answer: %s", method, type(error).__name__)
            raise Doubt(method) from error

    def wait(self, method: str, args: dict[str, Any]) -> float:
        """Return the seconds until the method may be called there."""
        with self._lock:
            return max(0.0, self._until.get(_place(method, args), 0.0) - self._clock())

    def rest(self, seconds: float) -> None:
        """Pause; `Leaving` as soon as the bot ends."""
        if self._ending.wait(max(0.01, seconds)):
            raise Leaving

    def _judge(self, method: str, args: dict[str, Any], response: Any) -> None:
        """Return where Slack only asks to slow down; raise otherwise."""
        code, status = str(response.get("error") or ""), int(response.status_code)
        if status == 429 or code in ("ratelimited", "rate_limited"):
            seconds = _retry_after(response)
            log.info("%s is slowed down for %.0f s", method, seconds)
            with self._lock:
                self._until[_place(method, args)] = self._clock() + seconds
            return
        log.warning("%s was answered with %s (%d)", method, code[:80], status)
        if doubtful(response):
            raise Doubt(method)
        raise Refused(code)


def doubtful(response: Any) -> bool:
    """Whether an answer leaves it open what became of the call."""
    code = str(response.get("error") or "")
    # An error's name is one word: a page of some proxy in its place says nothing.
    return response.status_code >= 500 or code in DOUBTFUL or not code.isidentifier()


def _place(method: str, args: dict[str, Any]) -> tuple[str, str]:
    """Slack counts messages by channel, and all other calls by method."""
    return method, str(args.get("channel") or "") if method == "chat.postMessage" else ""


def _retry_after(response: Any) -> float:
    headers = {name.lower(): value for name, value in (response.headers or {}).items()}
    try:
        return max(1.0, float(headers.get("retry-after", 1)))
    except (TypeError, ValueError):
        return 1.0
