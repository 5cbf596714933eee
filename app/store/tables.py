"""The tables of the database: documents, passages and vectors; runs, entries and texts."""

from sqlalchemy import Dialect, Float, ForeignKey, LargeBinary, String, Text, UniqueConstraint
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


class DocumentRow(Base):
    """One document; `document` is its content hash, `digest` that of the file it was read from."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("owner", "collection", "source", name="one_source"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    collection: Mapped[str] = mapped_column(Utf8)
    source: Mapped[str] = mapped_column(Utf8)
    document: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(Utf8)
    media: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Utf8)
    marks: Mapped[str] = mapped_column(Utf8)
    digest: Mapped[str] = mapped_column(String(64))
    characters: Mapped[int]
    passages: Mapped[int]


class PassageRow(Base):
    """A span of a document; its text is the document's own."""

    __tablename__ = "passages"

    number: Mapped[int] = mapped_column(
        ForeignKey("documents.number", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[int]
    end: Mapped[int]
    heading: Mapped[str] = mapped_column(Utf8)
    page: Mapped[int | None]


class VectorRow(Base):
    """The vectors of a document's passages: float32, little-endian, passage by passage."""

    __tablename__ = "vectors"

    number: Mapped[int] = mapped_column(
        ForeignKey("documents.number", ondelete="CASCADE"), primary_key=True
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
