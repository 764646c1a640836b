"""What is said of groups that stand beside each other: a test, how strong the link is, and what was left out of it.

Everything is reckoned from counts that are printed, so that whoever knows this file learns nothing that the table does
not tell. Rounding is allowed for as noise. Not here: the tests themselves (statistics), what may be seen (disclose).
The invariant: no exact count comes in here, and where there is no test, the reason is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from offramp.desk.analysis import analysis
from offramp.desk.disclose import HOUSE, Law
from offramp.errors import Refusal

LANGUAGES, SEVERAL, FEW, PROGRAM = "languages", "several", "few", "program"

CHI_SQUARE, FISHER, TREND = "chi-square", "fisher", "trend"

Grid = Sequence[Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test as it is printed, or why there is none.

    `n` responses are in it, of groups and answers whose counts are all printed; `rows` and `columns` are those that
    are not. `adjusted` is what is left of `p` after all tests of the report.
    """

    why: str = ""
    kind: str = CHI_SQUARE
    chi_square: float = 0.0
    df: int = 0
    p: float = 1.0
    adjusted: float = 1.0
    v: float = 0.0
    v_low: float = 0.0
    v_high: float = 0.0
    n: int = 0
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    slope: float = 0.0

    def left(self, groups: Sequence[tuple[str, bool]], answers: Sequence[tuple[str, bool]]) -> list[str]:
        """Return the labels of what is not in it."""
        return [groups[row][0] for row in self.rows] + [answers[column][0] for column in self.columns]


def statistics() -> ModuleType | None:
    """Return the statistics, where numpy and scipy are installed; a report without them says so."""
    try:
        return analysis("statistics")
    except Refusal:
        return None


def outcome(grid: Grid, several: bool = False, drafts: bool = False, law: Law = HOUSE) -> Outcome:
    """Test printed counts of groups (rows) by answers (columns)."""
    if drafts or several:
        return Outcome(LANGUAGES if drafts else SEVERAL)
    rows, columns = whole(grid)
    counts = [[grid[row][column] or 0 for column in columns] for row in rows]
    if min(len(rows), len(columns)) < 2:
        return Outcome(FEW)
    if (reckon := statistics()) is None:
        return Outcome(PROGRAM)
    found = reckon.association(counts, noise=law.noise)
    return Outcome(
        "", FISHER if found.fisher else CHI_SQUARE, found.chi_square, found.df, found.p, found.p, found.v,
        found.v_interval.low, found.v_interval.high, found.n,
        tuple(row for row in range(len(grid)) if row not in rows),
        tuple(column for column in range(len(grid[0])) if column not in columns),
    )  # fmt: skip


def steady(ranges: Sequence[tuple[int | None, int | None]], law: Law = HOUSE) -> Outcome:
    """Test whether printed shares rise or fall along ranges, given as counted and base."""
    held = [(place, n, base) for place, (n, base) in enumerate(ranges) if n is not None and base]
    if len(held) < 3:
        return Outcome(FEW)
    if (reckon := statistics()) is None:
        return Outcome(PROGRAM)
    places, hits, bases = zip(*held, strict=True)
    # Rounding can make a part larger than its whole.
    hits = tuple(min(n, base) for n, base in zip(hits, bases, strict=True))
    found = reckon.cochran_armitage(hits, bases, places, law.noise)
    if found is None:
        return Outcome(FEW)
    left = tuple(place for place in range(len(ranges)) if place not in places)
    return Outcome(
        "", TREND, found.statistic, 1, found.p, found.p, n=sum(bases), rows=left, slope=found.slope
    )


def halves(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None], law: Law = HOUSE
) -> Outcome:
    """Test two printed shares, given as counted and base."""
    grid = [[n, _rest(n, base, law)] for n, base in (one, other)]
    return outcome(grid, law=law)


def _rest(n: int | None, base: int | None, law: Law) -> int | None:
    return base - n if n is not None and base is not None and base - n >= law.least else None


def whole(grid: Grid) -> tuple[list[int], list[int]]:
    """Return rows and columns between which every count is printed.

    Row or column, whichever has the larger part suppressed goes first; of equal ones the one with less in it.
    """
    rows, columns = list(range(len(grid))), list(range(len(grid[0]) if grid else 0))
    while True:
        lines = [(_gone([grid[row][column] for column in columns]), 0, row) for row in rows]
        lines += [(_gone([grid[row][column] for row in rows]), 1, column) for column in columns]
        (part, _), column_wise, place = max(lines, default=((0.0, 0), 0, 0))
        if not part:
            return rows, columns
        (columns if column_wise else rows).remove(place)


def _gone(line: Sequence[int | None]) -> tuple[float, int]:
    """Return which part of a line is suppressed, and how little is left, as what is largest goes first."""
    return line.count(None) / len(line) if line else 0.0, -sum(each or 0 for each in line)


def adjusted(tests: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Return the same with each p-value bounded over all of them (Benjamini and Hochberg)."""
    held = [key for key, test in tests.items() if not test.why]
    if not held or (reckon := statistics()) is None:
        return dict(tests)
    found = reckon.benjamini_hochberg([tests[key].p for key in held])
    return {**tests, **{key: replace(tests[key], adjusted=p) for key, p in zip(held, found, strict=True)}}


def apart(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None], law: Law = HOUSE
) -> tuple[int, int, int] | None:
    """Return a printed share less another in points of per cent, and the interval of chance and rounding."""
    (n, base), (m, of) = one, other
    if n is None or m is None or not base or not of:
        return None
    square = 0.0
    for hits, all_ in ((n, base), (m, of)):
        share = min(1.0, hits / all_)
        square += share * (1 - share) / all_ + law.noise * (1 + share**2) / all_**2
    value, width = 100 * (n / base - m / of), 196 * math.sqrt(square)
    return round(value), math.floor(value - width), math.ceil(value + width)


def interval(n: int, base: int, law: Law = HOUSE) -> tuple[int, int] | None:
    """Return Wilson's interval of a printed share in whole per cent, as wide as any counts behind it would make it."""
    if (reckon := statistics()) is None:
        return None
    few, many = law.behind(n), law.behind(base)
    low = reckon.wilson(min(few.low, many.high), many.high).low
    high = reckon.wilson(min(few.high, many.low), many.low).high
    return math.floor(100 * low), math.ceil(100 * high)
