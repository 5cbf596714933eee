"""Puts the fakes of search services beside this file on the path, and starts one on loopback."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from loopback import Loopback  # noqa: E402


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A server on loopback that answers as the test says."""
    with Loopback() as running:
        yield running
