"""Processes that work for this one.

Here: beginning them, handing work out in order, ending them. Not here: what they work at (scan, desk), or the workers
of a server (cli). The invariants: no process of a crew outlives the one that began it, whichever way the work ends;
results come in the order of the work.

Processes are started afresh and not split off: nothing of this one's memory goes to them but what they are given, which
travels through a pipe, in no environment and on no command line.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

from offramp.errors import Refusal

START = "spawn"
Work = TypeVar("Work")
Result = TypeVar("Result")


def _nothing() -> None:
    """Begin without anything to hold."""


@contextlib.contextmanager
def crew(
    processes: int, lost: Refusal, begin: Callable[..., None] = _nothing, given: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """Yield so many processes, each of which begins with what it is `given`; `lost` is raised when one is gone."""
    pool = ProcessPoolExecutor(processes, get_context(START), _join, (begin, given))
    try:
        yield pool
    except BrokenProcessPool:
        raise lost from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def in_order(
    pool: ProcessPoolExecutor, work: Callable[[Work], Result], tasks: Iterable[Work], waiting: int
) -> Iterator[tuple[Work, Result]]:
    """Yield each task with what came of it, in their order; so many are handed out before the first is waited for."""
    running: deque[tuple[Work, Future[Result]]] = deque()

    def first() -> tuple[Work, Result]:
        task, future = running.popleft()
        return task, future.result()

    for task in tasks:
        running.append((task, pool.submit(work, task)))
        if len(running) >= waiting:
            yield first()
    while running:
        yield first()


def _join(begin: Callable[..., None], given: tuple[Any, ...]) -> None:
    # Ctrl-C reaches all processes of a terminal at once; the first of them tells the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    begin(*given)


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, however that ended."""
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)
