"""The random-effects model: how far true effects differ between studies, and what they are on average.

One model serves for a pooled effect and for a meta-regression; the design matrix is the difference. The variance
between studies is found by restricted likelihood (REML), by DerSimonian and Laird (DL), or by Paule and Mandel (PM).
Not here: which studies may be pooled, and what is said of them.
The invariant: nothing below 0 is ever taken for a variance, and REML's is the highest point of all, not the next best.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

LEVEL = 0.95
Vector: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = NDArray[np.float64]
_GRID = 48


class Method(enum.StrEnum):
    REML = "REML"
    DL = "DL"
    PM = "PM"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One line of a model: the pooled effect, or what a moderator adds to it."""

    name: str
    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """A fitted model. `q` is what is left between studies when none is granted; `crit` is the quantile of intervals."""

    coefficients: tuple[Coefficient, ...]
    tau2: float
    i2: float
    h2: float
    q: float
    q_df: int
    q_p: float
    crit: float
    covariance: tuple[tuple[float, ...], ...]

    @property
    def first(self) -> Coefficient:
        return self.coefficients[0]

    @property
    def prediction(self) -> tuple[float, float]:
        """Where the true effect of a further study would lie."""
        width = self.crit * math.sqrt(self.first.se**2 + self.tau2)
        return self.first.estimate - width, self.first.estimate + width


@dataclass(frozen=True, slots=True)
class Sample:
    """Effects, their variances, and the design matrix; what any of the estimators asks of them."""

    y: Vector
    v: Vector
    x: Matrix

    @property
    def freedom(self) -> int:
        return int(self.x.shape[0] - self.x.shape[1])

    def solve(self, tau2: float) -> tuple[Vector, Matrix, Vector, Vector]:
        """Return coefficients, their covariance, residuals and weights at this variance between studies."""
        w = 1 / (self.v + tau2)
        inverse = np.linalg.inv(self.x.T @ (w[:, None] * self.x))
        beta = inverse @ (self.x.T @ (w * self.y))
        return beta, inverse, self.y - self.x @ beta, w

    def q(self, tau2: float) -> float:
        _, _, residual, w = self.solve(tau2)
        return float(w @ residual**2)

    def trace(self, tau2: float) -> float:
        """Return the trace of the matrix that leaves residuals of weights."""
        _, inverse, _, w = self.solve(tau2)
        return float(w.sum() - np.trace(inverse @ (self.x.T @ ((w**2)[:, None] * self.x))))

    def score(self, tau2: float) -> float:
        """Return the slope of the restricted log likelihood, twice."""
        _, inverse, residual, w = self.solve(tau2)
        trace = w.sum() - np.trace(inverse @ (self.x.T @ ((w**2)[:, None] * self.x)))
        return float(w**2 @ residual**2 - trace)

    def likelihood(self, tau2: float) -> float:
        """Return the restricted log likelihood, but for a constant."""
        _, inverse, residual, w = self.solve(tau2)
        return float(np.log(w).sum() + np.linalg.slogdet(inverse)[1] - w @ residual**2) / 2


def pool(
    effects: Vector, variances: Vector, x: Matrix | None = None, names: tuple[str, ...] = ("effect",),
    method: Method = Method.REML, knapp_hartung: bool = False, level: float = LEVEL,
) -> Pooled:  # fmt: skip
    """Fit the model. Without a design matrix, one effect for all."""
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    sample = Sample(y, v, np.ones((len(y), 1)) if x is None else np.asarray(x, dtype=float))
    tau2 = between(sample, method)
    beta, covariance, _, _ = sample.solve(tau2)
    if knapp_hartung:
        covariance = covariance * (sample.q(tau2) / sample.freedom)
    law = stats.t(sample.freedom) if knapp_hartung else stats.norm()
    crit = float(law.ppf((1 + level) / 2))
    coefficients = tuple(
        _coefficient(name, float(value), math.sqrt(float(square)), crit, lambda t: 2 * float(law.sf(abs(t))))
        for name, value, square in zip(names, beta, np.diag(covariance), strict=True)
    )
    q, typical = sample.q(0), sample.freedom / sample.trace(0)
    return Pooled(
        coefficients, tau2, *shares(tau2, typical), q, sample.freedom, float(stats.chi2.sf(q, sample.freedom)), crit,
        tuple(tuple(float(cell) for cell in row) for row in covariance),
    )  # fmt: skip


def _coefficient(name: str, value: float, se: float, crit: float, p: Callable[[float], float]) -> Coefficient:
    return Coefficient(name, value, se, value - crit * se, value + crit * se, p(value / se) if se else 0.0)


def shares(tau2: float, typical: float) -> tuple[float, float]:
    """Return I² (in percent) and H² for a variance between studies, beside the typical one within them."""
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1


def between(sample: Sample, method: Method) -> float:
    """Return the variance between studies."""
    match method:
        case Method.DL:
            return max(0.0, (sample.q(0) - sample.freedom) / sample.trace(0))
        case Method.PM:
            return root(lambda tau2: sample.q(tau2) - sample.freedom, sample)
        case Method.REML:
            return _restricted(sample)


def root(falling: Callable[[float], float], sample: Sample) -> float:
    """Return where a falling function of the variance between studies crosses 0; 0 where it begins below."""
    if falling(0.0) <= 0:
        return 0.0
    top = _top(sample)
    while falling(top) > 0:
        top *= 4
    return float(optimize.brentq(falling, 0.0, top, xtol=1e-15, rtol=1e-14, maxiter=500))


def _top(sample: Sample) -> float:
    """Return a variance between studies that is larger than any estimate of it could be."""
    residual = sample.solve(0)[2]
    return float(residual @ residual + sample.v.max()) + 1e-12


def _restricted(sample: Sample) -> float:
    """Return the highest point of the restricted likelihood: each place where its slope turns down, and 0."""
    grid = np.concatenate([[0.0], _top(sample) * np.geomspace(1e-7, 1, _GRID)])
    slopes = [sample.score(tau2) for tau2 in grid]
    peaks = [0.0]
    for low, high, before, after in zip(grid, grid[1:], slopes, slopes[1:], strict=False):
        if before > 0 >= after:
            peaks.append(float(optimize.brentq(sample.score, low, high, xtol=1e-15, rtol=1e-14, maxiter=500)))
    return max(peaks, key=sample.likelihood)
