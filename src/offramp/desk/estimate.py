"""From rounded counts and a spread to a share with its interval, a difference, and what is left after many looks.

Here is arithmetic alone. The invariant: nothing in here sees an exact count, so whoever reads an interval, and knows
this file, learns no more of a count than its rounded value and the spread's coarse step say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from offramp.desk.resample import Spread

LEVEL = 0.95
LEAST_DAYS = 14
# Of a number that is rounded to a multiple of five: the variance of the five whole numbers it may stand for.
_ROUNDING = 2.0
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Counts:
    """Rounded clicks on one target, of rounded displays."""

    clicks: int
    displays: int

    @property
    def rate(self) -> float:
        return self.clicks / self.displays


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A share less the neutral one, its interval, and its p-value by itself."""

    value: float
    interval: Interval
    p: float


def interval(counts: Counts, spread: Spread, days: int) -> Interval | None:
    """Return the interval of a share, reckoned in proportions; none where there are too few days."""
    if days < LEAST_DAYS:
        return None
    width = student(days - 1) * math.sqrt(_relative(counts, spread))
    return Interval(counts.rate * math.exp(-width), counts.rate * math.exp(width))


def difference(one: Counts, other: Counts, spread: Spread, days: int) -> Difference | None:
    """Return a share less another, with its interval; none where there are too few days."""
    if days < LEAST_DAYS:
        return None
    value = one.rate - other.rate
    error = math.sqrt(sum(c.rate**2 * _relative(c, spread) for c in (one, other)))
    width = student(days - 1) * error
    return Difference(value, Interval(value - width, value + width), p_value(value / error, days - 1))


def _relative(counts: Counts, spread: Spread) -> float:
    """Return the variance of a share as a part of its square: by days, and by the rounding of both counts."""
    return spread.times**2 / counts.clicks + _ROUNDING / counts.clicks**2 + _ROUNDING / counts.displays**2


def student(freedom: int) -> float:
    """Return Student's t for the level, by Wallace's approximation (within 0.001 from 13 degrees of freedom on)."""
    z = _NORMAL.inv_cdf((1 + LEVEL) / 2) * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(z * z / freedom))


def p_value(t: float, freedom: int) -> float:
    """Return the two-sided p-value of Student's t, by the same approximation."""
    z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
    return 2 * _NORMAL.cdf(-z)


def holm(ps: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given.

    Below 0.05, they keep the chance of even one false difference among all below 5 %, however the comparisons hang
    together; and these do, since all share the neutral arm and the days.
    """
    adjusted, highest = [0.0] * len(ps), 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        highest = max(highest, min(1.0, ps[index] * (len(ps) - place)))
        adjusted[index] = highest
    return adjusted
