"""A plugin in a process of its own: begun when needed, kept warm, ended when it misbehaves."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from plugins.calling import passage
from plugins.child import Child, Limits, Lost
from plugins.foreign import fitted, noted
from plugins.schema import Schema, UnfitTool
from plugins.tools import Permissions, ToolResult, legal_name

MOST_TOOLS = 128
"""Tools that one plugin may offer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a plugin told of itself: its tools, by the names that a model writes, the name that
    the plugin gives each of them, and what it declares that it needs."""

    schemas: Mapping[str, Schema]
    names: Mapping[str, str]
    declared: Permissions


class Sandbox:
    """One plugin. Threads may share it; it does one call at a time."""

    def __init__(
        self,
        name: str,
        job: Mapping[str, Any],
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._job = name, dict(job)
        self.limits = limits or Limits()
        self._clock = clock
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def open(self) -> Offer:
        """Start it and return what it offers; raises `Lost` with what it did instead."""
        with self._lock:
            return self._open()

    def call(self, tool: str, values: Mapping[str, Any]) -> ToolResult:
        """Call a tool by the plugin's own name for it; whatever happens, in one sentence."""
        with self._lock:
            try:
                return self._call(tool, values)
            except Lost as lost:
                self._end()
                return ToolResult(f"{tool} failed: the plugin {self._name} {lost}", failed=True)

    def close(self) -> None:
        """End its process."""
        with self._lock:
            self._end()

    def _open(self) -> Offer:
        self._end()
        child = Child(self._job, self.limits)
        try:
            child.send(self._job, self._clock() + self.limits.opening)
            ready = child.receive(self._clock() + self.limits.opening, self.limits.opening)
            offer = _offer(ready.get("ready"))
        except Lost:
            child.end()
            raise
        self._child = child
        return offer

    def _call(self, tool: str, values: Mapping[str, Any]) -> ToolResult:
        if self._child is None or not self._child.alive():
            self._open()
        assert self._child is not None
        number, deadline = next(self._numbers), self._clock() + self.limits.seconds
        self._child.send({"id": number, "tool": tool, "arguments": dict(values)}, deadline)
        answer = self._child.receive(deadline, self.limits.seconds)
        result = _result(tool, answer, number)
        if answer.get("last"):
            self._end()
        return result

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


def _offer(ready: object) -> Offer:
    """Read what a child told of itself; nothing of it is believed."""
    schemas: dict[str, Schema] = {}
    names: dict[str, str] = {}
    with suppress(KeyError, TypeError, ValueError):
        assert isinstance(ready, dict)
        for given in ready["tools"][:MOST_TOOLS]:
            name = legal_name(str(given["name"]))
            if name in schemas:
                raise UnfitTool(f"two of its tools are called {name}")
            schemas[name] = {
                "name": name,
                "description": noted(given["description"]),
                "parameters": fitted(given["parameters"]),
            }
            names[name] = str(given["name"])
        return Offer(schemas, names, Permissions.read(ready["declared"]))
    raise Lost("tells nonsense of itself")


def _result(tool: str, answer: Mapping[str, Any], number: int) -> ToolResult:
    text, data, told = answer.get("text"), answer.get("data"), answer.get("passages")
    if answer.get("id") != number or not isinstance(text, str):
        raise Lost("answers what was not asked")
    if not isinstance(data, dict) or not isinstance(told, list):
        raise Lost("answers nonsense")
    length = answer.get("length")
    if isinstance(length, int) and length > len(text):
        text = f"{text} [cut; {length} characters in all]"
    passages = tuple(one for one in (passage(tool, given) for given in told) if one is not None)
    return ToolResult(text, passages, data, failed=bool(answer.get("failed")))
