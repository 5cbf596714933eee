"""The shelf in the database: documents, passages and vectors, every change one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, tuple_, update

from app.store.sessions import alone, insert_new, reading, writing
from app.store.shelf_rows import (
    document_of,
    edition_row,
    embedding_row,
    holding_of,
    passage_of,
    place_of,
    place_row,
    span_rows,
    vectors_of,
)
from app.store.tables import LOCAL, CounterRow, EditionRow, EmbeddingRow, PlaceRow, SpanRow, Utf8
from retrieval import keys as numbering
from retrieval.documents import Document, Passage
from retrieval.keys import Editions
from retrieval.shelf import Catalogue, Holding, Kept, Place, Standing, Stocked

_COUNTER = "shelf"
_BATCH = 64
"""Documents whose texts are in memory at a time."""

_MANY = 500
"""Values that one statement names; SQLite takes some ten thousand."""


class SqlShelf:
    """A `retrieval.shelf.Shelf` for one owner's documents.

    A passage is kept as its offsets and read back from its document's text, so the law
    `document.text[start:end] == text` cannot be broken on the disk.
    """

    def __init__(self, engine: Engine, owner: str = LOCAL) -> None:
        self._engine = engine
        self._owner = owner

    def put(self, kept: Kept) -> None:
        """Keep a document.

        Raises ValueError, with nothing changed, when there is not one vector a passage or when a
        passage is not its document's.
        """
        spans, vectors = span_rows(kept), embedding_row(kept)
        with writing(self._engine) as connection:
            version = self._grown(connection)
            before = self._standing(connection, kept.document.id)
            first = before.source if before else kept.document.source
            row = edition_row(kept.document) | {"passages": len(spans), "source": first}
            connection.execute(insert(EditionRow).values(owner=self._owner, edition=version, **row))
            if spans:
                connection.execute(insert(SpanRow), [span | {"edition": version} for span in spans])
            connection.execute(insert(EmbeddingRow).values(edition=version, **vectors))
            if before:
                old = PlaceRow.edition == before.edition
                connection.execute(update(PlaceRow).where(old).values(edition=version))
                _end(connection, before.edition, version)
            self._set(connection, kept.place, version, version)

    def place(self, place: Place, document: str) -> None:
        """Note a place of a document that is held; KeyError if it is not."""
        with writing(self._engine) as connection:
            alone(connection, _COUNTER)
            standing = self._standing(connection, document)
            if standing is None:
                raise KeyError(document)
            same = self._at(connection, place.collection, place.source) == standing.edition
            version = 0 if same else self._grown(connection)
            self._set(connection, place, standing.edition, version)

    def drop(self, collection: str, sources: Collection[str]) -> int:
        dropped = 0
        with writing(self._engine) as connection:
            alone(connection, _COUNTER)
            version = 0
            for source in dict.fromkeys(sources):
                edition = self._at(connection, collection, source)
                if edition is None:
                    continue
                version = version or self._grown(connection)
                place = self._place(collection, source)
                connection.execute(delete(PlaceRow).where(*place))
                self._left(connection, edition, source, version)
                dropped += 1
        return dropped

    def document(self, document: str) -> Document | None:
        wanted = select(EditionRow.__table__).where(*self._named(document)).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        return None if row is None else document_of(row)

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        found: dict[int, Passage] = {}
        with reading(self._engine) as connection:
            for at in range(0, len(keys), _MANY):
                found |= self._read(connection, keys[at : at + _MANY])
        return found

    def cut(self, document: str) -> list[Passage]:
        with reading(self._engine) as connection:
            standing = self._standing(connection, document)
            if standing is None:
                return []
            stock = self._stock(connection, [standing.edition], "")
            return [passage for stocked in stock for passage in stocked.passages]

    def places(self, collection: str) -> dict[str, Standing]:
        wanted = (
            select(PlaceRow.__table__, EditionRow.document, EditionRow.passages)
            .join(EditionRow, EditionRow.edition == PlaceRow.edition)
            .where(PlaceRow.owner == self._owner, PlaceRow.collection == collection)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return {row.source: Standing(place_of(row), row.document, row.passages) for row in rows}

    def catalogue(self) -> Catalogue:
        with reading(self._engine) as connection:
            return Catalogue(_version(connection), tuple(self._holdings(connection)))

    def stock(self, editions: Editions, embedder: str) -> Iterator[Stocked]:
        """Yield from one fixed state of the shelf: changes made meanwhile are not seen."""
        wanted = editions.tolist()
        with reading(self._engine) as connection:
            for at in range(0, len(wanted), _BATCH):
                yield from self._stock(connection, wanted[at : at + _BATCH], embedder)

    def sweep(self, version: int) -> int:
        gone = (EditionRow.owner == self._owner, EditionRow.until <= version)
        with reading(self._engine) as connection:
            if not connection.scalar(select(func.count()).where(*gone)):
                return 0
        with writing(self._engine) as connection:
            alone(connection, _COUNTER)
            return connection.execute(delete(EditionRow).where(*gone)).rowcount

    def version(self) -> int:
        with reading(self._engine) as connection:
            return _version(connection)

    def _grown(self, connection: Connection) -> int:
        """Count one change; the new version also numbers the edition that it makes."""
        alone(connection, _COUNTER)
        insert_new(connection, CounterRow, [{"name": _COUNTER, "value": 0}])
        grown = update(CounterRow).where(CounterRow.name == _COUNTER)
        connection.execute(grown.values(value=CounterRow.value + 1))
        return _version(connection)

    def _named(self, document: str) -> tuple[Any, ...]:
        mine = EditionRow.owner == self._owner
        return mine, EditionRow.document == document, EditionRow.until.is_(None)

    def _place(self, collection: str, source: str) -> tuple[Any, ...]:
        return (
            PlaceRow.owner == self._owner,
            PlaceRow.collection == collection,
            PlaceRow.source == source,
        )

    def _standing(self, connection: Connection, document: str) -> Any:
        wanted = select(EditionRow.edition, EditionRow.source).where(*self._named(document))
        return connection.execute(wanted).first()

    def _at(self, connection: Connection, collection: str, source: str) -> int | None:
        return connection.scalar(select(PlaceRow.edition).where(*self._place(collection, source)))

    def _set(self, connection: Connection, place: Place, edition: int, version: int) -> None:
        at = self._place(place.collection, place.source)
        held = connection.scalar(select(PlaceRow.edition).where(*at))
        values = place_row(place) | {"edition": edition}
        if held is None:
            connection.execute(insert(PlaceRow).values(owner=self._owner, **values))
            return
        connection.execute(update(PlaceRow).where(*at).values(**values))
        if held != edition:
            self._left(connection, held, place.source, version)

    def _left(self, connection: Connection, edition: int, source: str, version: int) -> None:
        """End a document that no place holds; give it another source if it has lost its first."""
        other = connection.scalar(
            select(PlaceRow.source).where(PlaceRow.edition == edition).order_by(PlaceRow.source)
        )
        if other is None:
            _end(connection, edition, version)
            return
        lost = (EditionRow.edition == edition, EditionRow.source == source)
        connection.execute(update(EditionRow).where(*lost).values(source=other))

    def _holdings(self, connection: Connection) -> Iterator[Holding]:
        places = defaultdict(list)
        for row in connection.execute(
            select(PlaceRow.__table__).where(PlaceRow.owner == self._owner)
        ):
            places[row.edition].append(place_of(row))
        wanted = (
            select(
                EditionRow.edition,
                EditionRow.document,
                EditionRow.source,
                EditionRow.title,
                EditionRow.media,
                EditionRow.collection,
                EditionRow.characters,
                EditionRow.passages,
            )
            .where(EditionRow.owner == self._owner, EditionRow.until.is_(None))
            .order_by(EditionRow.edition)
        )
        for row in connection.execute(wanted):
            yield holding_of(row, places[row.edition])

    def _read(self, connection: Connection, keys: Sequence[int]) -> dict[int, Passage]:
        """Read passages whole without the texts around them."""
        pairs = [(numbering.edition(key), numbering.position(key)) for key in keys]
        text = func.substr(EditionRow.text, SpanRow.first + 1, SpanRow.bytes, type_=Utf8)
        wanted = (
            select(
                SpanRow.__table__,
                EditionRow.document,
                EditionRow.source,
                EditionRow.title,
                text.label("text"),
            )
            .join(EditionRow, EditionRow.edition == SpanRow.edition)
            .where(
                EditionRow.owner == self._owner,
                tuple_(SpanRow.edition, SpanRow.position).in_(pairs),
            )
        )
        rows = connection.execute(wanted).all()
        read = {(row.edition << numbering.BITS) | row.position: passage_of(row) for row in rows}
        return {key: read[key] for key in keys if key in read}

    def _stock(
        self, connection: Connection, editions: Sequence[int], embedder: str
    ) -> Iterator[Stocked]:
        here = (EditionRow.owner == self._owner, EditionRow.edition.in_(editions))
        documents = connection.execute(
            select(EditionRow.__table__).where(*here).order_by(EditionRow.edition)
        ).all()
        held = [row.edition for row in documents]
        vectors = dict(vectors_of(connection, held, embedder))
        spans = defaultdict(list)
        cut = select(SpanRow.__table__).where(SpanRow.edition.in_(held))
        for span in connection.execute(cut.order_by(SpanRow.edition, SpanRow.position)):
            spans[span.edition].append(span)
        for row in documents:
            found = (passage_of(row, span) for span in spans[row.edition])
            yield Stocked(row.edition, tuple(found), vectors.get(row.edition))


def _end(connection: Connection, edition: int, version: int) -> None:
    ended = update(EditionRow).where(EditionRow.edition == edition)
    connection.execute(ended.values(until=version))


def _version(connection: Connection) -> int:
    wanted = select(CounterRow.value).where(CounterRow.name == _COUNTER)
    return connection.scalar(wanted) or 0
