"""A process that works for another: it leaves Ctrl-C to the first, and ends when that one does.

Not here: what it works at (hands, joiners). The invariant: no process of a crew outlives the one that began it.
"""

from __future__ import annotations

import os
import signal
from multiprocessing import parent_process
from threading import Thread


def join_crew() -> None:
    """Begin to work for another; to be called first of all."""
    # Ctrl-C reaches all processes of a terminal at once; the first of them tells the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, however that ended."""
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)
