"""How much shares of clicks vary from day to day: a bootstrap whose blocks are whole days.

A day is drawn with all its arms, languages and targets, so that what they share on a day stays shared. Of the result
only a coarse step leaves this file: how many times wider than by chance alone an interval must be. That step is all
that an interval takes from exact counts; the rest of it comes from rounded ones (estimate).
The invariant: the same seed and the same days give the same steps.

A day's counts are the digits of one large number, so that adding up a replicate is adding whole numbers.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

REPLICATES = 1000
STEP = 1.1
LOWEST, HIGHEST = -5, 40


class Share(NamedTuple):
    """The places, among a day's counts, of clicks and of the displays that they are a share of."""

    clicks: int
    displays: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How many times wider than by chance alone: a power of STEP, and nothing finer."""

    step: int

    @property
    def times(self) -> float:
        return STEP**self.step


def replicates(days: Sequence[Sequence[int]], seed: int, how_many: int) -> Iterator[Sequence[int]]:
    """Yield the sums of that many draws of as many days as there are."""
    highest = max((max(day, default=0) for day in days), default=0)
    code: Literal["I", "Q"] = "I" if highest * len(days) < 1 << 32 else "Q"
    packed = [int.from_bytes(array(code, day).tobytes(), sys.byteorder) for day in days]
    size = len(days[0]) * array(code).itemsize
    # To be the same again is what is wanted of this chance; nothing is kept secret by it.
    random = Random(seed)  # noqa: S311
    for _ in range(how_many):
        total = sum(random.choices(packed, k=len(packed)))
        yield memoryview(total.to_bytes(size, sys.byteorder)).cast(code)


def spreads(
    days: Sequence[Sequence[int]], shares: Sequence[Share], pairs: Sequence[tuple[Share, Share]], seed: int,
    how_many: int = REPLICATES,
) -> tuple[list[Spread], list[Spread]]:  # fmt: skip
    """Return how widely each share varies, and the difference of each pair of shares."""
    places = {
        share: place for place, share in enumerate(dict.fromkeys([*shares, *(s for p in pairs for s in p)]))
    }
    differences = [(places[one], places[two]) for one, two in pairs]
    exact = [sum(column) for column in zip(*days, strict=True)]
    middle = _rates(exact, places)
    apart = [middle[one] - middle[two] for one, two in differences]
    squares, squares_apart = [0.0] * len(places), [0.0] * len(pairs)
    for total in replicates(days, seed, how_many):
        rates = _rates(total, places)
        squares = [s + (rate - m) ** 2 for s, rate, m in zip(squares, rates, middle, strict=True)]
        squares_apart = [
            s + (rates[one] - rates[two] - m) ** 2
            for s, (one, two), m in zip(squares_apart, differences, apart, strict=True)
        ]
    # The draws vary about days that were themselves drawn: as with any variance, one is lost.
    scale = len(days) / max(1, len(days) - 1) / how_many
    chance = {share: _chance(exact, share) for share in places}
    return (
        [_spread(squares[places[share]] * scale, chance[share]) for share in shares],
        [
            _spread(s * scale, chance[one] + chance[two])
            for s, (one, two) in zip(squares_apart, pairs, strict=True)
        ],
    )


def _rates(counts: Sequence[int], shares: Iterable[Share]) -> list[float]:
    return [counts[clicks] / (counts[displays] or 1) for clicks, displays in shares]


def _chance(exact: Sequence[int], share: Share) -> float:
    """Return the variance of a share if every click came by itself."""
    return exact[share.clicks] / (exact[share.displays] or 1) ** 2


def _spread(variance: float, chance: float) -> Spread:
    if variance <= 0 or chance <= 0:
        return Spread(LOWEST)
    step = round(math.log(variance / chance) / 2 / math.log(STEP))
    return Spread(max(LOWEST, min(HIGHEST, step)))
