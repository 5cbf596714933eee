"""A GGUF model through llama.cpp, in a process of its own that may die without taking us along."""

import os
import queue
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from agents.models.adapters import label
from agents.models.base import (
    Cancel,
    Capabilities,
    ContextOverflow,
    Message,
    ModelError,
    ModelLost,
    Piece,
    Reply,
    Sampling,
    check_adapters,
)
from agents.models.gguf import Header, check_adapter, read_header, stamp
from agents.models.process import Child
from retrieval.errors import UserError

HEED_SECONDS = 1.5
"""How long the worker may take to heed a cancel before it is killed."""

LOOK_SECONDS = 0.05
"""How often a cancel is looked at while the worker is silent."""

WORKER = "agents.models.worker"


class LlamaModel:
    """A local model. The worker starts with the first call and again after it died.

    `context` is in tokens and bounded by the model's own; `gpu_layers` None offloads all that fit,
    0 none. `slots` prompts are kept in the cache, and up to `parallel` replies are written side by
    side in the same window (recurrent models: one after the other). `stall_seconds` without a sign
    of life ends the worker. `adapters` are the paths of LoRA files by the job that each is for
    (`Sampling.adapter`); all are kept beside the model. `origin` says where the path came from, and
    `cure` what to do when the file is no good; `origins` say so of the adapters. One request is
    served at a time; calls from other threads wait. Errors of `reply` and `replies` beside those of
    `Model`: `UserError` when a file cannot be loaded, `ModelError` when the grammar is not valid.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str = "",
        identity: str = "",
        context: int = 8192,
        gpu_layers: int | None = None,
        threads: int | None = None,
        flash_attention: bool = True,
        slots: int = 4,
        parallel: int = 16,
        stall_seconds: float = 60.0,
        adapters: Mapping[str, Path] | None = None,
        origin: str = "model.name",
        cure: str = "",
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self._path = path
        self._name = name or path.stem.lower()
        self._identity = identity
        self._context = context
        self._adapters = dict(adapters or {})
        self._origins = dict(origins or {})
        self._load = {
            "path": str(path),
            "context": context,
            "gpu_layers": gpu_layers,
            "threads": threads or cores(),
            "flash_attention": flash_attention,
            "slots": slots,
            "parallel": parallel,
            "adapters": {job: str(path) for job, path in self._adapters.items()},
        }
        self._parallel = parallel
        self._stall = stall_seconds
        self._origin, self._cure = origin, cure
        self._header: Header | None = None
        self._child: Child | None = None
        self._info: dict[str, Any] = {}
        self._turn = threading.Lock()
        self._requests = 0

    @property
    def name(self) -> str:
        return self._name

    @property
    def identity(self) -> str:
        """What tells this model from others of its name: its `base`, and what is laid over it.
        Errors: those of `header`."""
        return self._with(self._adapters)

    @property
    def chooser(self) -> str:
        """The same of it when it chooses steps: what is laid over it for writing has no part."""
        return self._with(job for job in self._adapters if job != "write")

    def _with(self, jobs: Iterable[str]) -> str:
        laid = ((job, self._adapters[job]) for job in sorted(jobs))
        return self.base + "".join(f" {job}={label(path)}:{stamp(path)}" for job, path in laid)

    @property
    def base(self) -> str:
        """The identity of the weights alone: unless given, their file's size in bytes and time of
        change in nanoseconds. Errors: those of `header`."""
        return self._identity or f"{self._name} {self.header.size} {self.header.changed}"

    @property
    def capabilities(self) -> Capabilities:
        """Known from the file's header, before anything is loaded."""
        context = min(self._context, self.header.context)
        return Capabilities(
            context,
            grammar="gbnf",
            prefix_cache=True,
            parallel=self._parallel,
            adapters=tuple(self._adapters),
        )

    @property
    def adapters(self) -> Mapping[str, Path]:
        """The files that are laid over the model's weights, by job."""
        return dict(self._adapters)

    @property
    def header(self) -> Header:
        """The file's header, read and checked once; `UserError` when the file is no whole GGUF."""
        if self._header is None:
            self._header = read_header(self._path, self._origin, self._cure)
        return self._header

    def check(self) -> None:
        """`UserError` when the model's file or an adapter's is no good, as far as headers tell."""
        header = self.header
        for job, path in self._adapters.items():
            check_adapter(path, header.architecture, *self._blame(job))

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        child = self._child
        return child.pid if child is not None and child.alive() else None

    def info(self) -> dict[str, Any]:
        """Load the model if need be, and tell where it runs: {path, size in bytes, layers,
        offloaded, gpu, no_gpu, threads, flash_attention, context in tokens, seconds to load}."""
        with self._turn:
            self._running(None)
            return dict(self._info)

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        """Stream a reply; see `Model.reply`."""
        with closing(self._asked(messages, (sampling,), cancel)) as said:
            for item in said:
                yield item if isinstance(item, Piece) else item[0]

    def replies(
        self,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        cancel: Cancel | None = None,
    ) -> tuple[Reply, ...]:
        """Write a reply for each sampling side by side; see `together`."""
        *_, last = self._asked(messages, samplings, cancel)
        assert isinstance(last, tuple)
        return last

    def rest(self) -> None:
        """End the worker if it has nothing to do; the next request starts it again."""
        if self._turn.acquire(blocking=False):
            try:
                self.close()
            finally:
                self._turn.release()

    def close(self) -> None:
        """End the worker, also in the middle of a reply."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _asked(
        self, messages: Sequence[Message], samplings: Sequence[Sampling], cancel: Cancel | None
    ) -> Generator[Piece | tuple[Reply, ...]]:
        """Yield pieces of all replies as they come and, last, the replies."""
        check_adapters(self, samplings)
        none = tuple(Reply("", "cancelled") for _ in samplings)
        if not self._take_turn(cancel):
            yield none
            return
        try:
            child = self._running(cancel)
            if child is None:
                yield none
                return
            yield from self._exchange(child, messages, samplings, cancel)
        finally:
            self._turn.release()

    def _take_turn(self, cancel: Cancel | None) -> bool:
        while not self._turn.acquire(timeout=LOOK_SECONDS):
            if cancel is not None and cancel.is_set():
                return False
        return True

    def _running(self, cancel: Cancel | None) -> Child | None:
        """Return the worker, started and loaded if need be; None when cancelled meanwhile."""
        if self._child is not None and self._child.alive():
            return self._child
        self.check()  # A bad file is refused before a process is made for it.
        start = time.monotonic()
        self._child = child = Child(WORKER)
        child.send(load=self._load)
        for message in self._messages(child, cancel):
            if "ready" in message:
                self._info = {**message["ready"], "seconds": time.monotonic() - start}
                return child
            if "error" in message:
                child.kill()
                origin, cure = self._blame(message.get("adapter", ""))
                raise UserError(message["text"].rstrip("."), origin=origin, cure=cure)
        child.kill()
        return None

    def _blame(self, job: str) -> tuple[str, str]:
        """Where a file came from, and what mends it: an adapter's, or the model's for ""."""
        if not job:
            return self._origin, self._cure
        setting = f"adapters.{job}"
        return self._origins.get(job, setting), f"go without it: vouch config set {setting} none"

    def _exchange(
        self,
        child: Child,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        cancel: Cancel | None,
    ) -> Iterator[Piece | tuple[Reply, ...]]:
        self._requests += 1
        turns = [[message.role, message.content] for message in messages]
        wanted = [asdict(sampling) for sampling in samplings]
        child.send(reply=self._requests, messages=turns, samplings=wanted)
        texts, whole = [""] * len(samplings), False
        try:
            for message in self._messages(child, cancel):
                whole = "done" in message or "error" in message
                if "piece" in message:
                    texts[message["of"]] += message["piece"]
                    yield Piece(message["piece"])
                elif whole:
                    yield _outcome(message)
                    return
            given_up = self._give_up(child, texts)
            whole = True
            yield given_up
        finally:
            # Also when the caller stopped listening: the next request needs a quiet worker.
            if not whole and child.alive():
                self._give_up(child, texts)

    def _messages(self, child: Child, cancel: Cancel | None) -> Iterator[dict[str, Any]]:
        """Yield what the worker says; end on a cancel, `ModelLost` when it is dead or stuck."""
        heard = time.monotonic()
        while not (cancel is not None and cancel.is_set()):
            try:
                message = child.receive(LOOK_SECONDS if cancel is not None else self._stall)
            except queue.Empty:
                if time.monotonic() - heard >= self._stall:
                    child.kill()
                    what = f"the model's process showed no sign of life for {self._stall:g} s"
                    raise ModelLost(what) from None
                continue
            if message is None:
                raise ModelLost(f"the model's process ended ({child.last_words()})")
            heard = time.monotonic()
            yield message

    def _give_up(self, child: Child, texts: Sequence[str]) -> tuple[Reply, ...]:
        """Abort the request in hand; a worker that does not heed in time is killed."""
        child.send(abort=self._requests)
        deadline = time.monotonic() + HEED_SECONDS
        said = tuple(Reply(text, "cancelled") for text in texts)
        while True:
            try:
                message = child.receive(deadline - time.monotonic())
            except queue.Empty:
                child.kill()
                return said
            if message is None or "error" in message:
                return said
            if "done" in message:
                return tuple(
                    replace(reply, text=given.text, finish="cancelled")
                    for reply, given in zip(_outcome(message), said, strict=True)
                )


def cores() -> int:
    """Processor cores that this process may use; hyper-threads do not help matrix products."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(allowed or 1, psutil.cpu_count(logical=False) or 1))


def _outcome(message: dict[str, Any]) -> tuple[Reply, ...]:
    if "done" in message:
        return tuple(Reply(**done) for done in message["done"])
    if message["error"] == "overflow":
        raise ContextOverflow(message["text"], message["fit"])
    raise ModelError(message["text"])
