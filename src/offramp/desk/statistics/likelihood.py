"""Three models of an answer, and the one way in which all are fitted: Newton's method with exact derivatives.

Multinomial logits (with two answers: logistic regression) and proportional odds. Each gives, for any coefficients, the
log likelihood, the slope of every single response, and the curvature. Weights are those of declared draws.
The invariant: a step never lowers the likelihood; what does not converge is a Fault, since separation was ruled out
before (`diagnosis`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from offramp.errors import Fault

Vector: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = NDArray[np.float64]
_STEPS, _ENOUGH = 200, 1e-20


@dataclass(frozen=True, slots=True)
class Slope:
    """The log likelihood, its slope for each response, and its curvature (negative, so that it is above 0)."""

    value: float
    scores: Matrix
    curvature: Matrix


class Model(Protocol):
    """What Newton's method asks of a model."""

    def start(self) -> Vector: ...

    def slope(self, at: Vector) -> Slope: ...


@dataclass(frozen=True, slots=True)
class Multinomial:
    """One set of coefficients for each answer but the first. `x` has the column of ones."""

    x: Matrix
    y: NDArray[np.int64]
    weights: Vector
    answers: int

    def start(self) -> Vector:
        return np.zeros((self.answers - 1) * self.x.shape[1])

    def chances(self, at: Vector) -> Matrix:
        linear = np.column_stack([np.zeros(len(self.x)), self.x @ at.reshape(self.answers - 1, -1).T])
        linear -= linear.max(axis=1, keepdims=True)
        power = np.exp(linear)
        chances: Matrix = power / power.sum(axis=1, keepdims=True)
        return chances

    def slope(self, at: Vector) -> Slope:
        chance = self.chances(at)
        rows = np.arange(len(self.x))
        value = float(self.weights @ np.log(np.maximum(chance[rows, self.y], 1e-300)))
        miss = -chance[:, 1:]
        answered = self.y > 0
        miss[rows[answered], self.y[answered] - 1] += 1
        scores = (miss[:, :, None] * self.x[:, None, :]).reshape(len(self.x), -1)
        size = self.x.shape[1]
        curvature = np.zeros((scores.shape[1], scores.shape[1]))
        for one in range(self.answers - 1):
            for other in range(self.answers - 1):
                p, q = chance[:, one + 1], chance[:, other + 1]
                spread = self.weights * (p * (1 - p) if one == other else -p * q)
                block = self.x.T @ (spread[:, None] * self.x)
                curvature[one * size : (one + 1) * size, other * size : (other + 1) * size] = block
        return Slope(value, scores, curvature)


@dataclass(frozen=True, slots=True)
class Ordinal:
    """Proportional odds: a threshold between neighbouring answers, and one set of coefficients. `x` has no ones."""

    x: Matrix
    y: NDArray[np.int64]
    weights: Vector
    answers: int

    def start(self) -> Vector:
        below = (
            np.array([self.weights[self.y <= j].sum() for j in range(self.answers - 1)]) / self.weights.sum()
        )
        return np.concatenate([np.log(below / (1 - below)), np.zeros(self.x.shape[1])])

    def slope(self, at: Vector) -> Slope:
        cuts, linear = at[: self.answers - 1], self.x @ at[self.answers - 1 :]
        upper, lower = (_logistic(edge - linear) for edge in self._edges(cuts))
        chance = upper - lower
        value = float(self.weights @ np.log(chance)) if (chance > 0).all() else -np.inf
        chance = np.maximum(chance, 1e-300)
        up, low = upper * (1 - upper) / chance, lower * (1 - lower) / chance
        rise, fall = self._directions()
        scores = up[:, None] * rise - low[:, None] * fall
        up_bend, low_bend = up * (1 - 2 * upper) - up**2, -low * (1 - 2 * lower) - low**2
        curvature = -(
            rise.T @ ((self.weights * up_bend)[:, None] * rise)
            + fall.T @ ((self.weights * low_bend)[:, None] * fall)
        )
        both = rise.T @ ((self.weights * up * low)[:, None] * fall)
        return Slope(value, scores, curvature - both - both.T)

    def _edges(self, cuts: Vector) -> tuple[Vector, Vector]:
        edges = np.concatenate([[-np.inf], cuts, [np.inf]])
        return edges[self.y + 1], edges[self.y]

    def _directions(self) -> tuple[Matrix, Matrix]:
        """Return how the upper and the lower edge of each response move with each coefficient."""
        edges = np.vstack([np.zeros(self.answers - 1), np.eye(self.answers - 1), np.zeros(self.answers - 1)])
        return np.hstack([edges[self.y + 1], -self.x]), np.hstack([edges[self.y], -self.x])


def _logistic(value: Vector) -> Vector:
    chance: Vector = np.where(value >= 0, 1 / (1 + np.exp(-np.abs(value))), 0.0)
    turned = np.exp(-np.abs(value))
    below: Vector = np.where(value < 0, turned / (1 + turned), chance)
    return below


def climb(model: Model, weights: Vector) -> tuple[Vector, Slope]:
    """Return the highest point of the likelihood, and what it is like there."""
    at = model.start()
    here = model.slope(at)
    for _ in range(_STEPS):
        rise = weights @ here.scores
        step = np.linalg.solve(here.curvature, rise)
        part = 1.0
        while part > 1e-10:
            further = model.slope(at + part * step)
            if further.value >= here.value - 1e-9 * abs(here.value):
                break
            part /= 2
        at, here = at + part * step, further
        if float(rise @ step) < _ENOUGH * max(1.0, abs(here.value)):
            return at, here
    raise Fault("a likelihood without separation has a highest point, and it was not found")
