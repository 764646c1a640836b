"""What somebody who reads a report can work out by adding and subtracting.

The reader here knows how the counts hang together, how they were rounded, and even which suppressed counts are the
small ones. Not here: what to do about it (disclose). The invariant: the ranges that come out always contain the
truth if the ranges that went in did, so a range that is wide here was not narrowed by a mistake.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
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


class Reader:
    """Knows how counts add up, is told in which range each is, and uses every sum in every direction."""

    def __init__(self, cells: Iterable[Cell], sums: Sequence[Sum]) -> None:
        self._sums = sums
        self._places = {cell: number for number, cell in enumerate(cells)}
        self._rows = [
            (self._places[each.total], [self._places[part] for part in each.parts]) for each in sums
        ]
        self._touching: list[list[int]] = [[] for _ in self._places]
        for number, (total, parts) in enumerate(self._rows):
            for place in (total, *parts):
                self._touching[place].append(number)
        self._lows, self._highs = [0] * len(self._places), [0] * len(self._places)
        self._through: dict[int, list[int]] = {}

    def __getitem__(self, cell: Cell) -> Range:
        """Return what is known of a count in the end."""
        place = self._places[cell]
        return Range(self._lows[place], self._highs[place])

    def through(self, cell: Cell) -> list[Sum]:
        """Return the sums through which a count became narrower, the last one first."""
        return [self._sums[number] for number in reversed(self._through.get(self._places[cell], ()))]

    def tell(self, ranges: Iterable[Range]) -> None:
        """Work out all counts from what is known of each by itself, in their order, until nothing narrows any more."""
        self._lows, self._highs = map(list, zip(*ranges, strict=True))
        self._through = {}
        queue, waiting = deque(range(len(self._rows))), [True] * len(self._rows)
        while queue:
            number = queue.popleft()
            waiting[number] = False
            for place in _narrow(*self._rows[number], self._lows, self._highs):
                self._through.setdefault(place, []).append(number)
                for other in self._touching[place]:
                    if not waiting[other]:
                        waiting[other] = True
                        queue.append(other)


def _narrow(total: int, parts: Sequence[int], lows: list[int], highs: list[int]) -> list[int]:
    """Narrow a total and its parts by their sum; return which of them became narrower."""
    low, high = sum([lows[part] for part in parts]), sum([highs[part] for part in parts])
    changed = []
    if low > lows[total] or high < highs[total]:
        lows[total], highs[total] = max(lows[total], low), min(highs[total], high)
        changed.append(total)
    # How far the parts together can go beyond their total, upwards and downwards: no part can give up more than that.
    above, below = highs[total] - low, high - lows[total]
    least = min(above, below)
    for part in parts:
        width = highs[part] - lows[part]
        if width > least:
            its_low, its_high = lows[part], highs[part]
            lows[part], highs[part] = max(its_low, its_high - below), min(its_high, its_low + above)
            changed.append(part)
    return changed


def remainder(each: Sum, known: Reader, printed: Iterable[Cell]) -> Range:
    """Return what is left of a total for those parts that are not printed, all together."""
    shown = [known[cell] for cell in printed]
    total = known[each.total]
    return Range(
        max(0, total.low - sum(part.high for part in shown)), total.high - sum(part.low for part in shown)
    )
