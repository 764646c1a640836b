"""Deleting for good: rows go, and a tombstone stays where they lay, here and in the ledger.

Whatever lies under a key is deleted, be it an envelope or a row of a journal. The invariant: nothing comes back
under a key that was buried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from offramp.schema import statements as ask
from offramp.store.files import Files

_BATCH = 400


class Forgotten(Exception):
    """What lay here was deleted; nothing more is kept for it."""


def bury(files: Files, connection: Connection, keys: Sequence[bytes]) -> None:
    """Delete what lies under these keys within a transaction on the database; its log has to be emptied after it."""
    # The ledger first, so that a failure between the two leaves a deletion that the next start completes.
    with files.burying() as ledger:
        for some in _batches(keys):
            if ledger is not None:
                ledger.execute(ask.BURY, [{"key": key} for key in some])
    for some in _batches(keys):
        connection.execute(ask.BURY, [{"key": key} for key in some])
        connection.execute(ask.DELETE, {"keys": some})
        connection.execute(ask.DELETE_ROWS, {"keys": some})


def buried(connection: Connection, keys: Sequence[bytes]) -> frozenset[bytes]:
    """Return which of these keys have a tombstone."""
    there: set[bytes] = set()
    for some in _batches(keys):
        there.update(connection.execute(ask.FIND_TOMBSTONE, {"keys": some}).scalars())
    return frozenset(there)


def _batches(keys: Sequence[bytes]) -> Iterable[list[bytes]]:
    return (list(keys[start : start + _BATCH]) for start in range(0, len(keys), _BATCH))
