"""The database keeps a roll: of which versions of a survey pages were kept, and in which week last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade(kind: str) -> None:
    """Make the roll. It is empty: what was kept before tells nobody its version."""
    if kind == "ledger":
        return
    op.create_table(
        "roll",
        sa.Column("structure", sa.String, primary_key=True),
        sa.Column("survey", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("week", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
