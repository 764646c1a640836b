"""How questions that are looked at together are shown: transitions as rows under each answer, halves side by side.

Labels and layout from counts that were let through. Not here: counting (pathways, halves), the law (disclose).
The invariant: an answer whose counts are all suppressed is named as such, and none is left out in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from offramp.desk import wording
from offramp.desk.attack import Cell
from offramp.desk.codebook import Category, Variable
from offramp.desk.crosstabs import SUBJECTS, Laid, count_crosstabs
from offramp.desk.disclose import Law, Printed
from offramp.desk.findings import Finding
from offramp.desk.frame import Frame
from offramp.desk.halves import Compared, count_halves
from offramp.desk.joint import Joint
from offramp.desk.members import Key
from offramp.desk.pathways import Crossing, Sets, Way, count_pathways
from offramp.desk.sentences import percent
from offramp.desk.tested import Outcome, apart, halves, outcome, steady
from offramp.desk.trends import Course, count_trends
from offramp.language import Catalogue, State
from offramp.survey import Survey


@dataclass(frozen=True, slots=True)
class Reached:
    """How many went from one answer to another, of how many; nothing where that is suppressed."""

    label: str
    ours: bool
    n: int | None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class From:
    """One answer to a step, and where responses with it went. `hidden` are answers whose counts are suppressed."""

    start: Reached
    ends: tuple[Reached, ...]
    hidden: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class CrossingView:
    one: tuple[str, bool]
    other: tuple[str, bool]
    base: int | None
    several: bool
    every: From
    rows: tuple[From, ...]
    hidden: tuple[Reached, ...]
    groups: tuple[tuple[str, bool], ...]
    answers: tuple[tuple[str, bool], ...]
    test: str = ""
    asked: bool = True
    """Whether the first is a question, and no group such as a language."""


@dataclass(frozen=True, slots=True)
class WayView:
    id: str
    title: str
    crossings: tuple[CrossingView, ...]


@dataclass(frozen=True, slots=True)
class HalvesView:
    """`last` are the high ratings at the end of both halves, `changes` the ratings of one half, before and after."""

    id: str
    title: str
    question: tuple[str, bool]
    low: int
    high: int
    last: tuple[tuple[int | None, int | None, int | None], ...]
    first: tuple[int | None, int | None, int | None]
    difference: tuple[int, int, int] | None
    both: int | None
    changes: tuple[tuple[str, int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class CourseView:
    """One finding over time: of each range its name, base, count and share."""

    title: str
    test: str
    ranges: tuple[tuple[str, int | None, int | None, int | None], ...]

    @property
    def labels(self) -> tuple[tuple[str, bool], ...]:
        return tuple((name, False) for name, *_ in self.ranges)


@dataclass(frozen=True, slots=True)
class TrendView:
    id: str
    title: str
    courses: tuple[CourseView, ...]


class JointCounts:
    """All that is counted together in one study."""

    def __init__(
        self, occurring: Collection[Key], joint: Joint, variables: Sequence[Variable], survey: Survey,
        findings: Sequence[Finding] = (),
    ) -> None:  # fmt: skip
        self.survey = survey
        self.sheet, self.variables = Sets(), {variable.id: variable for variable in variables}
        self.ways = count_pathways(self.sheet, joint.pathways, self.variables)
        self.halves = count_halves(self.sheet, joint.halves, self.variables)
        self.crosstabs = count_crosstabs(self.sheet, joint.crosstabs, self.variables, occurring, survey)
        self.courses = count_trends(self.sheet, joint.trends, findings, self.variables, occurring)

    def tests(self, printed: Printed, law: Law) -> dict[str, Outcome]:
        """Return the test of each cross-tabulation by its key, from what is printed of it."""
        found = {}
        for laid in self.crosstabs:
            drafts = laid.crosstab.by == "language" and in_draft(self.survey, laid.crossings)
            for crossing in laid.crossings:
                grid = [[printed[cell] for cell in row] for row in crossing.cells]
                several = crossing.one.multiple or crossing.other.multiple
                found[_key(laid, crossing)] = outcome(grid, several, drafts, law)
        for course in self.courses:
            found[_course_key(course)] = steady(_by_range(course, printed), law)
        for each in self.halves:
            asked, not_asked, first = _shares(each, printed)
            found[f"{each.halves.id}/asking"] = halves(asked, not_asked, law)
            found[f"{each.halves.id}/between"] = halves(first, not_asked, law)
        return found

    def views(self, printed: Printed, texts: Catalogue, frame: Frame) -> dict[str, object]:
        """Return what is shown: pathways, cross-tabulations, and comparisons of halves."""
        return {
            "crosstabs": tuple(_laid(each, printed, texts, frame) for each in self.crosstabs),
            "ways": tuple(_way(way, printed, texts, frame) for way in self.ways),
            "halves": tuple(
                _halves(each, self.variables[each.halves.after], printed, texts, frame) for each in self.halves
            ),
            "trends": _trends(self.courses, printed),
        }  # fmt: skip


def _way(way: Way, printed: Printed, texts: Catalogue, frame: Frame) -> WayView:
    crossings = tuple(_crossing(crossing, printed, texts, frame) for crossing in way.crossings)
    return WayView(way.pathway.id, way.pathway.title, crossings)


def in_draft(survey: Survey, crossings: Sequence[Crossing]) -> bool:
    """Tell whether any language in which there are answers here has texts that nobody has reviewed."""
    there = {code for crossing in crossings for group in crossing.one.categories for code in group.codes}
    drafts = (tag for tag, texts in survey.catalogues.items() if texts.state is State.DRAFT)
    return bool(there & set(drafts)) or not there <= set(survey.catalogues)


def _key(laid: Laid, crossing: Crossing) -> str:
    return f"{laid.crosstab.id}/{crossing.other.id}"


def _laid(laid: Laid, printed: Printed, texts: Catalogue, frame: Frame) -> WayView:
    crossings = tuple(
        replace(_crossing(crossing, printed, texts, frame), test=_key(laid, crossing))
        for crossing in laid.crossings
    )
    if laid.crosstab.by in SUBJECTS:
        group = (frame(f"by/{laid.crosstab.by}"), False)
        crossings = tuple(replace(each, one=group, asked=False) for each in crossings)
    return WayView(laid.crosstab.id, laid.crosstab.title, crossings)


def _crossing(crossing: Crossing, printed: Printed, texts: Catalogue, frame: Frame) -> CrossingView:
    one, other = crossing.one, crossing.other
    ends = other.categories

    def reached(category: Category, cell: Cell, base: Cell | None = None) -> Reached:
        n, of = printed[cell], printed[base] if base else None
        return Reached(
            *wording.label(category, texts, frame), n, percent(n, of) if n is not None and of else None
        )

    def going(start: Reached, base: Cell, cells: Sequence[Cell]) -> From:
        found = [reached(end, cell, base) for end, cell in zip(ends, cells, strict=True)]
        return From(start, tuple(each for each in found if each.n is not None),
                    tuple(each for each in found if each.n is None))  # fmt: skip

    rows = [going(reached(start, row), row, cells)
            for start, row, cells in zip(one.categories, crossing.rows, crossing.cells, strict=True)]  # fmt: skip
    base = printed[crossing.base]
    return CrossingView(
        wording.question(one, texts, frame), wording.question(other, texts, frame), base, other.multiple,
        going(Reached("", False, base), crossing.base, crossing.columns),
        tuple(row for row in rows if row.ends), tuple(row.start for row in rows if not row.ends),
        tuple(wording.label(each, texts, frame) for each in one.categories),
        tuple(wording.label(each, texts, frame) for each in other.categories),
    )  # fmt: skip


def _shares(compared: Compared, printed: Printed) -> tuple[tuple[int | None, int | None], ...]:
    """Return high ratings and their base: at the end of those asked before, and of the others; before, of the first."""
    pairs = (
        *((high, base) for base, high in (compared.asked, compared.not_asked)),
        (compared.high_before, compared.both),
    )
    return tuple((printed[high], printed[base]) for high, base in pairs)


def _course_key(course: Course) -> str:
    return f"{course.trend.id}/{course.finding.id}"


def _by_range(course: Course, printed: Printed) -> list[tuple[int | None, int | None]]:
    """Return what is counted and its base, range by range."""
    return [(printed[counted], printed[base]) for _, base, counted in course.ranges]


def _trends(courses: Sequence[Course], printed: Printed) -> tuple[TrendView, ...]:
    found: dict[str, TrendView] = {}
    for course in courses:
        names = [name for name, _, _ in course.ranges]
        ranges = tuple(
            (name, base, n, percent(n, base) if n is not None and base else None)
            for name, (n, base) in zip(names, _by_range(course, printed), strict=True)
        )
        view = found.get(course.trend.id, TrendView(course.trend.id, course.trend.title, ()))
        own = CourseView(course.finding.title, _course_key(course), ranges)
        found[view.id] = replace(view, courses=(*view.courses, own))
    return tuple(found.values())


def _halves(
    compared: Compared, variable: Variable, printed: Printed, texts: Catalogue, frame: Frame
) -> HalvesView:
    def share(cell: Cell, base: Cell) -> int | None:
        n, of = printed[cell], printed[base]
        return percent(n, of) if n is not None and of else None

    _, not_asked, first = _shares(compared, printed)
    numbers = sorted(int(code) for code in compared.halves.high)
    return HalvesView(
        compared.halves.id, compared.halves.title, wording.question(variable, texts, frame), numbers[0], numbers[-1],
        tuple((printed[base], printed[high], share(high, base))
              for base, high in (compared.asked, compared.not_asked)),
        (printed[compared.both], printed[compared.high_before], share(compared.high_before, compared.both)),
        apart(not_asked, first),
        printed[compared.both],
        tuple((name, printed[cell], share(cell, compared.both)) for name, cell in compared.changes),
    )  # fmt: skip
