"""Days with a burst of machine traffic: flagged, never left out in silence.

The rule looks at nothing but counts per day, all arms together, so it cannot favour one. The invariant: a day is
flagged for what stands out against the days around it, and no day is flagged where there are too few of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median

AROUND = 14
LEAST_AROUND = 7
LEAST = 50
TIMES = 3
SPREADS = 6
# The median distance from the median, times this, estimates a standard deviation.
_NORMAL = 1.4826

RULE = (
    f"A day is flagged if its displays, or its clicks, are at least {LEAST}, more than {TIMES} times the median of "
    f"the {AROUND} days before and the {AROUND} days after it, and more than {SPREADS} spreads above that median. The "
    f"spread is {_NORMAL} times the median distance from the median, or the square root of the median if that is "
    f"more. Where fewer than {LEAST_AROUND} days lie around it, no day is flagged. Each language is looked at alone."
)


def bursts(counts: Mapping[date, int]) -> frozenset[date]:
    """Return the days that stand out; a day without an entry between the first and the last had nothing."""
    if not counts:
        return frozenset()
    first, last = min(counts), max(counts)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    series = [counts.get(day, 0) for day in days]
    return frozenset(day for place, day in enumerate(days) if stands_out(series, place))


def stands_out(series: list[int], place: int) -> bool:
    """Tell whether one number of a series is far above those around it."""
    n = series[place]
    if n < LEAST:
        return False
    around = series[max(0, place - AROUND) : place] + series[place + 1 : place + 1 + AROUND]
    if len(around) < LEAST_AROUND:
        return False
    middle = median(around)
    spread = max(_NORMAL * median(abs(each - middle) for each in around), middle**0.5)
    return bool(n > TIMES * middle and n > middle + SPREADS * spread)
