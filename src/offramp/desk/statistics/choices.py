"""Tables of multiple choices, with the base that is right for them.

The base are the responses that answered the question. Who was not asked, skipped, or would rather not say is in none.
Shares therefore add up to more than 1, and no test that takes the rows for exclusive fits such a table.
The invariant: no option counts a response twice, and the base is the same for all options of a question.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from offramp.desk.estimate import Interval
from offramp.desk.statistics.proportion import LEVEL, wilson


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: how many ticked it, of how many; its share of all ticks."""

    option: str
    n: int
    base: int
    interval: Interval
    of_ticks: float

    @property
    def share(self) -> float:
        return self.n / self.base


@dataclass(frozen=True, slots=True)
class Choices:
    """A whole question; `left_out` are the responses that are in no base."""

    rows: tuple[Choice, ...]
    base: int
    ticks: int
    left_out: int


def choices(
    answers: Sequence[Set[str] | None], options: Sequence[str], level: float = LEVEL
) -> Choices | None:
    """Count ticks; None, or no tick at all, is no answer. Returns nothing where nobody answered."""
    answered = [answer for answer in answers if answer]
    if not answered:
        return None
    counts = {option: sum(option in answer for answer in answered) for option in options}
    base, ticks = len(answered), sum(counts.values())
    rows = tuple(
        Choice(option, n, base, wilson(n, base, level), n / ticks if ticks else 0.0)
        for option, n in counts.items()
    )
    return Choices(rows, base, ticks, len(answers) - base)
