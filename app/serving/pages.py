"""A quote in its context, from the journal's own copy of the page it was taken from."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from agents.events import Landmark, Opened
from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.serving.params import number
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House

AROUND = 300
"""Characters of context on each side, if the caller names no other number."""

MOST = 5_000
"""Characters of context on each side at most."""

_WORD = 30
"""So many characters are given up at most for the sake of a whole word."""


class Pages:
    """Pages that runs opened."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {"page": CallSpec(self.page)}

    def page(self, params: Params, cancel: Cancel) -> Items:
        """Return the text from {start} to {end} of the {document} that {run} opened, with
        {around?} characters before and after, cut at whole words.

        {before, text, after, more: {before, after}, title, source, heading, page}; `more` says on
        which side the page goes on. `UserError` if the run opened no such document, and for
        offsets outside it.
        """
        yield from ()
        run, document = str(params["run"]), str(params["document"])
        start, end = number(params, "start", -1), number(params, "end", -1)
        opened = self._opened(run, document)
        if not 0 <= start <= end <= len(opened.text):
            raise UserError(f"the page has no characters {start} to {end}", cure="show the run")
        around = min(max(number(params, "around", AROUND), 0), MOST)
        before = _last(opened.text[max(0, start - around) : start], start > around)
        after = _first(opened.text[end : end + around], end + around < len(opened.text))
        mark = _landmark(opened, start)
        return {
            "before": before,
            "text": opened.text[start:end],
            "after": after,
            "more": {
                "before": len(before) < start,
                "after": end + len(after) < len(opened.text),
            },
            "title": opened.title,
            "source": opened.source,
            "heading": mark.heading,
            "page": mark.page,
        }

    def _opened(self, run: str, document: str) -> Opened:
        for event in self._house.journal.events(run, "opened"):
            if isinstance(event, Opened) and event.document == document:
                return event
        raise UserError(
            f"the run {run} never opened the document {document[:40]!r}",
            cure=f"see what it opened: vouch show {run}",
        )


def _last(text: str, cut: bool) -> str:
    """Drop the part of a word that a cut left at the beginning."""
    if not cut:
        return text
    places = (at for at in range(min(len(text), _WORD)) if text[at].isspace())
    return text[next(places, -1) + 1 :]


def _first(text: str, cut: bool) -> str:
    """Drop the part of a word that a cut left at the end."""
    if not cut:
        return text
    lowest = max(len(text) - _WORD, 0)
    places = (at for at in range(len(text) - 1, lowest - 1, -1) if text[at].isspace())
    return text[: next(places, len(text))]


def _landmark(opened: Opened, start: int) -> Landmark:
    at = bisect_right(opened.landmarks, start, key=lambda mark: mark.start) - 1
    return opened.landmarks[at] if at >= 0 else Landmark(0)
