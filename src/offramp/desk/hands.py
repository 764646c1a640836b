"""Who opens envelopes: this process alone, or several where there is enough to do.

Here: handing out portions in order, and ending at the end, at a fault, at an interruption. Not here: opening itself.
The invariant: results come in the order of the portions, and no process outlives the opening.

Processes are started afresh and not split off; each reads the inbox by itself. The desk's seed goes to them through a
pipe, in no environment and on no command line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import ClassVar

from offramp.desk.crew import join_crew
from offramp.desk.opening import Opener
from offramp.desk.unsealing import Found, Portion, Reader
from offramp.errors import refuse
from offramp.sealing import DeskKeys
from offramp.store import Store

# So many envelopes one process opens in the time that others take to start, and looks at eight times as many.
_FEW, _LOOKS = 8000, 8
# Portions that wait for each process.
_WAITING = 3


def alone(reader: Reader) -> Opener:
    """Open in this process."""
    return shared(reader, 1)


def shared(reader: Reader, processes: int, few: int = _FEW) -> Opener:
    """Open in so many processes, once more than a few envelopes were opened. Refusal open.process."""

    def opened(inbox: Store, portions: Iterator[Portion]) -> Iterator[Found]:
        keys, done = reader.keys(), 0
        for portion in portions:
            if done >= few and processes > 1:
                yield from _together(reader, processes, inbox.path, chain((portion,), portions))
                return
            for found in _to_its_end(portion, lambda rest: reader.open_portion(inbox, rest, keys)):
                done += len(found.results) + found.already // _LOOKS
                yield found

    return opened


def _together(reader: Reader, processes: int, inbox: Path, portions: Iterator[Portion]) -> Iterator[Found]:
    crew = ProcessPoolExecutor(processes, get_context("spawn"), _Hand.begin, (reader, inbox))
    running: deque[tuple[Portion, Future[Found]]] = deque()

    def next_found() -> Iterator[Found]:
        portion, first = running.popleft()
        done = first.result()
        return _to_its_end(portion, lambda rest: crew.submit(_Hand.work, rest).result(), done)

    try:
        for portion in portions:
            running.append((portion, crew.submit(_Hand.work, portion)))
            if len(running) >= processes * _WAITING:
                yield from next_found()
        while running:
            yield from next_found()
    except BrokenProcessPool:
        raise refuse("open.process", "open", "A process ended in the middle of its work, perhaps for want of memory.",
                     "Please either try fewer with --processes, or free some memory: what was opened is "
                     "kept.") from None  # fmt: skip
    finally:
        crew.shutdown(wait=True, cancel_futures=True)


def _to_its_end(
    portion: Portion, work: Callable[[Portion], Found], begun: Found | None = None
) -> Iterator[Found]:
    """Yield what comes of a portion; one with too much in it comes bit by bit."""
    found = begun or work(portion)
    yield found
    while found.upto < portion.upto:
        found = work(portion._replace(after=found.upto))
        yield found


class _Hand:
    """One process: what it holds from its beginning to its end."""

    reader: ClassVar[Reader]
    keys: ClassVar[DeskKeys]
    inbox: ClassVar[Store]

    @classmethod
    def begin(cls, reader: Reader, inbox: Path) -> None:
        join_crew()
        cls.reader, cls.keys, cls.inbox = reader, reader.keys(), Store.open(inbox)

    @classmethod
    def work(cls, portion: Portion) -> Found:
        return cls.reader.open_portion(cls.inbox, portion, cls.keys)
