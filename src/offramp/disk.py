"""What is certainly on the disk, where SQLite does not see to it: a cut log, and a log that was found at the start.

Not here: what is in a file. The invariant: when a function here returns, a power cut changes nothing of the file; it
does not open a database file, because closing one would give away SQLite's locks on it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_PIECE = 1 << 20


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
