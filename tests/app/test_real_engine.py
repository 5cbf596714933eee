"""The real thing as processes: `vouch`, its engine, the embedded model; what survives a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from agents.events import Acted, Slipped
from agents.legal import legal
from agents.probe import Probed
from app.prepare import EMBEDDED_NAME
from app.probes import Probes
from app.store.database import open_database
from app.store.journal import Journal

pytestmark = [pytest.mark.model, pytest.mark.slow]

WEIR = (
    "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss, who drew "
    "its lock gates. Two mills stood beside the weir until the flood of 1910."
)
QUESTION = "Who was the engineer of the weir at Aldmoor?"

LONG_QUESTION = f"{QUESTION} {'It stands below the mill and above the bridge. ' * 300}"
"""A prompt that takes several seconds to read."""


class Home:
    """A home of its own with a small library, and the `vouch` command over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {**os.environ, "VOUCH_HOME": str(folder), "VOUCH_ENGINE_IDLE_SECONDS": "60"}
        Probes(folder / "models" / "probes.json").keep(EMBEDDED_NAME, Probed(2, 6))

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start `vouch` with the given words."""
        command = [str(Path(sys.executable).with_name("vouch")), *words]
        out = subprocess.PIPE
        return subprocess.Popen(
            command, env=self.environ, stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True
        )

    def vouch(self, *words: str, status: int = 0) -> str:
        """Run `vouch` to its end and return its stdout."""
        process = self.start(*words)
        out, err = process.communicate(timeout=240)
        assert process.returncode == status, f"{words}: {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return out

    def ask(self, *words: str) -> dict[str, Any]:
        """Ask the question and return the JSON object."""
        answer = json.loads(self.vouch("ask", QUESTION, "--json", *words))
        assert isinstance(answer, dict)
        return answer

    @property
    def engine(self) -> psutil.Process:
        """The engine's process."""
        told = json.loads((self.folder / "engine.json").read_text())
        return psutil.Process(int(told["pid"]))

    def worker(self) -> psutil.Process | None:
        """The model worker, if it runs."""
        for child in self.engine.children():
            if "agents.models.worker" in child.cmdline():
                return child
        return None

    def runs(self) -> list[dict[str, Any]]:
        found = json.loads(self.vouch("runs", "--json"))["runs"]
        assert isinstance(found, list)
        return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("real")
    (folder / "weir.txt").write_text(WEIR)
    made = Home(folder / "home")
    made.vouch("add", str(folder / "weir.txt"))
    yield made
    made.vouch("engine", "stop")


def _until(process: "subprocess.Popen[str]", word: str) -> None:
    """Read the steps on stderr until one holds the word."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"the run ended before {word!r} was told")


def test_a_question_is_answered_checked_and_replayed(home: Home) -> None:
    answer = home.ask()
    assert "Clara Voss" in answer["answer"] and answer["outcome"] in ("answered", "partial")
    for quote in answer["quotes"]:
        assert WEIR[quote["start"] : quote["end"]] == quote["text"]
    assert {claim["ruling"] for claim in answer["claims"]} == {"supported"}
    assert home.vouch("replay", answer["run"])


def test_the_second_question_loads_nothing_again(home: Home) -> None:
    home.ask()
    engine, worker = home.engine.pid, home.worker()
    assert worker is not None
    home.ask()
    again = home.worker()
    assert home.engine.pid == engine and again is not None and again.pid == worker.pid


def test_the_model_policy_decodes_legal_actions_only(home: Home, tmp_path: Path) -> None:
    run = home.ask("--policy", "model", "--steps", "6")["run"]
    database = open_database(tmp_path / "copy.db")
    journal = Journal(database)
    copy = journal.restore(home.vouch("export", run).splitlines())
    events = [entry.event for entry in journal.entries(copy)]
    database.dispose()
    acted = [index for index, event in enumerate(events) if isinstance(event, Acted)]
    assert acted and not any(isinstance(event, Slipped) for event in events)
    for index in acted:
        event = events[index]
        assert isinstance(event, Acted)
        assert legal(events[:index]).refusal(event.action) is None
    assert home.vouch("replay", run)


def test_a_killed_model_worker_ends_one_question_and_no_more(home: Home) -> None:
    home.ask()
    process = home.start("ask", LONG_QUESTION, "--policy", "model", "--json")
    _until(process, "model policy")
    deadline = time.monotonic() + 60
    while (worker := home.worker()) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert worker is not None
    time.sleep(0.5)
    worker.kill()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0 and "Traceback" not in err
    run = json.loads(out)["run"]
    kinds = json.loads(home.vouch("show", run, "--json"))["entries"]
    reasons = [e["event"]["reason"] for e in kinds if e["event"]["kind"] == "stopped"]
    assert "model lost" in reasons
    assert "Clara Voss" in home.ask()["answer"]
    assert home.vouch("replay", run)


def test_a_killed_engine_leaves_a_readable_run_and_the_next_question_works(home: Home) -> None:
    home.ask()
    process = home.start("ask", LONG_QUESTION, "--policy", "model")
    _until(process, "model policy")
    time.sleep(0.5)
    home.engine.kill()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 1 and "Traceback" not in err and out == ""
    assert "Clara Voss" in home.ask()["answer"]
    broken = home.runs()[1]
    assert broken["outcome"] == "unfinished"
    assert home.vouch("show", broken["id"]) and home.vouch("replay", broken["id"])


def test_ctrl_c_stops_the_run_while_a_prompt_is_read_and_keeps_it(home: Home) -> None:
    home.ask()
    process = home.start("ask", LONG_QUESTION, "--policy", "model")
    _until(process, "model policy")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 130 and "Traceback" not in err and out == ""
    kept = home.runs()[0]
    assert kept["outcome"] == "stopped: cancelled"
    assert home.vouch("replay", kept["id"])
    forked = home.vouch("fork", kept["id"], "--at", "1", "--policy", "guided")
    assert "Clara Voss" in forked
