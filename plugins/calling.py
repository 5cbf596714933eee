"""Calls a plugin's function, whatever it does, and makes a result of what it gives back."""

import asyncio
import inspect
import json
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from plugins.faults import plain
from plugins.tools import ToolResult
from retrieval.documents import Passage, content_id

PASSAGES, LONGEST = 50, 20_000
"""Passages that one result may carry, and characters of each."""


def called(name: str, function: Callable[..., object], values: Mapping[str, object]) -> ToolResult:
    """Return what the function gives; what it raises is a result with `failed`.

    Text is text. An object with "text" and "passages" or "data" is a whole result. All else is
    written as JSON.
    """
    try:
        given = function(**values)
        if inspect.iscoroutine(given):
            given = _awaited(given)
        return _result(name, given)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - others' code
        because = plain(str(error)).strip() or type(error).__name__
        return ToolResult(f"{name} failed: {because}", failed=True)


def _awaited(coroutine: Coroutine[Any, Any, object]) -> object:
    """Return what a coroutine gives; in a thread of its own where a loop runs in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _result(name: str, given: object) -> ToolResult:
    if isinstance(given, ToolResult):
        return given
    if isinstance(given, str):
        return ToolResult(given)
    if _whole(given):
        assert isinstance(given, dict)
        data = given.get("data") or {}
        told = [passage(name, one) for one in (given.get("passages") or [])[:PASSAGES]]
        return ToolResult(
            str(given["text"]),
            tuple(one for one in told if one is not None),
            json.loads(json.dumps(data, default=str)) if isinstance(data, dict) else {},
        )
    return ToolResult(json.dumps(given, default=str, ensure_ascii=False))


def _whole(given: object) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("text"), str)
        and 1 < len(given) <= 3
        and given.keys() <= {"text", "passages", "data"}
        and isinstance(given.get("passages", []), list)
    )


def passage(tool: str, given: object) -> Passage | None:
    """Return a passage of {"text", "title"?, "source"?} that can be quoted; None if it is none."""
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        return None
    text = given["text"][:LONGEST]
    title, source = str(given.get("title") or tool), str(given.get("source") or tool)
    if not text.strip():
        return None
    return Passage(content_id("plugin", tool, text), source, title, text, 0, len(text))


def capped(result: ToolResult, most: int) -> ToolResult:
    """Cut the text of a result to `most` characters, and say so in it."""
    if len(result.text) <= most:
        return result
    note = f" [cut; {len(result.text)} characters in all]"
    return replace(result, text=result.text[: most - len(note)] + note)
