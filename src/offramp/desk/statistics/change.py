"""Before and after: how far an answer moved, where only a random half was asked before.

Being asked before may itself move the second answer. Because chance decided who was asked, that can be seen: those not
asked before are the comparison. So there are three figures, none of which stands for the others:
- `paired`: after less before, of the same responses; asking is in it
- `between`: after, of those not asked before, less before, of those asked; asking is not in it
- `asking`: after of those asked before less after of those not; what asking did
Everybody counts who answered at the end; before the end people left, so nothing here is about all who began. None of it
is about the programme or survey alone either: there is no group that had neither.
The invariant: responses of one half never enter the figures of the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from offramp.desk.estimate import Interval
from offramp.desk.statistics.proportion import LEVEL


@dataclass(frozen=True, slots=True)
class Shift:
    """A difference of means, with its interval by Student's t (Welch's between halves), and how many it is of."""

    value: float
    se: float
    interval: Interval
    p: float
    n: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The three figures; one that has fewer than two responses on a side, or no spread, is none."""

    paired: Shift | None
    between: Shift | None
    asking: Shift | None


def change(
    asked: Sequence[tuple[float | None, float | None]], others: Sequence[float | None], level: float = LEVEL
) -> Change:
    """Compare (before, after) of those asked before with after of the others; None is any kind of no answer."""
    pairs = np.array([(one, two) for one, two in asked if one is not None and two is not None], dtype=float)
    pairs = pairs.reshape(-1, 2)
    fresh = np.array([each for each in others if each is not None], dtype=float)
    before, after = pairs[:, 0], pairs[:, 1]
    return Change(_paired(after - before, level), _welch(fresh, before, level), _welch(after, fresh, level))


def _paired(differences: np.ndarray, level: float) -> Shift | None:
    n = len(differences)
    if n < 2 or np.ptp(differences) == 0:
        return None
    se = float(differences.std(ddof=1)) / math.sqrt(n)
    return _shift(float(differences.mean()), se, n - 1, (n,), level)


def _welch(one: np.ndarray, other: np.ndarray, level: float) -> Shift | None:
    if min(len(one), len(other)) < 2 or np.ptp(one) == np.ptp(other) == 0:
        return None
    parts = [float(each.var(ddof=1)) / len(each) for each in (one, other)]
    square = sum(parts)
    df = square**2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, (one, other), strict=True))
    return _shift(float(one.mean() - other.mean()), math.sqrt(square), df, (len(one), len(other)), level)


def _shift(value: float, se: float, df: float, n: tuple[int, ...], level: float) -> Shift:
    width = float(stats.t.ppf((1 + level) / 2, df)) * se
    return Shift(
        value, se, Interval(value - width, value + width), 2 * float(stats.t.sf(abs(value / se), df)), n
    )
