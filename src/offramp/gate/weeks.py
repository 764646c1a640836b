"""ISO weeks by name, such as 2026-W48: whether one exists, which one follows, and which ones no run covers.

Names sort as the weeks do, so two can be compared as texts. No clock: which week it is, somebody else says.
The invariant: a gap that is reported is the first week in which nothing runs, and where none is, every week is covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Run:
    """From a first to a last week, both included; an empty name has no bound."""

    first: str = ""
    last: str = ""

    def __contains__(self, week: str) -> bool:
        return self.first <= week and (not self.last or week <= self.last)


def is_week(name: str) -> bool:
    """Tell whether there is such a week."""
    found = _NAME.fullmatch(name)
    return found is not None and 1 <= int(found[2]) <= _weeks_of(int(found[1]))


def following(week: str) -> str:
    """Return the week after this one."""
    year, number = int(week[:4]), int(week[6:])
    return f"{year + 1:04d}-W01" if number == _weeks_of(year) else f"{year:04d}-W{number + 1:02d}"


def gap(runs: Iterable[Run]) -> str | None:
    """Return the first week that no run covers, "" where nothing runs from the beginning, None without a gap."""
    ordered = sorted(runs, key=lambda run: run.first)
    if not ordered or ordered[0].first:
        return ""
    next_week = ""
    for run in ordered:
        if next_week and run.first > next_week:
            return next_week
        if not run.last:
            return None
        next_week = max(next_week, following(run.last))
    return next_week


def _weeks_of(year: int) -> int:
    """A year has 53 weeks if it begins or ends on a Thursday."""

    def ends_on(year: int) -> int:
        return (year + year // 4 - year // 100 + year // 400) % 7

    return 53 if ends_on(year) == 4 or ends_on(year - 1) == 3 else 52
