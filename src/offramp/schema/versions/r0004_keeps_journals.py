"""The database keeps the journals of the programme, row by row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade(kind: str) -> None:
    """Make their table; it is empty."""
    if kind == "ledger":
        return
    op.create_table(
        "journal",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
