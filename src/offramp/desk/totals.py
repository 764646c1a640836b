"""The denominators: how often each stage was reached, as totals from the server, by language and by week.

They belong to no response, and nothing joins them to one. Not here: what may be seen of them (disclose).
The invariant: each stage's languages add up to its total, and so do its weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from offramp.desk.attack import Cell, Sum
from offramp.desk.disclose import Tables
from offramp.store import Tally

# What the server calls them, in the order in which a person meets them.
STAGES = (
    "message_shown", "consent_shown", "agreed", "declined", "under_18", "first_page", "module_taken", "finished",
    "programme_shown", "journal_kept",
)  # fmt: skip
# Counted by arm of the message and by day, for no survey in particular.
_BY_DAY = frozenset(("message_shown",))
# Counted by programme, for no survey in particular either.
PROGRAMME = frozenset(("programme_shown", "programme_begun", "journal_kept", "step_done"))


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the totals of one stage stand."""

    name: str
    total: Cell
    languages: tuple[Cell, ...]
    weeks: tuple[Cell, ...]


def weeks_between(seen: Iterable[str]) -> tuple[str, ...]:
    """Return all ISO weeks from the first to the last of those seen, the empty ones as well."""
    ordered = sorted(set(seen))
    if not ordered:
        return ()
    day, last = (date.fromisoformat(f"{week}-1") for week in (ordered[0], ordered[-1]))
    weeks = []
    while day <= last:
        weeks.append(_week(day))
        day += timedelta(days=7)
    return tuple(weeks)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def is_period(text: str) -> bool:
    """Tell whether a text is an ISO week or a day, and so can be laid out."""
    try:
        date.fromisoformat(f"{text}-1" if "W" in text else text)
    except ValueError:
        return False
    return True


def of_survey(totals: Mapping[Tally, int], slug: str) -> dict[Tally, int]:
    """Return the totals that belong to a survey and those of what leads to it and on from it, all by week."""
    chosen: dict[Tally, int] = {}
    for tally, n in totals.items():
        if tally.name in _BY_DAY:
            tally = Tally(tally.name, "", tally.language, _week(date.fromisoformat(tally.period)))
        elif tally.name in PROGRAMME and tally.name in STAGES:
            tally = tally._replace(subject="")
        elif tally.name not in STAGES or tally.subject != slug:
            continue
        chosen[tally] = chosen.get(tally, 0) + n
    return chosen


def count_totals(
    totals: Mapping[Tally, int], languages: Sequence[str], weeks: Sequence[str]
) -> tuple[Tables, tuple[Stage, ...]]:
    """Lay the totals out by stage, each with its languages and its weeks."""
    counts: dict[Cell, int] = {}
    sums: list[Sum] = []
    stages = []
    for name in STAGES:
        own = [(tally, n) for tally, n in totals.items() if tally.name == name]
        total = Cell(name)
        counts[total] = sum(n for _, n in own)
        by_language, by_week = (
            tuple(Cell(name, frozenset((f"{kind} {value}",))) for value in values)
            for kind, values in (("language", languages), ("week", weeks))
        )
        for cell, value in zip(by_language, languages, strict=True):
            counts[cell] = sum(n for tally, n in own if tally.language == value)
        for cell, value in zip(by_week, weeks, strict=True):
            counts[cell] = sum(n for tally, n in own if tally.period == value)
        sums += [Sum(total, by_language), Sum(total, by_week)]
        stages.append(Stage(name, total, by_language, by_week))
    return Tables(counts, frozenset(counts), tuple(sums)), tuple(stages)
