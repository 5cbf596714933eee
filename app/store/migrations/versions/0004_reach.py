"""The fourth version: a turn keeps the tags that it is kept to, and where it looks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "turns", sa.Column("tags", sa.LargeBinary, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column(
        "turns", sa.Column("reach", sa.String(16), nullable=False, server_default="library")
    )
