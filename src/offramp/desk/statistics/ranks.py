"""Rank correlations: Spearman's rho and Kendall's tau-b, with ties, and the usual large-sample p-values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from offramp.errors import Fault


@dataclass(frozen=True, slots=True)
class Correlation:
    """A coefficient; `p` is none where one side has a single value, since there is nothing to order."""

    value: float | None
    p: float | None
    n: int


def spearman(one: Sequence[float], other: Sequence[float]) -> Correlation:
    """Return rho; p by Student's t."""
    return _correlation(stats.spearmanr, one, other)


def kendall(one: Sequence[float], other: Sequence[float]) -> Correlation:
    """Return tau-b; p by the normal distribution, its variance corrected for ties."""
    return _correlation(lambda x, y: stats.kendalltau(x, y, method="asymptotic"), one, other)


def _correlation(measure: object, one: Sequence[float], other: Sequence[float]) -> Correlation:
    if len(one) != len(other) or len(one) < 3:
        raise Fault("a correlation needs pairs, three at least")
    if len(set(one)) == 1 or len(set(other)) == 1:
        return Correlation(None, None, len(one))
    assert callable(measure)
    found = measure(one, other)
    value, p = float(found.statistic), float(found.pvalue)
    return Correlation(value, 0.0 if math.isnan(p) else p, len(one))
