"""Whose turn it is to write to a database: one at a time, among all threads and processes that have it open.

Not here: what is written. The invariant: whoever ends, however it does, holds nobody else up.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from threading import Lock


class Turn:
    """Whose turn it is to write, among the threads of this process and all processes with this database.

    SQLite alone would have whoever waits ask again and again; and it would not let a log be emptied while another
    process happens to look after it.
    """

    def __init__(self, path: Path) -> None:
        self._threads = Lock()
        # A file that is reached by two names has one turn.
        path = path.resolve()
        self._file = os.open(path.with_name(path.name + ".turn"), os.O_CREAT | os.O_RDWR, 0o600)

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
