"""A call to the engine as an async stream: it ticks in silence and ends with its reader."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from app.wire import EngineFault
from ui.house_port import House, Item, Stream


@dataclass(frozen=True, slots=True)
class Done:
    """The call ended and returned `result`."""

    result: Item


class Followed:
    """The calls of a house that are being followed."""

    def __init__(self, house: House, pause: float) -> None:
        self._house = house
        self._pause = pause
        self._readings: set[_Reading] = set()

    async def follow(
        self, name: str, params: Mapping[str, Any]
    ) -> AsyncGenerator[Item | Done | None, None]:
        """Yield the items of a call, None after each pause of silence, and `Done` last.

        A reader that goes away before the end stops the job. Errors of the call are raised here.
        """
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[Item | Done | BaseException] = asyncio.Queue()
        reading = _Reading(self._house, loop, told)
        self._readings.add(reading)
        threading.Thread(target=reading.read, args=(name, dict(params)), daemon=True).start()
        try:
            while True:
                try:
                    item = await asyncio.wait_for(told.get(), self._pause)
                except TimeoutError:
                    yield None
                    continue
                if isinstance(item, BaseException):
                    raise item
                yield item
                if isinstance(item, Done):
                    return
        finally:
            self._readings.discard(reading)
            reading.leave()

    def end(self) -> None:
        """End all of them with an `EngineFault`; from any thread."""
        for reading in list(self._readings):
            reading.fail(EngineFault("The service was ended before the answer."))


class _Reading:
    """Reads a blocking stream in a thread of its own."""

    def __init__(
        self,
        house: House,
        loop: asyncio.AbstractEventLoop,
        told: "asyncio.Queue[Item | Done | BaseException]",
    ) -> None:
        self._house = house
        self._loop = loop
        self._told = told
        self._left = threading.Event()
        self._ended = threading.Event()
        self._stream: Stream | None = None

    def read(self, name: str, params: Item) -> None:
        """Pass on every item, then the result or what went wrong."""
        try:
            self._stream = stream = self._house.call(name, params)
            for item in stream:
                self._pass(item)
                if self._left.is_set():
                    self._stop(stream)
            self._end(Done(stream.result or {}))
        except Exception as error:  # noqa: BLE001 - raised again where the stream is read
            self._end(error)

    def leave(self) -> None:
        """Stop the job if it still runs; the thread reads on to its end."""
        self._left.set()
        stream = self._stream
        if stream is not None and not self._ended.is_set():
            # Not a daemon: a service that is ended still has its questions stopped.
            threading.Thread(target=self._stop, args=(stream,)).start()

    def fail(self, error: Exception) -> None:
        """Have the reader hear of an error next."""
        self._pass(error)

    def _end(self, last: "Done | BaseException") -> None:
        self._ended.set()
        self._pass(last)

    def _stop(self, stream: Stream) -> None:
        if not self._ended.is_set():
            self._house.stop(stream.job)

    def _pass(self, item: "Item | Done | BaseException") -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._told.put_nowait, item)
