"""A database opens, moves to newer versions with a backup, and is never harmed when it cannot."""

import hashlib
import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from agents.events import Drafted
from app.store.database import open_database
from app.store.journal import Journal
from app.store.migrate import MIGRATIONS, newest
from app.store.tables import Base
from app.store.tables_feedback import FeedbackRow
from app.store.tables_talk import TurnRow
from retrieval.errors import UserError

NEXT = f"{int(newest()) + 1:04}"
ADDS = f"""
from alembic import op
revision = "{NEXT}"
down_revision = "{newest()}"

def upgrade():
    op.execute("CREATE TABLE extra (a INTEGER)")
    op.execute("INSERT INTO extra VALUES (7)")
"""
FAILS = ADDS + '    raise RuntimeError("power")\n'


def newer(folder: Path, step: str) -> Path:
    """The program's migrations with one step more."""
    copy = folder / "migrations %"
    shutil.copytree(MIGRATIONS, copy, dirs_exist_ok=True)
    (copy / "versions" / f"{NEXT}_more.py").write_text(step)
    return copy


def filled(place: Path, entries: int = 20) -> str:
    """Make a database that holds one run; return the run's name."""
    engine = open_database(place)
    journal = Journal(engine)
    run = journal.begin()
    for number in range(entries):
        journal.append(run, Drafted(f"{number}" * 200))
    engine.dispose()
    return run


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refused(place: Path, **options: Path) -> str:
    """Open a database that cannot be opened; return the sentence. The file stays as it is."""
    before = digest(place) if place.is_file() else ""
    with pytest.raises(UserError) as error:
        open_database(place, **options)
    assert str(place) in str(error.value)
    assert error.value.cure
    assert (digest(place) if place.is_file() else "") == before
    return str(error.value)


def test_the_tables_are_those_of_the_migrations(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert {TurnRow.__tablename__, FeedbackRow.__tablename__} < set(Base.metadata.tables)


def test_a_database_of_the_first_version_keeps_what_it_holds(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    shutil.copytree(MIGRATIONS, folder)
    for step in (folder / "versions").glob("000[2-9]_*.py"):
        step.unlink()
    engine = open_database(place, migrations=folder)
    run = Journal(engine).begin()
    Journal(engine).append(run, Drafted("x"))
    engine.dispose()
    moved = open_database(place)
    assert len(Journal(moved).entries(run)) == 1
    with moved.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM turns")) == 0
    assert list(place.parent.glob("vouch.db.before-*"))


def test_the_folder_is_made_and_writes_are_synchronous(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a" / "b %" / "vouch.db")
    with engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.scalar(text(f"PRAGMA {name}")) for name in asked]
        wait = connection.scalar(text("PRAGMA busy_timeout"))
    assert found == ["wal", 2, 1]
    assert wait and wait >= 1000


def test_only_the_owner_may_read_what_is_kept(place: Path) -> None:
    engine = open_database(place)
    Journal(engine).begin()
    files = list(place.parent.glob("vouch.db*"))
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_url_and_a_path_name_the_same_file(place: Path) -> None:
    run = filled(place)
    assert Journal(open_database(f"sqlite:///{place}")).entries(run)


def test_a_step_is_made_after_a_backup(place: Path, tmp_path: Path) -> None:
    run = filled(place)
    engine = open_database(place, migrations=newer(tmp_path, ADDS))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT a FROM extra")) == 7
    assert len(Journal(engine).entries(run)) == 20
    (backup,) = place.parent.glob("vouch.db.before-*")
    assert len(Journal(open_database(backup)).entries(run)) == 20


def test_a_new_database_needs_no_backup(place: Path) -> None:
    filled(place)
    open_database(place)
    assert list(place.parent.glob("*before*")) == []


def test_a_step_that_fails_leaves_the_old_version_whole(place: Path, tmp_path: Path) -> None:
    run = filled(place)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            open_database(place, migrations=newer(tmp_path, FAILS))
    engine = open_database(place)
    assert len(Journal(engine).entries(run)) == 20
    with engine.connect() as connection:
        tables = connection.scalars(text("SELECT name FROM sqlite_master")).all()
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert "extra" not in tables
    assert version == newest()
    assert len(list(place.parent.glob(f"vouch.db.before-{NEXT}*"))) == 2


def test_a_newer_database_is_left_alone(place: Path, tmp_path: Path) -> None:
    run = filled(place)
    folder = newer(tmp_path, ADDS)
    open_database(place, migrations=folder).dispose()
    assert NEXT in refused(place)
    assert Journal(open_database(place, migrations=folder)).entries(run)


def test_another_programs_database_is_left_alone(place: Path) -> None:
    with sqlite3.connect(place) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    refused(place)


def test_a_file_that_is_no_database_is_left_alone(place: Path) -> None:
    place.write_text("These are my notes.\n" * 500)
    refused(place)
    place.write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(8000))
    refused(place)


def test_a_folder_is_no_database(place: Path) -> None:
    place.mkdir()
    refused(place)


def test_damage_is_told_and_the_backup_named(place: Path, tmp_path: Path) -> None:
    filled(place, 100)
    open_database(place, migrations=newer(tmp_path, ADDS)).dispose()
    whole = place.read_bytes()
    chance = random.Random(2)
    for page in chance.sample(range(1, len(whole) // 4096), 5):
        place.write_bytes(
            whole[: page * 4096] + chance.randbytes(4096) + whole[(page + 1) * 4096 :]
        )
        assert f"before-{NEXT}" in refused(place)
    place.write_bytes(whole[: len(whole) // 2])
    refused(place)


def test_damage_met_later_is_told_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.database.CHECKED_BYTES", 0)
    run = filled(place, 100)
    whole = bytearray(place.read_bytes())
    for page in range(len(whole) // 4096 - 20, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    place.write_bytes(whole)
    with pytest.raises(UserError, match="damaged"):
        Journal(open_database(place)).entries(run)


def test_a_full_disk_loses_nothing(place: Path) -> None:
    run = filled(place)
    engine = open_database(place)
    journal = Journal(engine)
    with engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(UserError, match="space"):
        for _ in range(50):
            journal.append(run, Drafted("x" * 4000))
    kept = journal.entries(run)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 100000"))
    assert journal.append(run, Drafted("y")).seq == len(kept)
    assert journal.verify(run) is None


@pytest.mark.parametrize("below", ["vouch.db", "deeper/vouch.db"])
def test_a_home_that_is_a_file_is_named(tmp_path: Path, below: str) -> None:
    home = tmp_path / "file"
    home.write_text("")
    sentence = refused(home / below)
    assert f"{home} is a file" in sentence
    assert "permission" not in sentence
    assert "VOUCH_HOME" in sentence


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("SQLITE_FULL", "space"),
        ("SQLITE_IOERR_WRITE", "disk"),
        ("SQLITE_READONLY", "writing"),
        ("SQLITE_CORRUPT", "damaged"),
    ],
)
def test_a_fault_of_the_bare_driver_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch, name: str, word: str
) -> None:
    def fails(_engine: Engine) -> None:
        error = sqlite3.OperationalError("no")
        error.sqlite_errorname = name
        raise error

    monkeypatch.setattr("app.store.migrate._write_ahead", fails)
    with pytest.raises(UserError, match=word) as error:
        open_database(place)
    assert str(place) in str(error.value)
    assert error.value.cure


def test_a_read_only_folder(place: Path) -> None:
    place.parent.chmod(0o500)
    try:
        if os.access(place.parent, os.W_OK):
            pytest.skip("this user may write anywhere")
        refused(place)
    finally:
        place.parent.chmod(0o700)


def test_a_read_only_database(place: Path) -> None:
    run = filled(place)
    engine = open_database(place)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA query_only = ON"))
    with pytest.raises(UserError, match="writing"):
        Journal(engine).append(run, Drafted("x"))


def test_a_database_that_another_program_holds(place: Path) -> None:
    run = filled(place)
    engine = open_database(place)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA busy_timeout = 1"))
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(UserError, match="in use"):
        Journal(engine).append(run, Drafted("x"))
    holder.execute("ROLLBACK")
    holder.close()
    assert Journal(engine).append(run, Drafted("x")).seq == 20


@pytest.mark.parametrize(
    "address", ["mysql://a/b", "sqlite://", "nonsense://", "http://[/", "postgresql//h"]
)
def test_an_address_of_no_known_database(address: str) -> None:
    with pytest.raises(UserError):
        open_database(address)


def test_a_server_that_does_not_answer_or_has_no_driver() -> None:
    with pytest.raises(UserError) as error:
        open_database("postgresql+psycopg://me:sesame@127.0.0.1:1/vouch")
    assert "sesame" not in str(error.value)
