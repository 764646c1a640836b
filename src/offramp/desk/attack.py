"""What somebody who reads a report can work out by adding and subtracting.

The reader here knows how the counts hang together, how they were rounded, and even which suppressed counts are the
small ones. Not here: what to do about it (disclose). The invariant: the ranges that come out always contain the
truth if the ranges that went in did, so a range that is wide here was not narrowed by a mistake.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Cell(NamedTuple):
    """One count: of what (a question, say), and of which of its codes."""

    subject: str
    codes: frozenset[str] = frozenset()


class Range(NamedTuple):
    """The lowest and the highest value that a count can have."""

    low: int
    high: int

    @property
    def width(self) -> int:
        """How many whole numbers it may be."""
        return self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Sum:
    """A count that others add up to; `table` where they stand under each other in one printed table."""

    total: Cell
    parts: tuple[Cell, ...]
    table: bool = True

    def __iter__(self) -> Iterator[Cell]:
        yield self.total
        yield from self.parts

    def __contains__(self, cell: Cell) -> bool:
        return cell == self.total or cell in self.parts


ANY = Range(0, 10**12)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a reader knows of each count in the end, and through which sums (the last one first)."""

    ranges: Mapping[Cell, Range]
    through: Mapping[Cell, Sequence[Sum]]


def narrowed(ranges: Mapping[Cell, Range], sums: Sequence[Sum]) -> Knowledge:
    """Use every sum in every direction, until nothing narrows any more."""
    known = dict(ranges)
    through: dict[Cell, list[Sum]] = {}
    touching: dict[Cell, list[int]] = {}
    for place, each in enumerate(sums):
        for cell in each:
            touching.setdefault(cell, []).append(place)
    queue, waiting = deque(range(len(sums))), [True] * len(sums)
    while queue:
        place = queue.popleft()
        waiting[place] = False
        for cell, better in _consequences(sums[place], known):
            known[cell] = better
            through.setdefault(cell, []).insert(0, sums[place])
            for other in touching[cell]:
                if not waiting[other]:
                    waiting[other] = True
                    queue.append(other)
    return Knowledge(known, through)


def _consequences(each: Sum, known: Mapping[Cell, Range]) -> Iterable[tuple[Cell, Range]]:
    total, parts = known[each.total], [known[part] for part in each.parts]
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    better = Range(max(total.low, low), min(total.high, high))
    if better != total:
        yield each.total, better
    for cell, part in zip(each.parts, parts, strict=True):
        narrow = Range(
            max(part.low, better.low - (high - part.high)), min(part.high, better.high - (low - part.low))
        )
        if narrow != part:
            yield cell, narrow


def remainder(each: Sum, known: Mapping[Cell, Range], printed: Iterable[Cell]) -> Range:
    """Return what is left of a total for those parts that are not printed, all together."""
    shown = [known[cell] for cell in printed]
    total = known[each.total]
    return Range(
        max(0, total.low - sum(part.high for part in shown)), total.high - sum(part.low for part in shown)
    )
