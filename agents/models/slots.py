"""Which stretch of the key-value cache serves a prompt: the book-keeping, without llama.cpp."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Slot:
    """One sequence of the cache: `tokens` are those whose keys and values it holds, as computed
    with `adapter`: with another one, or none, they would be others."""

    id: int
    name: str = ""
    adapter: str = ""
    tokens: list[int] = field(default_factory=list)
    used: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Serve from `slot`, keeping `keep` of its tokens, or copying them first from `donor`."""

    slot: Slot
    keep: int
    donor: Slot | None


class Slots:
    """`count` sequences over one cache of `cells` tokens."""

    def __init__(self, count: int, cells: int) -> None:
        self.all = [Slot(index) for index in range(count)]
        self._cells = cells
        self._clock = 0

    def choose(self, name: str, tokens: Sequence[int], adapter: str = "") -> Choice:
        """Take the slot of that name and adapter, else an empty one, else the one unused for
        longest.

        At least the last token is always left to evaluate, since its logits are what decoding
        needs. When another slot of that adapter shares a longer prefix than the chosen one, it is
        the donor.
        """
        alike = [slot for slot in self.all if slot.adapter == adapter]
        slot = self._named(name, adapter)
        limit = len(tokens) - 1
        keep = min(limit, common(slot.tokens, tokens)) if slot in alike else 0
        donor = max(alike, key=lambda other: common(other.tokens, tokens), default=slot)
        lent = min(limit, common(donor.tokens, tokens)) if donor in alike else 0
        self._clock += 1
        slot.name, slot.adapter, slot.used = name, adapter, self._clock
        return Choice(slot, lent, donor) if lent > keep else Choice(slot, keep, None)

    def _named(self, name: str, adapter: str) -> Slot:
        for slot in self.all:
            if (slot.name, slot.adapter) == (name, adapter) and slot.tokens:
                return slot
        empty = [slot for slot in self.all if not slot.tokens]
        return empty[0] if empty else min(self.all, key=lambda slot: slot.used)

    def crowding(self, slot: Slot, needed: int) -> Iterable[Slot]:
        """Yield slots to empty, oldest first, until `needed` tokens fit beside what remains."""
        others = sorted((s for s in self.all if s is not slot and s.tokens), key=lambda s: s.used)
        held = sum(len(other.tokens) for other in others)
        for other in others:
            if held + needed <= self._cells:
                return
            held -= len(other.tokens)
            yield other


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """Length of the longest common prefix."""
    for index, (one, two) in enumerate(zip(left, right, strict=False)):
        if one != two:
            return index
    return min(len(left), len(right))
