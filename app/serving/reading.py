"""The text of a document of the library, a window at a time, as a call."""

from typing import TYPE_CHECKING

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.serving.params import number
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House

WINDOW, MOST = 4_000, 100_000
"""Characters that are given if the caller names no other number, and at most."""


class Reading:
    """The documents of the library, read."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {"document": CallSpec(self.document)}

    def document(self, params: Params, cancel: Cancel) -> Items:
        """Return {characters?} of the {document}, an id that a search gave, from {start?} on.

        {document, title, source, heading, page, start, end, length, text}; start, end and length
        are in characters of the whole text. `UserError` for a document or start that is not there.
        """
        yield from ()
        name, start = str(params["document"]), number(params, "start", 0)
        found = self._house.library.open(name)
        if found is None:
            raise UserError(
                f"the library holds no document {name[:40]!r}", cure="search for one first"
            )
        if not 0 <= start < max(1, len(found.text)):
            raise UserError(f"the document has no character {start}; it has {len(found.text)}")
        end = start + min(max(number(params, "characters", WINDOW), 1), MOST)
        mark = found.mark_at(start)
        return {
            "document": name,
            "title": found.title,
            "source": found.source,
            "heading": mark.heading,
            "page": mark.page,
            "start": start,
            "end": min(end, len(found.text)),
            "length": len(found.text),
            "text": found.text[start:end],
        }
