"""What is kept and asked for: sealed envelopes, tombstones, and totals. SQLite through SQLAlchemy Core.

It never sees an answer, an address or a time finer than a week (a day, for message arms). Not here: what an
envelope contains; how the tables came to be shaped as they are (`schema`). The invariant: what `keep` has returned
from is on the disk; what `forget` has returned from is gone from database and write-ahead log, and no late post,
restored backup or second pull brings it back.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DatabaseError, OperationalError

from offramp.disk import NoRoom, Unwritten, sync, unusable, unwritten, write_again
from offramp.errors import Fault
from offramp.schema import ENVELOPE, ROLL, TOMBSTONE, TOTAL, VERSIONS, Kind, Step, demand, found, steps
from offramp.schema import statements as ask
from offramp.schema import upgrade as take
from offramp.sealing import PageKey
from offramp.turns import Turn

_BATCH = 400


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


class Forgotten(Exception):
    """The response was deleted; nothing more is kept for it."""


class Store:
    """One database file. Safe to call from several threads, and from several processes that each opened it."""

    def __init__(self, engine: Engine, ledger: Engine | None, turn: Turn) -> None:
        self._engine, self._ledger, self._turn = engine, ledger, turn
        self._entered: frozenset[Rolled] = frozenset()

    @classmethod
    def open(cls, path: Path, ledger: Path | None = None) -> Self:
        """Open or create the database at `path`.

        `ledger` is a second file that keeps the tombstones alone. It stays out of backups of the first, so that
        restoring one deletes again what was deleted since.
        Refusals: store.unreadable, store.foreign, store.older, store.newer.
        """
        engines = _engine(path), _engine(ledger) if ledger else None
        with _readable(path):
            store = cls(*engines, Turn(path))
        try:
            store._prepare(path, Kind.DATABASE, store._engine)
            if ledger and store._ledger:
                store._prepare(ledger, Kind.LEDGER, store._ledger)
            with _readable(path):
                store._apply_ledger()
        except BaseException:
            store.release()
            raise
        return store

    def _prepare(self, path: Path, kind: Kind, engine: Engine) -> None:
        with _readable(path):
            with self._writing(engine) as connection:
                demand(connection, kind, str(path))
                # While nobody else writes to the log or cuts it; and before anything is built on it.
                write_again(_log(engine))
            # Not before: what is not ours is left as it is.
            _alone(engine, "PRAGMA journal_mode=WAL")
            # A log that nobody has read from yet could not be emptied.
            _alone(engine, "PRAGMA schema_version")

    def _apply_ledger(self) -> None:
        if self._ledger is None:
            return
        with self._ledger.connect() as ledger:
            there = {PageKey(key) for key in ledger.execute(select(TOMBSTONE.c.key)).scalars()}
        missing = there - set(self.forgotten())
        if missing:
            self._forget_here(sorted(missing))

    def keep(self, envelopes: Sequence[Envelope], once: Iterable[Tally] = ()) -> None:
        """Do one deposit; return when it is on the disk. Raises Forgotten if any of its keys has a tombstone."""
        if not self.deposit([Deposit(envelopes, tuple(once))])[0]:
            raise Forgotten

    def count(self, tallies: Mapping[Tally, int]) -> None:
        """Add to totals."""
        with self._writing() as connection:
            _count(connection, tallies)

    def deposit(self, batch: Sequence[Deposit]) -> list[bool]:
        """Commit all deposits together; return for each whether it was kept, which a tombstone prevents.

        Envelopes replace older ones under their keys, within the batch too, in its order.
        """
        keys = [envelope.key for deposit in batch for envelope in deposit.envelopes]
        firsts = [deposit.envelopes[0].key for deposit in batch if deposit.envelopes and deposit.once]
        with self._writing() as connection:
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
        with self._engine.connect() as connection:
            if connection.execute(ask.FIND_TOMBSTONE, {"keys": wanted}).first():
                raise Forgotten
            return frozenset(
                PageKey(key) for key in connection.execute(ask.FIND_ENVELOPE, {"keys": wanted}).scalars()
            )

    def forget(self, keys: Iterable[PageKey]) -> None:
        """Delete what lies under these keys for good, and let nothing come back under them."""
        wanted = sorted(set(keys))
        if self._ledger:
            # First, so that a failure between the two leaves a deletion that the next start completes.
            with self._writing(self._ledger) as ledger:
                ledger.execute(ask.BURY, [{"key": key} for key in wanted])
        self._forget_here(wanted)

    def _forget_here(self, keys: Sequence[PageKey]) -> None:
        with self._writing() as connection:
            for start in range(0, len(keys), _BATCH):
                some = keys[start : start + _BATCH]
                connection.execute(ask.BURY, [{"key": key} for key in some])
                connection.execute(ask.DELETE, {"keys": list(some)})
        self._truncate_log()

    def forgotten(self) -> list[PageKey]:
        """Return all tombstones."""
        with self._engine.connect() as connection:
            return [PageKey(key) for key in connection.execute(select(TOMBSTONE.c.key)).scalars()]

    def envelopes(self, before_week: str = "~", after: bytes = b"", limit: int = 500) -> list[Envelope]:
        """Return up to `limit` envelopes of weeks before `before_week` in the order of their keys, after `after`."""
        query = (
            select(ENVELOPE)
            .where(ENVELOPE.c.week < before_week, ENVELOPE.c.key > after)
            .order_by(ENVELOPE.c.key)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [Envelope(PageKey(r.key), r.survey, r.week, r.body) for r in connection.execute(query)]

    def totals(self) -> dict[Tally, int]:
        """Return all totals."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(TOTAL))
            return {Tally(r.name, r.subject, r.language, r.period): r.n for r in rows}

    def replace_totals(self, totals: Mapping[Tally, int]) -> None:
        """Take over the totals of another store, as the desk does with the server's."""
        with self._writing() as connection:
            connection.execute(delete(TOTAL))
            _count(connection, totals)

    def roll(self) -> list[Rolled]:
        """Return of which versions pages were kept, the surveys in their order, the earliest version first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(ROLL).order_by(ROLL.c.survey, ROLL.c.version))
            return [Rolled(r.structure, r.survey, r.version, r.week) for r in rows]

    def strike(self, entry: Rolled) -> int:
        """Strike a version off the roll if nothing here can belong to it; return how many envelopes can."""
        may_be = select(func.count()).where(ENVELOPE.c.survey == entry.survey, ENVELOPE.c.week <= entry.week)
        with self._writing() as connection:
            there = connection.scalar(may_be) or 0
            if not there:
                connection.execute(delete(ROLL).where(ROLL.c.structure == entry.structure))
        return there

    def older(self, before_week: str) -> dict[str, int]:
        """Return how many envelopes each week before `before_week` has."""
        query = select(ENVELOPE.c.week, func.count()).where(ENVELOPE.c.week < before_week)
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(ENVELOPE.c.week))}

    def purge(self, before_week: str) -> dict[str, int]:
        """Delete the envelopes of all weeks before `before_week` for good; return how many each week had.

        Tombstones stay: an old backup may still hold what they keep away. Totals stay: they are about nobody.
        """
        gone = self.older(before_week)
        with self._writing() as connection:
            connection.execute(delete(ENVELOPE).where(ENVELOPE.c.week < before_week))
        self._truncate_log()
        return gone

    def settle(self) -> None:
        """Rewrite the file in the order of its keys, so that not even its blocks tell what came after what.

        Raises NoRoom, leaving everything as it was: the rewriting needs twice the room of the file.
        """
        # Emptied first, the log holds nothing that has to stay when the room runs out over the rewriting.
        self._truncate_log()
        try:
            for engine in filter(None, (self._engine, self._ledger)):
                with self._turn, _taking():
                    _alone(engine, "VACUUM")
            self._truncate_log()
        except NoRoom:
            with contextlib.suppress(Unwritten):
                self._truncate_log()
            raise

    def close(self) -> None:
        """Settle and let go of the files. Raises Unwritten when it could not settle."""
        try:
            self.settle()
        finally:
            self.release()

    def release(self) -> None:
        """Let go of the files and leave them as they are: another process settles."""
        self._engine.dispose()
        if self._ledger:
            self._ledger.dispose()
        self._turn.close()

    def _truncate_log(self) -> None:
        # A deleted row would otherwise stay readable in the write-ahead log.
        for engine in filter(None, (self._engine, self._ledger)):
            with self._turn, _taking():
                if _alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
                    # Nobody is told that something is gone while its bytes still lie in the log.
                    raise Fault("another program holds the database, so its log could not be emptied")
                # SQLite does not wait until the cut is on the disk: a power cut would bring the bytes back.
                sync(_log(engine))

    @contextlib.contextmanager
    def _writing(self, engine: Engine | None = None) -> Iterator[Connection]:
        writer = (engine or self._engine).execution_options(writing=True)
        with self._turn, _taking(), writer.begin() as connection:
            yield connection


def upgrade(
    path: Path, ledger: Path | None = None, dry_run: bool = False, versions: Path = VERSIONS
) -> dict[Path, list[Step]]:
    """Bring both files to the newest revision, each wholly or not at all; return the steps of each that is there.

    Nobody else may use them (`hold` in turns). Refusals: store.unreadable, store.newer, store.foreign.
    """
    taken: dict[Path, list[Step]] = {}
    for file, kind in ((path, Kind.DATABASE), (ledger, Kind.LEDGER)):
        if file is None or not file.exists():
            continue
        with _readable(file):
            engine = _engine(file)
            try:
                taken[file] = _upgrade(engine, kind, str(file), dry_run, versions)
            finally:
                engine.dispose()
    return taken


def _upgrade(engine: Engine, kind: Kind, place: str, dry_run: bool, versions: Path) -> list[Step]:
    with engine.execution_options(writing=not dry_run).begin() as connection:
        if not found(connection, kind, place):
            return []  # The next start makes it new.
        if not dry_run:
            write_again(_log(engine))
        taken = (steps if dry_run else take)(connection, kind, place, versions)
    if taken and not dry_run:
        # A step may have written rows anew, in any order, and have left the old ones behind in the log.
        _alone(engine, "VACUUM")
        _alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    return taken


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say of what SQLite cannot open that it is so."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError, Unwritten, OSError) as error:
        why = error.orig if isinstance(error, DatabaseError) else getattr(error, "strerror", None)
        raise unusable(path, why or error) from None


@contextlib.contextmanager
def _taking() -> Iterator[None]:
    """Raise Unwritten for whatever the disk did not take."""
    try:
        yield
    except (OperationalError, sqlite3.OperationalError, OSError) as error:
        failed = unwritten(error.orig if isinstance(error, OperationalError) else error)
        if failed is None:
            raise
        raise failed from None


def _alone(engine: Engine, statement: str) -> list[tuple[int, ...]]:
    """Execute a statement that SQLite wants outside any transaction; return its rows."""
    with contextlib.closing(engine.raw_connection()) as connection:
        return list(connection.cursor().execute(statement).fetchall())


def _there(cursor: DBAPICursor, query: str, key: PageKey) -> bool:
    cursor.execute(query, (key,))
    return cursor.fetchone() is not None


def _count(connection: Connection, tallies: Mapping[Tally, int]) -> None:
    if tallies:
        connection.exec_driver_sql(ask.TALLY, [(*tally, n) for tally, n in tallies.items()])


def _engine(path: Path) -> Engine:
    with _readable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # The file is for its owner alone from its first byte on; SQLite gives the log the same mode.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        # Half a MiB of pages for each connection: what it reads once more comes from the system's own memory.
        for pragma in ("synchronous=FULL", "secure_delete=ON", "busy_timeout=10000", "cache_size=-512"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: two that both begin as readers could not both go on.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _log(engine: Engine) -> Path:
    path = Path(engine.url.database or "").resolve()
    return path.with_name(path.name + "-wal")
