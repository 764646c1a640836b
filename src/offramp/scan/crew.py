"""The processes that share a log, and adding up what they count.

Here: handing out portions, and ending: at the end, at a fault, at an interruption. Not here: what a log or a count is.
The invariant: no process outlives the scan, whichever way the scan ends; and no failure in one says more than its type
and the place in our code, because a message might quote what was being read.

Each process loads the lists by itself. They are started afresh and not split off, because the threads of pyarrow do not
survive that; the key goes to them through a pipe, in no environment and on no command line.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread
from typing import ClassVar

from offramp.errors import Refusal, refuse
from offramp.gate import Gate, load
from offramp.scan.counts import Counts, discreet
from offramp.scan.progress import Progress
from offramp.scan.querylog import Portion, QueryLog

Clock = Callable[[], float]
_WAITING = 2  # portions for each process, so that none waits for the next


def count(query_log: QueryLog, lists: Path, key: bytes, processes: int, tell: Callable[[Progress], object],
          clock: Clock = time.monotonic) -> Counts:  # fmt: skip
    """Count a whole log with so many processes; `tell` hears how far it is after each portion."""
    context = get_context("spawn")
    stop = context.Event()
    crew = ProcessPoolExecutor(processes, context, _Hand.begin, (query_log, lists, key, stop))
    try:
        return _shared(crew, query_log, processes, tell, clock)
    except BrokenProcessPool:
        raise refuse("scan.process", "scan", "A process ended in the middle of its work, perhaps for want of memory.",
                     "Please either try fewer with --processes, or free some memory.") from None  # fmt: skip
    finally:
        stop.set()
        crew.shutdown(wait=True, cancel_futures=True)


def _shared(crew: ProcessPoolExecutor, query_log: QueryLog, processes: int, tell: Callable[[Progress], object],
            clock: Clock) -> Counts:  # fmt: skip
    begun, done, counts = clock(), 0, Counts()
    portions = query_log.portions(processes)
    running: dict[Future[Counts], Portion] = {}
    for portion in islice(portions, processes * _WAITING):
        running[crew.submit(_Hand.work, portion)] = portion
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            counts.merge(future.result())
            done += running.pop(future).size
            tell(Progress(done, query_log.size, counts.total, clock() - begun))
            for portion in islice(portions, 1):
                running[crew.submit(_Hand.work, portion)] = portion
    return counts


class _Hand:
    """One process of the crew: what it holds from its beginning to its end."""

    log: ClassVar[QueryLog]
    gate: ClassVar[Gate]
    stop: ClassVar[Event]

    @classmethod
    def begin(cls, log: QueryLog, lists: Path, key: bytes, stop: Event) -> None:
        # Ctrl-C reaches all processes of a terminal at once; the first of them tells the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Thread(target=_end_with_parent, daemon=True).start()
        cls.log, cls.gate, cls.stop = log, load(lists, key), stop

    @classmethod
    def work(cls, portion: Portion) -> Counts:
        counts = Counts()
        try:
            for batch in cls.log.read(portion):
                if cls.stop.is_set():
                    break
                counts.add(batch, cls.gate.decide)
        except Refusal:
            raise
        except Exception as error:
            raise discreet(error) from None
        return counts


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, however that ended."""
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)
