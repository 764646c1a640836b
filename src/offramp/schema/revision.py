"""Which revision of its shape a file has, and whether this version can work with it.

Not here: how one revision becomes the next (versions). One number serves both files. The invariant: a file that is
not Offramp's, or is of another revision, is refused and left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from offramp.errors import refuse
from offramp.schema.tables import CONFIRMED, ENVELOPE, JOURNAL, META, ROLL, TOMBSTONE, TOTAL


class Kind(Enum):
    """Which of the two files."""

    DATABASE = "database"
    LEDGER = "ledger"


TABLES: Mapping[Kind, tuple[Table, ...]] = {
    Kind.DATABASE: (ENVELOPE, TOMBSTONE, TOTAL, ROLL, JOURNAL, CONFIRMED),
    Kind.LEDGER: (TOMBSTONE,),
}
# By these a file is known to be ours; others came later.
_LATER = {ROLL.name, JOURNAL.name, CONFIRMED.name}
_FIRST = {kind: {table.name for table in tables} - _LATER for kind, tables in TABLES.items()}
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
NEWEST = REVISIONS[-1]
# The table in which a file says its revision; Alembic reads and writes it too. The first revision had none.
STAMP = "revision"
_STAMP = Table(STAMP, MetaData(), Column("version_num", String(32), primary_key=True))


def found(connection: Connection, kind: Kind, place: str) -> str:
    """Return the revision of a file, and "" for one without any table. Refusal store.foreign."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return ""
    if not _FIRST[kind] <= tables:
        raise refuse("store.foreign", place, f"This is no {kind.value} of Offramp.",
                     "Please check “database” and “ledger” in the settings: each names a file of its own.")  # fmt: skip
    if STAMP not in tables:
        return REVISIONS[0]
    return str(connection.scalar(select(_STAMP.c.version_num)))


def demand(connection: Connection, kind: Kind, place: str) -> None:
    """Make the newest tables in an empty file. Refusals: store.older, store.newer, store.foreign."""
    revision = found(connection, kind, place)
    if not revision:
        META.create_all(connection, tables=list(TABLES[kind]))
        _STAMP.create(connection)
        connection.execute(insert(_STAMP).values(version_num=NEWEST))
    elif revision not in REVISIONS:
        raise refuse("store.newer", place, f"Its revision {revision} was made by a newer version than this one.",
                     "Please install the newer version.")  # fmt: skip
    elif revision != NEWEST:
        raise refuse("store.older", place, f"Its revision is {revision}, and this version works with {NEWEST}.",
                     "Please stop the server, back up both files, and run “offramp upgrade”.")  # fmt: skip
