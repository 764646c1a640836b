"""The one file with SQL: sealed envelopes, tombstones, and totals. SQLite through SQLAlchemy Core.

It never sees an answer, an address or a time finer than a week (a day, for message arms). Not here: what an
envelope contains. The invariant: what `keep` has returned from is on the disk; what `forget` has returned from is
gone from database and write-ahead log, and no late post, restored backup or second pull brings it back.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Self

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError

from offramp.disk import sync, write_again
from offramp.errors import Fault, refuse
from offramp.sealing import PageKey

_META = MetaData()
# Without row ids, so that rows lie in the order of their random keys and not in the order in which they came.
_ENVELOPE = Table(
    "envelope", _META,
    Column("key", LargeBinary, primary_key=True),
    Column("survey", String, nullable=False),
    Column("week", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
_TOMBSTONE = Table(
    "tombstone", _META, Column("key", LargeBinary, primary_key=True), sqlite_with_rowid=False
)  # fmt: skip
_TOTAL = Table(
    "total", _META,
    Column("name", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("language", String, primary_key=True),
    Column("period", String, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
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


class Deposit(NamedTuple):
    """What one request leaves: envelopes, and what to count if the first of them is new, or in any case."""

    envelopes: Sequence[Envelope] = ()
    once: tuple[Tally, ...] = ()
    always: tuple[Tally, ...] = ()


class Forgotten(Exception):
    """The response was deleted; nothing more is kept for it."""


class NoRoom(Exception):
    """The disk is too full to settle. Nothing is lost by it."""


class Store:
    """One database file, one writer. Safe to call from several threads."""

    def __init__(self, engine: Engine, ledger: Engine | None) -> None:
        self._engine, self._ledger, self._lock = engine, ledger, Lock()

    @classmethod
    def open(cls, path: Path, ledger: Path | None = None) -> Self:
        """Open or create the database at `path`.

        `ledger` is a second file that keeps the tombstones alone. It stays out of backups of the first, so that
        restoring one deletes again what was deleted since. Refusal: store.unreadable.
        """
        with _refusing(path):
            engine = _engine(path)
        with _refusing(ledger or path):
            store = cls(engine, _engine(ledger) if ledger else None)
        with _refusing(path):
            store._create()
            store._apply_ledger()
        return store

    def _create(self) -> None:
        with self._engine.begin() as connection:
            _META.create_all(connection)
        if self._ledger:
            with self._ledger.begin() as connection:
                _META.create_all(connection, tables=[_TOMBSTONE])

    def _apply_ledger(self) -> None:
        if self._ledger is None:
            return
        with self._ledger.connect() as ledger:
            there = {PageKey(key) for key in ledger.execute(select(_TOMBSTONE.c.key)).scalars()}
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
        firsts = [deposit.envelopes[0].key for deposit in batch if deposit.envelopes]
        with self._writing() as connection:
            gone = _found(connection, _FIND_TOMBSTONE, keys)
            there = _found(connection, _FIND_ENVELOPE, firsts)
            kept = [not any(envelope.key in gone for envelope in deposit.envelopes) for deposit in batch]
            totals: Counter[Tally] = Counter()
            rows = []
            for deposit in (deposit for deposit, good in zip(batch, kept, strict=True) if good):
                totals.update(deposit.always)
                rows += [envelope._asdict() for envelope in deposit.envelopes]
                if deposit.envelopes and deposit.envelopes[0].key not in there:
                    totals.update(deposit.once)
                    there.add(deposit.envelopes[0].key)
            if rows:
                connection.execute(_UPSERT, rows)
            _count(connection, totals)
        return kept

    def present(self, keys: Iterable[PageKey]) -> frozenset[PageKey]:
        """Return which of these keys have an envelope. Raises Forgotten if any has a tombstone."""
        wanted = list(keys)
        with self._engine.connect() as connection:
            if connection.execute(_FIND_TOMBSTONE, {"keys": wanted}).first():
                raise Forgotten
            return frozenset(
                PageKey(key) for key in connection.execute(_FIND_ENVELOPE, {"keys": wanted}).scalars()
            )

    def forget(self, keys: Iterable[PageKey]) -> None:
        """Delete what lies under these keys for good, and let nothing come back under them."""
        wanted = sorted(set(keys))
        if self._ledger:
            # First, so that a failure between the two leaves a deletion that the next start completes.
            with self._lock, self._ledger.begin() as ledger:
                ledger.execute(_BURY, [{"key": key} for key in wanted])
        self._forget_here(wanted)

    def _forget_here(self, keys: Sequence[PageKey]) -> None:
        with self._writing() as connection:
            for start in range(0, len(keys), _BATCH):
                some = keys[start : start + _BATCH]
                connection.execute(_BURY, [{"key": key} for key in some])
                connection.execute(_DELETE, {"keys": list(some)})
        self._truncate_log()

    def forgotten(self) -> list[PageKey]:
        """Return all tombstones."""
        with self._engine.connect() as connection:
            return [PageKey(key) for key in connection.execute(select(_TOMBSTONE.c.key)).scalars()]

    def envelopes(self, before_week: str = "~", after: bytes = b"", limit: int = 500) -> list[Envelope]:
        """Return up to `limit` envelopes of weeks before `before_week` in the order of their keys, after `after`."""
        query = (
            select(_ENVELOPE)
            .where(_ENVELOPE.c.week < before_week, _ENVELOPE.c.key > after)
            .order_by(_ENVELOPE.c.key)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [Envelope(PageKey(r.key), r.survey, r.week, r.body) for r in connection.execute(query)]

    def totals(self) -> dict[Tally, int]:
        """Return all totals."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_TOTAL))
            return {Tally(r.name, r.subject, r.language, r.period): r.n for r in rows}

    def replace_totals(self, totals: Mapping[Tally, int]) -> None:
        """Take over the totals of another store, as the desk does with the server's."""
        with self._writing() as connection:
            connection.execute(delete(_TOTAL))
            _count(connection, totals)

    def older(self, before_week: str) -> dict[str, int]:
        """Return how many envelopes each week before `before_week` has."""
        query = select(_ENVELOPE.c.week, func.count()).where(_ENVELOPE.c.week < before_week)
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(_ENVELOPE.c.week))}

    def purge(self, before_week: str) -> dict[str, int]:
        """Delete the envelopes of all weeks before `before_week` for good; return how many each week had.

        Tombstones stay: an old backup may still hold what they keep away. Totals stay: they are about nobody.
        """
        gone = self.older(before_week)
        with self._writing() as connection:
            connection.execute(delete(_ENVELOPE).where(_ENVELOPE.c.week < before_week))
        self._truncate_log()
        return gone

    def settle(self) -> None:
        """Rewrite the file in the order of its keys, so that not even its blocks tell what came after what.

        Raises NoRoom, leaving everything as it was: the rewriting needs twice the room of the file.
        """
        try:
            # Emptied first, the log holds nothing that has to stay when the room runs out over the rewriting.
            self._truncate_log()
            for engine in filter(None, (self._engine, self._ledger)):
                with self._lock:
                    _alone(engine, "VACUUM")
            self._truncate_log()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            with contextlib.suppress(sqlite3.OperationalError):
                self._truncate_log()
            raise NoRoom from None

    def close(self) -> None:
        """Settle and let go of the files. Raises NoRoom when it could not settle."""
        try:
            self.settle()
        finally:
            self._engine.dispose()
            if self._ledger:
                self._ledger.dispose()

    def _truncate_log(self) -> None:
        # A deleted row would otherwise stay readable in the write-ahead log.
        for engine in filter(None, (self._engine, self._ledger)):
            with self._lock:
                if _alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
                    # Nobody is told that something is gone while its bytes still lie in the log.
                    raise Fault("another program holds the database, so its log could not be emptied")
                # SQLite does not wait until the cut is on the disk: a power cut would bring the bytes back.
                sync(_log(Path(engine.url.database or "")))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(writing=True)
        with self._lock, engine.begin() as connection:
            yield connection


def hold(path: Path) -> int:
    """Claim the database at `path` for one server, until this process ends; return the claim.

    Two servers would not know each other's drafts. Refusal store.in_use: another server has it.
    """
    path = path.resolve()
    with _refusing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        claim = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(claim)
        raise refuse("store.in_use", str(path), "Another server is using this database.",
                     "Please stop it first, or give this one a database of its own.") from None  # fmt: skip
    return claim


def _alone(engine: Engine, statement: str) -> list[tuple[int, ...]]:
    """Execute a statement that SQLite wants outside any transaction; return its rows."""
    connection = engine.raw_connection()
    try:
        return list(connection.cursor().execute(statement).fetchall())
    finally:
        connection.close()


def _in(column: Column[bytes]) -> object:
    return column.in_(bindparam("keys", expanding=True))


_FIND_TOMBSTONE = select(_TOMBSTONE.c.key).where(_in(_TOMBSTONE.c.key))  # type: ignore[arg-type]
_FIND_ENVELOPE = select(_ENVELOPE.c.key).where(_in(_ENVELOPE.c.key))  # type: ignore[arg-type]
_DELETE = delete(_ENVELOPE).where(_in(_ENVELOPE.c.key))  # type: ignore[arg-type]
_BURY = insert(_TOMBSTONE).on_conflict_do_nothing()
_UPSERT = insert(_ENVELOPE)
_UPSERT = _UPSERT.on_conflict_do_update(
    index_elements=["key"], set_={name: _UPSERT.excluded[name] for name in ("survey", "week", "body")}
)
_ADD = insert(_TOTAL)
_ADD = _ADD.on_conflict_do_update(
    index_elements=["name", "subject", "language", "period"], set_={"n": _TOTAL.c.n + _ADD.excluded.n}
)


def _found(connection: Connection, query: Select[bytes], keys: Sequence[PageKey]) -> set[PageKey]:
    """Return which of these keys a query finds."""
    if not keys:
        return set()
    return {PageKey(row[0]) for row in connection.execute(query, {"keys": list(keys)})}


def _count(connection: Connection, tallies: Mapping[Tally, int]) -> None:
    if tallies:
        connection.execute(_ADD, [{**tally._asdict(), "n": n} for tally, n in tallies.items()])


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Say of a file that it cannot be used, instead of failing over it."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        why = error.orig if isinstance(error, DatabaseError) else error.strerror
        raise refuse("store.unreadable", str(path), f"The database cannot be opened ({why}).",
                     "Please check that it is Offramp’s, whole, and writable, and that its disk has "
                     "room.") from None  # fmt: skip


def _engine(path: Path) -> Engine:
    # A file that is reached by two names would have two logs.
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # The file is for its owner alone from its first byte on; SQLite gives the log the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: two that both begin as readers could not both go on.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    # While nobody else can write to the log or cut it; this also refuses a file that can only be read.
    with engine.execution_options(writing=True).begin():
        write_again(_log(path))
    return engine


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
