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
    place = {cell: number for number, cell in enumerate(ranges)}
    lows, highs = [each.low for each in ranges.values()], [each.high for each in ranges.values()]
    rows = [(place[each.total], [place[part] for part in each.parts]) for each in sums]
    touching: list[list[int]] = [[] for _ in lows]
    for number, (total, parts) in enumerate(rows):
        for cell in (total, *parts):
            touching[cell].append(number)
    through: dict[int, list[int]] = {}
    queue, waiting = deque(range(len(rows))), [True] * len(rows)
    while queue:
        number = queue.popleft()
        waiting[number] = False
        for cell in _narrow(*rows[number], lows, highs):
            through.setdefault(cell, []).append(number)
            for other in touching[cell]:
                if not waiting[other]:
                    waiting[other] = True
                    queue.append(other)
    cells = list(ranges)
    return Knowledge(
        dict(zip(cells, map(Range, lows, highs), strict=True)),
        {cells[cell]: [sums[number] for number in reversed(numbers)] for cell, numbers in through.items()},
    )


def _narrow(total: int, parts: Sequence[int], lows: list[int], highs: list[int]) -> list[int]:
    """Narrow a total and its parts by their sum; return which of them became narrower."""
    low, high = sum([lows[part] for part in parts]), sum([highs[part] for part in parts])
    changed = []
    if low > lows[total] or high < highs[total]:
        lows[total], highs[total] = max(lows[total], low), min(highs[total], high)
        changed.append(total)
    # How far the parts together can go beyond their total, upwards and downwards: no part can give up more than that.
    above, below = highs[total] - low, high - lows[total]
    for part in parts:
        its_low, its_high = lows[part], highs[part]
        if its_high - its_low > above or its_high - its_low > below:
            lows[part], highs[part] = max(its_low, its_high - below), min(its_high, its_low + above)
            changed.append(part)
    return changed


def remainder(each: Sum, known: Mapping[Cell, Range], printed: Iterable[Cell]) -> Range:
    """Return what is left of a total for those parts that are not printed, all together."""
    shown = [known[cell] for cell in printed]
    total = known[each.total]
    return Range(
        max(0, total.low - sum(part.high for part in shown)), total.high - sum(part.low for part in shown)
    )
