"""Looks a host up once, within the time that is left, and lets through public addresses only."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread

from retrieval.web import addresses
from retrieval.web.deadline import Deadline
from retrieval.web.types import CouldNotFetch, NotListed
from retrieval.web.urls import Url

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host name for a port; raises OSError."""

_hanging = BoundedSemaphore(32)
"""A look-up that hangs cannot be ended, only left; so many may hang at once."""


def checked(
    url: Url, listed: bool, resolver: Resolver, deadline: Deadline, near: bool = False
) -> list[str]:
    """Return the addresses of a host, every one of them public unless the owner lists the host, and
    every one of this machine itself if it is to be `near`.

    One that is not makes the host forbidden, since who connects may be given any. Raises
    `CouldNotFetch`.
    """
    texts = [str(url.address)] if url.address else _looked_up(url, resolver, deadline)
    if not texts:
        raise CouldNotFetch(f"The name {url.host} has no address.", "unresolved")
    found = []
    for text in texts:
        address = addresses.read(text)
        if address is None or not (listed or addresses.is_global(address)):
            raise forbidden(url, "lies in a private network")
        if near and not address.is_loopback:
            raise CouldNotFetch(f"{url.authority} is not this machine.", "offline")
        found.append(str(address))
    return found


def forbidden(url: Url, why: str) -> NotListed:
    """Return the refusal of a host that the owner could allow."""
    what = f"{url.authority[:100]} {why}, and the settings do not list it as private."
    return NotListed(what, url.authority)


def _looked_up(url: Url, resolver: Resolver, deadline: Deadline) -> list[str]:
    if not _hanging.acquire(blocking=False):
        raise CouldNotFetch("Too many names are being looked up without answer.", "unresolved")
    came: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def look() -> None:
        try:
            came.put(list(resolver(url.host, url.port)))
        except (OSError, UnicodeError) as error:
            came.put(error)
        finally:
            _hanging.release()

    Thread(target=look, name="look-up", daemon=True).start()
    while True:
        try:
            found = came.get(timeout=deadline.slice())
        except Empty:
            continue
        if isinstance(found, list):
            return found
        raise CouldNotFetch(f"The name {url.host[:100]} cannot be found.", "unresolved")
