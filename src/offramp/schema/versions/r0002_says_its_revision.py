"""The file says its revision, in a table of one row. Nothing else changes."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade(kind: str) -> None:
    """Do nothing: the number, which is written after each step, is what is new."""
