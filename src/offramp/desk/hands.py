"""Who opens envelopes: this process alone, or several where there is enough to do.

Here: handing out batches in order, and ending at the end, at a fault, at an interruption. Not here: opening itself.
The invariant: results come in the order of the batches, and no process outlives the opening.

Processes are started afresh and not split off; the desk's seed goes to them through a pipe, in no environment and on no
command line.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import ClassVar

from offramp.desk.blocks import Aside, Row
from offramp.desk.opening import Opener
from offramp.desk.unsealing import Envelopes, Reader
from offramp.errors import refuse
from offramp.sealing import DeskKeys

# Batches that one process opens sooner than others have started, and batches that wait for each process.
_FEW, _WAITING = 40, 3


def alone(reader: Reader) -> Opener:
    """Open in this process."""
    keys = reader.keys()
    return lambda batches: (reader.read_all(batch, keys) for batch in batches)


def shared(reader: Reader, processes: int, few: int = _FEW) -> Opener:
    """Open in so many processes, once there are more than a few batches. Refusal open.process."""

    def opened(batches: Iterator[Envelopes]) -> Iterator[list[Row | Aside]]:
        first = list(islice(batches, few)) if processes > 1 else []
        if len(first) < few or processes < 2:
            return alone(reader)(chain(first, batches))
        return _together(reader, processes, chain(first, batches))

    return opened


def _together(reader: Reader, processes: int, batches: Iterator[Envelopes]) -> Iterator[list[Row | Aside]]:
    crew = ProcessPoolExecutor(processes, get_context("spawn"), _Hand.begin, (reader,))
    running: deque[Future[list[Row | Aside]]] = deque()
    try:
        for batch in batches:
            running.append(crew.submit(_Hand.work, batch))
            if len(running) >= processes * _WAITING:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    except BrokenProcessPool:
        raise refuse("open.process", "open", "A process ended in the middle of its work, perhaps for want of memory.",
                     "Please either try fewer with --processes, or free some memory: what was opened is "
                     "kept.") from None  # fmt: skip
    finally:
        crew.shutdown(wait=True, cancel_futures=True)


class _Hand:
    """One process: what it holds from its beginning to its end."""

    reader: ClassVar[Reader]
    keys: ClassVar[DeskKeys]

    @classmethod
    def begin(cls, reader: Reader) -> None:
        # Ctrl-C reaches all processes of a terminal at once; the first of them tells the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Thread(target=_end_with_parent, daemon=True).start()
        cls.reader, cls.keys = reader, reader.keys()

    @classmethod
    def work(cls, batch: Envelopes) -> list[Row | Aside]:
        return cls.reader.read_all(batch, cls.keys)


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, however that ended."""
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)
