"""Trends: findings by ranges of weeks, in their order.

Each is a crossing of weeks with a finding, as a cross-tabulation is of groups with a question; here a finding becomes
something that can be crossed. Not here: counting a crossing (pathways), what may be seen (disclose). The invariant:
the counts of a finding over all ranges are stated to add up to those that the finding has by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk.codebook import Category, Variable
from offramp.desk.crosstabs import groups
from offramp.desk.findings import Finding
from offramp.desk.joint import Crosstab, Trend
from offramp.desk.pathways import Crossing, Sets, cross
from offramp.desk.totals import weeks_between
from offramp.survey import Missing, QuestionId, Response, Survey

COUNTED, REST = "counted", "rest"


@dataclass(frozen=True, slots=True)
class Course:
    """One finding over time: of each range its base and, of that, what is counted."""

    trend: Trend
    finding: Finding
    crossing: Crossing


def count_trends(
    sets: Sets, trends: Iterable[Trend], findings: Iterable[Finding], variables: Mapping[str, Variable],
    responses: Sequence[Response], survey: Survey,
) -> tuple[Course, ...]:  # fmt: skip
    """Count each finding of each trend by ranges of weeks, the first of which begins with the first response."""
    known = {finding.id: finding for finding in findings}
    weeks = weeks_between(response.context.week for response in responses)
    found = []
    for trend in trends:
        ranges = tuple(
            (weeks[start], weeks[min(start + trend.span, len(weeks)) - 1])
            for start in range(0, len(weeks), trend.span)
        )
        by_weeks = groups(sets, Crosstab(trend.id, trend.title, "week", (), ranges), responses, survey)
        for finding in (known[name] for name in trend.findings if name in known):
            variable = _variable(sets, finding, variables[finding.question], responses)
            found.append(Course(trend, finding, cross(sets, by_weeks, variable)))
    return tuple(found)


def _variable(sets: Sets, finding: Finding, variable: Variable, responses: Sequence[Response]) -> Variable:
    """Return a finding as a variable of two codes, and state how they hang together with the question."""
    subject = f"finding/{finding.id}"
    sets.note_codes(
        subject, [_code(finding, response.codes[QuestionId(finding.question)]) for response in responses]
    )
    both = sets.single(subject, (COUNTED, REST))
    sets.add(both, [sets.single(subject, (code,)) for code in (COUNTED, REST)], table=False)
    sets.add(sets.single(variable.id, finding.codes), [sets.single(subject, (COUNTED,))], table=False)
    if variable.multiple:
        outside = [sets.single(variable.id, (code,)) for code in sorted(finding.outside)]
        sets.add(sets.single(variable.id, variable.codes), [both, *outside], table=False)
    else:
        inside = (variable.codes - finding.outside) | finding.inside
        sets.add(sets.single(variable.id, inside), [both], table=False)
    categories = tuple(Category(code, frozenset((code,)), name=code) for code in (COUNTED, REST))
    return Variable(subject, "", "", "", "finding", categories, ())


def _code(finding: Finding, codes: Missing | tuple[str, ...]) -> str:
    if isinstance(codes, Missing):
        return REST if codes.value in finding.inside else ""
    given = frozenset(codes)
    if given & finding.codes:
        return COUNTED
    return "" if given <= finding.outside else REST
