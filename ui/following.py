"""Reads a call to its end; Ctrl-C stops its job first."""

from collections.abc import Callable

from retrieval.errors import UserError
from ui.house_port import House, Item, Stream
from ui.lines import line
from ui.terminal import Screen


def follow(house: House, stream: Stream, see: Callable[[Item], None], screen: Screen) -> bool:
    """Give every item to `see`; True if the user stopped the call, which is read to its end."""
    try:
        for item in stream:
            see(item)
    except KeyboardInterrupt:
        return _stop(house, stream, see, screen)
    finally:
        screen.settle()
    return False


def _stop(house: House, stream: Stream, see: Callable[[Item], None], screen: Screen) -> bool:
    """A second Ctrl-C leaves at once; so does a call whose turn had not come."""
    try:
        screen.step(line(("stopping ...", "doubt")))
        house.stop(stream.job)
        for item in stream:
            see(item)
    except (KeyboardInterrupt, UserError):
        pass
    return True
