"""The database knows of which weeks the desk has said that it has their envelopes, and how many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade(kind: str) -> None:
    """Make the table. It is empty: what a desk has pulled before, it confirms with its next pull."""
    if kind == "ledger":
        return
    op.create_table(
        "confirmed",
        sa.Column("week", sa.String, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
