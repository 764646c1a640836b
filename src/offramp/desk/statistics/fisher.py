"""Fisher's exact test of a table of any size.

All tables with the same margins are gone through column by column. Ways that leave the same rows to fill and have the
same probability so far are one way, so that they are counted together. Where there are still too many, tables are drawn
at random, with a fixed seed, and the result says so.
The invariant: p is the chance of a table no more likely than this one, with the tolerance that R uses for "no more".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_MOST_WAYS = 60_000
_DRAWS = 20_000
# Probabilities that differ by less than this part are the same.
_SAME = 1e-7
_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Fisher:
    """The p-value; `drawn` tables were drawn for it, or none where it is exact."""

    p: float
    drawn: int = 0


Rows = tuple[int, ...]


def fisher(table: Sequence[Sequence[int]], most_ways: int = _MOST_WAYS) -> Fisher:
    """Test a table without empty rows and columns."""
    # The shorter side is what is left to fill, so that fewer ways differ.
    rows = [list(row) for row in (table if len(table) <= len(table[0]) else zip(*table, strict=True))]
    margins, columns = (
        tuple(sum(row) for row in rows),
        sorted(sum(column) for column in zip(*rows, strict=True)),
    )
    here = -sum(math.lgamma(cell + 1) for row in rows for cell in row)
    fixed = sum(math.lgamma(m + 1) for m in (*margins, *columns)) - math.lgamma(sum(margins) + 1)
    ways: dict[tuple[Rows, float], float] = {(tuple(sorted(margins)), 0.0): 1.0}
    for column in reversed(columns[1:]):
        further: dict[tuple[Rows, float], float] = {}
        for (left, so_far), times in ways.items():
            for cells in _fillings(column, left):
                rest = tuple(sorted(a - b for a, b in zip(left, cells, strict=True)))
                key = (rest, round(so_far - sum(math.lgamma(cell + 1) for cell in cells), _DIGITS))
                further[key] = further.get(key, 0.0) + times
            if len(further) > most_ways:
                return _draw(margins, columns, here)
        ways = further
    p = 0.0
    for (left, so_far), times in ways.items():
        likelihood = so_far - sum(math.lgamma(cell + 1) for cell in left)
        if likelihood <= here + math.log1p(_SAME):
            p += times * math.exp(likelihood + fixed)
    return Fisher(min(1.0, p))


def _fillings(column: int, left: Rows) -> Iterator[Rows]:
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
    logs = np.array([math.lgamma(cell + 1) for cell in range(max(*margins, *columns) + 1)])
    hits, portion = 0, 5_000
    for _ in range(_DRAWS // portion):
        tables = stats.random_table(margins, columns).rvs(portion, random_state=generator)
        hits += int((-logs[tables.astype(int)].sum(axis=(1, 2)) <= here + _SAME).sum())
    return Fisher((hits + 1) / (_DRAWS + 1), _DRAWS)
