"""All that a library holds as plain values, a document at a time, for a file of JSON lines."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from retrieval.shelf import Shelf


def exported(shelf: Shelf, collection: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield documents, all or those of a collection, in the order in which they came.

    {document, source, also, collection, title, media, tags, digest, text, marks: [{start, heading,
    page}], passages: [{start, end, heading, page}]}; offsets are code points of the text.
    """
    for holding in shelf.catalogue().holdings:
        document = shelf.document(holding.document)
        if document is None or collection not in (None, holding.collection):
            continue
        yield {
            "document": document.id,
            "source": holding.source,
            "also": list(holding.also),
            "collection": holding.collection,
            "title": document.title,
            "media": document.media,
            "tags": list(holding.tags),
            "digest": holding.digest,
            "text": document.text,
            "marks": [asdict(mark) for mark in document.marks],
            "passages": [
                {"start": p.start, "end": p.end, "heading": p.heading, "page": p.page}
                for p in shelf.cut(document.id)
            ],
        }
