"""Backups hold what was learned: in use in the restored home as before, whole or not at all."""

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "learning"))
import tiny_llama

from app.adapters import chosen
from app.backup import restoring
from app.backup.archive import MANIFEST
from app.backup.making import Made, make
from app.backup.restoring import restore
from app.learning.candidates import RELEASED, Candidates, Card, Change, Kind
from app.learning.releasing import rollback
from app.settings import load
from app.store.database import open_database
from app.store.journal import Journal
from retrieval.errors import UserError

WEIGHTS = ("adapter.gguf", "adapter_config.json", "adapter_model.safetensors")
PASSING = ("training.safetensors", "answers.jsonl", "adapter.gguf.new")
LEARNED = "models/learned"


class Killed(BaseException):
    """The process ended here."""


def learn(home: Path, name: str, kind: Kind, *files: str) -> None:
    """Keep a candidate whose files differ from those of every other."""
    kept = Candidates(home / "models")
    folder = kept.folder(name)
    folder.mkdir(parents=True)
    for file in (*files, "questions.json", *PASSING):
        (folder / file).write_text(f"{file} of {name}")
    if "adapter.gguf" in files:
        tiny_llama.write_adapter(folder / "adapter.gguf", len(name), name=name)
    figures = {"held out": {"f1": 0.5}, "refusals": [{"reasons": ["none"]}]}
    kept.keep(Card(name, kind, "tiny", "2026-11-28", 1, {"a": {"rows": 3}}, {"steps": 2}, figures))


def use(home: Path, kind: Kind, name: str) -> None:
    change = Change(name, "release", "2026-11-28T10:00:00", {"f1": 0.1})
    Candidates(home / "models").change(kind, change)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a run, two writers of which both were released, a reward, a refused writer, and
    a training that has not ended."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("[library]\nresults = 5\n")
    (home / "uploads").mkdir()
    (home / "uploads" / "weir.txt").write_text("a weir")
    database = open_database(home / "vouch.db")
    Journal(database).begin("r1")
    database.dispose()
    for name in ("write-1", "write-22"):
        learn(home, name, "write", *WEIGHTS)
    learn(home, "write-333", "write", "adapter.gguf")
    learn(home, "reward-1", "reward", "reward.json")
    use(home, "write", "write-1")
    use(home, "write", "write-22")
    use(home, "reward", "reward-1")
    half = home / LEARNED / "write-4444"
    half.mkdir()
    (half / "training.safetensors").write_text("half")
    return home


def backed(home: Path) -> tuple[Path, Made]:
    """Back a home up; the file and what was told of it."""
    database = open_database(home / "vouch.db")
    steps = make(database, home, home.with_suffix(".zip"), "1")
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            database.dispose()
            return home.with_suffix(".zip"), stop.value


def files(home: Path) -> dict[str, bytes]:
    """What lies in a home, without locks and what the database makes for itself."""
    every = [one for one in home.rglob("*") if one.is_file() and "lock" not in one.name]
    return {one.relative_to(home).as_posix(): one.read_bytes() for one in every}


def learned(home: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(home).items() if name.startswith(LEARNED)}


def in_use(home: Path) -> tuple[str, Path | None]:
    """The adapter that the next answer is written with, as the model is given it."""
    (one,) = chosen(load(home, {}, {}), ("tiny",))
    return one.name, one.path


def test_what_was_learned_is_in_use_in_the_restored_home(home: Path, tmp_path: Path) -> None:
    archive, made = backed(home)
    assert made.manifest.learned == ("reward-1", "write-1", "write-22", "write-333")
    assert made.manifest.unfinished == ("write-4444",)
    fresh = tmp_path / "fresh"
    assert restore(archive, fresh) == made.manifest
    wanted = {name: data for name, data in learned(home).items() if "write-4444" not in name}
    assert learned(fresh) == {
        name: data for name, data in wanted.items() if Path(name).name not in PASSING
    }
    assert in_use(fresh) == ("write-22", fresh / LEARNED / "write-22" / "adapter.gguf")
    ours, theirs = (Candidates(one / "models") for one in (fresh, home))
    assert ours.all() == theirs.all() and len(ours.all()) == 4
    assert ours.released("reward") == theirs.find("reward-1")
    assert ours.changes("write") == theirs.changes("write")
    assert rollback(ours, "write", "2026-11-28T11:00:00").name == "write-1"
    assert in_use(fresh)[0] == "write-1"
    assert rollback(ours, "write", "2026-11-28T12:00:00").name == ""


def test_cards_are_those_of_one_moment(home: Path, tmp_path: Path) -> None:
    before = Candidates(home / "models").find("write-22")
    database = open_database(home / "vouch.db")
    steps = make(database, home, tmp_path / "b.zip", "1")
    next(steps)
    shutil.rmtree(home / LEARNED / "write-4444")
    use(home, "write", "write-333")
    Candidates(home / "models").keep(Card("write-22", "write", "tiny", "2026-11-29", 2))
    for _ in steps:
        pass
    database.dispose()
    restore(tmp_path / "b.zip", tmp_path / "fresh")
    assert Candidates(tmp_path / "fresh" / "models").released("write") == before


def rewritten(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a backup anew with other members."""
    with zipfile.ZipFile(archive) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    target = archive.with_name("other.zip")
    with zipfile.ZipFile(target, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return target


@pytest.mark.parametrize(
    "name", ["write-22/adapter.gguf", "write-22/card.json", "reward-1/reward.json", RELEASED]
)
def test_damaged_weights_are_refused_in_one_sentence(home: Path, tmp_path: Path, name: str) -> None:
    def damage(members: dict[str, bytes]) -> None:
        data = members[f"{LEARNED}/{name}"]
        members[f"{LEARNED}/{name}"] = data[:-1] + bytes([data[-1] ^ 1])

    bad = rewritten(backed(home)[0], damage)
    with pytest.raises(UserError, match=rf"is damaged: {LEARNED}/{name} was changed; nothing was"):
        restore(bad, tmp_path / "fresh")
    assert files(tmp_path / "fresh") == {}


EVIL = ["../evil", "a/../../evil", "a/b/c", "a/.x", ".a/x", "A/x", "a", "a/", "../probes.json"]
EVIL += ["lock/x", "released.json/x", "released.json/card.json"]


@pytest.mark.parametrize("name", EVIL)
def test_no_learned_file_leads_elsewhere(home: Path, tmp_path: Path, name: str) -> None:
    def smuggle(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        member = next(one for one in manifest["members"] if one["name"].startswith(LEARNED))
        members[f"{LEARNED}/{name}"] = members.pop(member["name"])
        member["name"] = f"{LEARNED}/{name}"
        members[MANIFEST] = json.dumps(manifest).encode()

    bad = rewritten(backed(home)[0], smuggle)
    with pytest.raises(UserError):
        restore(bad, tmp_path / "deep" / "fresh")
    assert files(tmp_path / "deep") == {} and not list(tmp_path.rglob("evil*"))


def test_a_backup_of_before_is_restored_beside_what_is_there(home: Path, tmp_path: Path) -> None:
    def older(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        held = [one for one in manifest["members"] if not one["name"].startswith(LEARNED)]
        for name in [name for name in members if name.startswith(LEARNED)]:
            del members[name]
        del manifest["unfinished"]
        members[MANIFEST] = json.dumps({**manifest, "format": 1, "members": held}).encode()

    old = rewritten(backed(home)[0], older)
    fresh = tmp_path / "fresh"
    learn(fresh, "write-9", "write", *WEIGHTS)
    before = learned(fresh)
    assert restore(old, fresh).learned == ()
    assert learned(fresh) == before and (fresh / "vouch.db").exists()


def test_a_home_that_learned_is_not_empty(home: Path, tmp_path: Path) -> None:
    archive, _ = backed(home)
    fresh = tmp_path / "fresh"
    for name in ("write-9", "write-22"):
        learn(fresh, name, "write", *WEIGHTS)
        before = files(fresh)
        with pytest.raises(UserError, match=rf"not empty, it holds .*{name}.*vouch --home"):
            restore(archive, fresh)
        assert files(fresh) == before
        shutil.rmtree(fresh)
    shutil.copytree(home / LEARNED, fresh / LEARNED)
    for name in ("write-1", "write-22", "write-333", "reward-1"):
        for file in PASSING:
            (fresh / LEARNED / name / file).unlink()
    shutil.rmtree(fresh / LEARNED / "write-4444")
    before = learned(fresh)
    restore(archive, fresh)
    assert learned(fresh) == before, "copied by hand, it is what the backup holds"


def breaking(monkeypatch: pytest.MonkeyPatch, at: int, error: BaseException) -> list[int]:
    """Let one of the moves of a restore fail; the list counts them."""
    moves: list[int] = []
    real = os.replace

    def move(source: Path, target: Path) -> None:
        moves.append(at)
        if len(moves) == at:
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", move)
    return moves


def test_killed_at_any_move_no_candidate_is_half_there(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, _ = backed(home)
    whole = tmp_path / "whole"
    with monkeypatch.context() as patched:
        moves = breaking(patched, 0, Killed())
        manifest = restore(archive, whole)
    assert len(moves) == len(manifest.members) == 20
    released, every = Candidates(whole / "models").released("write"), learned(whole)
    for at in (*range(1, len(moves), 2), len(moves)):
        fresh = tmp_path / f"killed {at}"
        with monkeypatch.context() as patched:
            patched.setattr(restoring, "_undo", lambda *told: None)
            breaking(patched, at, Killed())
            with pytest.raises(Killed):
                restore(archive, fresh)
        assert not (fresh / "vouch.db").exists()
        there = Candidates(fresh / "models")
        for card in there.all():
            mine = {n: d for n, d in every.items() if n.startswith(f"{LEARNED}/{card.name}/")}
            assert mine.items() <= files(fresh).items()
        assert there.released("write") in (None, released)
        restore(archive, fresh)
        assert files(fresh) == files(whole)


def test_a_restore_that_fails_takes_back_what_it_moved(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, _ = backed(home)
    copied = f"{LEARNED}/write-22/adapter.gguf"
    for at in (1, 2, 9, 16, 19):
        fresh = tmp_path / f"failed {at}"
        (fresh / copied).parent.mkdir(parents=True)
        shutil.copyfile(home / copied, fresh / copied)
        with monkeypatch.context() as patched:
            breaking(patched, at, OSError(28, "No space left on device"))
            with pytest.raises(UserError, match="No space left"):
                restore(archive, fresh)
        assert [*files(fresh)] == [copied]
        assert [one.name for one in (fresh / LEARNED).iterdir() if one.is_dir()] == ["write-22"]

    def shorten(members: dict[str, bytes]) -> None:
        name = f"{LEARNED}/reward-1/reward.json"
        members[name] = bytes(len(members[name]))

    bad = rewritten(archive, shorten)
    with pytest.raises(UserError, match="damaged"):
        restore(bad, fresh)
    assert [*files(fresh)] == [copied]
