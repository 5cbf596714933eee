"""Tables can be asked and nothing else: no writing, no files, no network, no settings."""

import os
import re
import sqlite3
import time
from datetime import datetime
from pathlib import Path

import pytest

from plugins.builtin import query, tables
from plugins.builtin.granted import content, found
from plugins.builtin.table_files import Table
from plugins.builtin.table_files import tables as read
from plugins.schema import schema
from plugins.tools import ToolResult
from retrieval.documents import content_id
from retrieval.errors import UserError

pytestmark = pytest.mark.slow

PEOPLE = Table(
    "people",
    ("Name", "Age", "Born", "Code", "Pay"),
    [["Ann", "7", "2017-01-02", "007", "0.1"], ["Bob", None, "2016-02-30", "12", "0.2"]],
)


def rows(sql: str) -> list[list[str]]:
    return query.answer([PEOPLE], sql)["rows"]


def test_a_select_is_answered() -> None:
    assert rows("SELECT name FROM people WHERE age > 5;") == [["Ann"]]
    assert rows("WITH q AS (SELECT pay FROM people) SELECT sum(pay) FROM q") == [["0.3"]]
    assert rows("SELECT count(*) FROM main.people p JOIN range(3) ON true") == [["6"]]
    assert rows("SELECT code FROM people ORDER BY code") == [["007"], ["12"]]
    assert rows("VALUES (1) UNION ALL SELECT unnest([2, 3]) ORDER BY 1") == [["1"], ["2"], ["3"]]
    assert rows("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4)"
                "SELECT max(n) FROM r") == [["4"]]  # fmt: skip


def test_columns_have_the_types_that_their_values_are_written_in() -> None:
    whole = Table("t", ("a", "b", "c", "d", "e"), [
        ["1", "1.5", "1e3", "2024-05-01", "TRUE"], ["-20", "2", "0.5", "2024-02-29", "false"],
    ])  # fmt: skip
    kinds = [kind for _, kind in query.described([whole])[0]["columns"]]
    assert kinds == ["BIGINT", "DECIMAL(18,6)", "DOUBLE", "DATE", "BOOLEAN"]
    born = query.described([PEOPLE])[0]["columns"][2]
    assert born == ["Born", "VARCHAR"]  # there is no 30th of February


FORBIDDEN = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('http://127.0.0.1/x')",
    "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
    "SELECT * FROM people WHERE name IN (SELECT content FROM read_text('/etc/passwd'))",
    "WITH q AS (SELECT * FROM glob('*')) SELECT * FROM q",
    "SELECT * FROM query('SELECT * FROM glob(''*'')')",
    "SELECT * FROM query_table('people')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_settings",
    "WITH duckdb_settings AS (SELECT 1) SELECT * FROM duckdb_settings",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pragma_version()",
    "SELECT * FROM checkpoint()",
    "SELECT * FROM (SHOW TABLES)",
    "SELECT * FROM nothing",
    "SELECT * FROM PEOPLE2",
    "SELECT current_setting('memory_limit')",
    "SELECT getvariable('x')",
    "SELECT getenv('HOME')",
    "SELECT write_log('x')",
    "SELECT json_execute_serialized_sql('{}')",
    "SELECT sleep_ms(100)",
    "COPY people TO '/tmp/vouch_copy.csv'",
    "COPY (SELECT 1) TO '/tmp/vouch_copy.csv'",
    "COPY people FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/vouch_export'",
    "IMPORT DATABASE '/tmp/vouch_export'",
    "ATTACH '/tmp/vouch_attach.db' AS a",
    "DETACH memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET threads = 4",
    "SET VARIABLE x = 1",
    "RESET memory_limit",
    "CREATE TABLE z (a INT)",
    "CREATE MACRO f(x) AS x",
    "INSERT INTO people VALUES ('Eve')",
    "WITH x AS (INSERT INTO people (name) VALUES ('Eve') RETURNING 1) SELECT * FROM x",
    "UPDATE people SET name = 'Eve'",
    "DELETE FROM people",
    "DROP TABLE people",
    "ALTER TABLE people DROP COLUMN name",
    "CALL pragma_version()",
    "PREPARE p AS SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "DESCRIBE people",
    "SUMMARIZE people",
    "CHECKPOINT",
    "BEGIN",
    "USE memory",
    "VACUUM",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE people",
    "",
    ";",
    "no SQL at all",
    "SELECT ?",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_anything_but_a_select_on_the_tables_is_refused_in_words(sql: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        query.answer([PEOPLE], sql)


@pytest.mark.parametrize(
    "sql",
    [s for s in FORBIDDEN if re.search(r"passwd|http|tmp|SET threads", s)],
)
def test_duckdb_itself_refuses_what_reaches_out(sql: str) -> None:
    """The second wall, without the first: nothing outside is reached by its own locked settings."""
    import duckdb

    with pytest.raises(duckdb.Error), query.opened([PEOPLE]) as base:
        base.execute(sql).fetchall()


def test_rows_time_and_width_are_bounded() -> None:
    many = query.answer([PEOPLE], "SELECT * FROM range(1000000)")
    assert (len(many["rows"]), many["more"]) == (query.SHOWN, True)
    assert len(rows("SELECT lpad('x', 9999, 'x')")[0][0]) == query.WIDEST
    began = time.monotonic()
    with pytest.raises(ValueError, match=r"longer than 0\.2 seconds"):
        query.answer([PEOPLE], "SELECT count(*) FROM range(1e11::BIGINT), range(1000000)", 0.2)
    assert time.monotonic() - began < 60
    with pytest.raises(ValueError, match="too much memory"):
        query.answer([PEOPLE], "SELECT list(range) FROM range(1000000000)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from openpyxl import Workbook

    granted = tmp_path / "granted"
    (granted / "deep").mkdir(parents=True)
    (granted / "deep" / "trees.csv").write_text("Tree;Height (m)\nOak;30,5\nBeech;40\n\n", "utf-8")
    book = Workbook()
    book.active.title = "Sales 2024"
    book.active.append(["Day", "Sum", "Sum", None])
    book.active.append([datetime(2024, 5, 1), 2.0, "x|y", True])
    hidden = book.create_sheet("secret")
    hidden.append(["a"])
    hidden.sheet_state = "hidden"
    book.save(granted / "book.xlsx")
    base = sqlite3.connect(granted / "base.db")
    base.executescript(
        "PRAGMA journal_mode = WAL; CREATE TABLE cities (name TEXT, people INT, flag BLOB);"
        "INSERT INTO cities VALUES ('Rome', 2800000, x'00ff'), ('Bonn', NULL, NULL);"
        "CREATE VIEW seen AS SELECT * FROM cities; CREATE VIRTUAL TABLE v USING fts5(x);"
    )
    base.close()
    return granted


def test_files_are_read_as_they_stand(folder: Path) -> None:
    (trees,) = read("trees.csv", (folder / "deep" / "trees.csv").read_bytes())
    assert trees == Table("trees", ("Tree", "Height (m)"), [["Oak", "30,5"], ["Beech", "40"]])
    (sales,) = read("book.xlsx", (folder / "book.xlsx").read_bytes())
    assert sales.columns == ("Day", "Sum", "Sum_2", "column4")
    assert (sales.name, sales.rows) == ("sales_2024", [["2024-05-01", "2", "x|y", "True"]])
    cities = next(t for t in read("b.db", (folder / "base.db").read_bytes()) if t.name == "cities")
    assert cities.rows == [["Rome", "2800000", "(2 bytes)"], ["Bonn", None, None]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.db", b"SQLite format 3\0" + b"\xff" * 200),
        ("a.db", b"no database"),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.csv", b"\x00\x01\x02\x03" * 50),
        ("a.pdf", b"%PDF"),
    ],
)
def test_a_broken_file_is_refused_in_words(name: str, data: bytes) -> None:
    with pytest.raises((ValueError, UserError), match=name):
        read(name, data)


def test_a_table_that_is_too_large_is_refused_whole() -> None:
    with pytest.raises(UserError, match="too large"):
        read("wide.csv", b",".join([b"x"] * 400) + b"\n")


def test_a_result_can_be_quoted(folder: Path) -> None:
    describe, ask = tables.tools([folder])
    told = describe(file="deep/trees.csv")
    assert 'trees (2 rows): "Tree" VARCHAR, "Height (m)" VARCHAR' in told.text
    result = ask(file="base.db", sql="SELECT name FROM cities ORDER BY people NULLS FIRST")
    assert isinstance(result, ToolResult)
    assert result.text == "| name |\n| Bonn |\n| Rome |"
    (passage,) = result.passages
    assert (passage.text, passage.end) == (result.text, len(result.text))
    assert passage.source == str(folder / "base.db")
    assert passage.document == content_id(result.text)
    assert schema(ask)["parameters"]["required"] == ["file", "sql"]
    assert ask.vouch == {"hosts": [], "folders": [str(folder)]}  # type: ignore[attr-defined]


def test_faults_and_floods_of_the_process_are_sentences(folder: Path) -> None:
    _, ask = tables.tools([folder])
    with pytest.raises(ValueError, match=r"too much memory|longer than"):
        ask(file="base.db", sql="SELECT length(repeat('x', 4000000000))")
    _, hurried = tables.tools([folder], seconds=0.01)
    with pytest.raises(ValueError, match=r"longer than 0\.01 seconds"):
        hurried(file="base.db", sql="SELECT 1")


def test_only_ordinary_files_below_granted_folders_are_opened(folder: Path) -> None:
    outside = folder.parent / "outside.csv"
    outside.write_text("a\n1\n", "utf-8")
    (folder / "link.csv").symlink_to(outside)
    (folder / "deep" / "up").symlink_to(folder.parent)
    (folder / "fine.csv").symlink_to(folder / "deep" / "trees.csv")
    os.mkfifo(folder / "pipe.csv")
    for name in ("../outside.csv", str(outside), "link.csv", "deep/up/outside.csv", "/dev/zero",
                 "/etc/passwd", "../../../../etc/passwd", "."):  # fmt: skip
        with pytest.raises(ValueError, match="not in a granted folder"):
            found(name, [folder])
    with pytest.raises(ValueError, match=r"there are: base.db, book.xlsx"):
        found("gone.csv", [folder])
    with pytest.raises(ValueError, match="no ordinary file"):
        content(found("pipe.csv", [folder]))
    with pytest.raises(ValueError, match="no ordinary file"):
        content(found("deep", [folder]))
    with pytest.raises(ValueError, match="no folder is granted"):
        found("deep/trees.csv", [])
    with pytest.raises(ValueError, match="no name of a file"):
        found("a\0b", [folder])
    assert found("fine.csv", [folder]) == folder / "deep" / "trees.csv"
    assert content(found(str(folder / "deep/trees.csv"), [folder])).startswith(b"Tree")


def test_a_file_that_became_a_link_is_not_followed(folder: Path) -> None:
    place = found("deep/trees.csv", [folder])
    place.unlink()
    place.symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="cannot be read"):
        content(place)
