"""What stands on the socket: garbage, long lines, tokens; and the turns, jobs and logs."""

import json
import logging
import random
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.address import connect, read_address
from app.jobs import KEPT, Ending, Jobs
from app.logs import open_log, secrets_of
from app.turns import Turns
from app.wire import LINE_CAP, Identity, Lines, encode, error_line, raise_for
from retrieval.errors import UserError


def raw(home: Path, data: bytes) -> list[dict[str, Any]]:
    """Send bytes to the engine and return the lines of its answer."""
    found = connect(home)
    assert found is not None
    with found[0] as connection:
        connection.settimeout(20)
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return [json.loads(line) for line in received.splitlines()]


GARBAGE = [
    b"\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"\x00\xff\xfe\n",
    b"[1, 2]\n",
    b"{}\n",
    b'{"call": 3, "params": {}}\n',
    b'{"call": "echo"}\n',
    b'{"call": "echo", "params": [1]}\n',
    b'{"call": "stop", "params": {"job": 3}}\n',
    b'{"call": "attach", "params": {"job": "x", "from": "y"}}\n',
    b"[" * 100_000 + b"\n",
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_gets_a_sentence(engines: Any, tmp_path_factory: Any, data: bytes) -> None:
    home = tmp_path_factory.getbasetemp() / "garbage"
    client = engines.attach(home)
    answer = raw(home, data)
    assert [list(line) for line in answer] == [["fault"]]
    assert client.result("echo", {"result": 1}) == 1


def test_half_a_line_or_nothing_is_passed_over(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home)
    assert raw(vouch_home, b"") == raw(vouch_home, b'{"call": "echo", "par') == []
    assert client.result("echo", {"result": 1}) == 1


def test_random_bytes_do_no_harm(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home)
    seeded = random.Random(7)
    whole = b'{"call":"echo","params":{"items":[1],"result":2}}\n'
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(seeded.randint(1, 4)):
            data[seeded.randrange(len(data) - 1)] = seeded.randrange(256)
        raw(vouch_home, bytes(data))
    found = client.hello()
    assert found is not None and found["busy"] == 0
    assert "Traceback" not in (vouch_home / "logs" / "engine.log").read_text()


def test_a_line_that_is_too_long_is_refused_on_both_sides(engines: Any, vouch_home: Path) -> None:
    client = engines.attach(vouch_home)
    request = json.dumps({"call": "echo", "params": {"items": ["x" * (LINE_CAP + 70_000)]}})
    answer = raw(vouch_home, request.encode() + b"\n")
    assert [list(line) for line in answer] == [["fault"]]
    with pytest.raises(UserError):
        client.result("echo", {"items": ["x" * LINE_CAP]})
    assert client.result("echo", {"result": 1}) == 1


def test_a_port_wants_its_token(engines: Any, vouch_home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    engines.attach(vouch_home, port=port)
    address = read_address(vouch_home)
    assert address is not None and address.token
    request = {"call": "echo", "params": {"result": 1}}
    for token in ({}, {"token": "wrong"}, {"token": 3}, {"token": ""}, {"token": "\ud800"}):
        answer = raw(vouch_home, encode({**request, **token}))
        assert [list(line) for line in answer] == [["error"]]
    assert raw(vouch_home, encode({**request, "token": address.token}))[-1] == {"done": 1}
    log = (vouch_home / "logs" / "engine.log").read_text()
    assert address.token not in log


def test_a_line_comes_whole_however_it_was_cut() -> None:
    left, right = socket.socketpair()
    reader = Lines(right)
    data = encode({"a": "ü" * 1000}) + encode({"b": 2})
    with left:
        left.sendall(data[:700])
        left.sendall(data[700:])
    assert reader.read() == {"a": "ü" * 1000}
    assert reader.read() == {"b": 2}
    assert reader.read() is None
    reader.close()


def test_a_line_that_does_not_come_is_given_up() -> None:
    left, right = socket.socketpair()
    with left, pytest.raises(TimeoutError):
        Lines(right).read(0.01)
    right.close()


@given(st.text(), st.text(), st.text())
def test_errors_keep_their_three_parts(what: str, origin: str, cure: str) -> None:
    with pytest.raises(UserError) as caught:
        raise_for(json.loads(error_line(UserError(what, origin=origin, cure=cure))))
    assert caught.value.args == (what, origin, cure)


def test_an_empty_part_of_an_identity_fits_everything() -> None:
    mine = Identity("1", "a")
    assert all(mine.fits(other) for other in (mine, Identity("", "a"), Identity("1"), Identity()))
    assert not any(mine.fits(other) for other in (Identity("2", "a"), Identity("1", "b")))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), unique=True))
def test_turns_are_fair_and_lose_nobody(calls: list[tuple[str, int]]) -> None:
    turns: Turns[tuple[str, int]] = Turns()
    for call in calls:
        turns.put(call[0], call)
    foretold = list(turns)
    served = [call for call in iter(turns.take, None) if call]
    assert served == foretold and sorted(served) == sorted(calls)
    for session in "abc":
        mine = [call for call in served if call[0] == session]
        assert mine == [call for call in calls if call[0] == session]
        waits = served[: served.index(mine[0])] if mine else []
        assert all(count == 1 for count in Counter(call[0] for call in waits).values())


@given(st.lists(st.sampled_from("ab"), min_size=1), st.data())
def test_one_who_leaves_the_turns_is_not_served(sessions: list[str], data: st.DataObject) -> None:
    turns: Turns[int] = Turns()
    for number, session in enumerate(sessions):
        turns.put(session, number)
    leaver = data.draw(st.sampled_from(range(len(sessions))))
    assert turns.remove(leaver) and not turns.remove(leaver)
    left = [number for number in range(len(sessions)) if number != leaver]
    assert sorted(turns) == left
    assert list(turns) == list(iter(turns.take, None))


def test_ended_jobs_are_forgotten_after_their_grace() -> None:
    now = [0.0]
    jobs = Jobs(grace=10.0, clock=lambda: now[0])
    for number in range(KEPT + 5):
        job, fresh = jobs.admit(str(number), "echo", "")
        assert fresh
        job.end(b"", now[0] + number / 1000)
    assert jobs.find("0") is None and jobs.find(str(KEPT)) is not None
    now[0] = 20.0
    assert jobs.lines() == []


def test_closed_jobs_admit_nobody() -> None:
    jobs = Jobs()
    job, _ = jobs.admit("1", "echo", "")
    assert not jobs.close_if_idle()
    jobs.drop(job)
    assert jobs.close_if_idle()
    with pytest.raises(Ending):
        jobs.admit("2", "echo", "")


def test_the_log_strikes_out_secrets(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    open_log(tmp_path / "log", secrets_of({"MY_TOKEN": "hunter22", "PATH": "/usr/bin"}))
    try:
        try:
            raise ValueError("hunter22 at /usr/bin, api_key=abcdefgh, https://me:pass@host/x")
        except ValueError:
            logging.getLogger("vouch.test").exception("Authorization: Bearer abcdefgh")
    finally:
        for writer in set(root.handlers) - set(before):
            root.removeHandler(writer)
            writer.close()
        root.setLevel(level)
        logging.raiseExceptions = True
    text = (tmp_path / "log").read_text()
    assert "Traceback" in text and "/usr/bin" in text and "https://me" in text
    assert not [secret for secret in ("hunter22", "abcdefgh", "pass@") if secret in text]
