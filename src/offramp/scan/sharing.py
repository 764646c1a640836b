"""A log shared among processes, and adding up what they count.

Here: handing out portions, whichever process is free. Not here: the processes (crew), what a log or a count is.
The invariant: no failure in one says more than its type and the place in our code, because a message might quote what
was being read.

Each process loads the lists by itself, with the key that it is given.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import ClassVar

from offramp.crew import START, crew
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
    stop = get_context(START).Event()
    lost = refuse("scan.process", "scan", "A process ended in the middle of its work, perhaps for want of memory.",
                  "Please either try fewer with --processes, or free some memory.")  # fmt: skip
    with crew(processes, lost, _Hand.begin, (query_log, lists, key, stop)) as pool:
        try:
            return _shared(pool, query_log, processes, tell, clock)
        finally:
            stop.set()


def _shared(pool: ProcessPoolExecutor, query_log: QueryLog, processes: int, tell: Callable[[Progress], object],
            clock: Clock) -> Counts:  # fmt: skip
    begun, done, counts = clock(), 0, Counts()
    portions = query_log.portions(processes)
    running: dict[Future[Counts], Portion] = {}
    for portion in islice(portions, processes * _WAITING):
        running[pool.submit(_Hand.work, portion)] = portion
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            counts.merge(future.result())
            done += running.pop(future).size
            tell(Progress(done, query_log.size, counts.total, clock() - begun))
            for portion in islice(portions, 1):
                running[pool.submit(_Hand.work, portion)] = portion
    return counts


class _Hand:
    """One process of the crew: what it holds from its beginning to its end."""

    log: ClassVar[QueryLog]
    gate: ClassVar[Gate]
    stop: ClassVar[Event]

    @classmethod
    def begin(cls, log: QueryLog, lists: Path, key: bytes, stop: Event) -> None:
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
