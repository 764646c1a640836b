"""Who joins the pieces of an archive: this process alone, or several where there are more than a few pieces.

Here: handing pieces out in order, and ending at the end, at a fault, at an interruption. Not here: joining itself
(countstore). The invariant: what comes of the pieces comes in their order, and no process outlives the work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from offramp.desk.crew import join_crew
from offramp.desk.pieces import Piece
from offramp.errors import refuse

# Each takes some 160 MB.
MOST = 8
# Fewer are joined in the time that others take to start.
_FEW = 4
T = TypeVar("T")


def joined(work: Callable[[Piece], T], pieces: Sequence[Piece], processes: int) -> Iterator[T]:
    """Yield what comes of each piece. Refusal report.process."""
    processes = min(processes, MOST)
    if processes < 2 or len(pieces) < _FEW:
        yield from map(work, pieces)
        return
    crew = ProcessPoolExecutor(processes, get_context("spawn"), join_crew)
    running: deque[Future[T]] = deque()
    try:
        for piece in pieces:
            running.append(crew.submit(work, piece))
            if len(running) > processes:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    except BrokenProcessPool:
        raise refuse("report.process", "report", "A process ended in the middle of its work, perhaps for memory.",
                     "Please free some memory, and type the command again.") from None  # fmt: skip
    finally:
        crew.shutdown(wait=True, cancel_futures=True)
