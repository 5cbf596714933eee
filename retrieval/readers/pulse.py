"""Lets a reader show that it gets on, so that a long file is not taken for one that hangs."""

from collections.abc import Callable
from contextvars import ContextVar


def _unheard() -> None:
    """Where nobody waits for a sign of life, nothing is done with it."""


listener: ContextVar[Callable[[], None]] = ContextVar("listener", default=_unheard)
"""What to call after each page; set by whoever counts the seconds."""


def beat() -> None:
    """Say that one more page has been read."""
    listener.get()()
