"""Logistic, ordinal and multinomial regression of an answer on others, with odds ratios, intervals and diagnostics.

A predictor is a list of numbers, or of categories of which the first is what others are compared with. The models and
the climb are in `likelihood`, the diagnostics in `diagnosis`. With a draw, each response weighs 1/share, and standard
errors are those of a sample (linearised), with Student's t.
The invariant: an odds ratio never leaves here without its interval, its n, and what speaks against the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import stats

from offramp.desk.estimate import Interval
from offramp.desk.statistics.diagnosis import Diagnosis, diagnose, separated
from offramp.desk.statistics.draws import Draw
from offramp.desk.statistics.likelihood import Matrix, Multinomial, Ordinal, Slope, Vector, climb
from offramp.desk.statistics.predictors import Design, Predictor, design_of
from offramp.desk.statistics.proportion import LEVEL
from offramp.errors import Fault, Problem, Refusal


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient, on the scale of log odds, and its odds ratio with its interval."""

    answer: str
    name: str
    estimate: float
    se: float
    statistic: float
    p: float
    odds_ratio: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Regression:
    """A fitted model. `df` is none where statistics are normal; thresholds are those of an ordinal model."""

    terms: tuple[Term, ...]
    thresholds: tuple[Term, ...]
    n: int
    log_likelihood: float
    null_log_likelihood: float
    df: int | None
    diagnosis: Diagnosis

    def term(self, name: str, answer: str = "") -> Term:
        return next(one for one in self.terms if one.name == name and answer in ("", one.answer))


def logistic(
    answers: Sequence[str],
    wanted: str,
    predictors: Sequence[Predictor],
    draw: Draw | None = None,
    level: float = LEVEL,
) -> Regression:
    """Regress whether an answer is the wanted one. Refusals: regression.*, all together."""
    order = ("other", wanted) if {*answers} - {wanted} else (wanted,)
    return multinomial(
        [wanted if each == wanted else "other" for each in answers], order, predictors, draw, level
    )


def multinomial(
    answers: Sequence[str],
    order: Sequence[str],
    predictors: Sequence[Predictor],
    draw: Draw | None = None,
    level: float = LEVEL,
) -> Regression:
    """Regress each answer beside the first one in the order. Refusals: regression.*, all together."""
    y, weights, design = _prepare(answers, order, predictors, draw)
    x = np.column_stack([np.ones(len(y)), design.x])
    places = [(answer, name) for answer in order[1:] for name in ("intercept", *design.names)]
    _refuse_separation(_log_odds(x, y, len(order)), [f"{name} ({answer})" for answer, name in places])
    model = Multinomial(x, y, weights, len(order))
    at, here = climb(model, weights)
    null = climb(Multinomial(x[:, :1], y, weights, len(order)), weights)[1].value
    terms, df = _terms(places, at, _covariance(here, weights, draw), len(y), draw, level)
    found = diagnose(design, y, None)
    return Regression(terms, (), len(y), here.value, null, df, found)


def ordinal(
    answers: Sequence[str],
    order: Sequence[str],
    predictors: Sequence[Predictor],
    draw: Draw | None = None,
    level: float = LEVEL,
) -> Regression:
    """Regress an answer with an order by proportional odds: an odds ratio above 1 goes with higher answers."""
    y, weights, design = _prepare(answers, order, predictors, draw)
    _refuse_separation(_ordered(design.x, y, len(order)), [*map(str, order[:-1]), *design.names])
    at, here = climb(Ordinal(design.x, y, weights, len(order)), weights)
    null = climb(Ordinal(design.x[:, :0], y, weights, len(order)), weights)[1].value
    between = [f"{one} | {other}" for one, other in pairwise(order)]
    places = [*(("", name) for name in between), *(("", name) for name in design.names)]
    terms, df = _terms(places, at, _covariance(here, weights, draw), len(y), draw, level)
    cuts = len(order) - 1
    found = diagnose(design, y, None if draw else len(order))
    return Regression(terms[cuts:], terms[:cuts], len(y), here.value, null, df, found)


def _prepare(
    answers: Sequence[str], order: Sequence[str], predictors: Sequence[Predictor], draw: Draw | None
) -> tuple[np.ndarray, Vector, Design]:
    """Return codes, weights and columns, or refuse with all that is wrong with them."""
    n = len(answers)
    if any(len(each.values) != n for each in predictors) or (draw and len(draw.shares) != n):
        raise Fault("each response has one value of every predictor, and one share of a draw")
    if not set(answers) <= set(order):
        raise Fault("an answer is missing in the order of answers")
    problems = []
    unused = [answer for answer in order if answer not in answers]
    if unused or len(order) < 2:
        nobody = ", ".join(unused) or "another answer"
        problems.append(Problem("regression.answers", "answers", f"Nobody gave: {nobody}.",
                                "Please leave such answers out, or join them; two have to be left."))  # fmt: skip
    design, faults = design_of(predictors)
    problems += faults
    if problems:
        raise Refusal(problems)
    codes = {answer: code for code, answer in enumerate(order)}
    weights = draw.weights if draw else np.ones(n)
    return np.array([codes[answer] for answer in answers]), weights, design


def _log_odds(x: Matrix, y: np.ndarray, answers: int) -> Matrix:
    """Return, for each response and each answer that it did not give, how far a direction speaks for the given one."""
    size, rows = x.shape[1], []
    for other in range(answers):
        here = np.flatnonzero(y != other)
        block = np.zeros((len(here), (answers - 1) * size))
        for code in range(1, answers):
            mine = y[here] == code
            block[mine, (code - 1) * size : code * size] += x[here][mine]
        if other:
            block[:, (other - 1) * size : other * size] -= x[here]
        rows.append(block)
    return np.vstack(rows)


def _ordered(x: Matrix, y: np.ndarray, answers: int) -> Matrix:
    """Return how far a direction moves each response inside its two thresholds."""
    edges = np.eye(answers - 1)
    inside, above = np.flatnonzero(y < answers - 1), np.flatnonzero(y > 0)
    return np.vstack([np.hstack([edges[y[inside]], -x[inside]]), np.hstack([-edges[y[above] - 1], x[above]])])


def _refuse_separation(rows: Matrix, names: Sequence[str]) -> None:
    places = separated(rows)
    if places:
        named = ", ".join(names[place] for place in places)
        raise Refusal(Problem("regression.separated", "answers", f"Some values go with one answer alone, so that these "
                              f"have no finite odds ratio: {named}.",
                              "Please either join rare categories, or leave the predictor out."))  # fmt: skip


def _covariance(here: Slope, weights: Vector, draw: Draw | None) -> Matrix:
    inverse = np.linalg.inv(here.curvature)
    if draw is None:
        return inverse
    weighted = weights[:, None] * here.scores
    n = len(weights)
    sandwich: Matrix = inverse @ (n / (n - 1) * weighted.T @ weighted) @ inverse
    return sandwich


def _terms(
    places: Sequence[tuple[str, str]], at: Vector, covariance: Matrix, n: int, draw: Draw | None, level: float
) -> tuple[tuple[Term, ...], int | None]:
    df = n - len(at) if draw else None
    law = stats.t(df) if df else stats.norm()
    crit = float(law.ppf((1 + level) / 2))
    terms = []
    for (answer, name), value, square in zip(places, at, np.diag(covariance), strict=True):
        estimate, se = float(value), math.sqrt(float(square))
        statistic = estimate / se
        p = 2 * float(law.sf(abs(statistic)))
        bounds = Interval(math.exp(estimate - crit * se), math.exp(estimate + crit * se))
        terms.append(Term(answer, name, estimate, se, statistic, p, math.exp(estimate), bounds))
    return tuple(terms), df
