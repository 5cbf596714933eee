"""The command line: what it prints where, and how it ends."""

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ui.arguments import nearest

Vouch = Callable[..., Any]
"""Carries out a command line and returns its status, out and err."""

FIELDS = {
    "run": str,
    "question": str,
    "outcome": str,
    "answer": str,
    "draft": str,
    "quotes": list,
    "claims": list,
    "model": str,
    "policy": str,
    "seconds": float,
    "tokens": int,
}
SCRIPT = Path(__file__).with_name("fake_vouch.py")
ROOT = SCRIPT.parents[2]


def test_steps_go_to_stderr_and_the_answer_to_stdout(vouch: Vouch) -> None:
    ran = vouch("ask", "When did it open?")
    assert ran.status == 0
    assert ran.out.startswith("It opened in 1966 [1].\n")
    assert "searched" not in ran.out and "It opened in 1966" not in ran.err
    order = ["searched", "opened Rance", "quoted [1]", "wrote a draft", "checked 2 claims"]
    places = [ran.err.index(step) for step in order]
    assert places == sorted(places)
    assert "r7f3a" in ran.out and "tiny-model" in ran.out and "150 tokens" in ran.out


def test_json_is_one_object_of_the_promised_shape(vouch: Vouch) -> None:
    ran = vouch("ask", "When?", "--json")
    found = json.loads(ran.out)
    assert {key: type(found[key]) for key in FIELDS} == FIELDS
    assert {"number", "text", "source", "title", "start", "end"} <= found["quotes"][0].keys()
    assert {"text", "ruling", "confidence", "judge", "cites"} <= found["claims"][0].keys()
    assert found["claims"][0]["cites"] == [1]


def test_flags_reach_the_house_and_only_those_given(vouch: Vouch) -> None:
    flags = ["--policy", "model", "--no-check", "--seconds", "9.5", "--steps", "3"]
    ran = vouch("ask", "When?", *flags)
    params = {"policy": "model", "check": False, "seconds": 9.5, "steps": 3}
    name, given = ran.house.calls[0]
    session = given.pop("session")
    assert (name, given) == ("ask", {"question": "When?", **params})
    name, given = vouch("ask", "When?").house.calls[0]
    assert given.pop("session") not in ("", session), "each process is a session of its own"
    assert (name, given) == ("ask", {"question": "When?"})


def test_a_pipe_is_the_question(vouch: Vouch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("When did\n it open?\n"))
    assert vouch("ask").house.calls[0][1]["question"] == "When did it open?"
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))
    ran = vouch("ask")
    assert ran.status == 1 and not ran.house.calls


def test_a_question_on_the_command_line_wins_over_the_pipe(process: Vouch) -> None:
    ran = process("ask", "one", "--json", stdin="two")
    assert json.loads(ran.out)["question"] == "one"
    assert json.loads(process("ask", "--json", stdin="two\n").out)["question"] == "two"


@pytest.mark.parametrize(
    ("mood", "said"), [("fault", "the library is empty (/home)"), ("lost", "it died")]
)
def test_a_fault_the_user_can_mend_is_one_line(vouch: Vouch, mood: str, said: str) -> None:
    ran = vouch("ask", "x", mood=mood)
    last = ran.err.splitlines()[-1]
    assert (ran.status, ran.out) == (1, "")
    assert last.startswith("vouch: ") and said in last and "Traceback" not in ran.err


def test_an_unforeseen_fault_is_one_line_and_a_log(process: Vouch, vouch_home: Path) -> None:
    ran = process("ask", "x", mood="broken")
    assert ran.status == 1 and ran.out == ""
    assert ran.err.count("\n") == 1 and "a wheel came off" in ran.err
    log = vouch_home / "logs" / "vouch.log"
    assert str(log) in ran.err and "Traceback" in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["aks", "x"], "'ask'"),
        (["ask", "x", "--jsn"], "'--json'"),
        (["ask", "x", "--policy", "guide"], "'guided'"),
        (["config", "--set", "nonsense"], "KEY=VALUE"),
        (["fork", "r"], "--at"),
        (["ask", "x", "--seconds", "-1"], "seconds"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint(vouch: Vouch, arguments: list[str], hint: str) -> None:
    ran = vouch(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("vouch: ") and hint in ran.err and ran.err.count("\n") == 1


def test_no_draft_is_seen_before_the_answer(vouch: Vouch, fake: ModuleType) -> None:
    for mood in ("lost", "leaking"):
        for command in (["ask", "x"], ["ask", "x", "--json"], ["fork", "r", "--at", "2"]):
            assert fake.PLANTED not in vouch(*command, mood=mood).all
    planted = vouch("ask", "x").all
    assert fake.PLANTED in planted, "the planted text must be able to show"


def interrupted(sign: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Send Ctrl-C as soon as `sign` stands on stderr."""
    environment = {**os.environ, "FAKE_MOOD": "slow"}
    command = [sys.executable, "-u", str(SCRIPT), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as child:  # type: ignore[call-overload]
        seen = ""
        while sign not in seen:
            read = child.stderr.readline()
            assert read, f"it ended early: {seen}"
            seen += read
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    return subprocess.CompletedProcess(command, child.returncode, out, seen + err)


def test_ctrl_c_stops_the_job_and_keeps_the_run(fake: ModuleType) -> None:
    ran = interrupted("writing a draft", "ask", "x")
    assert (ran.returncode, ran.stdout) == (130, "")
    assert "stopping" in ran.stderr and "vouch show r7f3a" in ran.stderr.splitlines()[-1]
    assert fake.PLANTED not in ran.stderr and "Traceback" not in ran.stderr


def test_ctrl_c_stops_adding_and_tells_what_was_added() -> None:
    ran = interrupted("added", "add", str(ROOT))
    assert (ran.returncode, ran.stdout) == (130, "1 added\n")
    assert "stopping" in ran.stderr and "Traceback" not in ran.stderr


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = [sys.executable, str(SCRIPT), "show", "r7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        complaint = child.stderr.read()
    assert (child.returncode, complaint) == (0, b"")


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes when stdout and stderr are a terminal."""
    ours, theirs = pty.openpty()
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    command = [sys.executable, str(SCRIPT), *arguments]
    child = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**plain, "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    os.close(theirs)
    told = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            told += os.read(ours, 65536)
        except OSError:
            break
    os.close(ours)
    assert child.wait(timeout=30) == 0
    return told.decode()


def test_colour_is_for_terminals_that_want_it(process: Vouch) -> None:
    assert "\x1b[32m" in on_a_terminal("ask", "x")
    without = on_a_terminal("ask", "x", NO_COLOR="1")
    assert "\x1b[3" not in without and "\x1b[0m" not in without and "supported" in without
    assert "\x1b" not in process("ask", "x").all


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    heavy = ["torch", "sqlalchemy", "pydantic", "rich", "numpy", "llama_cpp", "asyncio", "httpx"]
    code = (
        "import sys\nfrom ui.cli import main\nsys.argv = ['vouch', '--help']\n"
        f"try: main()\nexcept SystemExit: pass\n"
        f"sys.exit(str([name for name in {heavy} if name in sys.modules] or ''))"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.stderr.strip() == "" and "ask" in ran.stdout


def test_libraries_in_the_process_of_a_face_report_to_nobody(vouch_home: Path) -> None:
    """Doctor and models load libraries here, not in the engine."""
    code = (
        "import os, sys\nfrom ui.cli import main\nsys.argv = ['vouch', '--version']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "from app.quiet import QUIET\n"
        "sys.exit(str([name for name in QUIET if os.environ.get(name) != QUIET[name]] or ''))"
    )
    quiet = ("HF_", "LANG", "DO_NOT", "ANONYM", "TOKEN")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(quiet)}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, timeout=60)
    assert ran.stderr.strip() == ""


def test_a_stranger_of_our_name_is_told_before_anything_is_imported(tmp_path: Path) -> None:
    for name in ("agents", "app"):
        where = tmp_path / name
        (where / name).mkdir(parents=True)
        (where / name / "__init__.py").touch()
        places = [str(where), str(ROOT)]
        code = f"import sys; sys.path[:0] = {places}; import ui.cli; ui.cli.main()"
        command = [sys.executable, "-P", "-c", code, "runs"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert repr(name) in ran.stderr and ran.stderr.count("\n") == 1


def test_library_commands(vouch: Vouch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("text")
    monkeypatch.chdir(tmp_path)
    ran = vouch("add", "a.txt")
    assert ran.status == 0 and ran.house.calls == [("add", {"paths": [str(tmp_path / "a.txt")]})]
    failed = vouch("add", "a.txt", mood="failed")
    assert failed.status == 1 and "cut.pdf" in failed.err and "1 failed" in failed.out
    missing = vouch("add", "nowhere")
    assert missing.status == 1 and str(tmp_path / "nowhere") in missing.err
    assert "3 passages" in vouch("library").out
    assert vouch("library", "remove", "/library/rance.md").house.calls[-1][0] == "remove"
    near = vouch("library", "remove", "/libary/rance.md")
    assert near.status == 1 and "'/library/rance.md'" in near.err


def test_run_commands(vouch: Vouch, tmp_path: Path) -> None:
    assert "r7f3a" in vouch("runs").out
    assert vouch("replay", "r7").status == 0
    parted = vouch("replay", "r7", mood="parted")
    assert parted.status == 1 and "event 2" in parted.out and "other results" in parted.out
    cut = vouch("replay", "r7", mood="cut")
    assert cut.status == 0 and "cut off" in cut.out and "answer" not in cut.out
    kept = tmp_path / "run.jsonl"
    assert vouch("export", "r7", "-o", str(kept)).status == 0
    assert json.loads(kept.read_text("utf-8").splitlines()[0]) == {"run": 1}
    taken = vouch("import", str(kept))
    assert taken.house.calls == [("import", {"path": str(kept.resolve())})] and "r7f3a" in taken.out
    piped = vouch("export", "r7").out
    assert "\u202e" not in piped and json.loads(piped.splitlines()[1])["text"] == "\u202eevil"
    shown = json.loads(vouch("show", "r7", "--json").out)
    assert shown["entries"][0]["event"]["kind"] == "asked" and shown["outcome"] == "answered"
    assert vouch("show", "r7", "--markdown").out.startswith("# ")


def test_settings_and_their_origins(vouch: Vouch, vouch_home: Path) -> None:
    assert vouch("config", "set", "ask.steps", "7").status == 0
    found = json.loads(vouch("config", "--json", "--set", "ask.seconds=5").out)["settings"]
    assert found["ask.steps"]["value"] == "7" and found["ask.steps"]["origin"] != "default"
    assert found["ask.seconds"]["origin"] == "command line"
    wrong = vouch("config", "set", "ask.stps", "7")
    assert wrong.status == 1 and "ask.steps" in wrong.err
    both = vouch("--set", "ask.steps=1", "config", "--json", "--set", "ask.seconds=2")
    settings = json.loads(both.out)["settings"]
    assert (settings["ask.steps"]["value"], settings["ask.seconds"]["value"]) == ("1", "2.0")


def test_the_engine_is_told_to_be_away(vouch: Vouch, vouch_home: Path) -> None:
    assert json.loads(vouch("engine", "--json").out) == {"running": False}
    assert json.loads(vouch("engine", "stop", "--json").out) == {"stopped": False}


def test_the_nearest_name_is_offered_or_all_of_them() -> None:
    assert "'show'" in nearest("shwo", ["ask", "show"])
    assert "ask, show" in nearest("zzz", ["ask", "show"])
