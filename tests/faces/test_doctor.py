"""The doctor tells of every part, whatever state the others are in."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.models.base import Capabilities, ModelLost, Reply
from app import checkup, doctor, vitals
from app.doctor import CHECKS, Finding, Patient, examine
from retrieval.errors import UserError

LIGHT = {name: CHECKS[name] for name in ("home", "settings", "database", "plugins", "engine")}

LIGHT_SETTINGS = {"settings": CHECKS["settings"]}


def levels(home: Path, checks: dict[str, Any] | None = None) -> dict[str, str]:
    """Subject to level."""
    return {f.subject: f.level for f in examine(str(home), {}, checks or LIGHT)}


def test_a_fresh_home_has_no_fault(vouch_home: Path) -> None:
    assert "fault" not in levels(vouch_home / "new").values()
    assert not (vouch_home / "new").exists()


def test_a_fault_hides_nothing_behind_it() -> None:
    def mendable(patient: Patient) -> Iterator[Finding]:
        yield Finding("first", "ok", "this much is known")
        raise UserError("it is bent", origin="here", cure="bend it back")

    def surprising(patient: Patient) -> Iterator[Finding]:
        raise RuntimeError("who knows")

    checks = {"bent": mendable, "odd": surprising, "engine": CHECKS["engine"]}
    found = list(examine(None, {}, checks))
    assert [f.subject for f in found] == ["first", "bent", "odd", "engine"]
    assert found[1].level == "fault" and "here" in found[1].fact
    assert found[1].cure == "bend it back"
    assert "who knows" in found[2].fact and found[2].cure


def test_a_damaged_database_is_named_and_left_alone(vouch_home: Path) -> None:
    from app.house import DATABASE

    path = vouch_home / DATABASE
    path.write_bytes(b"no database " * 400)
    before = path.read_bytes()
    found = {f.subject: f for f in examine(str(vouch_home), {}, LIGHT)}
    assert found["database"].level == "fault" and str(path) in found["database"].cure
    assert found["plugins"].level == "ok"
    assert path.read_bytes() == before


def test_a_sound_database_is_counted(vouch_home: Path) -> None:
    from app.house import DATABASE
    from app.store.database import open_database
    from app.store.journal import Journal

    opened = open_database(vouch_home / DATABASE)
    Journal(opened).begin()
    opened.dispose()
    level, fact, _ = vitals.database(vouch_home / DATABASE)
    assert level == "ok" and "1 runs" in fact


def test_wrong_settings_do_not_stop_the_examination(vouch_home: Path) -> None:
    (vouch_home / "settings.toml").write_text("[ask]\nstps = 3\n")
    found = levels(vouch_home)
    assert found.pop("settings") == "fault"
    assert "fault" not in found.values()


def test_settings_that_differ_are_told_with_their_origin(vouch_home: Path) -> None:
    check = {"settings": CHECKS["settings"]}
    (told,) = examine(str(vouch_home), {"ask.steps": "5"}, check)
    assert "ask.steps = 5 (command line)" in told.fact and "ask.seconds" not in told.fact


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**where: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    level, fact, cure = vitals.writable(tmp_path)
    assert level == "fault" and str(tmp_path) in fact and "VOUCH_HOME" in cure


@pytest.mark.parametrize(("free", "level"), [(2**20, "fault"), (2**28, "note"), (2**34, "ok")])
def test_disk_space(free: int, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
    assert vitals.space(tmp_path / "not" / "there")[0] == level


def test_a_missing_package_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "PACKAGES", ("no-such-package-at-all",))
    level, fact, _ = vitals.packages()
    assert level == "fault" and "no-such-package-at-all" in fact


class Local:
    """A local model that reads 100 and writes 10 tokens a second."""

    name = "tiny"
    capabilities = Capabilities(context=512)
    header = SimpleNamespace(size=100)

    def __init__(self, **info: Any) -> None:
        self.known = {
            "path": "/m.gguf", "size": 100, "layers": 30, "offloaded": 0, "gpu": "", "threads": 2,
            "no_gpu": "no support", "flash_attention": True, "context": 512, "seconds": 0.5, **info,
        }  # fmt: skip

    def info(self) -> dict[str, Any]:
        return self.known

    def reply(self, *asked: Any) -> Iterator[Reply]:
        yield Reply("x", "stop", 300, 200, 20, 2.0, 2.0)


def house_of(model: object) -> Any:
    return SimpleNamespace(model=lambda: model, settings=None)


def facts(model: object, engine_runs: bool = False) -> dict[str, vitals.Fact]:
    return dict(checkup.examine_model(house_of(model), engine_runs))


def test_speed_counts_what_was_read_anew() -> None:
    assert "reads 100 and writes 10 tokens/s" in facts(Local())["speed"][1]


@pytest.mark.parametrize(
    ("info", "level", "said"),
    [
        ({}, "note", "make run GPU=1"),
        ({"gpu": "H200", "offloaded": 31}, "ok", "31 of 31 layers on H200"),
        ({"gpu": "H200", "offloaded": 12}, "note", "does not fit"),
        ({"gpu": "H200", "offloaded": 0}, "note", "model.gpu_layers"),
    ],
)
def test_what_the_gpu_does_is_told(info: dict[str, Any], level: str, said: str) -> None:
    fact = facts(Local(**info))["gpu"]
    assert fact[0] == level and said in " ".join(fact)


def test_a_gpu_that_is_there_and_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_nvidia", lambda: "NVIDIA H200")
    level, fact, cure = facts(Local())["gpu"]
    assert level == "note" and "NVIDIA H200" in fact and "not used" in fact
    assert cure == "make run GPU=1"


def test_a_large_model_is_not_loaded_twice() -> None:
    large = Local()
    large.header = SimpleNamespace(size=5 * 2**30)
    assert "speed" in facts(large) and "speed" not in facts(large, engine_runs=True)


def test_the_prepared_model_is_told_with_its_ratio(vouch_home: Path) -> None:
    from app.settings import load

    settings = load(vouch_home)
    assert checkup.prepared(settings)[2] == "vouch models prepare"
    (vouch_home / "models").mkdir()
    rates = {"read": 9, "write": 3}
    kept = {"file": "", "ratio": 0.9, "shipped": rates, "converted": rates}
    (vouch_home / "models" / "prepared.json").write_text(json.dumps(kept))
    level, fact, _ = checkup.prepared(settings)
    assert level == "ok" and "0.9 times" in fact


def test_the_command_ends_with_1_on_a_fault(
    vouch: Callable[..., Any], vouch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", LIGHT)
    healthy = vouch("doctor", "--json")
    assert healthy.status == 0 and json.loads(healthy.out)["healthy"] is True
    (vouch_home / "vouch.db").write_bytes(b"x" * 5000)
    ill = vouch("doctor", "--json")
    told = json.loads(ill.out)
    assert ill.status == 1 and told["healthy"] is False
    assert {"subject", "level", "fact", "cure"} == told["findings"][0].keys()
    spoken = vouch("doctor")
    assert spoken.status == 1 and "mv " in spoken.out and "Traceback" not in spoken.all


def test_a_password_in_an_address_is_not_told(vouch: Callable[..., Any], vouch_home: Path) -> None:
    address = "model.base_url=http://me:s3cr@et@localhost:8080/v1"
    shown = vouch("config", "--set", address)
    assert shown.status == 0 and "http://***@localhost:8080/v1" in shown.out
    wrong = vouch("config", "--set", "model.base_url=ftp://me:s3cret@localhost")
    (told,) = examine(str(vouch_home), dict([address.split("=", 1)]), LIGHT_SETTINGS)
    assert wrong.status == 1 and "localhost:8080" in told.fact
    assert "s3cr" not in shown.all + wrong.all + told.fact


def test_a_model_server_that_is_down_is_to_be_started(vouch_home: Path) -> None:
    def down(patient: Patient) -> Iterator[Finding]:
        raise ModelLost("no model server answers")
        yield

    (remote,) = examine(str(vouch_home), {"model.base_url": "http://localhost:1/v1"}, {"m": down})
    assert remote.level == "fault" and "start the model's server" in remote.cure
    (local,) = examine(str(vouch_home), {}, {"m": down})
    assert "server" not in local.cure and "vouch models use" in local.cure


def test_a_running_engine_is_asked_for_its_library(
    vouch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Running:
        def __init__(self, *asked: Any, **how: Any) -> None: ...

        def hello(self) -> dict[str, Any]:
            return {"pid": 1}

        def result(self, name: str) -> dict[str, Any]:
            held = {"passages": 7, "generation": 3, "index": "flat", "bytes": 9, "embedder": "e"}
            return {**held, "documents": [{"source": "/a"}, {"source": "/b"}]}

    (vouch_home / "vouch.db").write_bytes(b"not to be opened")
    monkeypatch.setattr(doctor, "Client", Running)
    (told,) = examine(str(vouch_home), {}, {"library": CHECKS["library"]})
    assert told.level == "ok" and told.fact.startswith("2 documents, 7 passages")


@pytest.mark.model
def test_the_whole_examination_of_a_fresh_home(vouch_home: Path) -> None:
    found = list(examine(str(vouch_home), {}))
    assert not [f for f in found if f.level == "fault"]
    subjects = {f.subject for f in found}
    assert {*CHECKS, "packages", "disk", "speed", "gpu", "prepared", "adapters"} == subjects


def test_a_reward_that_ranks_nothing_is_told_with_the_cure(vouch_home: Path) -> None:
    from app.learning.candidates import Candidates, Card, Change

    def told() -> Finding:
        check = {"reward": CHECKS["reward"]}
        (found,) = examine(str(vouch_home), {"check.verifier": "none"}, check)
        return found

    assert "none is in use" in told().fact
    kept = Candidates(vouch_home / "models")
    kept.keep(Card("reward-1", "reward", "elsewhere", "2026-11-28", 1))
    kept.change("reward", Change("reward-1", "release", "2026-11-28T10:00:00"))
    found = told()
    assert found.level == "note" and "reward-1 is not used: it was learned with" in found.fact
    assert "vouch learn reward" in found.cure
