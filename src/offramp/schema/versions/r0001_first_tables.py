"""The first tables: envelopes, tombstones and totals; in the ledger, tombstones alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade(kind: str) -> None:
    """Make them."""
    op.create_table("tombstone", sa.Column("key", sa.LargeBinary, primary_key=True), sqlite_with_rowid=False)
    if kind == "ledger":
        return
    op.create_table(
        "envelope",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("survey", sa.String, nullable=False),
        sa.Column("week", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    names = ("name", "subject", "language", "period")
    op.create_table(
        "total",
        *(sa.Column(name, sa.String, primary_key=True) for name in names),
        sa.Column("n", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
