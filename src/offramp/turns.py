"""Who may use a database: one server has it, and among all threads and processes one at a time writes to it.

Not here: what is written. The invariant: whoever ends, however it does, holds nobody else up.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from threading import Lock

from offramp.disk import unusable
from offramp.errors import refuse


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


def hold(path: Path) -> int:
    """Claim the database at `path` for one server, until this process ends; return the claim.

    Two servers would not know each other's drafts. Refusals: store.in_use, store.unreadable.
    """
    # A file that is reached by two names has one claim.
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        claim = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise unusable(path, error.strerror) from None
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(claim)
        raise refuse("store.in_use", str(path), "Another server is using this database.",
                     "Please stop it first, or give this one a database of its own.") from None  # fmt: skip
    return claim
