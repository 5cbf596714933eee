"""Engines start once, are replaced when stale or different, and end when idle."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.address import LOCK_FILE, Address, read_address, write_address
from app.client import Client, attach
from app.version import program_version
from app.wire import EngineFault
from retrieval.errors import UserError
from retrieval.lock import FileLock, is_held


def pid_of(client: Client) -> int:
    found = client.hello()
    assert found is not None
    return int(found["pid"])


def starts(home: Path) -> list[str]:
    return (home / "starts").read_text().split()


def test_the_second_client_finds_the_engine_of_the_first(engines: Any, vouch_home: Path) -> None:
    first = engines.attach(vouch_home)
    second = engines.attach(vouch_home)
    assert pid_of(first) == pid_of(second) != os.getpid()
    assert second.result("echo", {"result": [1]}) == [1]


RACER = """
import sys
from pathlib import Path
from app.client import Launch, attach
home, path = sys.argv[1:]
launch = Launch(calls="engine_table:build_calls", version="1", idle_seconds=60)
sys.stdin.read()
print(attach(Path(home), launch=launch).hello()["pid"])
"""


def test_ten_processes_that_start_at_once_share_one_engine(engines: Any, vouch_home: Path) -> None:
    engines.homes.add(vouch_home)
    environ = engines.launch().environ
    root = str(Path(__file__).parents[2])
    environ = {**environ, "PYTHONPATH": os.pathsep.join([root, environ["PYTHONPATH"]])}
    command = [sys.executable, "-P", "-c", RACER, str(vouch_home), ""]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    racers = [subprocess.Popen(command, env=environ, text=True, **pipes) for _ in range(10)]
    for racer in racers:
        racer.stdin.close()
    pids = {racer.stdout.read().strip() for racer in racers}
    assert [racer.wait() for racer in racers] == [0] * 10
    assert pids == set(starts(vouch_home)) and len(pids) == 1


def test_ten_clients_that_lose_their_engine_start_one(
    engines: Any, vouch_home: Path, kill: Any
) -> None:
    clients = [engines.attach(vouch_home) for _ in range(10)]
    kill(clients[0])
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda client: client.result("echo", {"result": 3}), clients))
    assert results == [3] * 10
    assert len(starts(vouch_home)) == 2


def test_the_socket_of_a_dead_engine_is_replaced(engines: Any, vouch_home: Path, kill: Any) -> None:
    client = engines.attach(vouch_home)
    dead = kill(client)
    address = read_address(vouch_home)
    assert address is not None and Path(address.path).exists()
    assert client.hello() is None
    assert pid_of(engines.attach(vouch_home)) != dead


def test_a_starter_that_died_leaves_its_engine_to_the_next(
    engines: Any, vouch_home: Path, wait_for: Any
) -> None:
    client = engines.attach(vouch_home)
    address = read_address(vouch_home)
    assert address is not None
    # An engine that still starts has no address yet; a second one waits for it and leaves.
    (vouch_home / "engine.json").unlink()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(engines.attach, vouch_home)
        wait_for(lambda: (vouch_home / "logs" / "engine.out").exists())
        write_address(vouch_home, address)
        assert pid_of(other.result()) == pid_of(client)
    assert len(starts(vouch_home)) == 1


@pytest.mark.parametrize("change", [{"version": "2"}, {"settings": "other"}])
def test_an_idle_engine_of_another_kind_is_replaced(
    engines: Any, vouch_home: Path, change: dict[str, str]
) -> None:
    old = engines.attach(vouch_home, settings="these")
    before = pid_of(old)
    new = engines.attach(vouch_home, **{"settings": "these", **change})
    after = pid_of(new)
    assert after != before
    assert (vouch_home / "closed").exists()
    # The old client, which lives on, gets an engine of its own kind again.
    assert old.result("echo", {"result": 1}) == 1
    assert pid_of(old) not in (before, after)


def test_a_busy_engine_of_another_kind_is_left_alone(
    engines: Any, vouch_home: Path, tmp_path: Path
) -> None:
    old = engines.attach(vouch_home)
    stream = old.call("wait", {"until": str(tmp_path / "go")})
    next(stream)
    with pytest.raises(UserError) as caught:
        engines.attach(vouch_home, version="2", patience=0.2)
    assert "1 call" in caught.value.what
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(engines.attach, vouch_home, version="2")
        (tmp_path / "go").touch()
        assert list(stream)[-1] == {"number": 0}
        assert stream.result == {"cancelled": False}
        assert waiting.result().result("echo", {"result": 2}) == 2


def test_who_only_reads_takes_an_engine_of_other_settings(
    engines: Any, vouch_home: Path, tmp_path: Path
) -> None:
    old = engines.attach(vouch_home, settings="these")
    next(old.call("wait", {"until": str(tmp_path / "go")}))
    with pytest.raises(UserError) as caught:
        engines.attach(vouch_home, settings="those", patience=0.2)
    assert "vouch engine stop" in caught.value.cure
    reader = engines.attach(vouch_home, settings="those", reading=True)
    assert reader.result("echo", {"result": 1}) == 1
    assert pid_of(reader) == pid_of(old)


def test_two_homes_have_an_engine_each(engines: Any, tmp_path: Path) -> None:
    one, two = engines.attach(tmp_path / "1"), engines.attach(tmp_path / "2")
    assert pid_of(one) != pid_of(two)
    one.finish()
    assert two.result("echo", {"result": 2}) == 2


def test_an_idle_engine_ends_and_the_next_call_starts_another(
    engines: Any, vouch_home: Path, wait_for: Any
) -> None:
    client = engines.attach(vouch_home, idle_seconds=0.2)
    wait_for(lambda: not is_held(vouch_home / LOCK_FILE))
    assert (vouch_home / "closed").exists()
    assert read_address(vouch_home) is None
    assert not (vouch_home / "engine.sock").exists()
    assert client.result("echo", {"result": 1}) == 1


def test_a_running_job_keeps_the_engine_from_idling(
    engines: Any, vouch_home: Path, tmp_path: Path
) -> None:
    client = engines.attach(vouch_home, idle_seconds=0.05)
    stream = client.call("wait", {"until": str(tmp_path / "go"), "counting": True})
    numbers = [item["number"] for item in (next(stream) for _ in range(60)) if "number" in item]
    assert numbers == list(range(59))
    (tmp_path / "go").touch()
    assert len(list(stream)) >= 0 and stream.result == {"cancelled": False}


def test_an_engine_whose_home_is_removed_ends(engines: Any, tmp_path: Path, wait_for: Any) -> None:
    client = engines.attach(tmp_path / "home")
    lock = os.open(tmp_path / "home" / LOCK_FILE, os.O_RDWR)
    shutil.rmtree(tmp_path / "home")
    wait_for(lambda: not is_held(Path(f"/proc/self/fd/{lock}")))
    os.close(lock)
    assert client.hello() is None


@pytest.mark.parametrize("override", ["broken", "crash", "bug"])
def test_a_failed_start_is_told_at_once(
    engines: Any, vouch_home: Path, wait_for: Any, override: str
) -> None:
    with pytest.raises((UserError, EngineFault)) as caught:
        engines.attach(vouch_home, overrides={override: "1"})
    assert isinstance(caught.value, UserError) == (override == "broken")
    if isinstance(caught.value, UserError):
        assert caught.value.cure == "leave it out"
    if override == "bug":
        log = vouch_home / "logs" / "engine.log"
        wait_for(lambda: "Traceback" in log.read_text())
    assert engines.attach(vouch_home).result("echo", {"result": 1}) == 1


def test_overrides_reach_the_house_and_no_list_of_processes(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home, overrides={"models.api_key": "swordfish"})
    assert list(client.call("overrides"))[1:] == [{"models.api_key": "swordfish"}]
    command = Path(f"/proc/{pid_of(client)}/cmdline")
    if command.exists():
        assert b"swordfish" not in command.read_bytes()


def test_a_client_that_may_not_start_says_so(vouch_home: Path) -> None:
    with pytest.raises(UserError):
        attach(vouch_home, start=False)
    assert not (vouch_home / "engine.start").exists()


def test_a_program_that_changed_on_disk_since_the_client_began_is_told(
    engines: Any, vouch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(vouch_home, True, engines.launch(version=""), 1.0)
    monkeypatch.setattr("app.client.program_version", lambda: "later")
    with pytest.raises(UserError):
        client.result("echo")


def test_the_version_changes_with_the_program(tmp_path: Path) -> None:
    for floor in ("agents", "app", "plugins", "retrieval"):
        (tmp_path / floor).mkdir()
    before = program_version(tmp_path)
    assert program_version(tmp_path) == before
    (tmp_path / "app" / "new.py").write_text("")
    assert program_version(tmp_path) != before


def test_a_home_that_cannot_be_made_is_named(engines: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as caught:
        attach(tmp_path / "file" / "home", launch=engines.launch())
    assert str(tmp_path / "file") in caught.value.what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write in a read-only folder")
def test_a_home_that_is_read_only_is_named(engines: Any, vouch_home: Path) -> None:
    vouch_home.chmod(0o500)
    with pytest.raises(UserError) as caught:
        attach(vouch_home, launch=engines.launch())
    assert str(vouch_home) in str(caught.value)


FULL = """
import sys
from pathlib import Path
from app.client import Launch, attach
from retrieval.errors import UserError
try:
    attach(Path(sys.argv[1]), launch=Launch(calls="engine_table:build_calls", version="1"))
except UserError as error:
    print(error.what)
    sys.exit(error.cure.startswith("free"))
"""


def test_a_full_disk_is_named(engines: Any, vouch_home: Path) -> None:
    """No file may grow beyond nothing, which fails like a full disk and is inherited."""
    environ = engines.launch().environ
    root = str(Path(__file__).parents[2])
    environ = {**environ, "PYTHONPATH": os.pathsep.join([root, environ["PYTHONPATH"]])}
    told = subprocess.run(
        [sys.executable, "-P", "-B", "-c", FULL, str(vouch_home)],
        env=environ,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert told.returncode == 1, told.stderr
    assert str(vouch_home) in told.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_engine_can_listen_on_a_port(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home, port=free_port())
    assert client.result("echo", {"result": 1}) == 1
    assert (vouch_home / "engine.json").stat().st_mode & 0o077 == 0
    assert not (vouch_home / "engine.sock").exists()


def test_a_port_that_is_taken_is_named(engines: Any, vouch_home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError) as caught:
            engines.attach(vouch_home, port=port)
    assert str(port) in caught.value.what
    assert caught.value.cure


def test_a_stranger_on_a_dead_engines_port_is_not_spoken_to(vouch_home: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        stranger.setblocking(False)
        address = Address(os.getpid(), port=stranger.getsockname()[1], token="t")
        write_address(vouch_home, address)
        with pytest.raises(UserError):
            attach(vouch_home, start=False)
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_a_home_with_a_long_path_gets_a_socket_elsewhere(engines: Any, tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    client = engines.attach(home)
    assert client.result("echo", {"result": 1}) == 1
    address = read_address(home)
    assert address is not None
    assert Path(address.path).parent.stat().st_mode & 0o777 == 0o700
    client.finish()


def test_a_broken_address_file_counts_as_none(engines: Any, vouch_home: Path) -> None:
    for text in ("", "{", "[]", json.dumps({"pid": 1, "what": 2})):
        (vouch_home / "engine.json").write_text(text)
        assert read_address(vouch_home) is None
    assert engines.attach(vouch_home).result("echo", {"result": 1}) == 1


def test_a_lock_is_free_when_its_holder_was_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from retrieval.lock import FileLock;"
        "lock = FileLock.take(Path(sys.argv[1]), 1); print(flush=True); time.sleep(60)"
    )
    root = str(Path(__file__).parents[2])
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "l")], cwd=root, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None and holder.stdout.readline()
    assert FileLock.take(tmp_path / "l", 0.0) is None and is_held(tmp_path / "l")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    lock = FileLock.take(tmp_path / "l", 0.0)
    assert lock is not None and lock.stands()
    (tmp_path / "l").unlink()
    assert not lock.stands()
    lock.close()
