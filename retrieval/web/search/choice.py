"""Makes the engines that the settings name, and says what a setting lacks."""

import difflib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.errors import UserError
from retrieval.web.canonical import begins
from retrieval.web.search.asking import Sender
from retrieval.web.search.brave import Brave
from retrieval.web.search.duckduckgo import DuckDuckGo
from retrieval.web.search.searxng import SearXNG
from retrieval.web.search.tavily import Tavily
from retrieval.web.search.wikipedia import AUTO, LANGUAGE, Wikipedia
from retrieval.web.types import SearchEngine


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What engines need: addresses, keys and a language.

    `offline` keeps DuckDuckGo silent, which does not pass through the door. `now` is UTC in
    seconds. Keys appear in no text that this package writes.
    """

    searxng: str = ""
    brave_key: str = field(default="", repr=False)
    tavily_key: str = field(default="", repr=False)
    wikipedia_language: str = AUTO
    offline: bool = False
    now: Callable[[], float] = field(default=time.time, repr=False)


def engines_from(
    names: Sequence[str], options: SearchOptions, sender: Sender
) -> list[SearchEngine]:
    """Return the engines of these names, in their order, each once; raises `UserError`."""
    return [_engine(name, options, sender) for name in dict.fromkeys(names)]


def _engine(name: str, options: SearchOptions, sender: Sender) -> SearchEngine:
    make = _MAKERS.get(name)
    if make is None:
        near = difflib.get_close_matches(name, _MAKERS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        known = ", ".join(_MAKERS)
        raise UserError(f"there is no search engine {name!r}", cure=f"{hint}there are {known}")
    return make(options, sender)


def _searxng(options: SearchOptions, sender: Sender) -> SearchEngine:
    cure = "vouch config set web.searxng https://search.example.org"
    base = options.searxng.strip()
    if not base:
        raise UserError("the search engine searxng needs the address of an instance", cure=cure)
    if not begins(base):
        # The address itself is not shown: it may hold a password.
        what = "web.searxng is no plain http or https address (no user, no query)"
        raise UserError(what, cure=cure)
    return SearXNG(base, sender)


def _duckduckgo(options: SearchOptions, sender: Sender) -> SearchEngine:
    return DuckDuckGo(options.now, offline=options.offline)


def _wikipedia(options: SearchOptions, sender: Sender) -> SearchEngine:
    language = options.wikipedia_language
    if language != AUTO and not LANGUAGE.fullmatch(language):
        what = f"web.wikipedia_language is {language!r}, which is no code of a Wikipedia"
        raise UserError(what, cure="vouch config set web.wikipedia_language auto (or en, zh, de)")
    return Wikipedia(sender, language)


def _brave(options: SearchOptions, sender: Sender) -> SearchEngine:
    return Brave(_key("brave", "web.brave_key", options.brave_key), sender)


def _tavily(options: SearchOptions, sender: Sender) -> SearchEngine:
    return Tavily(_key("tavily", "web.tavily_key", options.tavily_key), sender)


def _key(name: str, setting: str, key: str) -> str:
    """Return a key that a header can hold; raises `UserError`, which does not show it."""
    key = key.strip()
    cure = f"vouch config set {setting} KEY"
    if not key:
        raise UserError(f"the search engine {name} needs a key", cure=cure)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UserError(f"{setting} holds characters that no key has", cure=cure)
    return key


_MAKERS: Mapping[str, Callable[[SearchOptions, Sender], SearchEngine]] = {
    "searxng": _searxng,
    "duckduckgo": _duckduckgo,
    "wikipedia": _wikipedia,
    "brave": _brave,
    "tavily": _tavily,
}

NAMES: tuple[str, ...] = tuple(_MAKERS)
"""The engines that there are."""
