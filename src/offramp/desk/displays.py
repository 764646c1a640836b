"""Displays and clicks as the server counts them, laid out by arm, language and day, and cut where something changes.

Two things cut time into pieces: the weeks in which an arm runs, since arms are compared over shared weeks alone, and
days with a burst, since everything is shown with and without these. Exact counts live here and go no further than
`arms`. The invariant: every count of a language that is reported lies in exactly one piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from offramp.desk.bursts import bursts
from offramp.store import Tally

SHOWN = "shown"
TARGETS = ("survey", "other-survey", "help", "programme", "not-looking", "exit")
# Targets that every message leads to; another one is a column only where something was counted for it.
PRESENT = frozenset(TARGETS) - {"programme", "other-survey"}
_CLICK = "go_"


class Count(NamedTuple):
    """What is counted: displays or clicks on one target, of an arm, in a language, on a day."""

    measure: str
    arm: str
    language: str
    day: date


class Piece(NamedTuple):
    """A part of the time: which stretch of weeks, and whether its days are flagged."""

    stretch: int
    flagged: bool


@dataclass(frozen=True, slots=True)
class Displays:
    """All counts, and what cuts them."""

    counts: Mapping[Count, int]
    arms: tuple[str, ...]
    languages: tuple[str, ...]
    targets: tuple[str, ...]
    pieces: Mapping[str, Mapping[date, Piece]]
    cuts: tuple[str, ...]
    runs: Mapping[str, tuple[str, str]]

    def flagged(self, language: str) -> tuple[date, ...]:
        """Return the days of a language with a burst."""
        return tuple(sorted(day for day, piece in self.pieces[language].items() if piece.flagged))

    def stretches(self, arm: str) -> frozenset[int]:
        """Return the stretches of weeks in which an arm runs."""
        first, last = self.runs[arm]
        begins = ["", *self.cuts]
        return frozenset(place for place, begin in enumerate(begins)
                         if begin <= last and (place + 1 == len(begins) or begins[place + 1] > first))  # fmt: skip


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def lay_out(totals: Mapping[Tally, int], floor: int) -> Displays:
    """Lay out the totals of messages; a language in which no arm has `floor` displays is left out."""
    counts = {count: n for tally, n in totals.items() if n > 0 and (count := _count(tally))}
    shown: Counter[tuple[str, str]] = Counter()
    for count, n in counts.items():
        shown[count.language, count.arm] += n if count.measure == SHOWN else 0
    languages = tuple(sorted({language for (language, _), n in shown.items() if n >= floor}))
    counts = {count: n for count, n in counts.items() if count.language in languages}
    weeks = {day: week_of(day) for day in {count.day for count in counts}}
    runs: dict[str, tuple[str, str]] = {}
    for count in counts:
        if count.measure == SHOWN:
            week = weeks[count.day]
            first, last = runs.get(count.arm, (week, week))
            runs[count.arm] = min(first, week), max(last, week)
    # A click on a page that stayed open after the last display of its arm belongs to no display here.
    counts = {
        c: n for c, n in counts.items() if c.arm in runs and runs[c.arm][0] <= weeks[c.day] <= runs[c.arm][1]
    }
    present = {count.measure for count in counts}
    targets = tuple(target for target in TARGETS if target in present | PRESENT)
    cuts = _cuts(list(runs.values()))
    return Displays(
        counts, tuple(sorted(runs)), languages, targets, _pieces(counts, languages, weeks, cuts), cuts, runs
    )


def _count(tally: Tally) -> Count | None:
    measure = SHOWN if tally.name == "message_shown" else tally.name.removeprefix(_CLICK)
    if measure == tally.name or measure not in (SHOWN, *TARGETS) or "W" in tally.period:
        return None
    return Count(measure, tally.subject, tally.language, _day(tally.period))


@cache
def _day(period: str) -> date:
    return date.fromisoformat(period)


def _pieces(
    counts: Mapping[Count, int], languages: Iterable[str], weeks: Mapping[date, str], cuts: Sequence[str]
) -> dict[str, dict[date, Piece]]:
    """Return for each language in which piece each of its days lies."""
    by_day: dict[str, tuple[Counter[date], Counter[date]]] = {
        language: (Counter(), Counter()) for language in languages
    }
    for count, n in counts.items():
        by_day[count.language][count.measure != SHOWN][count.day] += n
    pieces = {}
    for language, (displays, clicks) in by_day.items():
        flagged = bursts(displays) | bursts(clicks)
        pieces[language] = {
            day: Piece(sum(cut <= weeks[day] for cut in cuts), day in flagged) for day in {*displays, *clicks}
        }
    return pieces


def _cuts(runs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return what sorts before each stretch but the first: a week in which an arm begins, or just after its last."""
    begin, end = min((first for first, _ in runs), default=""), max((last for _, last in runs), default="")
    return tuple(
        sorted({first for first, _ in runs if first > begin} | {f"{last}~" for _, last in runs if last < end})
    )
