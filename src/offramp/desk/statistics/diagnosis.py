"""What speaks against a regression: separation, few events, predictors that say the same, odds not proportional.

The invariant: separation is decided by a linear program and not by how far Newton's method ran.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, stats

from offramp.desk.statistics.likelihood import Matrix, Multinomial, Vector, climb
from offramp.desk.statistics.predictors import Design

FEW_EVENTS = 10
HIGH_INFLATION = 5.0
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Inflation:
    """The generalised variance inflation of a predictor: what its intervals lose to what others say as well."""

    predictor: str
    gvif: float
    columns: int

    @property
    def per_column(self) -> float:
        """What may be compared with the variance inflation factor of a single column."""
        return float(self.gvif ** (1 / self.columns))


@dataclass(frozen=True, slots=True)
class Proportional:
    """Brant's test that the odds are proportional: over all, and for each column."""

    chi_square: float
    df: int
    p: float
    columns: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Events of the rarest answer for each column, the inflation of each predictor, and Brant's test if it applies."""

    events_per_column: float
    inflation: tuple[Inflation, ...]
    proportional: Proportional | None

    @property
    def warnings(self) -> tuple[str, ...]:
        found = []
        if self.events_per_column < FEW_EVENTS:
            found.append(f"few events: {self.events_per_column:.1f} of the rarest answer for each column")
        found += [f"{each.predictor} is largely said by other predictors (GVIF {each.gvif:.1f})"
                  for each in self.inflation if each.per_column > HIGH_INFLATION]  # fmt: skip
        if self.proportional and self.proportional.p < 0.05:
            found.append(f"the odds are not proportional (Brant, p {self.proportional.p:.4f})")
        return tuple(found)


def separated(rows: Matrix) -> tuple[int, ...]:
    """Return the coefficients that have no finite value: some direction moves them and speaks against no response."""
    kept = np.unique(rows, axis=0)
    size = kept.shape[1]
    limits: dict[str, Any] = {
        "A_ub": -kept,
        "b_ub": np.zeros(len(kept)),
        "bounds": [(-1, 1)] * size,
        "method": "highs",
    }
    whole = optimize.linprog(-kept.sum(axis=0), **limits)
    if -whole.fun <= _LEAST:
        return ()
    found = []
    for place in range(size):
        aim = np.zeros(size)
        aim[place] = 1
        reach = max(-optimize.linprog(side * aim, **limits).fun for side in (-1, 1))
        if reach > _LEAST:
            found.append(place)
    return tuple(found)


def diagnose(design: Design, y: np.ndarray, ordered: int | None) -> Diagnosis:
    """Look at a model that can be fitted; `ordered` is the number of answers of an ordinal one."""
    rarest = int(np.bincount(y).min())
    columns = max(1, design.x.shape[1])
    checked = _brant(design, y, ordered) if ordered and ordered > 2 and design.x.shape[1] else None
    return Diagnosis(rarest / columns, _inflation(design), checked)


def _inflation(design: Design) -> tuple[Inflation, ...]:
    if len(design.widths) < 2:
        return tuple(
            Inflation(name, 1.0, width) for name, width in zip(design.predictors, design.widths, strict=True)
        )
    together, found, first = np.corrcoef(design.x, rowvar=False), [], 0
    for name, width in zip(design.predictors, design.widths, strict=True):
        mine = np.zeros(together.shape[0], dtype=bool)
        mine[first : first + width] = True
        first += width
        own, others = together[np.ix_(mine, mine)], together[np.ix_(~mine, ~mine)]
        gvif = np.linalg.det(own) * np.linalg.det(others) / np.linalg.det(together)
        found.append(Inflation(name, float(gvif), width))
    return tuple(found)


def _brant(design: Design, y: np.ndarray, answers: int) -> Proportional | None:
    """Compare the logistic regressions at each threshold; none where one of them is separated."""
    x = np.column_stack([np.ones(len(y)), design.x])
    chances, slopes, inverses = [], [], []
    ones = np.ones(len(y))
    for cut in range(answers - 1):
        above = (y > cut).astype(int)
        if separated(np.where(above[:, None] == 1, x, -x)):
            return None
        model = Multinomial(x, above, ones, 2)
        at, here = climb(model, ones)
        chances.append(model.chances(at)[:, 1])
        slopes.append(at[1:])
        inverses.append(np.linalg.inv(here.curvature))
    size = design.x.shape[1]
    beta, spread = np.concatenate(slopes), _joint(x, chances, inverses)
    total = _wald(beta, spread, answers - 1, size, range(size))
    single = tuple(
        (name, *_wald(beta, spread, answers - 1, size, [place])[::2])
        for place, name in enumerate(design.names)
    )
    return Proportional(*total, single)


def _joint(x: Matrix, chances: list[Vector], inverses: list[Matrix]) -> Matrix:
    """Return the covariance of the slopes of all thresholds together."""
    size, cuts = x.shape[1] - 1, len(chances)
    whole = np.zeros((cuts * size, cuts * size))
    for one in range(cuts):
        for other in range(cuts):
            higher, lower = chances[max(one, other)], chances[min(one, other)]
            middle = x.T @ ((higher * (1 - lower))[:, None] * x)
            block = (inverses[one] @ middle @ inverses[other])[1:, 1:]
            whole[one * size : (one + 1) * size, other * size : (other + 1) * size] = block
    return whole


def _wald(
    beta: Vector, spread: Matrix, cuts: int, size: int, places: Iterable[int]
) -> tuple[float, int, float]:
    """Test that the slopes in these places are the same at every threshold."""
    rows = []
    for cut in range(1, cuts):
        for place in places:
            row = np.zeros(len(beta))
            row[place], row[cut * size + place] = 1, -1
            rows.append(row)
    contrast = np.array(rows)
    apart = contrast @ beta
    statistic = float(apart @ np.linalg.solve(contrast @ spread @ contrast.T, apart))
    return (
        statistic,
        len(rows),
        float(stats.chi2.sf(statistic, len(rows))) if math.isfinite(statistic) else 0.0,
    )
