"""One loaded model in llama.cpp: reads prompts into a cache of sequences, and writes replies."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.models.base import ContextOverflow, Message, ModelError, Reply, Sampling
from agents.models.chat import segments
from agents.models.gguf import read_header
from agents.models.native import LOG, gpus, layers_that_fit, library, repacking_is_safe
from agents.models.sampler import Sampler
from agents.models.slots import Choice, Slot, Slots
from agents.models.stream import Finish, TextStream
from agents.models.vocabulary import Vocabulary

_NO_ROOM, _ABORTED = 1, 2


@dataclass(frozen=True, slots=True)
class Load:
    """How to load a model. `gpu_layers` None offloads what fits; `context`, `batch` in tokens."""

    path: str
    context: int = 8192
    gpu_layers: int | None = None
    threads: int = 2
    flash_attention: bool = True
    slots: int = 4
    batch: int = 512


class LoadError(ModelError):
    """llama.cpp cannot load the file."""


class Aborted(Exception):
    """Work was given up because it was asked to be."""


class Runtime:
    """A model and its cache. Not thread-safe; `aborted` is asked often, also inside llama.cpp,
    and may be used to show that the process is alive."""

    def __init__(self, load: Load, aborted: Callable[[], bool]) -> None:
        self.load = load
        self.header = read_header(Path(load.path))
        self.context = min(load.context, self.header.context)
        self._aborted = aborted
        self._native = library()
        self._alive = self._native.llama_progress_callback(self._progress)
        self._stop = self._native.ggml_abort_callback(lambda data: aborted())
        self._gpus = gpus()
        self._model, self.offloaded = self._open_model()
        self._context = self._open_context()
        self.vocabulary = Vocabulary(self._model)
        self._memory = self._native.llama_get_memory(self._context)
        self._slots = Slots(load.slots, self.context)
        self._batch = self._native.llama_batch_init(load.batch, 0, 1)

    def info(self) -> dict[str, Any]:
        """What doctor tells of the model in use. `size` in bytes, `context` in tokens; `offloaded`
        counts the output layer too, so all is `layers + 1`."""
        why = "this build of llama.cpp has no GPU support"
        if self._native.llama_supports_gpu_offload():
            why = "no GPU was found"
        return {
            "path": self.load.path,
            "size": self.header.size,
            "layers": self.header.layers,
            "offloaded": self.offloaded,
            "gpu": self._gpus[0].name if self._gpus else "",
            "no_gpu": "" if self._gpus else why,
            "threads": self.load.threads,
            "flash_attention": self.load.flash_attention,
            "context": self.context,
        }

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, emit: Callable[[str], None]
    ) -> Reply:
        """Read what is new of the prompt, write a reply, and give out its text by pieces."""
        tokens = self.vocabulary.prompt(
            segments(messages, self.vocabulary.template, self.vocabulary.eos)
        )
        if len(tokens) >= self.context:
            what = f"the prompt has {len(tokens)} tokens and the window is {self.context}"
            raise ContextOverflow(what)
        stream = TextStream(sampling.stop)
        room = min(sampling.max_tokens, self.context - len(tokens))
        with Sampler(self.vocabulary.handle, sampling) as sampler:
            start = time.perf_counter()
            choice = self._prepare(sampling.prefix, tokens, room)
            evaluated = len(tokens) - choice.keep
            try:
                self._read(choice.slot, tokens[choice.keep :])
            except Aborted:
                spent = time.perf_counter() - start
                read = len(choice.slot.tokens) - choice.keep
                return Reply("", "cancelled", len(tokens), max(0, read), 0, spent)
            middle = time.perf_counter()
            written, finish = self._write(choice.slot, sampler, stream, room, emit)
            spent = time.perf_counter() - middle
        seconds = (middle - start, spent)
        return Reply(stream.text, finish, len(tokens), evaluated, written, *seconds)

    def _prepare(self, name: str, tokens: list[int], room: int) -> Choice:
        """Choose a slot and leave exactly the shared prefix in it."""
        native, memory = self._native, self._memory
        choice = self._slots.choose(name, tokens)
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
            self._empty(other)
        return Choice(slot, keep, None)

    def _empty(self, slot: Slot) -> None:
        self._native.llama_memory_seq_rm(self._memory, slot.id, -1, -1)
        slot.tokens = []

    def _read(self, slot: Slot, tokens: list[int]) -> None:
        self._native.llama_set_abort_callback(self._context, self._stop, None)
        body, last = tokens[:-1], tokens[-1:]
        for at in range(0, len(body), self.load.batch):
            self._decode(slot, body[at : at + self.load.batch])
        # Alone, as when all else was cached: kernels for one token and for many round apart, and
        # the same prompt must give the same reply.
        self._decode(slot, last)

    def _write(
        self,
        slot: Slot,
        sampler: Sampler,
        stream: TextStream,
        room: int,
        emit: Callable[[str], None],
    ) -> tuple[int, Finish]:
        """Write up to `room` tokens; return their count and why it ended."""
        written = 0
        finish: Finish = "length"
        while written < room:
            token = sampler.pick(self._logits())
            if self.vocabulary.ends(token):
                finish = "stop"
                break
            sampler.accept(token)
            written += 1
            if piece := stream.feed(self.vocabulary.written(token)):
                emit(piece)
            if stream.stopped:
                return written, "stop"
            try:
                if written < room:
                    self._decode(slot, [token])
            except Aborted:
                finish = "cancelled"
                break
        if piece := stream.end():
            emit(piece)
        return written, finish

    def _decode(self, slot: Slot, tokens: list[int]) -> None:
        """Evaluate tokens at the slot's end; on an abort the slot holds what was done."""
        if self._aborted():
            raise Aborted
        self._fill(slot, tokens)
        status = self._native.llama_decode(self._context, self._batch)
        others = [s for s in self._slots.all if s is not slot and s.tokens]
        if status == _NO_ROOM and others:
            self._empty(min(others, key=lambda other: other.used))
            return self._decode(slot, tokens)
        if status == 0:
            slot.tokens += tokens
            return None
        self._settle(slot, tokens)
        if status == _ABORTED:
            raise Aborted
        raise ModelError(f"llama.cpp failed to evaluate the prompt (status {status})")

    def _settle(self, slot: Slot, tokens: list[int]) -> None:
        held = self._native.llama_memory_seq_pos_max(self._memory, slot.id) + 1
        slot.tokens = (slot.tokens + tokens)[: max(0, held)]

    def _fill(self, slot: Slot, tokens: list[int]) -> None:
        batch, start = self._batch, len(slot.tokens)
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = slot.id
            batch.logits[index] = 0
        batch.logits[len(tokens) - 1] = 1

    def _logits(self) -> Any:
        import numpy

        row = self._native.llama_get_logits_ith(self._context, -1)
        return numpy.ctypeslib.as_array(row, (self.vocabulary.size,))

    def _progress(self, share: float, data: Any) -> bool:
        self._aborted()
        return True

    def _open_model(self) -> tuple[Any, int]:
        """Load the weights, with as many layers on the GPU as fit; fewer when that fails."""
        wanted = self._wanted_layers()
        for layers in dict.fromkeys((wanted, wanted // 2, 0)):
            params = self._native.llama_model_default_params()
            params.n_gpu_layers = layers
            params.progress_callback = self._alive
            params.use_extra_bufts = repacking_is_safe()
            model = self._native.llama_model_load_from_file(self.load.path.encode(), params)
            if model:
                return model, min(layers, self.header.layers + 1)
        raise LoadError(f"llama.cpp cannot load {self.load.path}: {_last_words()}")

    def _wanted_layers(self) -> int:
        if not self._gpus:
            return 0
        if self.load.gpu_layers is not None:
            return self.load.gpu_layers
        cache = self.header.kv_bytes * self.context
        free = sum(gpu.free for gpu in self._gpus)
        return layers_that_fit(self.header.layers, self.header.size, cache, free)

    def _open_context(self) -> Any:
        native, params = self._native, self._native.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = (
            self.context,
            self.load.batch,
            self.load.batch,
        )
        params.n_seq_max, params.kv_unified = self.load.slots, True
        params.n_threads = params.n_threads_batch = self.load.threads
        on, off = native.LLAMA_FLASH_ATTN_TYPE_ENABLED, native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.flash_attn_type = on if self.load.flash_attention else off
        context = native.llama_init_from_model(self._model, params)
        if not context:
            what = f"llama.cpp cannot open a window of {self.context} tokens for {self.load.path}"
            raise LoadError(f"{what}: {_last_words()}")
        return context


def _last_words() -> str:
    said = [line for line in LOG if "error" in line.lower()] or list(LOG)
    return said[-1] if said else "it gives no reason"
