"""Puts what the proofs of the library share on the path, and starts the process that they fork."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from proof_forks import Forks  # noqa: E402


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """A process that has everything imported, from which children come in no time."""
    with Forks() as running:
        yield running
