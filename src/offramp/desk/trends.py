"""Trends: findings by ranges of weeks, in their order.

Not here: findings by themselves (count), what may be seen (disclose). The invariant: the counts of a finding over all
ranges are stated to add up to those that the finding has by itself, and each to lie inside its weeks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from offramp.desk.attack import Cell
from offramp.desk.codebook import Variable
from offramp.desk.findings import Finding
from offramp.desk.joint import Trend
from offramp.desk.members import Having, Key, Members
from offramp.desk.pathways import Sets
from offramp.desk.totals import weeks_between


@dataclass(frozen=True, slots=True)
class Course:
    """One finding over time: of each range of weeks its name, its base and, of that, what is counted."""

    trend: Trend
    finding: Finding
    ranges: tuple[tuple[str, Cell, Cell], ...]


def count_trends(
    sets: Sets, trends: Iterable[Trend], findings: Iterable[Finding], variables: Mapping[str, Variable],
    occurring: Collection[Key],
) -> tuple[Course, ...]:  # fmt: skip
    """Lay out each finding of each trend by ranges of weeks, the first of which begins with the first response."""
    known = {finding.id: finding for finding in findings}
    weeks = weeks_between(code for subject, code in occurring if subject == "week")
    return tuple(
        _course(sets, trend, known[name], variables[known[name].question], weeks)
        for trend in trends
        for name in trend.findings
        if name in known
    )


def _course(sets: Sets, trend: Trend, finding: Finding, variable: Variable, weeks: tuple[str, ...]) -> Course:
    base, hits = _members(finding, variable), Having(variable.id, finding.codes)
    subject, ranges = f"over time {trend.id} {finding.id}", []
    for start in range(0, len(weeks), trend.span):
        some = weeks[start : start + trend.span]
        name = some[0] if len(some) == 1 else f"{some[0]} – {some[-1]}"
        there = sets.of("week", some)
        whole = sets.note(Cell(subject, frozenset((name,))), base & there, show=True)
        counted = sets.note(Cell(subject, frozenset((name, "counted"))), hits & there, show=True)
        sets.inside(whole, counted)
        sets.add(sets.single("week", some), [sets.single("week", (week,)) for week in some], table=False)
        sets.inside(sets.single("week", some), whole)
        ranges.append((name, whole, counted))
    sets.add(sets.single(variable.id, finding.codes), [counted for _, _, counted in ranges])
    wholes = [whole for _, whole, _ in ranges]
    if variable.multiple:
        # Answers that stand alone, so that taking them out of the base takes nobody out twice.
        alone = [sets.single(variable.id, (code,)) for code in sorted(finding.outside)]
        sets.add(sets.single(variable.id, variable.codes), [*wholes, *alone])
    else:
        sets.add(sets.single(variable.id, finding.base(variable.codes)), wholes)
    return Course(trend, finding, tuple(ranges))


def _members(finding: Finding, variable: Variable) -> Members:
    if variable.multiple:
        return Having(variable.id, variable.codes) - Having(variable.id, finding.outside)
    return Having(variable.id, finding.base(variable.codes))
