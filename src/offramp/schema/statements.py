"""The statements that the store asks again and again, made once.

Not here: when they are asked, and in which transaction. The invariant: each is about the tables of this version.
"""

from __future__ import annotations

from sqlalchemy import Column, bindparam, delete, func, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql import ClauseElement

from offramp.schema.tables import CONFIRMED, ENVELOPE, JOURNAL, ROLL, TOMBSTONE, TOTAL


def _in(column: Column[bytes]) -> object:
    return column.in_(bindparam("keys", expanding=True))


def _ready(statement: ClauseElement) -> str:
    """Return a statement as SQLite reads it: posts wait for these, and making them anew costs more than they do."""
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))


FIND_TOMBSTONE = select(TOMBSTONE.c.key).where(_in(TOMBSTONE.c.key))  # type: ignore[arg-type]
FIND_ENVELOPE = select(ENVELOPE.c.key).where(_in(ENVELOPE.c.key))  # type: ignore[arg-type]
DELETE = delete(ENVELOPE).where(_in(ENVELOPE.c.key))  # type: ignore[arg-type]
FIND_ROWS = select(JOURNAL).where(_in(JOURNAL.c.key))  # type: ignore[arg-type]
DELETE_ROWS = delete(JOURNAL).where(_in(JOURNAL.c.key))  # type: ignore[arg-type]
# Only where it changes, which is once a month: writing a row anew would tell that it belongs to those beside it.
EXTEND_ROWS = (
    update(JOURNAL)
    .where(_in(JOURNAL.c.key), JOURNAL.c.until != bindparam("until_new"))  # type: ignore[arg-type]
    .values(until=bindparam("until_new"))
)
_KEEP_ROW = insert(JOURNAL)
KEEP_ROW = _KEEP_ROW.on_conflict_do_update(
    index_elements=["key"], set_={name: _KEEP_ROW.excluded[name] for name in ("until", "version", "body")}
)
BURY = insert(TOMBSTONE).on_conflict_do_nothing()
_UPSERT = insert(ENVELOPE)
_UPSERT = _UPSERT.on_conflict_do_update(
    index_elements=["key"], set_={name: _UPSERT.excluded[name] for name in ("survey", "week", "body")}
)
_ADD = insert(TOTAL)
_ADD = _ADD.on_conflict_do_update(
    index_elements=["name", "subject", "language", "period"], set_={"n": TOTAL.c.n + _ADD.excluded.n}
)
_CONFIRM = insert(CONFIRMED)
CONFIRM = _CONFIRM.on_conflict_do_update(index_elements=["week"], set_={"n": _CONFIRM.excluded.n})
_ENTER = insert(ROLL)
_ENTER = _ENTER.on_conflict_do_update(
    index_elements=["structure"], set_={"week": func.max(ROLL.c.week, _ENTER.excluded.week)}
)
HAS_TOMBSTONE = _ready(select(TOMBSTONE.c.key).where(TOMBSTONE.c.key == bindparam("key")))
HAS_ENVELOPE = _ready(select(ENVELOPE.c.key).where(ENVELOPE.c.key == bindparam("key")))
# Written out, as what is made of a select has places for its limits in an order of its own.
READ = (
    "SELECT key, survey, week, body FROM envelope "
    "WHERE week >= ? AND week < ? AND key > ? AND key <= ? ORDER BY key LIMIT ?"
)
KEEP, TALLY, ENTER = _ready(_UPSERT), _ready(_ADD), _ready(_ENTER)
