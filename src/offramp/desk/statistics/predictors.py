"""What an answer is regressed on: numbers as they are, categories beside the first of them.

The invariant: columns that come back are independent of each other and of a column of ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offramp.desk.statistics.likelihood import Matrix
from offramp.errors import Problem


@dataclass(frozen=True, slots=True)
class Predictor:
    """Values of one predictor, one for each response. With `categories`, each value is one of them."""

    name: str
    values: tuple[float, ...] | tuple[str, ...]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """Columns, their names, and for each predictor how many columns it has."""

    x: Matrix
    names: tuple[str, ...]
    widths: tuple[int, ...]
    predictors: tuple[str, ...]


def design_of(predictors: Sequence[Predictor]) -> tuple[Design, list[Problem]]:
    """Return the columns, and what is wrong with them."""
    columns: list[Matrix] = []
    names: list[str] = []
    widths, problems = [], []
    for each in predictors:
        others = each.categories[1:]
        made = [np.array([value == other for value in each.values], dtype=float) for other in others]
        named = [f"{each.name}: {other}" for other in others]
        if not each.categories:
            made, named = [np.asarray(each.values, dtype=float)], [each.name]
        empty = [name for name, column in zip(named, made, strict=True) if np.ptp(column) == 0]
        missing = [c for c in each.categories[:1] if c not in each.values]
        if empty or missing or not made:
            told = ", ".join([*empty, *(f"{each.name}: {c}" for c in missing)]) or each.name
            problems.append(Problem("regression.constant", each.name, f"There is nothing to compare: {told}.",
                                    "Please leave out what all, or none, have in common."))  # fmt: skip
        columns += made
        names += named
        widths.append(len(made))
    n = len(predictors[0].values) if predictors else 0
    x = np.column_stack(columns) if columns else np.zeros((n, 0))
    if not problems and np.linalg.matrix_rank(np.column_stack([np.ones(n), x])) <= x.shape[1]:
        problems.append(Problem("regression.dependent", "predictors", "One predictor follows from the others.",
                                "Please leave one of them out."))  # fmt: skip
    return Design(x, tuple(names), tuple(widths), tuple(each.name for each in predictors)), problems
