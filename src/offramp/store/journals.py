"""Questions to the database about journals: sealed rows of which nothing says that they belong together.

Not here: what a row contains, and which rows are of one journal (`programme`). The invariant: a change is written
wholly, onto the state that it was made from, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from offramp.schema import JOURNAL
from offramp.schema import statements as ask
from offramp.sealing import RowKey
from offramp.store.burial import Forgotten, buried, bury
from offramp.store.files import Files

_BATCH = 400


class Row(NamedTuple):
    """A sealed row. `until` is the day after which it is purged; `version` a number by chance, anew at each write."""

    key: RowKey
    until: str
    version: int
    body: bytes


class Rewriting(NamedTuple):
    """What is changed at once. `expected` are the versions that rows must still have, 0 for none there."""

    expected: Mapping[RowKey, int]
    rows: Sequence[Row] = ()
    drop: Sequence[RowKey] = ()
    bury: Sequence[RowKey] = ()
    # Rows that stay as they are, and as long as the new ones.
    stay: Sequence[RowKey] = ()
    until: str = ""


class Journals:
    """The rows of all journals. Safe to call from several threads and processes."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def rows(self, keys: Iterable[RowKey]) -> dict[RowKey, Row]:
        """Return the rows that are there under these keys."""
        with self._files.reading() as connection:
            return _rows(connection, list(keys))

    def forgotten(self, keys: Iterable[RowKey]) -> frozenset[bytes]:
        """Return which of these keys were buried."""
        with self._files.reading() as connection:
            return buried(connection, list(keys))

    def write(self, change: Rewriting) -> bool:
        """Do a change; return whether it was done, which it is not if a row has changed since it was read.

        Raises Forgotten, leaving everything as it was, if any of its rows was buried.
        """
        touched = [*change.expected, *(row.key for row in change.rows)]
        with self._files.writing() as connection:
            if buried(connection, touched):
                raise Forgotten
            there = _versions(connection, list(change.expected))
            if any(there.get(key, 0) != version for key, version in change.expected.items()):
                return False
            if change.rows:
                connection.execute(ask.KEEP_ROW, [row._asdict() for row in change.rows])
            for some in _batches(change.drop):
                connection.execute(ask.DELETE_ROWS, {"keys": some})
            for some in _batches(change.stay):
                connection.execute(ask.EXTEND_ROWS, {"keys": some, "until_new": change.until})
            if change.bury:
                bury(self._files, connection, change.bury)
        if change.bury:
            self._files.truncate_log()
        return True

    def expired(self, today: str) -> int:
        """Return how many rows should have gone before `today` (an ISO day)."""
        with self._files.reading() as connection:
            return connection.scalar(select(func.count()).where(JOURNAL.c.until < today)) or 0

    def purge(self, today: str) -> int:
        """Delete for good what should have gone before `today`; return how many rows.

        No tombstones: a restored backup says itself what should have gone, and the next purge sees it.
        """
        with self._files.writing() as connection:
            gone = connection.execute(delete(JOURNAL).where(JOURNAL.c.until < today)).rowcount
        if gone:
            self._files.truncate_log()
        return gone


def _rows(connection: Connection, keys: Sequence[RowKey]) -> dict[RowKey, Row]:
    found: dict[RowKey, Row] = {}
    for some in _batches(keys):
        for row in connection.execute(ask.FIND_ROWS, {"keys": some}):
            found[RowKey(row.key)] = Row(RowKey(row.key), row.until, row.version, row.body)
    return found


def _versions(connection: Connection, keys: Sequence[RowKey]) -> dict[RowKey, int]:
    return {key: row.version for key, row in _rows(connection, keys).items()}


def _batches(keys: Sequence[RowKey]) -> Iterable[list[RowKey]]:
    return (list(keys[start : start + _BATCH]) for start in range(0, len(keys), _BATCH))
