"""A batch over a Ray cluster on this machine, with a worker killed in the middle."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.address import LOCK_FILE
from app.batch.asking import Finished, Left, Refused, Task
from app.batch.batch import Budget
from app.batch.cluster import (
    Cluster,
    Duty,
    read_outcome,
    read_task,
    write_outcome,
    write_task,
)
from app.batch.opening import open_batch
from app.batch.questions import Question, Sheet
from app.batch.results import failed
from app.batch.terms import Told
from app.client import Client
from app.launch import Launch
from retrieval.errors import UserError
from retrieval.lock import is_held

# Looked for and not imported: that would fix the address on which Ray listens.
if find_spec("ray") is None:
    pytest.skip("Ray is not installed", allow_module_level=True)

HERE = Path(__file__).resolve().parent
ASKED = Question("1", "问题？", ("c",), ("s", "t"), ("",), 7)


def test_what_travels_comes_back() -> None:
    task = Task(ASKED, 3)
    assert read_task(write_task(task)) == task
    outcomes = [Finished(task, failed(ASKED, "why"), 4), Refused(task, "no"), Left(task)]
    assert [read_outcome(write_outcome(one), task) for one in outcomes] == outcomes


@pytest.mark.parametrize("address", ["127.0.0.1:1", "local"])
def test_no_cluster_is_one_sentence(address: str) -> None:
    with pytest.raises(UserError, match="--ray"):
        Cluster(address, Duty(None, {}, "b", {}), 1, 1)


HEAD = """
import sys, ray
made = ray.init(address="local", include_dashboard=False, log_to_driver=False, num_cpus=2)
print(made.address_info["gcs_address"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def head(
    vouch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, int]]:
    """A cluster on the loopback interface: its address and the process of its head.

    The file in its home keeps it from asking the network in which cloud it is.
    """
    paths = [str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("TABLE_SECONDS", "0.4")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", os.urandom(16).hex())
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    (tmp_path / "ray_bootstrap_config.yaml").write_text("{}\n")
    environ = {**os.environ, "HOME": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HEAD], env=environ, text=True, **pipes) as begun:
        assert begun.stdin is not None and begun.stdout is not None
        while not re.fullmatch(r"127\.0\.0\.1:\d+", told := begun.stdout.readline().strip()):
            assert begun.poll() is None, "the cluster did not begin"
        yield told, begun.pid
        begun.stdin.close()
    Client(vouch_home, False, Launch(version="1"), 1.0).finish(force=True)
    deadline = time.monotonic() + 20
    while (vouch_home / LOCK_FILE).exists() and is_held(vouch_home / LOCK_FILE):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workers(head: int) -> list[psutil.Process]:
    """The processes of the workers, below the cluster's head."""
    below = psutil.Process(head).children(recursive=True)
    return [one for one in below if one.name().startswith("ray::Worker")]


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_killed_workers_and_a_stop_cost_no_question(
    head: tuple[str, int],
    tmp_path: Path,
    vouch_home: Path,
    count_asked: Callable[[Path], list[str]],
) -> None:
    questions = tuple(Question(str(n), f"Question {n}?", line=n) for n in range(14))
    path, sheet = tmp_path / "answers.jsonl", Sheet("test", questions, ())
    batch = open_batch(path, sheet, {}, Told(), lambda: "name")
    duty = Duty(str(vouch_home), {}, "batch-name", {}, "batch_process:house_in")
    rows: list[Any] = []
    with batch.record, closing(Cluster(head[0], duty, 2, 1)) as cluster:
        for row in batch.work(cluster, batch.left(Told()), Budget()):
            rows.append(row)
            if len(rows) in (3, 6):
                os.kill(workers(head[1])[0].pid, signal.SIGKILL)
            if len(rows) == 8:
                batch.interrupt(cluster)
    assert 8 <= len(rows) < len(questions), "a wish to end is heard"
    batch = open_batch(path, sheet, {}, Told(), lambda: "name")
    with batch.record, closing(Cluster(head[0], duty, 2, 1)) as cluster:
        rest = list(batch.work(cluster, batch.left(Told()), Budget()))
        assert [row["id"] for row in batch.rows()] == [q.id for q in questions]
    outcomes = {row["outcome"] for row in [*rows, *rest]}
    assert len(rows) + len(rest) == len(questions) and outcomes <= {"answered", "declined"}
    asked = Counter(count_asked(vouch_home))
    assert all(asked[row["question"]] == 1 for row in rows), "the engine goes on by itself"
