"""Any server that speaks OpenAI's chat completions: llama-server, vLLM, Ollama, LM Studio, ...

Wire format: https://platform.openai.com/docs/api-reference/chat-streaming
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.models.base import (
    Cancel,
    Capabilities,
    GrammarKind,
    Message,
    ModelLost,
    Piece,
    Reply,
    Sampling,
)
from agents.models.pump import Pump
from agents.models.refusals import Refusal, read_refusal
from agents.models.stream import Finish

if TYPE_CHECKING:
    import httpx

_DONE = "[DONE]"
TRIES = 4
LONGEST_WAIT = 10.0
"""Seconds that are waited at most between tries of a busy server."""


class OpenAICompatible:
    """The model `model` of the server at `base_url` (which ends in /v1 for most).

    `grammar` says what the server can enforce: "gbnf" is sent as llama.cpp's `grammar`,
    "json_schema" as `response_format`. `context` is its window in tokens, which the protocol
    does not tell. Errors beside those of `Model`: `UserError` when the key or the model's name is
    refused. The key stands in no message.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        grammar: GrammarKind = "none",
        context: int = 8192,
        stall_seconds: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = base_url.rstrip("/")
        self._model = model
        self._key = api_key
        self._capabilities = Capabilities(context=context, grammar=grammar)
        self._stall = stall_seconds
        self._sleep = sleep
        self._dropped: set[str] = set()

    @property
    def name(self) -> str:
        return self._model

    @property
    def identity(self) -> str:
        """What tells this model from others of its name: its server's address, without a login."""
        parts = urlsplit(self._url)
        return f"{self._model} {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def close(self) -> None:
        """Nothing is held between replies."""

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        """Stream a reply; see `Model.reply`. A busy server (429, 503) is tried a few times."""
        for attempt in range(1, TRIES + 1):
            try:
                yield from self._once(self._body(messages, sampling), cancel)
                return
            except Refusal as refusal:
                wait = self._mend(refusal, attempt)
            if self._waited(wait, cancel):
                break
        yield Reply("", "cancelled")

    def _mend(self, refusal: Refusal, attempt: int) -> float:
        """Return the seconds to wait before another try, or raise what the refusal means."""
        if attempt == TRIES:
            raise refusal.meaning
        if refusal.field and refusal.field not in self._dropped:
            self._dropped.add(refusal.field)
            return 0.0
        if not refusal.busy:
            raise refusal.meaning
        return min(LONGEST_WAIT, refusal.wait or 0.5 * 2**attempt)

    def _waited(self, seconds: float, cancel: Cancel | None) -> bool:
        """Let time go by; True when cancelled."""
        while seconds > 0 and not (cancel is not None and cancel.is_set()):
            self._sleep(min(0.1, seconds))
            seconds -= 0.1
        return cancel is not None and cancel.is_set()

    def _body(self, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        limit = "max_completion_tokens" if "max_tokens" in self._dropped else "max_tokens"
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            limit: sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
        }
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        if self._capabilities.grammar == "gbnf" and sampling.grammar:
            body["grammar"] = sampling.grammar
        if self._capabilities.grammar == "json_schema" and sampling.schema:
            schema = {"name": "reply", "strict": True, "schema": json.loads(sampling.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {key: value for key, value in body.items() if key not in self._dropped}

    def _once(self, body: dict[str, Any], cancel: Cancel | None) -> Iterator[Piece | Reply]:
        import httpx

        account, start = Account(time.perf_counter()), time.perf_counter()
        pump = Pump(self._events(body), cancel)
        try:
            for event in pump:
                if text := account.take(event, time.perf_counter()):
                    yield Piece(text)
        except httpx.TimeoutException:
            what = f"the model server at {self._shown()} said nothing for {self._stall:g} s"
            raise ModelLost(what) from None
        except httpx.ConnectError:
            what = f"no model server answers at {self._shown()}; start it or set model.base_url"
            raise ModelLost(what) from None
        except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError, KeyError) as error:
            what = f"the reply of the model server at {self._shown()} broke off: {error}"
            raise ModelLost(self._without_key(what)) from None
        if not pump.cancelled and not account.whole:
            raise ModelLost(f"the reply of the model server at {self._shown()} broke off")
        yield account.reply(start, time.perf_counter(), pump.cancelled)

    def _events(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Post the request and yield the server-sent events; runs in the pump's thread."""
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = httpx.Timeout(self._stall, connect=5.0)
        # A proxy for the outside world has no business with a server on this machine.
        proxied = not _is_loopback(self._url)
        url = f"{self._url}/chat/completions"
        with (
            httpx.Client(timeout=timeout, trust_env=proxied) as client,
            client.stream("POST", url, json=body, headers=headers) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise self._refusal(response)
            for line in response.iter_lines():
                data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
                if data == _DONE:
                    yield {"done": True}
                    return
                if data:
                    yield json.loads(data)

    def _refusal(self, response: "httpx.Response") -> Refusal:
        text = self._without_key(response.read().decode("utf-8", "replace"))
        wait = response.headers.get("retry-after", "")
        return read_refusal(response.status_code, text, wait, self._shown(), self._model)

    def _shown(self) -> str:
        """The address without a password that may stand in it."""
        scheme, _, rest = self._url.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "...") if self._key else text


class Account:
    """Adds up a streamed reply: its text, its end and its costs."""

    def __init__(self, start: float) -> None:
        self._text = ""
        self._finish = ""
        self._chunks = 0
        self._usage: dict[str, Any] = {}
        self._first = start
        self.whole = False

    def take(self, event: dict[str, Any], now: float) -> str:
        """Take one event of the stream; return the text that it adds."""
        if "error" in event:
            raise ModelLost(f"the model server gave up: {str(event['error'])[:200]}")
        self._usage = event.get("usage") or self._usage
        self.whole = self.whole or bool(event.get("done"))
        for choice in event.get("choices") or []:
            self._finish = choice.get("finish_reason") or self._finish
            self.whole = self.whole or bool(self._finish)
            text = (choice.get("delta") or {}).get("content") or ""
            if text:
                self._first = self._first if self._chunks else now
                self._chunks += 1
                self._text += text
                return str(text)
        return ""

    def reply(self, start: float, end: float, cancelled: bool) -> Reply:
        """The whole reply. Where the server counted nothing, pieces stand for tokens."""
        read = int(self._usage.get("prompt_tokens") or 0)
        cached = (self._usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        written = int(self._usage.get("completion_tokens") or self._chunks)
        first = self._first if self._chunks else end
        times = (first - start, end - first)
        ended: Finish = "length" if self._finish == "length" else "stop"
        finish: Finish = "cancelled" if cancelled else ended
        return Reply(self._text, finish, read, read - int(cached), written, *times)


def _is_loopback(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return host.rsplit(":", 1)[0] in ("localhost", "127.0.0.1", "[::1]")
