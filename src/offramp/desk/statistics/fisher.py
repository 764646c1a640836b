"""Fisher's exact test of a table of any size.

All tables with the same margins are gone through column by column. Ways that leave the same rows to fill and have the
same probability so far are one way. A way whose every end is more likely than the table at hand is dropped, and one
whose every end is no more likely is counted whole, without going on; what an end can be is bounded from both sides.
Where there are still too many ways, tables are drawn at random, with a fixed seed, and the result says so.
The invariant: p is the chance of a table no more likely than this one, with the tolerance that R uses for "no more".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from scipy import stats

_MOST_STEPS, _MOST_WAYS = 800_000, 60_000
_DRAWS = 20_000
# Probabilities that differ by less than this part are the same.
_SAME = 1e-7
_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Fisher:
    """The p-value; `drawn` tables were drawn for it, or none where it is exact."""

    p: float
    drawn: int = 0


Margin = tuple[int, ...]


def fisher(table: Sequence[Sequence[int]], most_steps: int = _MOST_STEPS) -> Fisher:
    """Test a table without empty rows and columns."""
    # The shorter side is what is left to fill, so that fewer ways differ.
    rows = [list(row) for row in (table if len(table) <= len(table[0]) else zip(*table, strict=True))]
    margins = tuple(sorted(sum(row) for row in rows))
    columns = tuple(sorted(sum(column) for column in zip(*rows, strict=True)))
    here = -sum(_log(cell) for row in rows for cell in row) + math.log1p(_SAME)
    found = _go_through(margins, columns, here, most_steps)
    if found is None:
        return _draw(margins, columns, here)
    return Fisher(min(1.0, found))


@cache
def _log(cell: int) -> float:
    return math.lgamma(cell + 1)


def _all(left: Margin, columns: Margin) -> float:
    """Return the log of the sum of the likelihoods of all tables with these margins."""
    return _log(sum(left)) - sum(map(_log, left)) - sum(map(_log, columns))


def _go_through(margins: Margin, columns: Margin, here: float, most_steps: int) -> float | None:
    """Return the chance of tables no more likely; nothing where that takes too many steps."""
    whole = _all(margins, columns)
    ways: dict[tuple[Margin, float], float] = {(margins, 0.0): 1.0}
    total, steps = 0.0, 0
    for place in range(len(columns) - 1, -1, -1):
        further: dict[tuple[Margin, float], float] = {}
        rest = columns[:place]
        for (left, so_far), times in ways.items():
            for cells in _fillings(columns[place], left):
                steps += 1
                if steps > most_steps or len(further) > _MOST_WAYS:
                    return None
                after = tuple(sorted(a - b for a, b in zip(left, cells, strict=True)))
                likelihood = so_far - sum(map(_log, cells))
                least, most = _ends(after, rest)
                if likelihood + most <= here:
                    total += times * math.exp(likelihood + _all(after, rest) - whole)
                elif likelihood + least <= here:
                    key = (after, round(likelihood, _DIGITS))
                    further[key] = further.get(key, 0.0) + times
        ways = further
    return total


@lru_cache(maxsize=200_000)
def _ends(left: Margin, columns: Margin) -> tuple[float, float]:
    """Return what the log likelihood of a filling of the rest is at least, and at most."""
    if len(columns) <= 1:
        only = -sum(map(_log, left)) if columns else 0.0
        return only, only
    least = max(_heaped(left, columns), _heaped(columns, left))
    everything = sum(left)
    # By duality: any multipliers of the margins give a bound; those of independence give a close one.
    most = -sum(n * math.log(n) for n in left if n) - sum(n * math.log(n / everything) for n in columns if n)
    for row in left:
        for column in columns:
            expected = row * column / everything if everything else 0.0
            if whole := int(expected):
                most += whole * math.log(expected) - _log(whole)
    # A little wider, for the rounding of sums.
    return least - 1e-9, most + 1e-9


def _heaped(lines: Margin, caps: Margin) -> float:
    """Return the log likelihood where each line is heaped up in as few cells as the other margin allows."""
    found = 0.0
    for line in lines:
        for cap in sorted(caps, reverse=True):
            taken = min(line, cap)
            found -= _log(taken)
            line -= taken
    return found


def _fillings(column: int, left: Margin) -> Iterator[Margin]:
    """Yield every way to share a column among the rows that still have room."""
    if len(left) == 1:
        if column <= left[0]:
            yield (column,)
        return
    room = sum(left[1:])
    for cell in range(max(0, column - room), min(column, left[0]) + 1):
        for others in _fillings(column - cell, left[1:]):
            yield (cell, *others)


def _draw(margins: Sequence[int], columns: Sequence[int], here: float) -> Fisher:
    """Draw tables with these margins; the one at hand counts as one of them, so that p is never 0."""
    generator = np.random.default_rng(1)
    logs = np.array([_log(cell) for cell in range(max(*margins, *columns) + 1)])
    hits, portion = 0, 5_000
    for _ in range(_DRAWS // portion):
        tables = stats.random_table(margins, columns).rvs(portion, random_state=generator)
        hits += int((-logs[tables.astype(int)].sum(axis=(1, 2)) <= here).sum())
    return Fisher((hits + 1) / (_DRAWS + 1), _DRAWS)
