"""The key-value cache of an open context: sequences of tokens, and decoding at their ends."""

from collections.abc import Callable, Sequence
from typing import Any

from agents.models.base import ModelError
from agents.models.native import library
from agents.models.slots import Choice, Slot, Slots

_NO_ROOM, _ABORTED = 1, 2


class Aborted(Exception):
    """Work was given up because it was asked to be."""


class Cache:
    """`slots` sequences that are kept between requests and `branches` that are not, in one window.

    `cells` is the window in tokens and `batch` how many are evaluated at a time. The window is not
    divided among the sequences (`kv_unified`), and a copied token takes no second cell. `aborted`
    is asked often, also inside llama.cpp.
    """

    def __init__(
        self,
        context: Any,
        aborted: Callable[[], bool],
        *,
        slots: int,
        branches: int,
        cells: int,
        batch: int,
    ) -> None:
        self._native = library()
        self._context = context
        self._aborted = aborted
        self._stop = self._native.ggml_abort_callback(lambda data: aborted())
        self._memory = self._native.llama_get_memory(context)
        self._size = batch
        self._batch = self._native.llama_batch_init(batch, 0, 1)
        self._slots = Slots(slots, cells)
        self._branches = [Slot(slots + number) for number in range(branches)]

    def prepare(self, name: str, tokens: list[int], room: int, adapter: str = "") -> Choice:
        """Choose a slot, leave exactly the prefix in it that was read with that adapter, and make
        room for `room` tokens beside the prompt."""
        native, memory = self._native, self._memory
        choice = self._slots.choose(name, tokens, adapter)
        slot, keep = choice.slot, choice.keep
        if choice.donor is not None:
            native.llama_memory_seq_rm(memory, slot.id, -1, -1)
            native.llama_memory_seq_cp(memory, choice.donor.id, slot.id, 0, keep)
        elif not native.llama_memory_seq_rm(memory, slot.id, keep, -1):
            # Recurrent models cannot forget a tail: they read the prompt again.
            native.llama_memory_seq_rm(memory, slot.id, -1, -1)
            keep = 0
        slot.tokens = tokens[:keep]
        for other in self._slots.crowding(slot, len(tokens) + room):
            self.empty(other)
        return Choice(slot, keep, None)

    def branch(self, slot: Slot, number: int) -> Slot:
        """Give branch `number` all that the slot holds; no cell is added."""
        made = self._branches[number]
        self.empty(made)
        self._native.llama_memory_seq_cp(self._memory, slot.id, made.id, -1, -1)
        made.tokens = list(slot.tokens)
        return made

    def empty(self, slot: Slot) -> None:
        """Forget a sequence; cells that no other one shares are free again."""
        self._native.llama_memory_seq_rm(self._memory, slot.id, -1, -1)
        slot.tokens = []

    def empty_branches(self) -> None:
        """Forget all branches."""
        for branch in self._branches:
            if branch.tokens:
                self.empty(branch)

    def read(self, slot: Slot, tokens: list[int]) -> None:
        """Evaluate the rest of a prompt; `Aborted` leaves in the slot what was done."""
        self._native.llama_set_abort_callback(self._context, self._stop, None)
        body, last = tokens[:-1], tokens[-1:]
        for at in range(0, len(body), self._size):
            self.extend([(slot, body[at : at + self._size])])
        # Alone, as when all else was cached: kernels for one token and for many round apart, and
        # the same prompt must give the same reply.
        self.extend([(slot, last)])

    def extend(self, parts: Sequence[tuple[Slot, list[int]]]) -> list[int]:
        """Evaluate tokens at the ends of sequences, all in one batch.

        Returns for each part the row of its last token's logits. On `Aborted` the sequences hold
        what was done. When there is no room, other slots are forgotten, oldest first.
        """
        if self._aborted():
            raise Aborted
        rows = self._fill(parts)
        status = self._native.llama_decode(self._context, self._batch)
        served = [slot for slot, _ in parts]
        others = [slot for slot in self._slots.all if slot.tokens and slot not in served]
        if status == _NO_ROOM and others:
            self.empty(min(others, key=lambda other: other.used))
            return self.extend(parts)
        for slot, tokens in parts:
            slot.tokens += tokens
        if status == 0:
            return rows
        self._settle(served)
        if status == _ABORTED:
            raise Aborted
        raise ModelError(f"llama.cpp failed to evaluate the prompt (status {status})")

    def logits(self, row: int, size: int) -> Any:
        """A float32 array (size,) of the last batch's row; -1 is its last. It is llama.cpp's own
        memory: the next `extend` writes over it."""
        import numpy

        found = self._native.llama_get_logits_ith(self._context, row)
        return numpy.ctypeslib.as_array(found, (size,))

    def _settle(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            held = self._native.llama_memory_seq_pos_max(self._memory, slot.id) + 1
            slot.tokens = slot.tokens[: max(0, held)]

    def _fill(self, parts: Sequence[tuple[Slot, list[int]]]) -> list[int]:
        batch, index, rows = self._batch, 0, []
        for slot, tokens in parts:
            for at, token in enumerate(tokens, start=len(slot.tokens)):
                batch.token[index] = token
                batch.pos[index] = at
                batch.n_seq_id[index] = 1
                batch.seq_id[index][0] = slot.id
                batch.logits[index] = 0
                index += 1
            batch.logits[index - 1] = 1
            rows.append(index - 1)
        batch.n_tokens = index
        return rows
