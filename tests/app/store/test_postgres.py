"""PostgreSQL by URL: a house on it answers, and its faults are one sentence without a password."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from agents.events import Drafted
from app.doctor import CHECKS, examine
from app.store.database import open_database
from app.store.journal import Journal
from app.store.migrate import newest
from app.store.sessions import reading
from app.store.shelf import SqlShelf
from app.store.urls import DRIVER, named, read_url
from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.shelf import Kept, Place

WEIR = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."
QUESTION = "Who was the engineer of the weir at Aldmoor?"
SECRET = "sesame-7"


def refused(address: str) -> UserError:
    with pytest.raises(UserError) as error:
        open_database(address)
    told = str(error.value)
    assert SECRET not in told and "\n" not in told and error.value.cure
    return error.value


def test_a_house_on_a_server_answers(
    make_home: Callable[..., Any], schema: str, tmp_path: Path
) -> None:
    home = make_home(tmp_path, **{"database.url": schema})
    home.add(default=WEIR)
    made = home.result("turn.new", turn="t1", question=QUESTION, by="local", face="chat")
    items, result = home.call("turn.run", turn="t1")
    assert result == {"run": made["run"], "state": "answered"}
    assert "Clara Voss" in str(items[-1]["entry"]["event"]["answer"])
    assert home.result("replay", run=made["run"])["equal"]
    again = make_home(tmp_path, **{"database.url": schema})
    assert again.result("turn", turn="t1")["turn"]["state"] == "answered"
    assert again.result("search", query="weir")["hits"]
    assert not (tmp_path / "vouch.db").exists()


def test_an_address_may_name_the_server_without_its_driver(schema: str) -> None:
    plain = schema.replace(DRIVER, "postgres")
    open_database(plain).dispose()
    assert read_url(plain).drivername == DRIVER


def test_a_wrong_password_or_name_is_told(server: Any) -> None:
    assert "password" in refused(server.url.replace(SECRET, "wrong")).cure
    assert "createdb" in refused(server.url.replace("/postgres", "/nowhere")).cure
    assert refused(server.url.replace("vouch:", "nobody:")).origin == "database.url"


def test_a_server_that_is_not_there_is_told() -> None:
    told = refused(f"{DRIVER}://me:{SECRET}@127.0.0.1:1/vouch?password={SECRET}")
    assert "127.0.0.1:1/vouch" in told.what
    assert SECRET not in named(read_url(f"{DRIVER}://a:{SECRET}@h/b?password={SECRET}"))


@pytest.mark.parametrize(
    "address", [f"{DRIVER}://u:{SECRET}@h:port/b", f"mysql://u:{SECRET}@h/b", f"odd://{SECRET}"]
)
def test_an_address_that_cannot_be_read_is_told(address: str) -> None:
    refused(address)


def test_a_server_that_goes_away_and_comes_back(server: Any, schema: str) -> None:
    engine = open_database(schema)
    journal = Journal(engine)
    run = journal.begin()
    journal.append(run, Drafted("before"))
    server.stop()
    try:
        with pytest.raises(UserError) as error:
            journal.append(run, Drafted("lost"))
        assert SECRET not in str(error.value)
    finally:
        server.start()
    assert journal.append(run, Drafted("after")).seq == 1
    assert journal.verify(run) is None
    engine.dispose()


def test_a_newer_database_and_a_strangers_are_left_alone(schema: str) -> None:
    open_database(schema).dispose()
    admin = create_engine(schema)
    with admin.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "9999" in refused(schema).what and newest() in refused(schema).what
    with admin.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert "own" in refused(schema).cure
    admin.dispose()


def test_a_user_without_rights_is_told(server: Any, schema: str) -> None:
    admin = create_engine(schema)
    with admin.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text(f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'"))
    assert "right" in refused(schema.replace("vouch:", "reader:")).cure
    with admin.begin() as connection:
        connection.execute(text("DROP ROLE reader"))
    admin.dispose()


def test_two_houses_may_open_an_empty_database_at_once(schema: str) -> None:
    opened: list[Any] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_database(schema))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for engine in opened:
        assert Journal(engine).runs() == []
        engine.dispose()


def test_a_reader_sees_one_state_while_another_writes(engine: Engine) -> None:
    shelf = SqlShelf(engine)
    for number in range(3):
        document = Document(f"/{number}", "T", f"text {number}")
        nothing = np.ones((0, 4), np.float32)
        shelf.put(Kept(document, Place(document.source), [], nothing, "e"))
    with reading(engine) as connection:
        wanted = text("SELECT count(*) FROM places")
        assert connection.scalar(wanted) == 3
        writer = threading.Thread(target=shelf.drop, args=("default", ["/1"]))
        writer.start()
        writer.join()
        assert connection.scalar(wanted) == 3
    assert len(shelf.catalogue().holdings) == 2


def test_the_doctor_looks_at_a_server_and_changes_nothing(
    schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(address: str, subject: str = "database") -> Any:
        monkeypatch.setenv("VOUCH_DATABASE_URL", address)
        (found,) = examine(str(tmp_path), {}, {subject: CHECKS[subject]})
        assert SECRET not in str(found)
        return found

    assert told(schema).level == told(schema, "library").level == "note"
    admin = create_engine(schema)
    assert inspect(admin).get_table_names() == []
    admin.dispose()
    engine = open_database(schema)
    Journal(engine).begin()
    engine.dispose()
    assert told(schema).level == "ok" and "1 runs" in told(schema).fact
    assert told(f"{DRIVER}://me:{SECRET}@127.0.0.1:1/vouch").level == "fault"
