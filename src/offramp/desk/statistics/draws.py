"""Weights, for the one case in which the house knows them: questions asked of a declared random part.

A response that was drawn with a share of one half stands for two. There are no other weights: nobody knows the
population from which these responses come, so nothing is weighted to look like it.
The invariant: a weight is 1/share, and the share was declared in the questionnaire before anybody was asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from offramp.desk.estimate import Interval
from offramp.desk.statistics.proportion import LEVEL
from offramp.errors import Fault


@dataclass(frozen=True, slots=True)
class Draw:
    """For each response the declared share with which it was drawn, above 0 and up to 1."""

    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        if not all(0 < share <= 1 for share in self.shares):
            raise Fault("a share of a draw lies above 0 and is 1 at most")

    @property
    def weights(self) -> NDArray[np.float64]:
        return 1 / np.asarray(self.shares, dtype=float)


@dataclass(frozen=True, slots=True)
class DrawnShare:
    """A weighted share, its linearised standard error, its interval (on the scale of the logit)."""

    value: float
    se: float
    interval: Interval


def drawn_share(hits: Sequence[bool], draw: Draw, level: float = LEVEL) -> DrawnShare:
    """Return the share of all who might have been drawn, from those who were."""
    hit, weights = np.asarray(hits, dtype=float), draw.weights
    n = len(hit)
    if n != len(weights) or n < 2:
        raise Fault("each response has one share, and there are two responses at least")
    value = float(weights @ hit / weights.sum())
    influence = weights * (hit - value) / weights.sum()
    se = math.sqrt(n / (n - 1) * float(influence @ influence))
    if value in (0.0, 1.0):
        # No logit there, and no spread to reckon with: as many as there were, by the rule of Clopper and Pearson.
        far = 1 - ((1 - level) / 2) ** (1 / n)
        return DrawnShare(value, se, Interval(0.0, far) if value == 0 else Interval(1 - far, 1.0))
    middle = math.log(value / (1 - value))
    width = float(stats.t.ppf((1 + level) / 2, n - 1)) * se / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(middle + side * width))) for side in (-1, 1))
    return DrawnShare(value, se, Interval(low, high))
