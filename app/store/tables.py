"""The tables of the database: documents, passages and vectors; runs, entries and texts."""

from sqlalchemy import BigInteger, Dialect, Float, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

LOCAL = "local"
"""The owner of everything that nobody signed in for."""


class Utf8(TypeDecorator[str]):
    """Any Python string, kept as bytes.

    Texts and file names from outside may hold NUL (PostgreSQL refuses it in text) or lone
    surrogates (a file name that is no UTF-8); as bytes both come back as they were.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.encode("utf-8", "surrogatepass")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).decode("utf-8", "surrogatepass")


class Base(DeclarativeBase):
    """The metadata that the migrations are compared with."""


class EditionRow(Base):
    """One version of a document; `document` is its content hash.

    `until` is null while it stands, else the version of the shelf at which it went; its passages
    are then still read for search files made before. `source` is the first of its places.
    """

    __tablename__ = "editions"
    __table_args__ = (Index("editions_until", "owner", "until"),)

    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    until: Mapped[int | None]
    collection: Mapped[str] = mapped_column(Utf8)
    source: Mapped[str] = mapped_column(Utf8)
    document: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(Utf8)
    media: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Utf8)
    marks: Mapped[str] = mapped_column(Utf8)
    characters: Mapped[int]
    passages: Mapped[int]


class PlaceRow(Base):
    """Where a document was read from, and the file's hash, size and time (nanoseconds) then."""

    __tablename__ = "places"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True, default=LOCAL)
    collection: Mapped[str] = mapped_column(Utf8, primary_key=True)
    source: Mapped[str] = mapped_column(Utf8, primary_key=True)
    edition: Mapped[int] = mapped_column(
        ForeignKey("editions.edition", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    modified: Mapped[int] = mapped_column(BigInteger)
    tags: Mapped[str] = mapped_column(Utf8)


class SpanRow(Base):
    """A passage: code points `start` to `end` of a document's text, which are `bytes` bytes from
    byte `first` on, so that a server hands out a passage without the text around it."""

    __tablename__ = "spans"

    edition: Mapped[int] = mapped_column(
        ForeignKey("editions.edition", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[int]
    end: Mapped[int]
    first: Mapped[int]
    bytes: Mapped[int]
    heading: Mapped[str] = mapped_column(Utf8)
    page: Mapped[int | None]


class EmbeddingRow(Base):
    """The vectors of a document's passages: float32, little-endian, passage by passage."""

    __tablename__ = "embeddings"

    edition: Mapped[int] = mapped_column(
        ForeignKey("editions.edition", ondelete="CASCADE"), primary_key=True
    )
    embedder: Mapped[str] = mapped_column(Utf8)
    dimension: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class CounterRow(Base):
    """A number that only grows."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int]


class RunRow(Base):
    """One run; `length` counts its entries and `head` is the chain hash of the last one."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    parent: Mapped[str | None] = mapped_column(String(64))
    started: Mapped[float] = mapped_column(Float(53), index=True)
    length: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64))


class EntryRow(Base):
    """One event of a run as canonical JSON, with its time and its link of the chain."""

    __tablename__ = "entries"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float] = mapped_column(Float(53))
    kind: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(Utf8)
    chain: Mapped[str] = mapped_column(String(64))


class TextRow(Base):
    """A long text of some event, kept once under its SHA-256."""

    __tablename__ = "texts"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Utf8)
