"""A model that says what it was told: the fake for tests, and the metronome for benchmarks."""

import re
import time
from collections.abc import Callable, Iterator, Sequence

from agents.models.base import Cancel, Capabilities, Message, Piece, Reply, Sampling, check_adapters

Script = Sequence[str] | Callable[[Sequence[Message], Sampling], str]

SLICE = 0.02
"""Seconds slept at a time, so that a cancel is seen within one slice."""

_TOKEN = re.compile(r"\s*\S{1,5}|\s+$")


class ScriptEnded(LookupError):
    """The model was asked more often than it has replies."""


class ScriptedModel:
    """Gives `replies` in order, or what a function makes of the messages and sampling.

    `prompts` and `samplings` keep what it was asked. With `read_rate` and `write_rate` (tokens/s, a
    token being up to five characters of a word) it takes the time that a model of that speed
    would, through `sleep`; a prompt's prefix that was read before under the same
    `Sampling.prefix` costs nothing when `capabilities.prefix_cache` is set. Stop strings and
    `max_tokens` are kept; a grammar is not looked at.
    """

    def __init__(
        self,
        replies: Script,
        name: str = "scripted",
        capabilities: Capabilities | None = None,
        read_rate: float | None = None,
        write_rate: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._script = replies
        self._name = name
        self._capabilities = capabilities or Capabilities(context=8192, grammar="gbnf")
        self._read_rate = read_rate
        self._write_rate = write_rate
        self._sleep = sleep
        self._cached: dict[str, list[str]] = {}
        self.prompts: list[tuple[Message, ...]] = []
        self.samplings: list[Sampling] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        """Yield the next scripted reply; `ScriptEnded` says how many there were."""
        for item in self._written(messages, (sampling,), cancel):
            yield item if isinstance(item, Piece) else item[0]

    def replies(
        self,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        cancel: Cancel | None = None,
    ) -> tuple[Reply, ...]:
        """Return the next scripted replies, one for each sampling; they take the time of reading
        once and of writing the longest."""
        *_, last = self._written(messages, samplings, cancel)
        assert isinstance(last, tuple)
        return last

    def _written(
        self, messages: Sequence[Message], samplings: Sequence[Sampling], cancel: Cancel | None
    ) -> Iterator[Piece | tuple[Reply, ...]]:
        check_adapters(self, samplings)
        wholes = [self._next(messages, sampling) for sampling in samplings]
        lines = [_TOKEN.findall(_cut(t, s.stop)) for t, s in zip(wholes, samplings, strict=True)]
        kept = [line[: s.max_tokens] for line, s in zip(lines, samplings, strict=True)]
        read, evaluated = self._count(messages, samplings[0].prefix)
        seconds = evaluated / self._read_rate if self._read_rate else 0.0
        each = 1 / self._write_rate if self._write_rate else 0.0
        cancelled, steps = self._pass(seconds, cancel), 0
        while not cancelled and steps < max(map(len, kept)):
            if cancelled := self._pass(each, cancel):
                break
            yield from (Piece(line[steps]) for line in kept if steps < len(line))
            steps += 1
        costs = [(evaluated, seconds)] + [(0, 0.0)] * (len(kept) - 1)
        yield tuple(
            Reply(
                "".join(line[:steps]),
                "cancelled" if cancelled else "stop" if len(line) == len(whole) else "length",
                read=read,
                evaluated=new,
                written=min(steps, len(line)),
                seconds_read=spent,
                seconds_write=min(steps, len(line)) * each,
                adapter=sampling.adapter,
            )
            for line, whole, (new, spent), sampling in zip(
                kept, lines, costs, samplings, strict=True
            )
        )

    def close(self) -> None:
        """Nothing is held."""

    def _next(self, messages: Sequence[Message], sampling: Sampling) -> str:
        asked = len(self.prompts)
        self.prompts.append(tuple(messages))
        self.samplings.append(sampling)
        if callable(self._script):
            return self._script(messages, sampling)
        if asked >= len(self._script):
            held = len(self._script)
            raise ScriptEnded(
                f"model {self._name} was asked {asked + 1} times and has {held} replies"
            )
        return self._script[asked]

    def _count(self, messages: Sequence[Message], prefix: str) -> tuple[int, int]:
        tokens = [token for m in messages for token in (m.role, *_TOKEN.findall(m.content))]
        before = self._cached.get(prefix, []) if self._capabilities.prefix_cache else []
        self._cached[prefix] = tokens
        same = 0
        while same < min(len(before), len(tokens) - 1) and before[same] == tokens[same]:
            same += 1
        return len(tokens), len(tokens) - same

    def _pass(self, seconds: float, cancel: Cancel | None) -> bool:
        """Let time go by; True when a cancel cut it short."""
        while True:
            if cancel is not None and cancel.is_set():
                return True
            if seconds <= 0:
                return False
            self._sleep(min(SLICE, seconds))
            seconds -= SLICE


def _cut(text: str, stops: Sequence[str]) -> str:
    found = [at for stop in stops if stop and (at := text.find(stop)) >= 0]
    return text[: min(found)] if found else text
