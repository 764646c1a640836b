"""Questions to the database about what the survey keeps: sealed envelopes, tombstones, totals, the roll.

It never sees an answer, an address or a time finer than a week (a day, for message arms). Not here: what an
envelope contains; how the tables came to be shaped as they are (`schema`); the files (files), journals (journals).
The invariant: what `keep` has returned from is on the disk; what `forget` has returned from is gone from database and
write-ahead log, and no late post, restored backup or second pull brings it back.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.engine.interfaces import DBAPICursor

from offramp.schema import CONFIRMED, ENVELOPE, ROLL, TOMBSTONE, TOTAL
from offramp.schema import statements as ask
from offramp.sealing import PAGE_KEY_BYTES, PageKey
from offramp.store.burial import Forgotten, bury
from offramp.store.files import Files, readable, sound
from offramp.store.journals import Journals

# No key comes after this one.
LAST_KEY = b"\xff" * PAGE_KEY_BYTES


class Envelope(NamedTuple):
    """One sealed page under its page key; `week` is the ISO week in which it was last sent."""

    key: PageKey
    survey: str
    week: str
    body: bytes


class Tally(NamedTuple):
    """What is counted: a name, its subject (a survey, or arm), a language, and a week or a day."""

    name: str
    subject: str
    language: str
    period: str


class Rolled(NamedTuple):
    """A version by the hash of its structure, and the week in which a page of it was kept last."""

    structure: str
    survey: str
    version: int
    week: str


class Deposit(NamedTuple):
    """What one request leaves: envelopes of a version, and what to count if the first is new, or in any case."""

    envelopes: Sequence[Envelope] = ()
    once: tuple[Tally, ...] = ()
    always: tuple[Tally, ...] = ()
    of: Rolled | None = None


class Store:
    """One database file. Safe to call from several threads, and from several processes that each opened it."""

    def __init__(self, files: Files) -> None:
        self._files, self.journals, self.path = files, Journals(files), files.path
        self._entered: frozenset[Rolled] = frozenset()

    @classmethod
    def open(cls, path: Path, ledger: Path | None = None) -> Self:
        """Open or create the database at `path`.

        `ledger` is a second file that keeps the tombstones alone. It stays out of backups of the first, so that
        restoring one deletes again what was deleted since.
        Refusals: store.unreadable, store.foreign, store.older, store.newer.
        """
        store = cls(Files.open(path, ledger))
        try:
            with readable(path):
                store._apply_ledger()
        except BaseException:
            store.release()
            raise
        return store

    def _apply_ledger(self) -> None:
        if self._files.ledger is None:
            return
        with self._files.ledger.connect() as ledger:
            there = {PageKey(key) for key in ledger.execute(select(TOMBSTONE.c.key)).scalars()}
        missing = there - set(self.forgotten())
        if missing:
            self._forget(sorted(missing))

    def keep(self, envelopes: Sequence[Envelope], once: Iterable[Tally] = ()) -> None:
        """Do one deposit; return when it is on the disk. Raises Forgotten if any of its keys has a tombstone."""
        if not self.deposit([Deposit(envelopes, tuple(once))])[0]:
            raise Forgotten

    def count(self, tallies: Mapping[Tally, int]) -> None:
        """Add to totals."""
        with self._files.writing() as connection:
            _count(connection, tallies)

    def deposit(self, batch: Sequence[Deposit]) -> list[bool]:
        """Commit all deposits together; return for each whether it was kept, which a tombstone prevents.

        Envelopes replace older ones under their keys, within the batch too, in its order.
        """
        keys = [envelope.key for deposit in batch for envelope in deposit.envelopes]
        firsts = [deposit.envelopes[0].key for deposit in batch if deposit.envelopes and deposit.once]
        with self._files.writing() as connection:
            cursor = connection.connection.cursor()
            gone = {key for key in keys if _there(cursor, ask.HAS_TOMBSTONE, key)}
            there = {key for key in firsts if _there(cursor, ask.HAS_ENVELOPE, key)}
            kept = [not any(envelope.key in gone for envelope in deposit.envelopes) for deposit in batch]
            totals: Counter[Tally] = Counter()
            rows, of = [], set[Rolled]()
            for deposit in (deposit for deposit, good in zip(batch, kept, strict=True) if good):
                totals.update(deposit.always)
                of |= {deposit.of} if deposit.of else set()
                rows += [tuple(envelope) for envelope in deposit.envelopes]
                if deposit.once and deposit.envelopes and deposit.envelopes[0].key not in there:
                    totals.update(deposit.once)
                there.update(envelope.key for envelope in deposit.envelopes[:1])
            if rows:
                cursor.executemany(ask.KEEP, rows)
            if of - self._entered:
                cursor.executemany(ask.ENTER, [tuple(entry) for entry in of - self._entered])
            cursor.close()
            _count(connection, totals)
        self._entered |= of
        return kept

    def present(self, keys: Iterable[PageKey]) -> frozenset[PageKey]:
        """Return which of these keys have an envelope. Raises Forgotten if any has a tombstone."""
        wanted = list(keys)
        with self._files.reading() as connection:
            if connection.execute(ask.FIND_TOMBSTONE, {"keys": wanted}).first():
                raise Forgotten
            return frozenset(
                PageKey(key) for key in connection.execute(ask.FIND_ENVELOPE, {"keys": wanted}).scalars()
            )

    def forget(self, keys: Iterable[PageKey]) -> None:
        """Delete what lies under these keys for good, and let nothing come back under them."""
        self._forget(sorted(set(keys)))

    def _forget(self, keys: Sequence[PageKey]) -> None:
        with self._files.writing() as connection:
            bury(self._files, connection, keys)
        self._files.truncate_log()

    def forgotten(self) -> list[PageKey]:
        """Return all tombstones."""
        with self._files.reading() as connection:
            return [PageKey(key) for key in connection.execute(select(TOMBSTONE.c.key)).scalars()]

    def envelopes(
        self,
        before_week: str = "~",
        after: bytes = b"",
        limit: int = 500,
        upto: bytes = LAST_KEY,
        since_week: str = "",
    ) -> list[Envelope]:
        """Return up to `limit` envelopes in the order of their keys: after the key `after`, and none after `upto`.

        They are of weeks from `since_week` on, before `before_week`.
        """
        with self._files.reading() as connection:
            rows = connection.exec_driver_sql(ask.READ, (since_week, before_week, after, upto, limit))
            return [Envelope(*row) for row in rows.fetchall()]

    def sound(self) -> contextlib.AbstractContextManager[None]:
        """Within it, damage in the middle of the file is refused as store.unreadable."""
        return sound(self.path)

    def rough_number(self) -> int:
        """Return about how many envelopes there are, without counting them: one fills two pages of the file."""
        with self._files.reading() as connection:
            return (connection.exec_driver_sql("PRAGMA page_count").scalar() or 0) // 2

    def totals(self) -> dict[Tally, int]:
        """Return all totals."""
        with self._files.reading() as connection:
            rows = connection.execute(select(TOTAL))
            return {Tally(r.name, r.subject, r.language, r.period): r.n for r in rows}

    def replace_totals(self, totals: Mapping[Tally, int]) -> None:
        """Take over the totals of another store, as the desk does with the server's."""
        with self._files.writing() as connection:
            connection.execute(delete(TOTAL))
            _count(connection, totals)

    def roll(self) -> list[Rolled]:
        """Return of which versions pages were kept, the surveys in their order, the earliest version first."""
        with self._files.reading() as connection:
            rows = connection.execute(select(ROLL).order_by(ROLL.c.survey, ROLL.c.version))
            return [Rolled(r.structure, r.survey, r.version, r.week) for r in rows]

    def strike(self, entry: Rolled) -> int:
        """Strike a version off the roll if nothing here can belong to it; return how many envelopes can."""
        may_be = select(func.count()).where(ENVELOPE.c.survey == entry.survey, ENVELOPE.c.week <= entry.week)
        with self._files.writing() as connection:
            there = connection.scalar(may_be) or 0
            if not there:
                connection.execute(delete(ROLL).where(ROLL.c.structure == entry.structure))
        return there

    def older(self, before_week: str) -> dict[str, int]:
        """Return how many envelopes each week before `before_week` has."""
        with self._files.reading() as connection:
            return _older(connection, before_week)

    def confirm(self, weeks: Mapping[str, int]) -> dict[str, int]:
        """Note how many envelopes of each week a desk has safely; return those weeks of which it has all.

        Of a week of which there is nothing here, or more than the desk has, nothing is noted.
        """
        with self._files.writing() as connection:
            here = _older(connection, "~")
            safe = {week: n for week, n in weeks.items() if 0 < here.get(week, 0) <= n}
            if safe:
                connection.execute(ask.CONFIRM, [{"week": week, "n": n} for week, n in safe.items()])
        return safe

    def unconfirmed(self, before_week: str) -> dict[str, int]:
        """Return how many envelopes each week has of which no desk has said that it has them all."""
        with self._files.reading() as connection:
            return _unconfirmed(connection, before_week)

    def due(self, before_week: str, unconfirmed: bool = True) -> dict[str, int]:
        """Return what `purge` would delete."""
        with self._files.reading() as connection:
            return _due(connection, before_week, unconfirmed)

    def purge(self, before_week: str, unconfirmed: bool = True) -> dict[str, int]:
        """Delete the envelopes of all weeks before `before_week` for good; return how many each week had.

        Without `unconfirmed`, weeks stay of which no desk has said that it has them all.
        Tombstones stay: an old backup may still hold what they keep away. Totals stay: they are about nobody.
        """
        with self._files.writing() as connection:
            gone = _due(connection, before_week, unconfirmed)
            for week in gone:
                connection.execute(delete(ENVELOPE).where(ENVELOPE.c.week == week))
                # Should an envelope of this week turn up once more, nobody has said anything of it.
                connection.execute(delete(CONFIRMED).where(CONFIRMED.c.week == week))
        self._files.truncate_log()
        return gone

    def settle(self) -> None:
        """Rewrite the files in the order of their keys. Raises NoRoom, leaving them as they were."""
        self._files.settle()

    def close(self) -> None:
        """Settle and let go of the files. Raises Unwritten when it could not settle."""
        try:
            self.settle()
        finally:
            self.release()

    def release(self) -> None:
        """Let go of the files and leave them as they are: another process settles."""
        self._files.release()


def _there(cursor: DBAPICursor, query: str, key: PageKey) -> bool:
    cursor.execute(query, (key,))
    return cursor.fetchone() is not None


def _count(connection: Connection, tallies: Mapping[Tally, int]) -> None:
    if tallies:
        connection.exec_driver_sql(ask.TALLY, [(*tally, n) for tally, n in tallies.items()])


def _older(connection: Connection, before_week: str) -> dict[str, int]:
    query = select(ENVELOPE.c.week, func.count()).where(ENVELOPE.c.week < before_week)
    return {row[0]: row[1] for row in connection.execute(query.group_by(ENVELOPE.c.week))}


def _due(connection: Connection, before_week: str, unconfirmed: bool) -> dict[str, int]:
    stay = {} if unconfirmed else _unconfirmed(connection, before_week)
    return {week: n for week, n in _older(connection, before_week).items() if week not in stay}


def _unconfirmed(connection: Connection, before_week: str) -> dict[str, int]:
    said = {row.week: row.n for row in connection.execute(select(CONFIRMED))}
    return {week: n for week, n in _older(connection, before_week).items() if n > said.get(week, 0)}
