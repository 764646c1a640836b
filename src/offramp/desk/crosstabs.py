"""Cross-tabulations: answers by language, week or range of weeks, version or arm, or by the answer to another question.

Each is a crossing of two variables, as a step of a pathway is; what is no question becomes a variable here. Not here:
counting a crossing (pathways), what may be seen (disclose). The invariant: what is known of the groups by themselves,
from the report's other tables, is stated as a sum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk.codebook import Category, Variable
from offramp.desk.joint import Crosstab
from offramp.desk.members import Key
from offramp.desk.pathways import Crossing, Sets, cross
from offramp.survey import Survey

# What each is called inside a response and in the report's other tables.
SUBJECTS: Mapping[str, str] = {"language": "language", "week": "week", "version": "structure", "arm": "arm"}


@dataclass(frozen=True, slots=True)
class Laid:
    """A cross-tabulation as it is counted."""

    crosstab: Crosstab
    crossings: tuple[Crossing, ...]


def count_crosstabs(
    sets: Sets, crosstabs: Iterable[Crosstab], variables: Mapping[str, Variable], occurring: Collection[Key],
    survey: Survey,
) -> tuple[Laid, ...]:  # fmt: skip
    """Lay out each question of each cross-tabulation by its groups."""
    laid = []
    for crosstab in (each for each in crosstabs if each.by != "survey"):
        group = variables.get(crosstab.by) or _group(sets, crosstab, occurring, survey)
        laid.append(Laid(crosstab, tuple(cross(sets, group, variables[name]) for name in crosstab.questions)))
    return tuple(laid)


def _group(sets: Sets, crosstab: Crosstab, occurring: Collection[Key], survey: Survey) -> Variable:
    """Return the groups that occur as a variable, and state how they hang together with all responses."""
    subject = SUBJECTS[crosstab.by]
    codes = sorted(code for each, code in occurring if each == subject)
    categories = _ranges(crosstab, codes) or tuple(
        Category(code or "none", frozenset((code,)), name=_name(crosstab.by, code, survey)) for code in codes
    )
    everything = sets.everybody()
    singles = [sets.single(subject, (code,)) for code in codes]
    sets.add(everything, singles, table=False)
    inside = frozenset(code for category in categories for code in category.codes)
    for some in (inside, *(category.codes for category in categories)):
        sets.add(
            sets.single(subject, some), [sets.single(subject, (code,)) for code in sorted(some)], table=False
        )
    return Variable(subject, "", "", "", "group", categories, ())


def _ranges(crosstab: Crosstab, weeks: Sequence[str]) -> tuple[Category, ...]:
    ranges = []
    for first, last in crosstab.ranges:
        if own := frozenset(week for week in weeks if first <= week <= last):
            name = first if first == last else f"{first} – {last}"
            ranges.append(Category(f"{first}_{last}", own, name=name))
    return tuple(ranges)


def _name(by: str, code: str, survey: Survey) -> str:
    if by == "version":
        return str(next(v.version for v in survey.versions if v.structure == code))
    if by == "language":
        return next((str(c.language.name) for tag, c in survey.catalogues.items() if tag == code), code)
    return code
