"""Examines the search engines of the web: each is asked one question, and its answer told."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.vitals import Fact
from retrieval.errors import UserError
from retrieval.web.types import SearchEngine

if TYPE_CHECKING:
    from app.options import Settings

QUERY = "encyclopedia"
"""A word of which every engine knows something, and which tells nothing of the user."""


def examine_search(
    settings: "Settings", made: "Callable[[str], SearchEngine] | None" = None
) -> Iterator[Fact]:
    """Yield a line for each search engine that is set; `made` makes one by its name."""
    web = settings.web
    if web.offline:
        yield "ok", "offline: nothing but this machine is reached", ""
        return
    if not web.search:
        yield "ok", "the library only: no search engine of the web is set", ""
        return
    for name in web.search:
        try:
            yield _asked((made or _maker(settings))(name))
        except UserError as fault:
            yield "fault", f"{name}: {fault.what}", fault.cure


def _maker(settings: "Settings") -> Callable[[str], SearchEngine]:
    from retrieval.web.fetch import Door
    from retrieval.web.search.choice import engines_from

    door = Door(settings.web.rules())
    return lambda name: engines_from([name], settings.web.engines(), door)[0]


def _asked(engine: SearchEngine) -> Fact:
    from retrieval.web.search.chain import Chain

    began = time.monotonic()
    (tried,) = Chain([engine], clock=time.monotonic).search(QUERY, 3).tried
    seconds = time.monotonic() - began
    if tried.fault:
        other = "wait, set it right, or name other engines: vouch config set web.search NAMES"
        return "fault", tried.fault, other
    if not tried.found:
        return "note", f"{engine.name} answers and finds nothing", ""
    return "ok", f"{engine.name} answers in {seconds:.1f} s", ""
