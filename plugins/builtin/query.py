"""One SELECT on tables in memory, with DuckDB shut off from files, network and settings.

Three walls. The statement is parsed by DuckDB and its tree is looked through: one SELECT, on the
tables at hand, with no function that reads. DuckDB itself has no access to anything outside and a
locked configuration (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
And the process has little memory and few seconds, since a function such as repeat('x', 3e9) heeds
neither DuckDB's memory limit nor an interrupt.

Run as `python -m plugins.builtin.query`: a line of JSON {"name", "sql", "size"} and so many bytes
of the file on stdin; {"columns", "rows", "more", "tables"} or {"fault"} on stdout.
"""

import json
import re
import resource
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from plugins.builtin.table_files import Table, tables
from retrieval.errors import UserError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN = 100
"""Rows of a result."""
WIDEST = 500
"""Characters of one value that are shown."""
SECONDS = 5.0
MEMORY = 256 << 20
"""Bytes that DuckDB may take for its work."""
SPACE = 3 << 30
"""Bytes of address space for the whole process, libraries and loaded rows included."""

_SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "memory_limit": f"{MEMORY >> 20}MiB",
    "threads": "1",
}
_MAKERS = {"range", "generate_series", "unnest"}
"""Functions that may stand where a table does: they make rows from what they are given."""
_DENIED = re.compile(
    r"current_(setting|query|query_id|transaction_id|connection_id)|getvariable|getenv|write_log"
    r"|nextval|setval|currval|setseed|sleep_ms|json_execute_\w+|json_(de)?serialize_\w+"
    r"|parse_duckdb_log_message|vector_type|stats"
)
_OWN = re.compile(r"duckdb_|pg_|sqlite_|pragma_|information_schema", re.I)
"""What DuckDB calls its own views; a name that WITH gives must not open the way to them."""
_PART = 20_000
_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_TYPES = (
    ("BIGINT", re.compile(r"-?(0|[1-9]\d{0,17})")),
    ("DECIMAL(18, 6)", re.compile(r"-?(0|[1-9]\d{0,10})(\.\d{1,6})?")),
    ("DOUBLE", re.compile(r"-?(0|[1-9]\d*)?(\.\d+)?([eE][-+]?\d{1,3})?(?<=[\d])")),
    ("DATE", re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])")),
    ("TIMESTAMP", re.compile(r"\d{4}-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?")),
    ("BOOLEAN", re.compile(r"true|false", re.I)),
)


class Refused(ValueError):
    """A statement that is not one plain SELECT; the message is for the model."""


def opened(given: Sequence[Table]) -> "DuckDBPyConnection":
    """Return a database in memory that holds the tables, and can reach nothing else."""
    import duckdb

    base = duckdb.connect(":memory:", config=dict(_SETTINGS))
    for table in given:
        _load(base, table)
    base.execute("SET lock_configuration = true")
    return base


def _load(base: "DuckDBPyConnection", table: Table) -> None:
    """Copy a table as text, part by part, then into its types."""
    width = range(len(table.columns))
    texts = ", ".join(f'"{at}" VARCHAR' for at in width)
    base.execute(f"CREATE TABLE loading ({texts})")
    lists = ", ".join(f"unnest(${at + 1}::VARCHAR[])" for at in width)
    for begin in range(0, len(table.rows), _PART):
        part = table.rows[begin : begin + _PART]
        base.execute(f"INSERT INTO loading SELECT {lists}", [[r[at] for r in part] for at in width])
    typed = ", ".join(
        f"{_cast(str(at), [row[at] for row in table.rows])} AS {_quoted(name)}"
        for at, name in enumerate(table.columns)
    )
    base.execute(f"CREATE TABLE {_quoted(table.name)} AS SELECT {typed} FROM loading")
    base.execute("DROP TABLE loading")


def _cast(column: str, cells: Sequence[str | None]) -> str:
    """Return the column in the first type that all its values are written in, else as text."""
    filled = [cell for cell in cells if cell is not None]
    for kind, form in _TYPES:
        if filled and all(form.fullmatch(cell) for cell in filled):
            if kind in ("DATE", "TIMESTAMP") and not all(_is_day(cell) for cell in filled):
                break
            return f"CAST({_quoted(column)} AS {kind})"
    return _quoted(column)


def _is_day(cell: str) -> bool:
    """2023-02-30 is written like a date and is none."""
    try:
        return bool(datetime.fromisoformat(cell))
    except ValueError:
        return False


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def checked(base: "DuckDBPyConnection", sql: str, known: set[str]) -> None:
    """Raise `Refused` unless `sql` is one SELECT on the tables in `known` and nothing else."""
    import duckdb

    try:
        row = base.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    except duckdb.Error as error:
        raise Refused(f"that is no SQL: {_first_line(error)}") from error
    tree = json.loads(row[0] if row else "{}")
    if tree.get("error"):
        syntax = tree.get("error_type") == "parser"
        raise Refused(
            f"that is no SQL: {tree.get('error_message')}"
            if syntax
            else "only a SELECT is allowed: nothing can be changed, loaded, attached or set"
        )
    if len(tree["statements"]) != 1:
        raise Refused("write one SELECT, without another statement after it")
    defined = {name.lower() for name in _defined(tree) if not _OWN.match(name)}
    allowed = {name.lower() for name in known}
    for node in _walk(tree):
        _look_at(node, allowed, defined)


def _look_at(node: dict[str, Any], tables: set[str], defined: set[str]) -> None:
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in _NODES:
        raise Refused("only a SELECT is allowed: nothing can be changed, loaded, attached or set")
    if kind == "SHOW_REF":
        raise Refused("use describe_table to see the columns")
    name = str(node.get("table_name", "")).lower()
    if kind == "BASE_TABLE":
        place = (node.get("catalog_name") or "memory", node.get("schema_name") or "main")
        if place != ("memory", "main") or name not in tables | defined:
            raise Refused(
                f"there is no table {node.get('table_name')!r}; "
                f"the tables are: {', '.join(sorted(tables))}"
            )
    if kind == "TABLE_FUNCTION":
        function = (node.get("function") or {}).get("function_name", "")
        if function not in _MAKERS:
            raise Refused(f"{function} is not allowed: a query reads the tables of the file only")
    if _DENIED.fullmatch(str(node.get("function_name", "")).lower()):
        raise Refused(f"{node['function_name']} is not allowed in a query")


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the tree; iteratively, for it may be deep."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            yield at
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at


def _defined(tree: Any) -> Iterator[str]:
    """Yield the names that WITH gives to queries."""
    for node in _walk(tree):
        named = node.get("cte_map")
        if isinstance(named, dict):
            for entry in named.get("map", []):
                yield str(entry.get("key", ""))


def answer(given: Sequence[Table], sql: str, seconds: float = SECONDS) -> dict[str, Any]:
    """Return {"columns", "rows", "more"} of one SELECT: at most `SHOWN` rows, values as text.

    Raises `Refused`, and ValueError where the query fails, takes too long or too much memory.
    """
    import duckdb

    base = opened(given)
    sql = sql.strip().rstrip(";").strip()
    checked(base, sql, {table.name for table in given})
    clock = threading.Timer(seconds, base.interrupt)
    clock.start()
    try:
        done = base.execute(sql)
        columns = [column[0] for column in done.description or ()]
        rows = done.fetchmany(SHOWN + 1)
    except duckdb.InterruptException as error:
        raise ValueError(f"the query took longer than {seconds:g} seconds; ask for less") from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise ValueError("the query needs too much memory; ask for less") from error
    except duckdb.Error as error:
        raise ValueError(f"the query failed: {_first_line(error)}") from error
    finally:
        clock.cancel()
        base.close()
    return {
        "columns": columns,
        "rows": [[_said(value) for value in row] for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
    }


def _said(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    if re.fullmatch(r"-?\d+\.\d+", text) and type(value).__name__ == "Decimal":
        text = text.rstrip("0").rstrip(".")
    text = " ".join(text.split()).replace("|", "¦")
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0].split(": ", 1)[-1][:300]


def described(given: Sequence[Table]) -> list[dict[str, Any]]:
    """Return of each table its name, number of rows, columns with types, and a first row."""
    base = opened(given)
    try:
        return [
            {
                "name": table.name,
                "rows": len(table.rows),
                "columns": [
                    [str(name), str(kind)]
                    for name, kind, *_ in base.execute(f"DESCRIBE {_quoted(table.name)}").fetchall()
                ],
                "first": [cell or "" for cell in table.rows[0]] if table.rows else [],
            }
            for table in given
        ]
    finally:
        base.close()


def main() -> None:
    """Answer the one request on stdin."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read(request["size"])
    told: dict[str, Any]
    try:
        given = tables(request["name"], data)
        sql = request["sql"]
        told = {"tables": described(given)} if sql is None else answer(given, sql)
    except (ValueError, UserError) as error:
        told = {"fault": str(error)}
    except (MemoryError, RecursionError):
        told = {"fault": "the file or the query needs too much memory; ask for less"}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
