"""Jobs run to their end, are stopped and attached to, wait in turns, and fail in a sentence."""

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.models.base import Cancel
from app.address import LOCK_FILE
from app.calls import JSON, CallSpec
from app.client import Client, Stream, attach
from app.engine import Engine
from app.launch import Launch
from app.wire import EngineFault, Identity, Lines
from retrieval.errors import UserError
from retrieval.lock import FileLock

Kill = Callable[..., int]


def begin(client: Client, call: str, /, **params: Any) -> Stream:
    """Make a call and read until its first item of its own."""
    stream = client.call(call, params)
    while "number" not in (item := next(stream)) and "queued" not in item:
        pass
    return stream


def own(items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [item for item in items if "job" not in item and "queued" not in item]


def test_items_come_in_order_and_the_result_last(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home)
    items = [{"n": 7}, "ü\u2028\ud800", [1, None], 2.5]
    stream = client.call("echo", {"items": items, "result": {"sum": 3}})
    assert list(stream) == [{"job": stream.job}, *items]
    assert stream.result == {"sum": 3} and stream.number == len(items)
    assert list(stream) == []


def test_the_result_is_the_value_of_yield_from(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home)
    results = []

    def consume() -> Any:
        results.append((yield from client.call("echo", {"result": 5})))

    assert len(list(consume())) == 1
    assert results == [5]


def test_a_user_error_travels_whole(engines: Any, vouch_home: Path) -> None:
    stream = engines.attach(vouch_home).call("mend")
    with pytest.raises(UserError) as caught:
        list(stream)
    error = caught.value
    assert (error.what, error.origin, error.cure) == ("the value 7 is odd", "--value", "use 8")
    assert stream.number == 1


@pytest.mark.parametrize("call", ["fail", "opaque"])
def test_the_unexpected_is_one_sentence_and_a_traceback_in_the_log(
    engines: Any, vouch_home: Path, wait_for: Any, call: str
) -> None:
    client = engines.attach(vouch_home, env={"SERVICE_API_KEY": "swordfish"})
    with pytest.raises(EngineFault) as caught:
        client.result(call)
    assert "\n" not in str(caught.value) and "swordfish" not in str(caught.value)
    log = vouch_home / "logs" / "engine.log"
    wait_for(lambda: "Traceback" in log.read_text())
    output = log.read_text() + (vouch_home / "logs" / "engine.out").read_text()
    assert ("kaputt" in output) == (call == "fail")
    assert "swordfish" not in output
    assert client.result("echo", {"result": 1}) == 1


def test_an_unknown_call_is_a_fault(engines: Any, vouch_home: Path) -> None:
    with pytest.raises(EngineFault):
        engines.attach(vouch_home).result("bake")


def test_stop_ends_a_running_job(engines: Any, vouch_home: Path, tmp_path: Path) -> None:
    client = engines.attach(vouch_home)
    stream = begin(client, "ask", until=str(tmp_path / "never"))
    assert client.stop(stream.job)
    assert own(list(stream)) == []
    assert stream.result == {"cancelled": True}
    assert not client.stop(stream.job) and not client.stop("nobody")


def test_ctrl_c_leaves_the_stream_usable(
    engines: Any, vouch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = engines.attach(vouch_home)
    stream = client.call("wait", {"until": str(tmp_path / "never"), "counting": True})
    numbers = []
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            numbers += [item["number"] for item in stream if "number" in item]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    before = stream.number
    assert client.stop(stream.job)
    rest = [item["number"] for item in own(list(stream))]
    assert stream.result == {"cancelled": True}
    assert rest == list(range(before, stream.number))


def test_a_line_that_an_interrupt_swallowed_comes_again(
    engines: Any, vouch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = engines.attach(vouch_home).call("echo", {"items": list(range(9)), "result": 1})
    before = [next(stream) for _ in range(4)][1:]
    read = Lines.read

    def interrupted(lines: Lines, seconds: float | None = None) -> None:
        read(lines, seconds)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Lines, "read", interrupted)
        next(stream)
    assert before + list(stream)[1:] == list(range(9))
    assert stream.result == 1


LEAVER = """
import os, sys
from pathlib import Path
from app.client import attach
from app.launch import Launch
home, until, mark = sys.argv[1:]
client = attach(Path(home), start=False, launch=Launch(version="1"))
stream = client.call("ask", {"until": until, "mark": mark, "counting": True})
for item in stream:
    if "number" in item:
        print(stream.job, flush=True)
        sys.stdin.read()
"""


def test_a_job_outlives_its_client_and_can_be_attached_to(
    engines: Any, vouch_home: Path, tmp_path: Path, wait_for: Any
) -> None:
    client = engines.attach(vouch_home)
    mark = tmp_path / "mark"
    leaver = subprocess.Popen(
        [sys.executable, "-c", LEAVER, str(vouch_home), str(tmp_path / "go"), str(mark)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with leaver:
        assert leaver.stdout is not None
        job = leaver.stdout.readline().strip()
        leaver.kill()
    assert [line["state"] for line in client.jobs() if line["job"] == job] == ["running"]
    stream = client.attach(job, 1)
    (tmp_path / "go").touch()
    numbers = [item["number"] for item in own(list(stream))]
    assert numbers == list(range(1, stream.number))
    assert stream.result == {"cancelled": False}
    assert mark.read_text() == " done\n"
    # The job has ended, but its items are still there for a while, from any number.
    again = client.attach(job)
    assert [item["number"] for item in own(list(again))] == [0, *numbers]
    assert again.result == {"cancelled": False}


def test_a_job_that_nobody_knows_is_a_user_error(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home)
    with pytest.raises(UserError):
        list(client.attach("0123"))
    client.finish()
    with pytest.raises(UserError):
        list(client.attach("0123"))


def test_a_call_sent_twice_is_made_once(engines: Any, vouch_home: Path, tmp_path: Path) -> None:
    """A client that lost its connection before the first line sends the same id again."""
    client = engines.attach(vouch_home)
    params = {"until": str(tmp_path / "go"), "mark": str(tmp_path / "mark")}
    streams = [Stream(client, "wait", params, "same-id") for _ in range(2)]
    for stream in streams:
        next(stream)
    (tmp_path / "go").touch()
    assert [own(list(stream)) for stream in streams] == [[{"number": 0}]] * 2
    assert (tmp_path / "mark").read_text() == " done\n"


def test_sessions_take_turns_and_waiting_ones_see_their_place(
    engines: Any, vouch_home: Path, tmp_path: Path
) -> None:
    client = engines.attach(vouch_home)
    go, mark = str(tmp_path / "go"), str(tmp_path / "mark")

    def ask(session: str, name: str) -> Stream:
        return begin(client, "ask", until=go, mark=mark, session=session, name=name)

    first = ask("batch", "b1")
    waiting = [ask("batch", f"b{number}") for number in (2, 3, 4)]
    person = ask("person", "p1")
    last = ask("batch", "b5")
    assert client.result("echo", {"result": 1}) == 1
    assert client.stop(waiting[2].job)
    with pytest.raises(UserError):
        list(waiting[2])
    Path(go).touch()
    places = [[i["queued"] for i in stream if "queued" in i] for stream in (person, last)]
    assert places[0] == [1, 0] or places[0] == [0]
    assert places[1][-1] == 0 and places[1] == sorted(places[1], reverse=True)
    assert first.result is None and list(first)[-1:] != [{"queued": 1}]
    order = [line.split()[0] for line in Path(mark).read_text().splitlines()]
    assert order == ["b1", "b2", "p1", "b3", "b5"]


def test_slots_run_side_by_side(engines: Any, vouch_home: Path, tmp_path: Path) -> None:
    client = engines.attach(vouch_home, slots=2)
    streams = [begin(client, "ask", until=str(tmp_path / "go")) for _ in range(3)]
    states = [line["state"] for line in client.jobs()]
    assert states == ["running", "running", "waiting"]
    (tmp_path / "go").touch()
    assert [list(stream) and stream.result for stream in streams[2:]] == [{"cancelled": False}]


def test_kill_9_in_the_middle_of_a_job(
    engines: Any, vouch_home: Path, tmp_path: Path, kill: Kill
) -> None:
    client = engines.attach(vouch_home)
    stream = begin(client, "ask", until=str(tmp_path / "never"))
    dead = kill(client, signal.SIGKILL)
    with pytest.raises(EngineFault) as caught:
        list(stream)
    assert "\n" not in str(caught.value)
    assert client.result("echo", {"result": 1}) == 1
    found = client.hello()
    assert found is not None and found["pid"] != dead


def test_sigterm_cancels_what_runs_and_waits_for_no_deaf_job(
    engines: Any, vouch_home: Path, tmp_path: Path, kill: Kill
) -> None:
    client = engines.attach(vouch_home)
    mark = tmp_path / "mark"
    running = begin(client, "ask", until=str(tmp_path / "never"), mark=str(mark), name="r")
    waiting = begin(client, "ask", until=str(tmp_path / "never"), mark=str(mark), name="w")
    deaf = client.call("deaf")
    assert [next(deaf), next(deaf)][1] == "started"
    kill(client, signal.SIGTERM)
    assert own(list(running)) == [] and running.result == {"cancelled": True}
    with pytest.raises(UserError):
        list(waiting)
    with pytest.raises(EngineFault):
        list(deaf)
    assert mark.read_text() == "r cancelled\n"
    assert (vouch_home / "closed").exists()
    assert not (vouch_home / "engine.json").exists()


def test_finish_spares_what_runs_unless_forced(
    engines: Any, vouch_home: Path, tmp_path: Path
) -> None:
    client = engines.attach(vouch_home)
    stream = begin(client, "wait", until=str(tmp_path / "never"))
    assert not client.finish()
    assert client.result("echo", {"result": 1}) == 1
    assert client.finish(force=True)
    assert list(stream) == [] and stream.result == {"cancelled": True}


def test_a_job_longer_than_the_idle_time_is_waited_for_at_the_normal_pace(
    vouch_home: Path, wait_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead, pauses, go = [0.0], [], threading.Event()

    def wait(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
        yield {"number": 0}
        go.wait(20)

    class Selector(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> Any:
            if ahead[0]:
                pauses.append(timeout)
            return super().select(timeout)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + ahead[0])
    monkeypatch.setattr("app.engine.time", clock)
    monkeypatch.setattr("app.engine.TICK", 0.05)
    monkeypatch.setattr("app.engine.selectors.DefaultSelector", Selector)
    lock = FileLock.take(vouch_home / LOCK_FILE, 0)
    assert lock is not None
    with lock:
        engine = Engine(vouch_home, {"wait": CallSpec(wait)}, 60.0, identity=Identity("1"))
        serving = threading.Thread(target=engine.run, args=(lock,), daemon=True)
        serving.start()
        client = attach(vouch_home, start=False, launch=Launch(version="1"))
        stream = begin(client, "wait")
        ahead[0] = 3600.0
        wait_for(lambda: len(pauses) >= 3)
        go.set()
        serving.join(20)
    assert set(pauses[:3]) == {0.05}
    assert not serving.is_alive()
    assert own(list(stream)) == []


def test_a_client_needs_no_heavy_library(python: str) -> None:
    script = (
        "import sys, app.client;"
        "heavy = {'pydantic', 'sqlalchemy', 'numpy', 'torch', 'rich', 'httpx', 'subprocess'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    root = Path(__file__).parents[2]
    told = subprocess.run([python, "-c", script], cwd=root, env=environ, capture_output=True)
    assert told.stdout == b"[]\n", told
