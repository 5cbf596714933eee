"""`vouch mcp` without an engine: run as a script, it serves a made-up house over stdio."""

import importlib.util
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from retrieval.errors import UserError  # noqa: E402
from ui.commands.mcp import mcp  # noqa: E402
from ui.house_port import Choice, Visit  # noqa: E402
from ui.terminal import Screen  # noqa: E402


def fake() -> Any:
    """Load the module of the made-up house."""
    place = ROOT / "tests" / "faces" / "fake_vouch.py"
    spec = importlib.util.spec_from_file_location("fake_vouch", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def house(module: Any, mood: str) -> Any:
    """Return a house that can open documents, and notes in a file what it is asked."""

    class House(module.FakeHouse):  # type: ignore[misc]
        def call(self, name: str, params: Any, job: str | None = None) -> Any:
            with Path(os.environ["FAKE_CALLS"]).open("a", encoding="utf-8") as told:
                told.write(f"{name} {dict(params)}\n")
            return super().call(name, params, job)

        def stop(self, job: str) -> bool:
            with Path(os.environ["FAKE_CALLS"]).open("a", encoding="utf-8") as told:
                told.write("stop\n")
            return bool(super().stop(job))

        def _document(self, params: dict[str, Any]) -> Any:
            if params["document"] != "d1":
                raise UserError("the library holds no document 'd9'", cure="search for one first")
            told = {"title": "Rance", "source": "/library/rance.md", "text": module.PAGE[:38]}
            return [], {**params, **told, "end": 38, "length": len(module.PAGE)}

    return House(mood)


if __name__ == "__main__":
    choice = Choice(None, ())
    made = house(fake(), os.environ.get("FAKE_MOOD", ""))
    screen = Screen(sys.stdout, sys.stderr)
    sys.exit(mcp(Visit(Namespace(), choice, screen, lambda choice: made)))
