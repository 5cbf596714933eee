"""How long a person waits: `vouch --help`, a question cold and warm, and a stop.

    python tests/bench/startup.py

Runs the installed command in a home of its own that holds this project's docs/.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VOUCH = str(Path(sys.executable).with_name("vouch"))
QUESTIONS = (
    "What happens to a claim that fails the check?",
    "Which process owns the database?",
    "What does Vouch do when no quote supports a claim?",
    "Which actions can a browsing model take?",
)


def timed(environ: dict[str, str], *words: str) -> tuple[float, str]:
    """Run `vouch` with the given words; return its wall seconds and stdout."""
    began = time.perf_counter()
    done = subprocess.run([VOUCH, *words], env=environ, capture_output=True, text=True, check=True)
    return time.perf_counter() - began, done.stdout


def stopped(environ: dict[str, str], number: int) -> float:
    """Press Ctrl-C while the model reads a prompt of thousands of tokens; return the seconds until
    the command has ended. Each question begins differently, so that nothing is cached."""
    question = f"{number}. Who drew the gates? {'It stands below the old mill. ' * 500}"
    command = [VOUCH, "ask", question, "--policy", "model"]
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "model policy" in line:
            break
    time.sleep(1.0 + 0.37 * number)
    process.send_signal(signal.SIGINT)
    began = time.perf_counter()
    process.communicate()
    assert process.returncode == 130, process.returncode
    return time.perf_counter() - began


def main() -> None:
    # In the background a shell ignores SIGINT for what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "VOUCH_HOME": folder}
        helps = [timed(environ, "--help")[0] for _ in range(11)]
        prepare, _ = timed(environ, "models", "prepare")
        add, _ = timed(environ, "add", str(ROOT / "docs"))
        first, _ = timed(environ, "ask", "--json", QUESTIONS[0])
        timed(environ, "engine", "stop")
        cold, _ = timed(environ, "ask", "--json", QUESTIONS[1])
        warm, own = [], []
        for question in QUESTIONS * 2:
            seconds, out = timed(environ, "ask", "--json", question)
            warm.append(seconds)
            own.append(json.loads(out)["seconds"])
        stops = [stopped(environ, number) for number in range(6)]
        timed(environ, "engine", "stop")
    print(f"help: vouch --help, median {statistics.median(helps):.2f} s, worst {max(helps):.2f} s")
    print(f"once: vouch models prepare, {prepare:.1f} s")
    print(f"cold: vouch add docs, engine and embedder not loaded, {add:.1f} s")
    print(f"first question ever, with the probe of the model: {first:.1f} s")
    print(f"a question cold (engine, embedder and model load): {cold:.1f} s")
    print(f"a question warm: median {statistics.median(warm):.1f} s, of which the run itself "
          f"{statistics.median(own):.1f} s")  # fmt: skip
    print(f"Ctrl-C while a long prompt is read: median {statistics.median(stops):.1f} s, worst "
          f"{max(stops):.1f} s until the command has ended")  # fmt: skip


if __name__ == "__main__":
    main()
