"""`vouch` as a process whose engine answers by rule: killed and started again by the tests."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from app.client import Client, attach  # noqa: E402
from app.launch import Launch  # noqa: E402
from ui import commandline  # noqa: E402
from ui.house_port import Choice  # noqa: E402


def house(choice: Choice) -> Client:
    """Attach to the engine of the home, which has two slots."""
    paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    launch = Launch(
        calls="answer_table:build_calls", version="1", slots=2, idle_seconds=60, environ=environ
    )
    return attach(Path(os.environ["VOUCH_HOME"]), launch=launch)


if __name__ == "__main__":
    sys.exit(commandline.run(sys.argv[1:], house))
