"""Making lockers from codes, a few at a time: the one costly thing that anybody may ask of a server.

However many codes come in, and however many processes serve, at most two are stretched at once; a bounded number
waits, and the rest is told that there is a crowd. The invariants: what it takes of memory and processors does not grow
with who asks; an ended process leaves no place taken; the loop goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from offramp.sealing import Locker, locker_from_code

PLACES = 2
# In all processes together. With some hundredths of a second for each, the last of them waits a few seconds.
MOST_WAITING = 128
_PATIENCE = 0.005


class Busy(Exception):
    """Too many codes are being opened at this moment; nothing was done with this one."""


class Places:
    """The places in which a code may be stretched, shared by all processes that were forked after they were made.

    Locks of records belong to a process and end with it, whatever ends it; threads of one process are told apart by
    locks of their own. So they are to be made before there are any threads.
    """

    def __init__(self, count: int = PLACES) -> None:
        self._file = os.memfd_create("offramp-places")
        self._mine = [threading.Lock() for _ in range(count)]
        weakref.finalize(self, os.close, self._file)

    @contextlib.contextmanager
    def taken(self) -> Iterator[int]:
        """Wait for a place and have it; yield its number."""
        while (number := self._take()) is None:
            time.sleep(_PATIENCE)
        try:
            yield number
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
            self._mine[number].release()

    def _take(self) -> int | None:
        for number, mine in enumerate(self._mine):
            if mine.acquire(blocking=False):
                try:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
                except OSError:
                    # Another process has it.
                    mine.release()
                else:
                    return number
        return None


class Stretching:
    """What makes lockers in one process. To be used from one loop."""

    def __init__(self, places: Places, pepper: bytes, processes: int = 1) -> None:
        self._places, self._pepper, self._waiting = places, pepper, 0
        self._most = MOST_WAITING // processes
        self._threads = ThreadPoolExecutor(PLACES, "stretching")

    async def locker(self, code: bytes) -> Locker:
        """Return the locker of a code. Raises Busy at once if too many wait already."""
        if self._waiting >= self._most:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._stretch, code)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Begin no more of what still waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _stretch(self, code: bytes) -> Locker:
        with self._places.taken():
            return locker_from_code(code, self._pepper)
