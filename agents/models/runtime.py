"""One loaded model in llama.cpp: reads prompts into its cache, and writes replies side by side."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from agents.models.adapters import Adapters
from agents.models.base import ContextOverflow, Message, ModelError, Reply, Sampling
from agents.models.cache import Aborted, Cache
from agents.models.chat import segments
from agents.models.draft import Draft
from agents.models.gguf import read_header
from agents.models.native import LOG, gpus, layers_that_fit, library, repacking_is_safe
from agents.models.slots import Slot
from agents.models.vocabulary import Vocabulary

Emit = Callable[[int, str], None]
"""Is given the pieces of replies, each with its reply's number."""


@dataclass(frozen=True, slots=True)
class Load:
    """How to load a model. `gpu_layers` None offloads what fits; `context`, `batch` in tokens.

    `slots` prompts are kept in the cache, and `parallel` replies are written side by side.
    `adapters` are paths by the job that they are for.
    """

    path: str
    context: int = 8192
    gpu_layers: int | None = None
    threads: int = 2
    flash_attention: bool = True
    slots: int = 4
    parallel: int = 16
    batch: int = 512
    adapters: dict[str, str] = field(default_factory=dict)


class LoadError(ModelError):
    """llama.cpp cannot load the file."""


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
        self._gpus = gpus()
        self._model, self.offloaded = self._open_model()
        self._adapters = Adapters(self._model, load.adapters)
        self.parallel = 1 if self._recurrent() else load.parallel
        self.vocabulary = Vocabulary(self._model)
        self._context = self._open_context()
        self._cache = Cache(
            self._context,
            aborted,
            slots=load.slots,
            branches=self.parallel - 1,
            cells=self.context,
            batch=load.batch,
        )

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

    def replies(
        self,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        emit: Emit,
    ) -> tuple[Reply, ...]:
        """Read what is new of the prompt, write a reply for each sampling, side by side, and give
        out their texts by number and piece. `ContextOverflow` when they do not fit together."""
        tokens = self.vocabulary.prompt(
            segments(messages, self.vocabulary.template, self.vocabulary.eos)
        )
        drafts, found = [], []
        with ExitStack() as held:
            for number, room in enumerate(self._rooms(len(tokens), samplings)):
                draft = Draft(number, self.vocabulary, samplings[number], room)
                held.enter_context(draft.sampler)
                drafts.append(draft)
            held.callback(self._cache.empty_branches)
            # Adapters are laid over the whole window, so one pass has one.
            for adapter, alike in groupby(drafts, lambda draft: samplings[draft.number].adapter):
                same = list(alike)
                for at in range(0, len(same), self.parallel):
                    group = same[at : at + self.parallel]
                    prefix = samplings[group[0].number].prefix
                    found += self._answer(prefix, adapter, tokens, group, emit)
        return tuple(found)

    def _rooms(self, read: int, samplings: Sequence[Sampling]) -> list[int]:
        """How many tokens each reply may have beside a prompt of `read` tokens."""
        free = self.context - read
        what = f"the prompt has {read} tokens and the window is {self.context}"
        if free <= 0:
            raise ContextOverflow(what)
        rooms = [min(sampling.max_tokens, free) for sampling in samplings]
        fit = sum(total <= free for total in accumulate(rooms))
        if fit < len(rooms):
            wanted = f"{len(rooms)} replies of up to {max(rooms)} tokens"
            raise ContextOverflow(f"{what}, where of {wanted} only {fit} fit together", fit)
        return rooms

    def _answer(
        self,
        prefix: str,
        adapter: str,
        tokens: list[int],
        drafts: Sequence[Draft],
        emit: Emit,
    ) -> list[Reply]:
        """Read the prompt once and write the drafts; the first one has the costs of reading."""
        start = time.perf_counter()
        self._adapters.lay(self._context, adapter)
        choice = self._cache.prepare(prefix, tokens, sum(draft.room for draft in drafts), adapter)
        evaluated = len(tokens) - choice.keep
        try:
            self._cache.read(choice.slot, tokens[choice.keep :])
        except Aborted:
            evaluated = max(0, len(choice.slot.tokens) - choice.keep)
            for draft in drafts:
                draft.end("cancelled")
        middle = time.perf_counter()
        self._write(choice.slot, drafts, emit)
        costs = [(evaluated, middle - start)] + [(0, 0.0)] * (len(drafts) - 1)
        return [
            Reply(
                draft.text,
                draft.finish or "cancelled",
                read=len(tokens),
                evaluated=new,
                written=draft.written,
                seconds_read=seconds,
                seconds_write=max(0.0, draft.ended - middle),
                adapter=self._adapters.label(adapter),
            )
            for draft, (new, seconds) in zip(drafts, costs, strict=True)
        ]

    def _write(self, slot: Slot, drafts: Sequence[Draft], emit: Emit) -> None:
        """Take one token of each unfinished draft at a time, until all have ended."""
        cache, rows = self._cache, [-1] * len(drafts)
        ends = [slot, *(cache.branch(slot, at) for at in range(len(drafts) - 1))]
        live = list(zip(drafts, ends, strict=True))
        while True:
            for (draft, _), row in zip(live, rows, strict=True):
                if draft.finish is None:
                    _give(draft, draft.step(cache.logits(row, self.vocabulary.size)), emit)
            for draft, end in live:
                if draft.finish is not None and end is not slot:
                    cache.empty(end)
            live = [(draft, end) for draft, end in live if draft.finish is None]
            if not live:
                return
            try:
                rows = cache.extend([(end, [draft.token]) for draft, end in live])
            except Aborted:
                for draft, _ in live:
                    _give(draft, draft.end("cancelled"), emit)
                return

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

    def _recurrent(self) -> bool:
        """Whether every sequence has a whole state of its own in memory, used or not."""
        native, model = self._native, self._model
        return bool(native.llama_model_is_recurrent(model) or native.llama_model_is_hybrid(model))

    def _open_context(self) -> Any:
        native, params = self._native, self._native.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = (
            self.context,
            self.load.batch,
            self.load.batch,
        )
        params.n_seq_max, params.kv_unified = self.load.slots + self.parallel - 1, True
        params.n_threads = params.n_threads_batch = self.load.threads
        on, off = native.LLAMA_FLASH_ATTN_TYPE_ENABLED, native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.flash_attn_type = on if self.load.flash_attention else off
        context = native.llama_init_from_model(self._model, params)
        if not context:
            what = f"llama.cpp cannot open a window of {self.context} tokens for {self.load.path}"
            raise LoadError(f"{what}: {_last_words()}")
        return context


def _give(draft: Draft, piece: str, emit: Emit) -> None:
    if piece:
        emit(draft.number, piece)


def _last_words() -> str:
    said = [line for line in LOG if "error" in line.lower()] or list(LOG)
    return said[-1] if said else "it gives no reason"
