"""The `vouch` command as a user has it: real engine, real models, a library of two files."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VOUCH = [sys.executable, "-c", "from ui.cli import main; main()"]
FACT = "The tide mill of Rance opened in 1966."

pytestmark = pytest.mark.model


def vouch(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [*VOUCH, *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert ran.returncode == status, ran.stderr
    return ran


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Path]:
    """Two files in the library of a home whose engine is ended afterwards."""
    mill = f"# Tide mills\n\n{FACT} It yields 240 MW.\n"
    (tmp_path / "rance.md").write_text(mill)
    (tmp_path / "bread.txt").write_text("Bread is baked from flour, water and salt.\n")
    try:
        vouch("add", str(tmp_path))
        yield tmp_path
    finally:
        vouch("engine", "stop")


def test_a_question_from_the_library_to_its_replay(library: Path) -> None:
    told = vouch("ask", "When did the tide mill of Rance open?", "--json")
    found = json.loads(told.stdout)
    assert "1966" in found["answer"] and found["outcome"] == "answered"
    page = (library / "rance.md").read_text()
    for quote in found["quotes"]:
        assert quote["text"] in page and quote["source"] == str(library / "rance.md")
    assert {claim["ruling"] for claim in found["claims"]} <= {"supported"}
    assert "searched" in told.stderr
    engine = json.loads(vouch("engine", "--json").stdout)
    assert engine["running"] and engine["busy"] == 0
    run = found["run"]
    assert vouch("replay", run[:8]).stdout
    assert "step 1" in vouch("show", run).stdout and run in vouch("runs").stdout
    again = json.loads(vouch("fork", run, "--at", "2", "--json").stdout)
    assert again["run"] != run and again["question"] == found["question"]
    kept = library / "run.jsonl"
    vouch("export", run, "-o", str(kept))
    assert kept.read_text().count("\n") > 5
    assert run in vouch("import", str(kept)).stdout
    assert "2 documents" in vouch("doctor").stdout


def test_ctrl_c_keeps_the_run_and_the_engine(library: Path) -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    asking = [*VOUCH, "ask", "What is bread baked from?"]
    with subprocess.Popen(asking, cwd=ROOT, **pipes) as child:  # type: ignore[call-overload]
        seen = child.stderr.readline()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, ""), seen + err
    run = err.split()[-1]
    assert "No answer" in vouch("show", run).stdout
    assert "flour" in vouch("ask", "What is bread baked from?").stdout


def test_an_empty_library_is_one_sentence() -> None:
    try:
        ran = vouch("ask", "Anything?", status=1)
    finally:
        vouch("engine", "stop")
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("vouch: ") and "vouch add" in last and ran.stdout == ""
