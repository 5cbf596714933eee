"""The third version: editions of documents, the places they were read from, and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _make()
    connection = op.get_bind()
    _move(connection)
    for table in ("vectors", "passages", "documents"):
        op.drop_table(table)
    # No edition is ever numbered as one before it.
    newest = connection.scalar(sa.text("SELECT max(edition) FROM editions"))
    if newest is not None:
        connection.execute(
            sa.text("UPDATE counters SET value = :n WHERE name = 'shelf' AND value < :n"),
            {"n": newest},
        )


def _edition(**more: bool) -> sa.Column[int]:
    key = sa.ForeignKey("editions.edition", ondelete="CASCADE")
    return sa.Column("edition", sa.Integer, key, nullable=False, **more)  # type: ignore[arg-type]


def _make() -> None:
    op.create_table(
        "editions",
        sa.Column("edition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("until", sa.Integer),
        sa.Column("collection", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("document", sa.String(64), nullable=False, index=True),
        sa.Column("title", sa.LargeBinary, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("marks", sa.LargeBinary, nullable=False),
        sa.Column("characters", sa.Integer, nullable=False),
        sa.Column("passages", sa.Integer, nullable=False),
        sa.Index("editions_until", "owner", "until"),
    )
    op.create_table(
        "places",
        sa.Column("owner", sa.String(64)),
        sa.Column("collection", sa.LargeBinary),
        sa.Column("source", sa.LargeBinary),
        _edition(index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.Column("tags", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("owner", "collection", "source"),
    )
    op.create_table(
        "spans",
        _edition(),
        sa.Column("position", sa.Integer),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("heading", sa.LargeBinary, nullable=False),
        sa.Column("page", sa.Integer),
        sa.PrimaryKeyConstraint("edition", "position"),
    )
    op.create_table(
        "embeddings",
        _edition(),
        sa.Column("embedder", sa.LargeBinary, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("edition"),
    )


def _move(connection: sa.Connection) -> None:
    """Take over what is held. Where two sources held one text, the first becomes its document."""
    rows = connection.execute(
        sa.text("SELECT number, owner, collection, source, document, digest FROM documents"
                " ORDER BY number")
    ).all()  # fmt: skip
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        edition = first.setdefault((row.owner, row.document), row.number)
        if edition == row.number:
            _move_document(connection, edition)
        connection.execute(
            sa.text("INSERT INTO places VALUES (:owner, :collection, :source, :edition, :digest,"
                    " 0, 0, :tags)"),
            {"owner": row.owner, "collection": row.collection, "source": row.source,
             "edition": edition, "digest": row.digest, "tags": b"[]"},
        )  # fmt: skip


def _move_document(connection: sa.Connection, number: int) -> None:
    at = {"n": number}
    connection.execute(
        sa.text("INSERT INTO editions SELECT number, owner, NULL, collection, source, document,"
                " title, media, text, marks, characters, passages FROM documents"
                " WHERE number = :n"), at,
    )  # fmt: skip
    connection.execute(
        sa.text("INSERT INTO embeddings SELECT number, embedder, dimension, data FROM vectors"
                " WHERE number = :n"), at,
    )  # fmt: skip
    data = connection.scalar(sa.text("SELECT text FROM documents WHERE number = :n"), at)
    text = bytes(data or b"").decode("utf-8", "surrogatepass")
    spans = connection.execute(
        sa.text('SELECT position, start, "end", heading, page FROM passages WHERE number = :n'
                " ORDER BY start"), at,
    ).all()  # fmt: skip
    byte, seen, moved = 0, 0, []
    for span in spans:
        byte += _bytes(text[seen : span.start])
        size = _bytes(text[span.start : span.end])
        moved.append(
            {"edition": number, "position": span.position, "start": span.start, "end": span.end,
             "first": byte, "bytes": size, "heading": span.heading, "page": span.page}
        )  # fmt: skip
        byte, seen = byte + size, span.end
    if moved:
        connection.execute(
            sa.text("INSERT INTO spans VALUES (:edition, :position, :start, :end, :first, :bytes,"
                    " :heading, :page)"), moved,
        )  # fmt: skip


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
