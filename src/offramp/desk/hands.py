"""Who opens envelopes: this process alone, or several where there is enough to do.

Not here: the processes (crew), opening itself. The invariant: results come in the order of the portions. Each process
reads the inbox by itself, and makes the desk's keys from their seed, which it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import ClassVar

from offramp.crew import crew, in_order
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
    lost = refuse("open.process", "open", "A process ended in the middle of its work, perhaps for want of memory.",
                  "Please either try fewer with --processes, or free some memory: what was opened is "
                  "kept.")  # fmt: skip
    with crew(processes, lost, _Hand.begin, (reader, inbox)) as pool:
        for portion, first in in_order(pool, _Hand.work, portions, processes * _WAITING):
            yield from _to_its_end(portion, lambda rest: pool.submit(_Hand.work, rest).result(), first)


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
        cls.reader, cls.keys, cls.inbox = reader, reader.keys(), Store.open(inbox)

    @classmethod
    def work(cls, portion: Portion) -> Found:
        return cls.reader.open_portion(cls.inbox, portion, cls.keys)
