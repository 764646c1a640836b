"""What is certainly on the disk where SQLite does not see to it, and what is said when the disk does not take it.

Not here: what is in a file. The invariant: when `sync` or `write_again` returns, a power cut changes nothing of the
file; neither opens a database file, because closing one would give away SQLite's locks on it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from offramp.errors import Refusal, refuse

_PIECE = 1 << 20
# By their numbers, of which the last byte says what kind it is: others are faults of ours.
_DISK = frozenset((
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY,
))  # fmt: skip
_FULL = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE))


class Unwritten(Exception):
    """The disk did not take what was to be written. Nothing that was there before is lost by it."""


class NoRoom(Unwritten):
    """There is no room for it."""


def unwritten(error: BaseException | None) -> Unwritten | None:
    """Return what a failure means if the disk is the cause of it, and None if we are."""
    if isinstance(error, OSError):
        return (NoRoom if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unwritten)(error.strerror)
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL:
        return NoRoom(str(error))
    return Unwritten(str(error)) if code & 0xFF in _DISK else None


def unusable(path: Path, why: object) -> Refusal:
    """Return the refusal of a file that cannot be opened."""
    return refuse("store.unreadable", str(path), f"The database cannot be opened ({why}).",
                  "Please check that it is Offramp’s, whole, and writable, and that its disk has room.")  # fmt: skip


def sync(path: Path) -> None:
    """Return when a file, if there is one, is on the disk as it is now."""
    with _opened(path) as file:
        if file is not None:
            os.fsync(file)


def write_again(path: Path) -> None:
    """Write a file, if there is one, over itself, and return when it is on the disk.

    A sync that failed leaves pages that the kernel shows and takes for written, though they never reach the disk.
    The process that was told of it writes over them. The next process finds them whole and would build on them.
    """
    with _opened(path) as file:
        if file is None:
            return
        at = 0
        while some := os.pread(file, _PIECE, at):
            at += os.pwrite(file, some, at)
        os.fsync(file)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)
