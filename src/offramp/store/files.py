"""The database and its ledger as files: opening and upgrading them, whose turn it is, what the disk did not take.

Not here: what is asked of them (envelopes, journals). The invariant: what a writer has left is on the disk, and
where a log was emptied, no deleted row is left in it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from offramp.disk import NoRoom, Unwritten, sync, unusable, unwritten, write_again
from offramp.errors import Fault
from offramp.schema import VERSIONS, Kind, Step, demand, found, steps
from offramp.schema import upgrade as take
from offramp.turns import Turn


class Files:
    """A database and, if there is one, its ledger. Safe to call from several threads and processes."""

    def __init__(self, path: Path, ledger: Path | None) -> None:
        self.path, self.database, self.ledger = path, _engine(path), _engine(ledger) if ledger else None
        with readable(path):
            self._turn = Turn(path)

    @classmethod
    def open(cls, path: Path, ledger: Path | None) -> Self:
        """Open or create both. Refusals: store.unreadable, store.foreign, store.older, store.newer."""
        files = cls(path, ledger)
        try:
            files._prepare(path, Kind.DATABASE, files.database)
            if ledger and files.ledger:
                files._prepare(ledger, Kind.LEDGER, files.ledger)
        except BaseException:
            files.release()
            raise
        return files

    def _prepare(self, path: Path, kind: Kind, engine: Engine) -> None:
        with readable(path):
            with self._turn, _taking(), _begun(engine) as connection:
                demand(connection, kind, str(path))
                # While nobody else writes to the log or cuts it; and before anything is built on it.
                write_again(_log(engine))
            # Not before: what is not ours is left as it is.
            _alone(engine, "PRAGMA journal_mode=WAL")
            # A log that nobody has read from yet could not be emptied.
            _alone(engine, "PRAGMA schema_version")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read the database in one moment of it."""
        with self.database.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write to the database in one transaction, when it is our turn."""
        with self._turn, _taking(), _begun(self.database) as connection:
            yield connection

    @contextlib.contextmanager
    def burying(self) -> Iterator[Connection | None]:
        """Write to the ledger within `writing`, so that it is on the disk before the database is."""
        if self.ledger is None:
            yield None
        else:
            with _taking(), _begun(self.ledger) as connection:
                yield connection

    def truncate_log(self) -> None:
        """Empty the logs: a deleted row would otherwise stay readable there."""
        for engine in filter(None, (self.database, self.ledger)):
            with self._turn, _taking():
                if _alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
                    # Nobody is told that something is gone while its bytes still lie in the log.
                    raise Fault("another program holds the database, so its log could not be emptied")
                # SQLite does not wait until the cut is on the disk: a power cut would bring the bytes back.
                sync(_log(engine))

    def settle(self) -> None:
        """Rewrite the files in the order of their keys, so that not even their blocks tell what came after what.

        Raises NoRoom, leaving everything as it was: the rewriting needs twice the room of the file.
        """
        # Emptied first, the log holds nothing that has to stay when the room runs out over the rewriting.
        self.truncate_log()
        try:
            for engine in filter(None, (self.database, self.ledger)):
                with self._turn, _taking():
                    _alone(engine, "VACUUM")
            self.truncate_log()
        except NoRoom:
            with contextlib.suppress(Unwritten):
                self.truncate_log()
            raise

    def release(self) -> None:
        """Let go of the files and leave them as they are."""
        self.database.dispose()
        if self.ledger:
            self.ledger.dispose()
        self._turn.close()


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
        with readable(file):
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
def readable(path: Path) -> Iterator[None]:
    """Say of what SQLite cannot open that it is so."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError, Unwritten, OSError) as error:
        why = error.orig if isinstance(error, DatabaseError) else getattr(error, "strerror", None)
        raise unusable(path, why or error) from None


@contextlib.contextmanager
def sound(path: Path) -> Iterator[None]:
    """Say of a database that is damaged somewhere in its middle that it is so: opening it did not show that."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF not in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        ):
            raise
        raise unusable(path, error.orig) from None


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


def _begun(engine: Engine) -> contextlib.AbstractContextManager[Connection]:
    return engine.execution_options(writing=True).begin()


def _alone(engine: Engine, statement: str) -> list[tuple[int, ...]]:
    """Execute a statement that SQLite wants outside any transaction; return its rows."""
    with contextlib.closing(engine.raw_connection()) as connection:
        return list(connection.cursor().execute(statement).fetchall())


def _engine(path: Path) -> Engine:
    with readable(path):
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
