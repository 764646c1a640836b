"""The strongest reader: every count a whole number, all that is known as linear constraints, solved exactly.

Not here: what is known (reader, reader_whole). For each count that should stay in doubt the question is whether two
worlds fit all that is known in which it differs by enough. One world answers for many counts at once, so most are
settled after a few solutions; what is left is minimised and maximised by itself. The invariant: a range that comes
back for a count is its exact one, and a count for which none comes back is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from tests.desk.reader import Constraint, Ranges

ROUNDS = 12


class Worlds:
    """All worlds that fit: one whole number for each name."""

    def __init__(self, ranges: Ranges, known: Sequence[Constraint]) -> None:
        self.names = sorted(ranges)
        self.place = {name: number for number, name in enumerate(self.names)}
        rows: list[int] = []
        columns: list[int] = []
        values: list[int] = []
        for row, each in enumerate(known):
            for names, sign in ((each.plus, 1), (each.minus, -1)):
                for name in names:
                    rows.append(row)
                    columns.append(self.place[name])
                    values.append(sign)
        matrix = csr_matrix((values, (rows, columns)), shape=(len(known), len(self.names)))
        self.constraint = LinearConstraint(
            matrix, [each.low for each in known], [each.high for each in known]
        )
        self.bounds = Bounds(
            [ranges[name][0] for name in self.names], [ranges[name][1] for name in self.names]
        )
        self.solved = 0

    def best(self, objective: np.ndarray[Any, Any]) -> dict[str, int] | None:
        """Return the world with the smallest objective, or None where the time was not enough to be sure."""
        self.solved += 1
        found = milp(objective, integrality=np.ones(len(self.names)), bounds=self.bounds, constraints=self.constraint,
                     options={"time_limit": 10})  # fmt: skip
        assert found.status != 2, "the reader knows something that is not so: no world fits"
        if found.x is None or found.status != 0:
            return None
        return {name: round(value) for name, value in zip(self.names, found.x, strict=True)}

    def extreme(self, name: str, sign: int) -> int:
        objective = np.zeros(len(self.names))
        objective[self.place[name]] = sign
        world = self.best(objective)
        assert world is not None, "a single count was not decided in time"
        return world[name]


def pinned(
    worlds: Worlds, truth: Mapping[str, int], targets: Sequence[str], random: Random, doubt: int = 5
) -> Ranges:
    """Return the exact ranges of those counts that can have fewer than `doubt` values."""
    low, high = ({name: truth[name] for name in targets} for _ in range(2))

    def left() -> list[str]:
        return [name for name in targets if high[name] - low[name] + 1 < doubt]

    def note(world: Mapping[str, int] | None) -> None:
        for name in targets if world else ():
            low[name], high[name] = min(low[name], world[name]), max(high[name], world[name])

    for number in range(ROUNDS):
        if not (waiting := left()):
            return {}
        objective = np.zeros(len(worlds.names))
        for name in waiting:
            # At first all of them upwards, then all downwards, and then mixed: they hinder each other.
            sign = (-1, 1)[number] if number < 2 else random.choice((-1, 1))
            objective[worlds.place[name]] = sign * (1 + random.random())
        note(worlds.best(objective))
    exact = {}
    for name in left():
        if high[name] - low[name] + 1 < doubt:
            ends = worlds.extreme(name, 1), worlds.extreme(name, -1)
            if ends[1] - ends[0] + 1 < doubt:
                exact[name] = ends
    return exact
