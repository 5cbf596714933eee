"""A read-only SQL view of CSV, XLSX and SQLite files below the folders that a person granted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from plugins.builtin.granted import content, found
from plugins.tools import ToolResult
from retrieval.documents import Passage, content_id

SECONDS = 30.0
"""Seconds for a call in all: the start of the process, the file and the query."""
SHOWN = 3_500
"""Characters of a result, so that it fits what a model is shown."""

_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL",
                "VOUCH_TEST_BREACHES")  # fmt: skip


def tools(
    folders: Sequence[str | Path], seconds: float = SECONDS
) -> list[Callable[..., ToolResult]]:
    """Return the tools `describe_table` and `query_table` for files below `folders`."""
    granted = [Path(folder) for folder in folders]

    def describe_table(file: str) -> ToolResult:
        """List the tables of a CSV, XLSX or SQLite file: columns, types, rows, a first row.

        Args:
            file: the name of the file, as from a granted folder
        """
        place = found(file, granted)
        told = _asked(place, None, seconds)
        return _result(place, f"Tables of {place.name}", _described(told["tables"]))

    def query_table(file: str, sql: str) -> ToolResult:
        """Ask a CSV, XLSX or SQLite file with one SQL SELECT (DuckDB's dialect, read-only).

        Args:
            file: the name of the file, as from a granted folder
            sql: one SELECT on the tables that describe_table names
        """
        place = found(file, granted)
        told = _asked(place, sql, seconds)
        return _result(place, f"{place.name}: {' '.join(sql.split())[:160]}", _laid_out(told))

    for tool in (describe_table, query_table):
        tool.__dict__["vouch"] = {"hosts": [], "folders": [str(folder) for folder in granted]}
    return [describe_table, query_table]


def _asked(place: Path, sql: str | None, seconds: float) -> dict[str, Any]:
    """Have a process of its own read the file and answer. Raises ValueError with its fault."""
    data = content(place)
    header = json.dumps({"name": place.name, "sql": sql, "size": len(data)})
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "plugins.builtin.query"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(header.encode() + b"\n" + data, seconds)
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"{place.name!r} took longer than {seconds:g} seconds") from error
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
    try:
        told: dict[str, Any] = json.loads(output)
    except ValueError as error:
        raise ValueError("the query needs too much memory; ask for less") from error
    if "fault" in told:
        raise ValueError(told["fault"])
    return told


def _described(tables: Sequence[dict[str, Any]]) -> str:
    lines = []
    for table in tables:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in table["columns"])
        lines.append(f"{table['name']} ({table['rows']:,} rows): {columns}")
        if table["first"]:
            lines.append(f"first row: | {' | '.join(table['first'])} |")
    text = "\n".join(lines) or "there is no table in the file"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _laid_out(told: dict[str, Any]) -> str:
    """Return the rows as "| a | b |" lines under the names, as many as fit."""
    head = "| " + " | ".join(told["columns"]) + " |"
    lines, size = [head], len(head)
    for row in told["rows"]:
        line = "| " + " | ".join(row) + " |"
        if size + len(line) + 1 > SHOWN:
            break
        lines.append(line)
        size += len(line) + 1
    left = len(told["rows"]) - len(lines) + 1
    if told["more"] or left:
        lines.append(f"(the first {len(lines) - 1} rows; there are more)")
    elif len(lines) == 1:
        lines.append("(no rows)")
    return "\n".join(lines)


def _result(place: Path, title: str, text: str) -> ToolResult:
    passage = Passage(content_id(text), str(place), title, text, 0, len(text))
    return ToolResult(text, passages=(passage,))
