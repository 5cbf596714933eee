"""The inbox on every database: an event is taken once, and what is noted about it stays."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from app.store.inbox import DONE, SIZE, TAKEN, Inbox
from retrieval.errors import UserError

ODD = "nul \0, half \udcff, \U0001f30a"


@pytest.fixture
def inbox(engine: Engine, clock: Callable[[], float]) -> Inbox:
    return Inbox(engine, clock)


def test_an_event_is_fresh_once(inbox: Inbox) -> None:
    fresh, letter = inbox.take(ODD, "slack", {"text": ODD})
    assert fresh and (letter.state, letter.payload, letter.data) == (TAKEN, {"text": ODD}, {})
    inbox.mark(ODD, "posted", {"ts": "1.2"})
    fresh, letter = inbox.take(ODD, "slack", {"text": "another delivery"})
    assert not fresh
    assert (letter.state, letter.payload, letter.data) == ("posted", {"text": ODD}, {"ts": "1.2"})


def test_of_all_who_take_at_once_one_is_told_so(engine: Engine) -> None:
    told: list[bool] = []
    barrier = threading.Barrier(8)

    def take() -> None:
        barrier.wait()
        told.append(Inbox(engine).take("key", "slack", {})[0])

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False] * 7 + [True]


def test_what_is_not_done_is_open_oldest_first(inbox: Inbox) -> None:
    for key in ("c", "a", "b"):
        inbox.take(key, "slack", {"key": key})
    inbox.take("x", "other", {})
    inbox.mark("a", DONE)
    assert [(one.key, one.payload["key"]) for one in inbox.open("slack")] == [
        ("c", "c"),
        ("b", "b"),
    ]
    assert [one.key for one in inbox.open("other")] == ["x"]


def test_a_mark_without_data_leaves_what_was_noted(inbox: Inbox) -> None:
    inbox.take("k", "slack", {})
    inbox.mark("k", "posted", {"ts": 1})
    inbox.mark("k", "edited")
    (letter,) = inbox.open("slack")
    assert (letter.state, letter.data) == ("edited", {"ts": 1})


def test_what_does_not_fit_is_refused(engine: Engine, inbox: Inbox) -> None:
    for key in ("", "k" * 256):
        with pytest.raises(UserError):
            inbox.take(key, "slack", {})
    for value in ("x" * SIZE, float("nan"), object()):
        with pytest.raises(UserError):
            inbox.take("k", "slack", value)
    assert inbox.take("k", "slack", "x" * (SIZE - 2))[0]
    with pytest.raises(UserError):
        inbox.mark("k", "posted", ["x" * SIZE])
    for state in ("", "Done", "a b", "x" * 40):
        with pytest.raises(UserError):
            inbox.mark("k", state)
    with pytest.raises(UserError):
        inbox.mark("unknown", DONE)
    with pytest.raises(UserError):
        Inbox(engine, owner="other").mark("k", DONE)
    assert [one.state for one in inbox.open("slack")] == [TAKEN]
