"""Which words may leave this machine: once a run has seen something private, only public ones.

A search query or the arguments of a tool that others see may then hold words of the person's own
question and of public pages, and no others: what no text may talk a model into, code must forbid.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from agents import view
from agents.events import Event, Found, Opened, Result, Used
from retrieval.web.urls import BadUrl, parse

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""Scripts written without spaces: their runs are compared by pairs of characters."""


def words(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each word of a text as written, with the forms by which it is compared."""
    for word in _WORD.findall(text):
        folded = word.casefold()
        run = _UNSPACED.search(folded)
        if run is None:
            yield word, (folded,)
        else:
            pairs = (folded[at : at + 2] for at in range(max(1, len(folded) - 1)))
            yield word, tuple(pairs)


def private(events: Sequence[Event]) -> bool:
    """Whether the run has seen what is not for everybody: a passage of the library, a page of a
    private network, an earlier answer, or what a plugin gave back (one that asks a mail server
    tells of private mail)."""
    hosts = view.typed(events).inside
    if any(turn.answer for turn in view.typed(events).history):
        return True
    for event in events:
        match event:
            case Found(_, results) if not all(_open(result, hosts) for result in results):
                return True
            case Opened() if not _open(event, hosts):
                return True
            case Used():
                return True
            case _:
                continue
    return False


def _open(shown: Result | Opened, hosts: Collection[str]) -> bool:
    """Whether it is of the web that everybody sees, and not of a host of a private network."""
    if not shown.url:
        return False
    for url in {shown.url, shown.source}:
        with suppress(BadUrl):
            if parse(url).host in hosts:
                return False
    return True


def kept_back(text: str, events: Sequence[Event], known: str = "") -> tuple[str, ...]:
    """Return the words of `text` that must not leave; () where nothing private was seen yet.

    `known` is what the receiver knows already, such as the names of a tool's own arguments.
    """
    if not private(events):
        return ()
    public = _public(events).union(*(forms for _, forms in words(known)))
    return tuple(word for word, forms in words(text) if not public.issuperset(forms))


def without(text: str, held: Sequence[str]) -> str:
    """Return the text's words but those that are held back, with one space between them."""
    return " ".join(word for word in _WORD.findall(text) if word not in held)


def _public(events: Sequence[Event]) -> frozenset[str]:
    return _own(events).union(*map(_forms, _texts(events)))


def _forms(text: str) -> frozenset[str]:
    return frozenset(form for _, forms in words(text) for form in forms)


def _own(events: Sequence[Event]) -> frozenset[str]:
    """The words of the question, and those of earlier questions that it needs to stand alone."""
    asked, stands = view.typed(events), view.rephrased(events)
    earlier = _forms(" ".join(turn.question for turn in asked.history))
    return _forms(asked.question) | (earlier & _forms(stands.question if stands else ""))


def _texts(events: Sequence[Event]) -> Iterator[str]:
    """Yield every text that anyone may read."""
    hosts = view.typed(events).inside
    for event in events:
        match event:
            case Found(_, results):
                for result in results:
                    if _open(result, hosts):
                        yield f"{result.title} {result.text}"
            case Opened() if _open(event, hosts):
                yield f"{event.title} {event.text}"
            case _:
                continue
