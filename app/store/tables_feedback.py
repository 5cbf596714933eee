"""The tables of what people think of answers: feedback, comparisons and preference pairs."""

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import LOCAL, Base, Utf8


class FeedbackRow(Base):
    """One mark of a person on a run; `tags` is a JSON list, `text` an edited answer."""

    __tablename__ = "feedback"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    run: Mapped[str] = mapped_column(String(64), index=True)
    by: Mapped[str] = mapped_column(Utf8)
    face: Mapped[str] = mapped_column(String(32))
    mark: Mapped[str] = mapped_column(String(16))
    tags: Mapped[str] = mapped_column(Utf8)
    comment: Mapped[str] = mapped_column(Utf8)
    text: Mapped[str | None] = mapped_column(Utf8)
    at: Mapped[float] = mapped_column(Float(53))


class ComparisonRow(Base):
    """One comparison of two runs; scores run from -2 (left) to 2 (right), `unsupported` is JSON."""

    __tablename__ = "comparisons"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    prompt: Mapped[str] = mapped_column(String(64), index=True)
    left: Mapped[str] = mapped_column(String(64))
    right: Mapped[str] = mapped_column(String(64))
    order: Mapped[str] = mapped_column(String(32))
    unsupported: Mapped[str] = mapped_column(Utf8)
    core: Mapped[int]
    coherence: Mapped[int]
    overall: Mapped[int]
    by: Mapped[str] = mapped_column(Utf8)
    face: Mapped[str] = mapped_column(String(32))
    at: Mapped[float] = mapped_column(Float(53))


class PairRow(Base):
    """Two answers to one prompt, of which one is preferred; `id` is the content hash, and
    `prompt`, `chosen`, `rejected`, `tags` and `reasons` (why it is left out) are JSON.

    `score` is how much better the chosen side is, from 0 (a tie) to 1.
    """

    __tablename__ = "preference_pairs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=LOCAL)
    prompt_id: Mapped[str] = mapped_column(String(64), index=True)
    prompt: Mapped[str] = mapped_column(Utf8)
    chosen: Mapped[str] = mapped_column(Utf8)
    rejected: Mapped[str] = mapped_column(Utf8)
    chosen_run: Mapped[str | None] = mapped_column(String(64))
    rejected_run: Mapped[str | None] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(32))
    tags: Mapped[str] = mapped_column(Utf8)
    reasons: Mapped[str] = mapped_column(Utf8)
    score: Mapped[float] = mapped_column(Float(53))
    by: Mapped[str] = mapped_column(Utf8)
    face: Mapped[str] = mapped_column(String(32))
    order: Mapped[str] = mapped_column(String(32))
    at: Mapped[float] = mapped_column(Float(53))
