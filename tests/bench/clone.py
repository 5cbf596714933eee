"""Time from a clone to the first answer, split into its parts.

    python tests/bench/clone.py [--compile]

Clones the last commit into an empty folder and runs the targets of `make run` one by one in an
environment of PATH, HOME and the package-index settings alone. With --compile the cache of built
wheels is an empty one, so llama.cpp is compiled.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "LANG")
INDEX = ("PIP_", "UV_", "SSL_", "REQUESTS_")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        environ = {k: v for k, v in os.environ.items() if k in KEPT or k.startswith(INDEX)}
        environ["HOME"] = folder
        if not options.compile:
            environ["UV_CACHE_DIR"] = os.environ.get(
                "UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")
            )
        clone = Path(folder) / "vouch"
        total = _timed("git clone", ["git", "clone", "-q", str(ROOT), str(clone)], environ, None)
        total += _timed("venv and uv", ["make", ".venv/bin/uv"], environ, clone)
        total += _timed("packages (and llama.cpp)", ["make", "setup"], environ, clone)
        vouch = str(clone / ".venv" / "bin" / "vouch")
        total += _timed("models prepare", [vouch, "models", "prepare"], environ, clone)
        total += _timed("add docs", [vouch, "add", "docs"], environ, clone)
        asked = [vouch, "ask", "What does Vouch do when no quote supports a claim?"]
        total += _timed("first answer", asked, environ, clone)
        print(f"{'in all':28} {total:6.1f} s")
        subprocess.run([vouch, "engine", "stop"], env=environ, check=True, capture_output=True)


def _timed(name: str, command: list[str], environ: dict[str, str], folder: Path | None) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    seconds = time.perf_counter() - began
    print(f"{name:28} {seconds:6.1f} s", flush=True)
    return seconds


if __name__ == "__main__":
    main(sys.argv[1:])
