"""Backups: the same answers and history in an empty home, on any database, or nothing at all."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.address import LOCK_FILE
from app.backup.archive import MANIFEST
from app.backup.making import STAGE, plain_settings
from app.backup.restoring import STAGE as UNPACKED
from app.backup.restoring import restore
from app.settings import write_setting
from retrieval.errors import UserError
from retrieval.lock import FileLock

WEIR = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."
QUESTION = "Who was the engineer of the weir at Aldmoor?"
SECRET = "xoxb-sesame-7"


def story(home: Any) -> dict[str, Any]:
    """All that a person would look for in a home."""
    (talk,) = home.result("conversations")["conversations"]
    told = home.result("conversation", id=talk["id"])
    (turn,) = told["turns"]
    found: dict[str, Any] = {"conversation": told, "library": home.result("library")["documents"]}
    found["shown"] = home.call("show", run=turn["run"])[0]
    found["replay"] = home.result("replay", run=turn["run"])
    found["hits"] = home.result("search", query="engineer of the weir")["hits"]
    found["collections"] = home.result("collections")
    found["marks"] = home.result("feedback.of", runs=[turn["run"]], by="local")
    found["inbox"] = home.result("inbox.open", face="slack")
    return found


def fill(home: Any) -> Any:
    """Add, ask, mark; the home has an upload and a setting of its own too."""
    home.add(default=WEIR, mills="The mill at Corby was built in 1912.")
    home.result("collection.set", name="mills", private=True)
    made = home.result("turn.new", turn="t1", question=QUESTION, by="local", face="chat")
    home.call("turn.run", turn="t1")
    mark = {"mark": "up", "tags": ["correct"], "comment": "good", "by": "local", "face": "chat"}
    home.result("feedback.add", id="f1", run=made["run"], **mark)
    home.result("inbox.take", key="Ev1", face="slack", payload={"text": "nul \0"})
    folder = home.house.settings.home
    (folder / "uploads").mkdir()
    (folder / "uploads" / "weir (2).txt").write_text(WEIR)
    write_setting(folder, "library.results", "5")
    write_setting(folder, "slack.bot_token", SECRET)
    return home


@pytest.fixture
def filled(make_home: Callable[..., Any], tmp_path: Path) -> Any:
    return fill(make_home(tmp_path / "home"))


@pytest.fixture(scope="module")
def kept(make_home: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A filled home that no test changes."""
    return fill(make_home(tmp_path_factory.mktemp("kept")))


@pytest.fixture(scope="module")
def backup(kept: Any) -> Path:
    """Its backup."""
    target: Path = kept.house.settings.home.with_suffix(".zip")
    kept.result("backup", path=str(target))
    return target


def refused(path: Path, home: Path) -> str:
    """Restore what cannot be restored; the home is as it was."""
    before = holds(home)
    with pytest.raises(UserError) as error:
        restore(path, home)
    assert error.value.cure
    assert holds(home) == before
    return str(error.value)


def holds(home: Path) -> list[Path]:
    """What is in a home, without what any start of Vouch makes there."""
    return sorted(one for one in home.rglob("*") if one.name not in (LOCK_FILE, "logs"))


def changed(path: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write the archive anew with other members."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def test_a_restored_home_tells_the_same_story(
    make_home: Callable[..., Any], kept: Any, backup: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    manifest = restore(backup, fresh)
    home = make_home(fresh)
    assert story(home) == story(kept)
    assert manifest.counts["editions"] == 2 and manifest.counts["runs"] == 1
    assert (fresh / "uploads" / "weir (2).txt").read_text() == WEIR
    assert home.house.settings.library.results == 5
    assert not (fresh / UNPACKED).exists()
    home.result("turn.new", turn="t2", question="And when?", by="local", face="chat", parent="t1")
    assert home.call("turn.run", turn="t2")[1]["state"] == "answered"
    home.add(more="The lock at Corby was built in 1913.")


def test_no_secret_is_in_a_backup(backup: Path, tmp_path: Path) -> None:
    folder = tmp_path
    address = '[model]\nbase_url = "https://me:sesame@host/v1"\nname = "m"\n'
    (folder / "settings.toml").write_text(address)
    assert plain_settings(folder) == ({"model": {"name": "m"}}, ("model.base_url",))
    with zipfile.ZipFile(backup) as archive:
        for info in archive.infolist():
            assert SECRET.encode() not in archive.read(info)
        assert json.loads(archive.read(MANIFEST))["left_out"] == ["slack.bot_token"]
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_file_that_stands_is_only_replaced_when_told(kept: Any, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(UserError):
        kept.result("backup", path=str(backup))
    assert backup.read_bytes() == before
    kept.result("backup", path=str(backup), overwrite=True)
    assert zipfile.is_zipfile(backup)


def test_only_a_backup_is_ever_replaced(kept: Any, backup: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    for standing in (thesis, changed(backup, tmp_path / "photos.zip", _drop(MANIFEST))):
        before = standing.read_bytes()
        with pytest.raises(UserError):
            kept.result("backup", path=str(standing), overwrite=True)
        assert standing.read_bytes() == before


@pytest.mark.parametrize("name", ["vouch.db", "engine.lock", "settings.toml", "uploads/b.zip", "b"])
def test_no_backup_lies_in_the_home_that_it_is_of(filled: Any, tmp_path: Path, name: str) -> None:
    home = filled.house.settings.home
    (tmp_path / "link").symlink_to(home)
    before = {one: one.is_file() and one.read_bytes() for one in home.rglob("*")}
    for folder in (home, tmp_path / "link"):
        with pytest.raises(UserError):
            filled.result("backup", path=str(folder / name), overwrite=True)
    assert {one: one.is_file() and one.read_bytes() for one in home.rglob("*")} == before


def test_people_keep_the_names_that_exports_give_them(
    make_home: Callable[..., Any], filled: Any, tmp_path: Path
) -> None:
    named = filled.house.pseudonyms.person("slack:T1:U1")
    filled.result("backup", path=str(tmp_path / "b.zip"))
    restore(tmp_path / "b.zip", tmp_path / "fresh")
    assert make_home(tmp_path / "fresh").house.pseudonyms.person("slack:T1:U1") == named
    assert (tmp_path / "fresh" / "feedback.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("where", ["nowhere/vouch.zip", ".", "vouch.db/x.zip"])
def test_a_place_where_no_file_can_stand_is_named(kept: Any, where: str) -> None:
    with pytest.raises(UserError):
        kept.result("backup", path=str(kept.house.settings.home / where))
    with pytest.raises(UserError):
        kept.result("backup", path="relative.zip")


def test_a_stopped_backup_leaves_no_file(filled: Any, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    filled.cancel.set()
    with pytest.raises(UserError):
        filled.result("backup", path=str(tmp_path / "vouch.zip"))
    assert sorted(tmp_path.iterdir()) == before
    assert not (filled.house.settings.home / STAGE).exists()


def test_what_is_written_meanwhile_does_not_tear_the_copy(filled: Any, tmp_path: Path) -> None:
    steps = filled.calls["backup"].run({"path": str(tmp_path / "b.zip")}, filled.cancel)
    next(steps)
    next(steps)
    filled.house.journal.begin("later")
    for _ in steps:
        pass
    restore(tmp_path / "b.zip", tmp_path / "fresh")
    with sqlite3.connect(tmp_path / "fresh" / "vouch.db") as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    database.close()


def test_only_an_empty_home_takes_a_backup(kept: Any, backup: Path, tmp_path: Path) -> None:
    refused(backup, kept.house.settings.home)
    for name in ("vouch.db", "settings.toml", "notes.txt"):
        home = tmp_path / f"with {name}"
        home.mkdir()
        (home / name).write_text("x")
        assert name in refused(backup, home)
    with pytest.raises(UserError):
        restore(backup, backup)
    prepared = tmp_path / "prepared"
    for name in ("models", "logs"):
        (prepared / name).mkdir(parents=True)
    restore(backup, prepared)
    assert (prepared / "vouch.db").exists()


def test_a_home_with_an_engine_takes_no_backup(backup: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    home.mkdir()
    lock = FileLock.take(home / LOCK_FILE, 0.0)
    assert lock is not None
    with lock:
        assert "engine" in refused(backup, home)


def test_a_restore_that_was_killed_is_begun_anew(backup: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    (home / UNPACKED).mkdir(parents=True)
    (home / UNPACKED / "vouch.db").write_text("half")
    (home / "settings.toml").write_text("")
    restore(backup, home)
    assert not (home / UNPACKED).exists() and (home / "vouch.db").exists()
    shutil.copytree(home, tmp_path / "used")
    (tmp_path / "used" / UNPACKED).mkdir()
    with pytest.raises(UserError):
        restore(backup, tmp_path / "used")
    assert (tmp_path / "used" / "settings.toml").exists()


def test_any_damage_is_refused(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    bad = tmp_path / "bad.zip"
    home = tmp_path / "fresh"  # A sample of the content, and every byte of the directory.
    directory = int.from_bytes(whole[-6:-2], "little")
    for at in (*range(0, directory, directory // 60), *range(directory, len(whole))):
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            restore(bad, home)
        except UserError:
            assert holds(home) == []
        else:
            # A bit that no reader looks at, such as a time, changes nothing that is restored.
            assert (home / "vouch.db").read_bytes()
            shutil.rmtree(home)
    for end in (0, 10, len(whole) // 2, len(whole) - 1):
        bad.write_bytes(whole[:end])
        refused(bad, home)
    refused(tmp_path / "nowhere.zip", home)


EVIL = ["../evil", "/evil", "uploads/../../evil", "uploads/a/b", "uploads/..", "uploads/a\\b", "x"]


@pytest.mark.parametrize("name", EVIL)
def test_no_member_leads_out_of_the_home(backup: Path, tmp_path: Path, name: str) -> None:
    def smuggle(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        member = next(one for one in manifest["members"] if one["name"].startswith("uploads/"))
        members[name] = members.pop(member["name"])
        member["name"] = name
        members[MANIFEST] = json.dumps(manifest).encode()

    bad = changed(backup, tmp_path / "bad.zip", smuggle)
    refused(bad, tmp_path / "deep" / "fresh")
    assert not list(tmp_path.rglob("evil*"))


def _edit(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | values).encode()

    return change


def _drop(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.pop(name) and None


def _add(members: dict[str, bytes]) -> None:
    members["uploads/more.txt"] = b"x"


def _swap(members: dict[str, bytes]) -> None:
    members["vouch.db"] = bytes(len(members["vouch.db"]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_edit(vouch="run"), "no backup"),
        (_edit(format=3), "format"),
        (_edit(database="9999"), "newer"),
        (_edit(counts={"runs": 7}), "rows"),
        (_edit(members=[]), "members"),
        (_edit(made="x"), "no backup"),
        (_drop(MANIFEST), "no backup"),
        (_drop("vouch.db"), "members"),
        (_add, "members"),
        (_swap, "changed"),
    ],
)
def test_an_archive_of_another_kind_is_refused(
    backup: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    bad = changed(backup, tmp_path / "bad.zip", change)
    assert said in refused(bad, tmp_path / "fresh")


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    notes = tmp_path / "notes.zip"
    notes.write_text("notes")
    assert "no backup" in refused(notes, tmp_path / "fresh")


def test_a_disk_that_is_too_small_is_told(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("app.backup.restoring.shutil.disk_usage", lambda _: usage)
    assert "MB" in refused(backup, tmp_path / "fresh")


def test_a_backup_moves_between_a_file_and_a_server(
    make_home: Callable[..., Any], kept: Any, backup: Path, schema: str, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    restore(backup, there, schema)
    assert not (there / "vouch.db").exists()
    home = make_home(there, **{"database.url": schema})
    before = story(kept)
    assert story(home) == before
    home.add(more="The lock at Corby was built in 1913.")
    home.result("remove", source=str(there / "files" / "more.txt"))
    back = tmp_path / "back.zip"
    home.result("backup", path=str(back))
    with pytest.raises(UserError):
        restore(back, tmp_path / "other", schema)
    restore(back, tmp_path / "again")
    assert story(make_home(tmp_path / "again")) == before
