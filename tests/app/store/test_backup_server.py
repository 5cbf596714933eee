"""A restore into a server that is killed: all of the backup is there, or nothing of it."""

from pathlib import Path
from typing import Any

import pytest

from app.backup import learned, restoring
from app.backup.making import make
from app.backup.restoring import STAGE, restore
from app.store.copies import counts
from app.store.database import open_database
from app.store.journal import Journal
from retrieval.errors import UserError


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of a home with one run and a setting."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("[library]\nresults = 5\n")
    database = open_database(home / "vouch.db")
    Journal(database).begin("r1")
    list(make(database, home, tmp_path / "vouch.zip", "1"))
    database.dispose()
    return tmp_path / "vouch.zip"


def runs(schema: str) -> int:
    server = open_database(schema)
    try:
        return counts(server)["runs"]
    finally:
        server.dispose()


def test_all_of_it_is_there_or_nothing(
    backup: Path, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*told: Any) -> None:
        raise KeyboardInterrupt

    home = tmp_path / "there"
    for owner, name in ((learned, "put"), (restoring, "sync")):
        with monkeypatch.context() as patched:
            patched.setattr(restoring, "_undo", lambda *told: None)
            patched.setattr(owner, name, killed)
            with pytest.raises(KeyboardInterrupt):
                restore(backup, home, schema)
        assert runs(schema) == 0 and (home / STAGE).is_dir()
    assert (home / "settings.toml").exists(), "the last one was killed after it had moved"
    restore(backup, home, schema)
    assert runs(schema) == 1
    (home / STAGE).mkdir()
    with pytest.raises(UserError, match=r"not empty, it holds settings\.toml"):
        restore(backup, home, schema)
    assert (home / "settings.toml").exists(), "killed at its very end, it had been whole"
