"""The command line on backups: what is said of one, and a home that is restored from it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.backup.making import make
from app.store.database import open_database
from app.store.journal import Journal

Vouch = Callable[..., Any]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of a home with one run and a secret."""
    home = tmp_path / "old"
    home.mkdir()
    (home / "settings.toml").write_text('[slack]\nbot_token = "xoxb-7"\n')
    database = open_database(home / "vouch.db")
    Journal(database).begin("r1")
    for _ in make(database, home, tmp_path / "vouch.zip", "1"):
        pass
    database.dispose()
    return tmp_path / "vouch.zip"


def test_a_backup_is_told_with_what_it_lacks(vouch: Vouch, tmp_path: Path) -> None:
    ran = vouch("backup", str(tmp_path / "b.zip"))
    assert ran.status == 0 and "2 documents" in ran.out and "slack.bot_token" in ran.err
    assert "1 learned candidate to" in ran.out and "have not ended: write-2" in ran.err
    asked = {"path": str(tmp_path / "b.zip"), "overwrite": False}
    assert ran.house.calls == [("backup", asked)]
    told = json.loads(vouch("backup", str(tmp_path / "b.zip"), "--json", "--overwrite").out)
    assert told["counts"]["documents"] == 2


def test_a_home_is_restored(vouch: Vouch, backup: Path, vouch_home: Path) -> None:
    ran = vouch("restore", str(backup))
    assert ran.status == 0 and "1 run" in ran.out and "slack.bot_token" in ran.err
    database = open_database(vouch_home / "vouch.db")
    assert Journal(database).length("r1") == 0 and len(Journal(database).runs()) == 1
    database.dispose()
    again = vouch("restore", str(backup))
    assert again.status == 1 and "not empty" in again.err and not again.out


def test_a_restore_as_json(vouch: Vouch, backup: Path, tmp_path: Path) -> None:
    told = json.loads(vouch("--home", str(tmp_path / "new"), "restore", str(backup), "--json").out)
    assert told["counts"]["runs"] == 1 and told["home"] == str(tmp_path / "new")


def test_a_file_that_is_no_backup(vouch: Vouch, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("x")
    ran = vouch("restore", str(tmp_path / "a.zip"))
    assert ran.status == 1 and "a.zip" in ran.err and ran.err.count("\n") == 1
