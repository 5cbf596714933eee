"""Any server that speaks OpenAI's chat completions: llama-server, vLLM, Ollama, LM Studio, ...

Wire format: https://platform.openai.com/docs/api-reference/chat-streaming
"""

import json
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.models.account import Account
from agents.models.base import (
    Cancel,
    Capabilities,
    GrammarKind,
    Message,
    ModelLost,
    Piece,
    Reply,
    Sampling,
    check_adapters,
)
from agents.models.pump import Pump
from agents.models.refusals import Refusal, read_refusal

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
    does not tell, and `parallel` how many replies are asked for at once. Errors beside those of
    `Model`: `UserError` when the key or the model's name is refused. The key stands in no message.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        grammar: GrammarKind = "none",
        context: int = 8192,
        parallel: int = 16,
        stall_seconds: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = base_url.rstrip("/")
        self._model = model
        self._key = api_key
        self._capabilities = Capabilities(context, grammar=grammar, parallel=parallel)
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
        check_adapters(self, (sampling,))
        with closing(self._tried(messages, sampling, 1, cancel)) as said:
            for item in said:
                yield item if isinstance(item, Piece) else item[0]

    def replies(
        self,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        cancel: Cancel | None = None,
    ) -> tuple[Reply, ...]:
        """Write a reply for each sampling; see `together`.

        Samplings that differ by their seed alone are one request with `n`, where the seed is the
        first one's and those of the others are the server's to choose (vLLM and llama-server
        count up from it). Others, greedy ones, and all for a server that does not know `n`, are
        asked for one by one.
        """
        check_adapters(self, samplings)
        found: list[Reply] = []
        while len(found) < len(samplings):
            rest = samplings[len(found) :]
            count = self._alike(rest)
            *_, last = self._tried(messages, rest[0], count, cancel)
            assert isinstance(last, tuple)
            found += last
            if last[-1].finish == "cancelled":
                return (*found, *(Reply("", "cancelled") for _ in samplings[len(found) :]))
            if len(last) < count:
                self._dropped.add("n")
        return tuple(found)

    def _alike(self, samplings: Sequence[Sampling]) -> int:
        """How many of the samplings, from the first on, one request can serve."""
        first = samplings[0]
        # Greedy replies would be copies, and vLLM refuses to make them.
        if "n" in self._dropped or first.temperature == 0:
            return 1
        return sum(1 for _ in takewhile(lambda s: replace(s, seed=first.seed) == first, samplings))

    def _tried(
        self, messages: Sequence[Message], sampling: Sampling, count: int, cancel: Cancel | None
    ) -> Generator[Piece | tuple[Reply, ...]]:
        """Yield pieces and, last, the replies that came: one at least, `count` at most."""
        for attempt in range(1, TRIES + 1):
            try:
                yield from self._once(self._body(messages, sampling, count), cancel)
                return
            except Refusal as refusal:
                wait = self._mend(refusal, attempt)
            if self._waited(wait, cancel):
                break
        yield (Reply("", "cancelled"),)

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

    def _body(self, messages: Sequence[Message], sampling: Sampling, count: int) -> dict[str, Any]:
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
        if count > 1:
            body["n"] = count
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        if self._capabilities.grammar == "gbnf" and sampling.grammar:
            body["grammar"] = sampling.grammar
        if self._capabilities.grammar == "json_schema" and sampling.schema:
            schema = {"name": "reply", "strict": True, "schema": json.loads(sampling.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {key: value for key, value in body.items() if key not in self._dropped}

    def _once(
        self, body: dict[str, Any], cancel: Cancel | None
    ) -> Iterator[Piece | tuple[Reply, ...]]:
        import httpx

        account = Account(time.perf_counter(), body.get("n", 1))
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
        yield account.replies(time.perf_counter(), pump.cancelled)

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
                raise self._refusal(response, "n" in body)
            for line in response.iter_lines():
                data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
                if data == _DONE:
                    yield {"done": True}
                    return
                if data:
                    yield json.loads(data)

    def _refusal(self, response: "httpx.Response", several: bool) -> Refusal:
        text = self._without_key(response.read().decode("utf-8", "replace"))
        wait = response.headers.get("retry-after", "")
        status, shown = response.status_code, self._shown()
        return read_refusal(status, text, wait, shown, self._model, several)

    def _shown(self) -> str:
        """The address without a password that may stand in it."""
        scheme, _, rest = self._url.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "...") if self._key else text


def _is_loopback(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return host.rsplit(":", 1)[0] in ("localhost", "127.0.0.1", "[::1]")
