"""One reply in the making: its sampler, its text so far, and why it ended."""

import time
from typing import Any

from agents.models.base import Sampling
from agents.models.sampler import Sampler
from agents.models.stream import Finish, TextStream
from agents.models.vocabulary import Vocabulary


class Draft:
    """At most `room` tokens. `number` is its place among those of one request, `finish` None while
    it is written, `token` the last one taken, and `ended` the time of its end. Its `sampler` is to
    be used as a context."""

    def __init__(self, number: int, vocabulary: Vocabulary, sampling: Sampling, room: int) -> None:
        self.number = number
        self.room = room
        self.sampler = Sampler(vocabulary.handle, sampling)
        self.token = 0
        self.written = 0
        self.finish: Finish | None = None
        self.ended = 0.0
        self._vocabulary = vocabulary
        self._stream = TextStream(sampling.stop)
        if room <= 0:
            self.end("length")

    @property
    def text(self) -> str:
        """All that was given out."""
        return self._stream.text

    def step(self, logits: Any) -> str:
        """Take the next token from `logits` (vocabulary,); return the text that it sets free."""
        self.token = self.sampler.pick(logits)
        if self._vocabulary.ends(self.token):
            return self.end("stop")
        self.sampler.accept(self.token)
        self.written += 1
        piece = self._stream.feed(self._vocabulary.written(self.token))
        if self._stream.stopped:
            return piece + self.end("stop")
        return piece + self.end("length") if self.written >= self.room else piece

    def end(self, finish: Finish) -> str:
        """End it; return the text that was held back."""
        self.finish = finish
        self.ended = time.perf_counter()
        return self._stream.end()
