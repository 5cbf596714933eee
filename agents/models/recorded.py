"""A model that plays back recorded replies, so that a run can be computed again without weights."""

from collections.abc import Iterator, Sequence

from agents.models.base import Cancel, Capabilities, Message, Piece, Reply, Sampling, check_adapters


class RecordingEnded(LookupError):
    """The run asked for a reply that was never recorded: it has parted from its recording."""


class RecordedModel:
    """Plays back `replies` in order, as one piece each, with their recorded costs and finish.

    `unplayed` are the replies that nobody asked for; a whole replay leaves none.
    """

    def __init__(
        self,
        replies: Sequence[Reply],
        name: str = "recorded",
        capabilities: Capabilities | None = None,
    ) -> None:
        self._replies = tuple(replies)
        self._played = 0
        self._name = name
        self._capabilities = capabilities or Capabilities(context=8192, grammar="gbnf")

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def unplayed(self) -> tuple[Reply, ...]:
        return self._replies[self._played :]

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        """Yield the next recorded reply; `RecordingEnded` when there is none.

        A cancel ends the stream with nothing played, as it would with a living model.
        """
        check_adapters(self, (sampling,))
        if cancel is not None and cancel.is_set():
            yield Reply("", "cancelled")
            return
        if not self.unplayed:
            raise RecordingEnded(f"the recording holds {len(self._replies)} replies, no more")
        reply = self._replies[self._played]
        self._played += 1
        if reply.text:
            yield Piece(reply.text)
        yield reply

    def close(self) -> None:
        """Nothing is held."""
