"""How sure one can be of the differences between studies, and whether a single study or a small one carries the result.

Intervals by the Q-profile; each study left out in turn; Egger's regression. The invariant: with fewer than ten studies
nothing here is taken for a finding about small studies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from offramp.desk.meta.pooling import LEVEL, Method, Pooled, Sample, Vector, pool, root, shares

FEWEST = 10


@dataclass(frozen=True, slots=True)
class Bounds:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """The intervals of tau², I² (in percent) and H²."""

    tau2: Bounds
    i2: Bounds
    h2: Bounds


def profile(effects: Vector, variances: Vector, level: float = LEVEL) -> Heterogeneity:
    """Return Q-profile intervals: every variance between studies at which Q is no surprise."""
    sample = Sample(effects, variances, np.ones((len(effects), 1)))

    def bound(tail: float) -> float:
        quantile = float(stats.chi2.ppf(tail, sample.freedom))
        return root(lambda tau2: sample.q(tau2) - quantile, sample)

    low, high = bound((1 + level) / 2), bound((1 - level) / 2)
    typical = sample.freedom / sample.trace(0)
    (low_i2, low_h2), (high_i2, high_h2) = shares(low, typical), shares(high, typical)
    return Heterogeneity(Bounds(low, high), Bounds(low_i2, high_i2), Bounds(low_h2, high_h2))


def leave_one_out(
    effects: Vector, variances: Vector, method: Method, knapp_hartung: bool
) -> tuple[Pooled, ...]:
    """Return the pooled effect without each of the studies in turn; nothing where fewer than three are there."""
    if len(effects) < 3:
        return ()
    return tuple(
        pool(
            np.delete(effects, place), np.delete(variances, place), method=method, knapp_hartung=knapp_hartung
        )
        for place in range(len(effects))
    )


@dataclass(frozen=True, slots=True)
class Egger:
    """How much the effect changes with its standard error, by weighted regression."""

    slope: float
    se: float
    t: float
    df: int
    p: float


def egger(effects: Vector, variances: Vector) -> Egger | None:
    """Return Egger's regression; none with fewer than three studies, one standard error, or no scatter."""
    errors = np.sqrt(variances)
    if len(effects) < 3 or np.ptp(errors) <= 1e-12 * errors.max():
        return None
    x = np.column_stack([np.ones(len(effects)), errors])
    sample = Sample(effects, variances, x)
    beta, inverse, _, _ = sample.solve(0)
    df = len(effects) - 2
    se = math.sqrt(float(inverse[1, 1]) * sample.q(0) / df)
    if se == 0:
        return None
    t = float(beta[1]) / se
    return Egger(float(beta[1]), se, t, df, 2 * float(stats.t.sf(abs(t), df)))
