"""The tables as this version works with them; a database has all, a ledger the tombstones alone.

Not here: how they came to be so (versions). The invariant: going through all versions one by one makes these.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

META = MetaData()
# Without row ids, so that rows lie in the order of their random keys and not in the order in which they came.
ENVELOPE = Table(
    "envelope", META,
    Column("key", LargeBinary, primary_key=True),
    Column("survey", String, nullable=False),
    Column("week", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
TOMBSTONE = Table(
    "tombstone", META, Column("key", LargeBinary, primary_key=True), sqlite_with_rowid=False
)  # fmt: skip
TOTAL = Table(
    "total", META,
    Column("name", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("language", String, primary_key=True),
    Column("period", String, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
# Of which versions pages were kept, by the hash of each, and in which week last.
ROLL = Table(
    "roll", META,
    Column("structure", String, primary_key=True),
    Column("survey", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("week", String, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
# How many envelopes of a week the desk has said that it has safely: whole weeks, and nothing finer.
CONFIRMED = Table(
    "confirmed", META,
    Column("week", String, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
# Rows of journals. Nothing says which of them belong together: `version` is a number by chance, anew at each write.
JOURNAL = Table(
    "journal", META,
    Column("key", LargeBinary, primary_key=True),
    Column("until", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
