"""The tables of what people do: conversations and their turns, collections, a face's inbox."""

from sqlalchemy import Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import LOCAL, Base, Utf8


class ConversationRow(Base):
    """One conversation; `leaf` is the last turn of the path that is shown."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    by: Mapped[str] = mapped_column(Utf8)
    face: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Utf8)
    leaf: Mapped[str | None] = mapped_column(String(64))
    created: Mapped[float] = mapped_column(Float(53))
    updated: Mapped[float] = mapped_column(Float(53), index=True)


class TurnRow(Base):
    """One question of a conversation and the name of the run that answers it.

    `parent` is the turn before it, so the turns of a conversation form a tree. `collections`,
    `sources` and `tags` are JSON lists, `reach` is empty where the settings say where to look;
    `history` says whether the turns before go along.
    """

    __tablename__ = "turns"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    conversation: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    parent: Mapped[str | None] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(Utf8)
    face: Mapped[str] = mapped_column(String(32))
    question: Mapped[str] = mapped_column(Utf8)
    run: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[float] = mapped_column(Float(53))
    collections: Mapped[str] = mapped_column(Utf8)
    sources: Mapped[str] = mapped_column(Utf8)
    tags: Mapped[str] = mapped_column(Utf8)
    reach: Mapped[str] = mapped_column(String(16))
    history: Mapped[bool]


class CollectionRow(Base):
    """What is set for a collection; one without a row is not private."""

    __tablename__ = "collections"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True, default=LOCAL)
    name: Mapped[str] = mapped_column(Utf8, primary_key=True)
    private: Mapped[bool]


class InboxRow(Base):
    """One event from outside that a face took; `payload` and `data` are JSON."""

    __tablename__ = "inbox"

    key: Mapped[str] = mapped_column(Utf8, primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    face: Mapped[str] = mapped_column(String(32), index=True)
    state: Mapped[str] = mapped_column(String(32))
    payload: Mapped[str] = mapped_column(Utf8)
    data: Mapped[str] = mapped_column(Utf8)
    at: Mapped[float] = mapped_column(Float(53))
