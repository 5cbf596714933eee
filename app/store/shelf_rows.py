"""Documents, passages, places and vectors as rows of the database, and back."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from app.store.tables import EmbeddingRow
from retrieval.documents import Document, Mark, Passage
from retrieval.shelf import Holding, Kept, Place, Vectors


def edition_row(document: Document) -> dict[str, Any]:
    """Return the columns that a document itself fills."""
    marks = [[mark.start, mark.heading, mark.page] for mark in document.marks]
    return {
        "collection": document.collection,
        "source": document.source,
        "document": document.id,
        "title": document.title,
        "media": document.media,
        "text": document.text,
        "marks": json.dumps(marks),
        "characters": len(document.text),
    }


def document_of(row: Any) -> Document:
    """Return the document of an edition's row."""
    return Document(
        source=row.source,
        title=row.title,
        text=row.text,
        media=row.media,
        collection=row.collection,
        marks=tuple(Mark(*mark) for mark in json.loads(row.marks)),
    )


def span_rows(kept: Kept) -> list[dict[str, Any]]:
    """Return a row for each passage, with its place in bytes; ValueError for one that does not
    stand in its document as it says."""
    text, source = kept.document.text, kept.document.source
    rows: list[dict[str, Any]] = []
    byte = seen = 0
    for position, passage in enumerate(kept.passages):
        stands = seen <= passage.start <= passage.end <= len(text)
        owned = (passage.document, passage.source, passage.title) == _names(kept.document)
        if not stands or not owned or text[passage.start : passage.end] != passage.text:
            raise ValueError(f"passage {position} does not stand in {source!r} as it says")
        byte += _bytes(text[seen : passage.start])
        size = _bytes(passage.text)
        rows.append(
            {
                "position": position,
                "start": passage.start,
                "end": passage.end,
                "first": byte,
                "bytes": size,
                "heading": passage.heading,
                "page": passage.page,
            }
        )
        byte, seen = byte + size, passage.end
    return rows


def passage_of(row: Any, span: Any = None) -> Passage:
    """Return the passage of one row that has all, or of an edition's row and a span's."""
    cut = row if span is None else span
    return Passage(
        document=row.document,
        source=row.source,
        title=row.title,
        text=row.text if span is None else row.text[span.start : span.end],
        start=cut.start,
        end=cut.end,
        heading=cut.heading,
        page=cut.page,
    )


def place_row(place: Place) -> dict[str, Any]:
    """Return the columns of a place."""
    return {
        "collection": place.collection,
        "source": place.source,
        "digest": place.digest,
        "size": place.size,
        "modified": place.modified,
        "tags": json.dumps(place.tags),
    }


def place_of(row: Any) -> Place:
    """Return the place of a row."""
    tags = tuple(json.loads(row.tags))
    return Place(row.source, row.collection, row.digest, row.size, row.modified, tags)


def holding_of(row: Any, places: Sequence[Place]) -> Holding:
    """Return the catalogue line of an edition's row and its places."""
    own = next((place for place in places if place.source == row.source), None)
    return Holding(
        document=row.document,
        source=row.source,
        title=row.title,
        media=row.media,
        collection=row.collection,
        characters=row.characters,
        passages=row.passages,
        digest=own.digest if own else "",
        edition=row.edition,
        also=tuple(sorted(place.source for place in places if place is not own)),
        tags=tuple(sorted({tag for place in places for tag in place.tags})),
    )


def embedding_row(kept: Kept) -> dict[str, Any]:
    """Return the row of a document's vectors; ValueError unless there is one a passage."""
    vectors = kept.vectors
    if vectors.ndim != 2 or len(vectors) != len(kept.passages):
        raise ValueError(f"{len(kept.passages)} passages, but vectors of shape {vectors.shape}")
    return {
        "embedder": kept.embedder,
        "dimension": vectors.shape[1],
        "data": np.ascontiguousarray(vectors, dtype="<f4").tobytes(),
    }


def vectors_of(
    connection: Connection, editions: Sequence[int], embedder: str
) -> Iterator[tuple[int, Vectors]]:
    """Yield edition and vectors, shape (passages, dimension), of those that the embedder made."""
    wanted = select(EmbeddingRow.__table__).where(
        EmbeddingRow.edition.in_(editions), EmbeddingRow.embedder == embedder
    )
    for row in connection.execute(wanted):
        values = np.frombuffer(row.data, dtype="<f4").astype(np.float32)
        shape = (-1, row.dimension) if row.dimension else (0, 0)
        yield row.edition, values.reshape(shape)


def _names(document: Document) -> tuple[str, str, str]:
    return document.id, document.source, document.title


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
