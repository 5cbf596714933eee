"""Adds up a streamed answer of a model server: one or several replies, their ends and costs."""

from dataclasses import dataclass
from typing import Any

from agents.models.base import ModelLost, Reply
from agents.models.stream import Finish


@dataclass(slots=True)
class Choice:
    """One reply as it comes in; `last` is the time of its last piece."""

    text: str = ""
    finish: str = ""
    pieces: int = 0
    last: float = 0.0

    @property
    def heard(self) -> bool:
        """Whether anything came of it."""
        return bool(self.pieces or self.finish)


class Account:
    """Takes the events of a request for `count` replies that was sent at `start` seconds."""

    def __init__(self, start: float, count: int = 1) -> None:
        self._start = start
        self._choices = [Choice() for _ in range(count)]
        self._first = 0.0
        self._usage: dict[str, Any] = {}
        self._done = False

    @property
    def whole(self) -> bool:
        """Whether all that was begun came to its end."""
        heard = [choice for choice in self._choices if choice.heard]
        return self._done or (bool(heard) and all(choice.finish for choice in heard))

    def take(self, event: dict[str, Any], now: float) -> str:
        """Take one event of the stream; return the text that it adds."""
        if "error" in event:
            raise ModelLost(f"the model server gave up: {str(event['error'])[:200]}")
        self._usage = event.get("usage") or self._usage
        self._done = self._done or bool(event.get("done"))
        return "".join(self._hear(said, now) for said in event.get("choices") or [])

    def _hear(self, said: dict[str, Any], now: float) -> str:
        index = int(said.get("index") or 0) if len(self._choices) > 1 else 0
        if not 0 <= index < len(self._choices):
            return ""
        choice = self._choices[index]
        choice.finish = said.get("finish_reason") or choice.finish
        text = str((said.get("delta") or {}).get("content") or "")
        if text:
            self._first = self._first or now
            choice.text += text
            choice.pieces += 1
            choice.last = now
        return text

    def replies(self, end: float, cancelled: bool) -> tuple[Reply, ...]:
        """The replies that came, at least one. The first has the costs of reading.

        A server counts what it wrote in all, which is shared out by pieces; where it counted
        nothing, pieces stand for tokens.
        """
        usage = self._usage
        read = int(usage.get("prompt_tokens") or 0)
        cached = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)
        first = self._first or end
        heard = [choice for choice in self._choices if choice.heard] or self._choices[:1]
        written = _shares(int(usage.get("completion_tokens") or 0), [c.pieces for c in heard])
        last = [choice.last for choice in heard] if len(heard) > 1 else [end]
        costs = [(read - cached, first - self._start)] + [(0, 0.0)] * (len(heard) - 1)
        return tuple(
            Reply(
                choice.text,
                _finish(choice, cancelled),
                read=read,
                evaluated=evaluated,
                written=count,
                seconds_read=seconds,
                seconds_write=max(0.0, over - first),
            )
            for choice, count, over, (evaluated, seconds) in zip(
                heard, written, last, costs, strict=True
            )
        )


def _finish(choice: Choice, cancelled: bool) -> Finish:
    if cancelled:
        return "cancelled"
    return "length" if choice.finish == "length" else "stop"


def _shares(total: int, pieces: list[int]) -> list[int]:
    """Share a count out in proportion to pieces; the first takes what is left over."""
    if not total:
        return pieces
    whole = sum(pieces) or 1
    shares = [total * each // whole for each in pieces]
    shares[0] += total - sum(shares)
    return shares
