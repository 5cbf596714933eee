"""The process of one plugin: it loads it within its limits, then answers one call after another.

From us: the job once, {kind, value, hosts, folders, scratch, parent, limits...}; then {id, tool,
arguments}. From here: {"ready": {tools, declared}}; then {id, text, data, passages, failed} for
each call. What goes wrong before that ends the process, and the last line on stderr says why. Run
as `python -P -m plugins.runner`; it ends when stdin does or its parent is gone.
"""

import json
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plugins.calling import called
from plugins.frames import Pipe
from plugins.guard import Guard, confine, more_time, no_network
from plugins.tools import ToolResult

MOST = 8 << 20
"""Bytes of a frame in either direction."""
TEXT = 400_000
"""Characters of a result that are passed on; a model is shown far fewer."""


def main() -> None:
    """Take the pipe away from code that prints, read the job, and do it."""
    pipe = Pipe(os.dup(0), os.dup(1), MOST)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    warnings.simplefilter("ignore")
    job = pipe.receive()
    if job is None:
        return
    os.chdir(job["scratch"])
    if job["kind"] == "mcp":
        from plugins.mcp_link import serve

        confine(job["memory"], job["file"], 0, job["parent"], hard=False)
        _watch(job["parent"])
        serve(job, pipe)
    else:
        _serve(job, pipe)


def _serve(job: dict[str, Any], pipe: Pipe) -> None:
    from plugins import loading

    confine(job["memory"], job["file"], _processes(job["processes"]), job["parent"])
    if not job["hosts"]:
        no_network()
    _watch(job["parent"])
    guard = Guard(job["hosts"], [*job["folders"], job["scratch"]], loading.own(job))
    guard.enter()
    _more_time(guard, job)
    load = loading.entry if job["kind"] == "entry" else loading.file
    loaded = load(job["value"])
    functions = {tool["name"]: function for tool, function in loaded.tools}
    tools = [tool for tool, _ in loaded.tools]
    pipe.send({"ready": {"tools": tools, "declared": loaded.declared.listed()}})
    _silence()
    while (request := pipe.receive()) is not None:
        _more_time(guard, job)
        pipe.send({"id": request["id"], **packed(_answer(functions, request))})


def _more_time(guard: Guard, job: dict[str, Any]) -> None:
    with guard.ours():
        more_time(int(job["seconds"]) + 1)


def _answer(functions: dict[str, Callable[..., object]], request: dict[str, Any]) -> ToolResult:
    name = str(request["tool"])
    if name not in functions:
        return ToolResult(f"the plugin has no tool {name!r} any more", failed=True)
    return called(name, functions[name], request["arguments"])


def packed(result: ToolResult) -> dict[str, Any]:
    """Return a result as it travels."""
    passages = [
        {"title": one.title, "source": one.source, "text": one.text} for one in result.passages
    ]
    return {
        "text": result.text[:TEXT],
        "length": len(result.text),
        "data": result.data if len(json.dumps(result.data)) <= TEXT else {},
        "passages": passages,
        "failed": result.failed,
    }


def _silence() -> None:
    """From now on nobody reads what is printed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _watch(parent: int) -> None:
    """End when the parent is gone, even in the middle of a call. (The kernel's signal for that
    would come already when the thread that started us ends.)"""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=look, daemon=True).start()


def _processes(more: int) -> int:
    """Return how many processes and threads this user may have: those there are, and `more`; 0,
    which is no limit, where nothing tells."""
    mine = os.getuid()
    count = 0
    try:
        for place in Path("/proc").iterdir():
            if place.name.isdigit() and place.stat().st_uid == mine:
                count += len(list((place / "task").iterdir()))
    except OSError:
        return 0
    return count + more


if __name__ == "__main__":
    main()
