"""One study as it goes into an analysis: an effect, its variance, and what is known of how it was made.

The log risk ratio is reckoned here, from the four counts of two arms. Where one of a study's counts is 0, a half is
added to all four of that study, and the study says so; others are left as they are.
The invariant: a study with an effect has a variance above 0.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

ADDED = 0.5


class Kind(enum.StrEnum):
    """What the effects of a file are."""

    GIVEN = "given"
    LOG_RISK_RATIO = "log risk ratio"


@dataclass(frozen=True, slots=True)
class Study:
    """A study; without an effect it is listed, and pooled with nothing."""

    name: str
    effect: float | None
    variance: float | None
    design: str = ""
    risk_of_bias: str = ""
    corrected: bool = False
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def se(self) -> float:
        return math.sqrt(self.variance or math.nan)


def log_risk_ratio(
    events: float, rest: float, other_events: float, other_rest: float
) -> tuple[float, float, bool]:
    """Return the effect, its variance, and whether a half was added."""
    cells = (events, rest, other_events, other_rest)
    corrected = 0 in cells
    a, b, c, d = (cell + ADDED for cell in cells) if corrected else cells
    effect = math.log(a / (a + b)) - math.log(c / (c + d))
    return effect, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), corrected
