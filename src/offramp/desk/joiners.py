"""Who joins the pieces of an archive: this process alone, or several where there are more than a few pieces.

Not here: the processes (crew), joining itself (countstore). The invariant: what comes of the pieces comes in their
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from offramp.crew import crew, in_order
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
    lost = refuse("report.process", "report", "A process ended in the middle of its work, perhaps for memory.",
                  "Please free some memory, and type the command again.")  # fmt: skip
    with crew(processes, lost) as pool:
        yield from (found for _, found in in_order(pool, work, pieces, processes + 1))
