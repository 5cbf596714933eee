"""The shelf in the database: documents, passages and vectors, every change one transaction."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, delete, insert, select, update

from app.store.sessions import alone, insert_new, reading, writing
from app.store.tables import LOCAL, CounterRow, DocumentRow, PassageRow, VectorRow
from retrieval.documents import Document, Mark, Passage
from retrieval.shelf import Holding, Vectors

_COUNTER = "shelf"
_BATCH = 64


class SqlShelf:
    """A `retrieval.shelf.Shelf` for one owner's documents.

    A passage is kept as its offsets and read back from its document's text, so the law
    `document.text[start:end] == text` cannot be broken on the disk.
    """

    def __init__(self, engine: Engine, owner: str = LOCAL) -> None:
        self._engine = engine
        self._owner = owner

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        embedder: str,
        digest: str,
    ) -> None:
        """Keep a document in place of what its source held; a replaced one keeps its place.

        Raises ValueError, with nothing changed, when there is not one vector a passage or when a
        passage is not its document's.
        """
        if vectors.ndim != 2 or len(vectors) != len(passages):
            raise ValueError(f"{len(passages)} passages, but vectors of shape {vectors.shape}")
        rows = [_row(document, position, passage) for position, passage in enumerate(passages)]
        with writing(self._engine) as connection:
            alone(connection, _COUNTER)
            number = self._place(connection, document, digest, len(rows))
            if rows:
                connection.execute(insert(PassageRow), [row | {"number": number} for row in rows])
            connection.execute(insert(VectorRow), _vectors(number, vectors, embedder))
            _count(connection)

    def drop(self, source: str, collection: str = "default") -> bool:
        with writing(self._engine) as connection:
            dropped = connection.execute(delete(DocumentRow).where(*self._at(source, collection)))
            if dropped.rowcount:
                _count(connection)
        return dropped.rowcount > 0

    def document(self, document: str) -> Document | None:
        wanted = (
            select(*_DOCUMENT)
            .where(DocumentRow.owner == self._owner, DocumentRow.document == document)
            .order_by(DocumentRow.number)
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _document(row)

    def holdings(self) -> list[Holding]:
        wanted = (
            select(
                DocumentRow.document,
                DocumentRow.source,
                DocumentRow.title,
                DocumentRow.media,
                DocumentRow.collection,
                DocumentRow.characters,
                DocumentRow.passages,
                DocumentRow.digest,
            )
            .where(DocumentRow.owner == self._owner)
            .order_by(DocumentRow.number)
        )
        with reading(self._engine) as connection:
            return [Holding(*row) for row in connection.execute(wanted)]

    def stock(self, embedder: str) -> Iterator[tuple[Passage, NDArray[np.float32] | None]]:
        """Yield from one fixed state of the shelf: changes made meanwhile are not seen."""
        wanted = (
            select(DocumentRow.number, *_DOCUMENT)
            .where(DocumentRow.owner == self._owner)
            .order_by(DocumentRow.number)
        )
        with reading(self._engine) as connection:
            documents = connection.execute(wanted, execution_options={"yield_per": _BATCH})
            for batch in documents.partitions():
                yield from _stock(connection, batch, embedder)

    def version(self) -> int:
        wanted = select(CounterRow.value).where(CounterRow.name == _COUNTER)
        with reading(self._engine) as connection:
            return connection.scalar(wanted) or 0

    def _at(self, source: str, collection: str) -> tuple[Any, ...]:
        return (
            DocumentRow.owner == self._owner,
            DocumentRow.collection == collection,
            DocumentRow.source == source,
        )

    def _place(self, connection: Connection, document: Document, digest: str, passages: int) -> int:
        """Write the document's own row, without old passages and vectors; return its number."""
        place = self._at(document.source, document.collection)
        values = _columns(document) | {"digest": digest, "passages": passages}
        number = connection.scalar(select(DocumentRow.number).where(*place))
        if number is None:
            added = insert(DocumentRow).values(owner=self._owner, **values)
            return int(connection.scalar(added.returning(DocumentRow.number)) or 0)
        connection.execute(update(DocumentRow).where(*place).values(**values))
        connection.execute(delete(PassageRow).where(PassageRow.number == number))
        connection.execute(delete(VectorRow).where(VectorRow.number == number))
        return number


_DOCUMENT = (
    DocumentRow.source,
    DocumentRow.title,
    DocumentRow.text,
    DocumentRow.media,
    DocumentRow.collection,
    DocumentRow.marks,
)


def _columns(document: Document) -> dict[str, Any]:
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


def _document(row: Any) -> Document:
    return Document(
        source=row.source,
        title=row.title,
        text=row.text,
        media=row.media,
        collection=row.collection,
        marks=tuple(Mark(*mark) for mark in json.loads(row.marks)),
    )


def _row(document: Document, position: int, passage: Passage) -> dict[str, Any]:
    at = (passage.start, passage.end, passage.heading, passage.page)
    if _passage(document, *at) != passage:
        raise ValueError(f"passage {position} does not stand in {document.source!r} as it says")
    return dict(zip(("start", "end", "heading", "page"), at, strict=True)) | {"position": position}


def _passage(document: Document, start: int, end: int, heading: str, page: int | None) -> Passage:
    return Passage(
        document=document.id,
        source=document.source,
        title=document.title,
        text=document.text[start:end],
        start=start,
        end=end,
        heading=heading,
        page=page,
    )


def _vectors(number: int, vectors: Vectors, embedder: str) -> dict[str, Any]:
    return {
        "number": number,
        "embedder": embedder,
        "dimension": vectors.shape[1],
        "data": np.ascontiguousarray(vectors, dtype="<f4").tobytes(),
    }


def _count(connection: Connection) -> None:
    insert_new(connection, CounterRow, [{"name": _COUNTER, "value": 0}])
    grown = update(CounterRow).where(CounterRow.name == _COUNTER)
    connection.execute(grown.values(value=CounterRow.value + 1))


def _stock(
    connection: Connection, batch: Sequence[Any], embedder: str
) -> Iterator[tuple[Passage, NDArray[np.float32] | None]]:
    documents = {row.number: _document(row) for row in batch}
    vectors = dict(_encoded(connection, list(documents), embedder))
    wanted = (
        select(PassageRow)
        .where(PassageRow.number.in_(documents))
        .order_by(PassageRow.number, PassageRow.position)
    )
    for row in connection.execute(wanted).all():
        encoded = vectors.get(row.number)
        passage = _passage(documents[row.number], row.start, row.end, row.heading, row.page)
        yield passage, None if encoded is None else encoded[row.position]


def _encoded(
    connection: Connection, numbers: list[int], embedder: str
) -> Iterator[tuple[int, Vectors]]:
    wanted = select(VectorRow.number, VectorRow.dimension, VectorRow.data).where(
        VectorRow.number.in_(numbers), VectorRow.embedder == embedder
    )
    for number, dimension, data in connection.execute(wanted):
        rows = np.frombuffer(data, dtype="<f4").astype(np.float32)
        yield number, rows.reshape(-1, dimension) if dimension else rows.reshape(0, 0)
