"""A plugin that misbehaves ends its call with one sentence, and the next call works."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from plugins.child import Limits, Lost
from plugins.sandbox import Sandbox
from plugins.tools import ToolResult

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
Open = Callable[..., Sandbox]

HOSTILE = '''
    import ctypes, os, signal, subprocess, sys, threading, time

    calls = 0

    def count() -> int:
        """Count the calls."""
        global calls
        calls += 1
        return calls

    def error() -> str:
        """Raise."""
        raise ValueError("no such\\nluck")

    def leave() -> str:
        """Exit."""
        sys.exit("bye")

    def vanish() -> str:
        """Exit at once."""
        os._exit(3)

    def crash() -> str:
        """Abort."""
        os.abort()

    def hang() -> str:
        """Hang."""
        while True:
            time.sleep(1)

    def say(times: int) -> str:
        """Print to both streams."""
        print("x" * times)
        print("y" * times, file=sys.stderr)
        os.write(1, b"z" * times)
        return "said"

    def flood(times: int) -> str:
        """Answer much."""
        return "a" * times

    def swell() -> str:
        """Take memory."""
        return str(len([bytearray(1 << 20) for _ in range(1 << 20)]))

    def forge() -> str:
        """Write to the pipe itself."""
        for descriptor in range(3, 20):
            try:
                os.write(descriptor, b"\\xff" * 64)
            except OSError:
                pass
        time.sleep(60)
        return ""

    def fork() -> str:
        """Fork."""
        return str(os.fork())

    def start() -> str:
        """Start a program."""
        return subprocess.run(["true"]).returncode

    def command() -> str:
        """Start a program by the shell."""
        return str(os.system("true"))

    def breed(file: str) -> str:
        """Fork behind the interpreter's back, in sessions of their own, and hang."""
        kernel = ctypes.CDLL(None)
        for _ in range(5):
            if kernel.fork() == 0:
                os.setsid()
                time.sleep(600)
        with open(file, "w") as told:
            told.write(str(os.getpid()))
        time.sleep(600)
        return ""

    def environment() -> object:
        """Tell the environment."""
        return dict(os.environ)

    def odd() -> object:
        """Return what is no JSON."""
        return {1, 2}
'''


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for all: each test begins after whatever the one before it did."""
    path = tmp_path_factory.mktemp("plugins") / "hostile.py"
    path.write_text(textwrap.dedent(HOSTILE), "utf-8")
    job = {"kind": "file", "value": str(path), "hosts": [], "folders": []}
    plugin = Sandbox("hostile", job, Limits(seconds=20, memory=400 << 20))
    yield plugin
    plugin.close()


@contextmanager
def _within(plugin: Sandbox, seconds: float) -> Iterator[None]:
    """Shorten the limit of its calls."""
    plugin.open()
    before = plugin.limits
    plugin.limits = replace(before, seconds=seconds)
    yield
    plugin.limits = before


def _next_call_works(plugin: Sandbox) -> None:
    assert plugin.call("flood", {"times": 2}) == ToolResult("aa")


def test_it_is_kept_warm(hostile: Sandbox) -> None:
    first = int(hostile.call("count", {}).text)
    assert hostile.call("count", {}).text == str(first + 1)


@pytest.mark.parametrize(
    ("tool", "because"),
    [
        ("error", "error failed: no such"),
        ("leave", "leave failed: bye"),
        ("vanish", "ended by itself (status 3)"),
        ("crash", "crashed (SIGABRT)"),
        ("swell", "MemoryError"),
        ("fork", "it may not start programs or processes"),
        ("start", "it may not start programs or processes"),
        ("command", "it may not start programs or processes"),
    ],
)
def test_a_call_that_goes_wrong_ends_with_a_sentence(
    hostile: Sandbox, tool: str, because: str
) -> None:
    result = hostile.call(tool, {})
    assert result.failed
    assert because in result.text
    _next_call_works(hostile)


@pytest.mark.parametrize("tool", ["hang", "forge"])
def test_a_call_that_does_not_end_is_ended(hostile: Sandbox, tool: str) -> None:
    with _within(hostile, 0.5):
        result = hostile.call(tool, {})
    assert result.failed
    assert "was ended" in result.text
    _next_call_works(hostile)


def test_what_is_printed_is_nobodys_answer(hostile: Sandbox) -> None:
    assert hostile.call("say", {"times": 300_000}) == ToolResult("said")


@pytest.mark.parametrize("times", [1_000_000, 20_000_000])
def test_a_flood_is_cut(hostile: Sandbox, times: int) -> None:
    result = hostile.call("flood", {"times": times})
    assert len(result.text) < 500_000
    assert str(times) in result.text
    _next_call_works(hostile)


def test_what_it_started_behind_our_back_is_ended_too(hostile: Sandbox) -> None:
    """Processes in sessions of their own, of which one process group knows nothing."""
    with _within(hostile, 1.0):
        before = {one.pid for one in psutil.process_iter()}
        assert hostile.call("breed", {"file": "pid"}).failed
    left = [one for one in psutil.process_iter() if one.pid not in before and _ours(one)]
    assert left == []
    _next_call_works(hostile)


def _ours(process: psutil.Process) -> bool:
    try:
        return process.status() != "zombie" and "plugins.runner" in process.cmdline()
    except psutil.Error:
        return False


def test_it_learns_no_secret_of_the_environment(
    hostile: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOUCH_MODEL_API_KEY", "hunter2")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    told = hostile.call("environment", {}).text
    assert "PATH" in told
    assert "hunter2" not in told


def test_what_is_no_json_is_told_as_text(hostile: Sandbox) -> None:
    assert "{1, 2}" in hostile.call("odd", {}).text


@pytest.mark.parametrize(
    ("code", "because"),
    [
        ("raise RuntimeError('not today')", "not today"),
        ("import os; os._exit(4)", "status 4"),
        ("import os; os.fork()", "may not start"),
        ("x = 1", "no public function"),
        ("def f(x):\n    'Do.'\n", "has no type"),
        ("def f(:", "SyntaxError"),
        ("vouch = {'ports': [1]}\ndef f() -> str:\n    'Do.'\n", "cannot be read"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_says_why(
    write: Write, sandbox: Open, code: str, because: str
) -> None:
    with pytest.raises(Lost) as lost:
        sandbox(write("broken", code)).open()
    assert because in str(lost.value)
    assert "\n" not in str(lost.value)


def test_its_process_ends_with_ours(write: Write) -> None:
    """A parent that is killed leaves no child."""
    path = write("plain", "def f() -> str:\n    'Do.'\n    return 'x'\n")
    script = (
        "import os, sys; from plugins.sandbox import Sandbox;"
        f"s = Sandbox('plain', {{'kind': 'file', 'value': {str(path)!r}, 'hosts': [],"
        " 'folders': []}); s.open(); print(s._child._process.pid, flush=True); os.abort()"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    child = int(told.stdout)
    for process in _until_gone(child):
        process.wait(10)


def _until_gone(pid: int) -> Iterator[psutil.Process]:
    if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        yield psutil.Process(pid)


def test_its_scratch_folder_is_removed(hostile: Sandbox) -> None:
    hostile.open()
    folder = hostile.call("environment", {}).text.partition('"TMPDIR": "')[2].partition('"')[0]
    assert os.path.isdir(folder)  # noqa: PTH112
    hostile.close()
    assert not os.path.isdir(folder)  # noqa: PTH112
