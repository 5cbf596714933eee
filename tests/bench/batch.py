"""What a batch adds to the model's own time, with a scripted model of fixed speed.

    python tests/bench/batch.py [--questions 60]

The real command line and a real engine, which answers one question at a time as in overhead.py: a
model that reads 5,000 and writes 200 tokens/s browses a library on disk, writes and is checked.
Prints the wall time of the whole command, its start and its report included, over the sum of the
model's own times.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from overhead import LINES, QUESTION, stocked  # noqa: E402

from agents.models.base import Capabilities  # noqa: E402
from agents.models.scripted import ScriptedModel  # noqa: E402
from agents.probe import Probed  # noqa: E402
from app.client import Client, attach  # noqa: E402
from app.house import Calls, House  # noqa: E402
from app.launch import Launch  # noqa: E402
from app.settings import load  # noqa: E402
from ui import commandline  # noqa: E402

LAUNCH = Launch(calls="batch:build_calls", version="bench", idle_seconds=60)


def build_calls(home: Path, environ: Mapping[str, str], overrides: dict[str, str]) -> Calls:
    """The real house but for its model, which says LINES over and over at a fixed speed."""
    house = House(load(home, environ, overrides))
    turns = count()
    capabilities = Capabilities(8192, "gbnf", prefix_cache=True)
    house._models[house.settings.model.name] = ScriptedModel(
        lambda *_: LINES[next(turns) % len(LINES)], "scripted", capabilities, 5_000.0, 200.0
    )
    house.assistant.probes.keep("scripted", Probed(6, 6))
    return Calls(house)


def batch(arguments: Sequence[str]) -> int:
    """Be `vouch batch`, with that engine."""
    home = Path(os.environ["VOUCH_HOME"])
    return commandline.run(["batch", *arguments], lambda choice: attach(home, launch=LAUNCH))


def model_seconds(client: Client, output: Path) -> float:
    """Return the sum of the model's own times over the runs of an output."""
    total = 0.0
    for line in output.read_text("utf-8").splitlines():
        row = json.loads(line)
        assert row["outcome"] == "answered", row["because"]
        for item in client.call("show", {"run": row["run"]}):
            total += item.get("entry", {}).get("event", {}).get("seconds", 0.0)
    return total


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=60)
    questions = parser.parse_args(arguments).questions
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["VOUCH_HOME"] = str(home)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(HERE)])
        stocked(home).close()
        client = attach(home, launch=LAUNCH)
        client.result("ask", {"question": QUESTION})
        (home / "questions.txt").write_text(f"{QUESTION}\n" * questions)
        words = [str(home / "questions.txt"), "-o", str(home / "answers.jsonl")]
        began = time.perf_counter()
        ran = subprocess.run([sys.executable, __file__, "--batch", *words], capture_output=True)
        wall = time.perf_counter() - began
        assert ran.returncode == 0, ran.stderr.decode()
        model = model_seconds(client, home / "answers.jsonl")
        client.finish(force=True)
    print(f"a batch of {questions} questions: {wall:.1f} s, the model's own {model:.1f} s; "
          f"{wall / model:.3f} times")  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--batch"]:
        sys.exit(batch(sys.argv[2:]))
    main(sys.argv[1:])
