"""The second version: conversations, collections, inboxes, and feedback that becomes pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _conversations()
    _collections()
    _inbox()
    _feedback()
    _comparisons()
    _pairs()


def _owner() -> sa.Column[str]:
    return sa.Column("owner", sa.String(64), nullable=False)


def _person() -> tuple[sa.Column[bytes], sa.Column[str]]:
    by = sa.Column("by", sa.LargeBinary, nullable=False)
    return by, sa.Column("face", sa.String(32), nullable=False)


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        _owner(),
        *_person(),
        sa.Column("title", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.String(64)),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("updated", sa.Float(53), nullable=False, index=True),
    )
    conversation = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "turns",
        sa.Column("id", sa.String(64), primary_key=True),
        _owner(),
        sa.Column("conversation", sa.String(64), conversation, nullable=False, index=True),
        sa.Column("parent", sa.String(64)),
        *_person(),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("run", sa.String(64), nullable=False, unique=True),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("collections", sa.LargeBinary, nullable=False),
        sa.Column("sources", sa.LargeBinary, nullable=False),
        sa.Column("history", sa.Boolean, nullable=False),
    )


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("owner", sa.String(64)),
        sa.Column("name", sa.LargeBinary),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("owner", "name"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        _owner(),
        sa.Column("face", sa.String(32), nullable=False, index=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(64), primary_key=True),
        _owner(),
        sa.Column("run", sa.String(64), nullable=False, index=True),
        *_person(),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("tags", sa.LargeBinary, nullable=False),
        sa.Column("comment", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary),
        sa.Column("at", sa.Float(53), nullable=False),
    )


def _comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.String(64), primary_key=True),
        _owner(),
        sa.Column("prompt", sa.String(64), nullable=False, index=True),
        sa.Column("left", sa.String(64), nullable=False),
        sa.Column("right", sa.String(64), nullable=False),
        sa.Column("order", sa.String(32), nullable=False),
        sa.Column("unsupported", sa.LargeBinary, nullable=False),
        sa.Column("core", sa.Integer, nullable=False),
        sa.Column("coherence", sa.Integer, nullable=False),
        sa.Column("overall", sa.Integer, nullable=False),
        *_person(),
        sa.Column("at", sa.Float(53), nullable=False),
    )


def _pairs() -> None:
    op.create_table(
        "preference_pairs",
        sa.Column("id", sa.String(64), primary_key=True),
        _owner(),
        sa.Column("prompt_id", sa.String(64), nullable=False, index=True),
        sa.Column("prompt", sa.LargeBinary, nullable=False),
        sa.Column("chosen", sa.LargeBinary, nullable=False),
        sa.Column("rejected", sa.LargeBinary, nullable=False),
        sa.Column("chosen_run", sa.String(64)),
        sa.Column("rejected_run", sa.String(64)),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("tags", sa.LargeBinary, nullable=False),
        sa.Column("reasons", sa.LargeBinary, nullable=False),
        sa.Column("score", sa.Float(53), nullable=False),
        *_person(),
        sa.Column("order", sa.String(32), nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
    )
