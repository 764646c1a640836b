"""Whether a share rises or falls along an order (weeks, grades of an answer): Cochran and Armitage's test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offramp.errors import Fault


@dataclass(frozen=True, slots=True)
class Trend:
    """Chi-square of one degree of freedom, its p-value, and the change of the share for one step of the score."""

    statistic: float
    p: float
    slope: float


def cochran_armitage(
    hits: Sequence[int], bases: Sequence[int], scores: Sequence[float] | None = None, noise: float = 0.0
) -> Trend | None:
    """Return the trend; none where every share is 0 or all are 1, or only one score has a base.

    `noise` is the variance that rounding has added to each hit count and each base, nought where they are exact.
    """
    x, n = np.asarray(hits, dtype=float), np.asarray(bases, dtype=float)
    score = np.arange(1.0, len(x) + 1) if scores is None else np.asarray(scores, dtype=float)
    if not len(x) == len(n) == len(score) or (x > n).any() or (x < 0).any():
        raise Fault("each group has hits, a base that is no smaller, and a score")
    total = float(n.sum())
    share = float(x.sum()) / total if total else 0.0
    middle = float(n @ score) / total if total else 0.0
    spread = float(n @ (score - middle) ** 2)
    if share in (0.0, 1.0) or spread == 0:
        return None
    slope = float((x - n * share) @ (score - middle)) / spread
    rounding = noise * (1 + share**2) * float(((score - middle) ** 2).sum())
    statistic = (slope * spread) ** 2 / (spread * share * (1 - share) + rounding)
    return Trend(statistic, math.erfc(math.sqrt(statistic / 2)), slope)
