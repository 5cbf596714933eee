"""What the tests of plugins share: plugins in a folder, and a sandbox with short limits."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.child import Limits
from plugins.sandbox import Sandbox

Write = Callable[..., Path]
Open = Callable[..., Sandbox]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a plugin: write("name", code) returns its path in a folder of plugins."""

    def put(name: str, code: str) -> Path:
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.py"
        path.write_text(textwrap.dedent(code), "utf-8")
        return path

    return put


@pytest.fixture
def sandbox() -> Iterator[Open]:
    """Open a sandbox: sandbox(path, hosts=[...], folders=[...], seconds=...)."""
    begun: list[Sandbox] = []

    def start(path: Path, seconds: float = 20.0, memory: int = 1 << 30, **granted: Any) -> Sandbox:
        job = {"kind": "file", "value": str(path), "hosts": [], "folders": [], **granted}
        begun.append(Sandbox(path.stem, job, Limits(seconds=seconds, memory=memory)))
        return begun[-1]

    yield start
    for one in begun:
        one.close()
