"""`vouch` as a process whose engine answers by rule: killed and started again by the tests."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from app.client import Client, attach  # noqa: E402
from app.launch import Launch  # noqa: E402
from ui import commandline  # noqa: E402
from ui.house_port import Choice  # noqa: E402


def house(choice: Choice) -> Client:
    """Attach to the engine of the environment's home."""
    return house_in(os.environ["VOUCH_HOME"], {})


def house_in(home: str, overrides: Mapping[str, str]) -> Client:
    """Attach to the engine of a home, which has two slots."""
    paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    launch = Launch(
        calls="answer_table:build_calls", version="1", slots=2, idle_seconds=60, environ=environ
    )
    return attach(Path(home), launch=launch)


if __name__ == "__main__":
    sys.exit(commandline.run(sys.argv[1:], house))
