"""The report: one static page with every figure that may leave, made from a count store and totals.

Counts, applies the law, and lays out. Not here: counting (count), the law (disclose), words (wording).
The invariant: a number reaches the page only through `protect`, and no open text reaches it at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk import wording
from offramp.desk.attack import Cell
from offramp.desk.checklist import Checklist
from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.codebook import Variable, codebook, parts
from offramp.desk.count import Counted, Layout, QuestionCounts, count
from offramp.desk.counterparts import Counterpart, counterpart, side_by_side
from offramp.desk.countstore import CountStore
from offramp.desk.disclose import HOUSE, Law, Printed, protect
from offramp.desk.findings import Finding
from offramp.desk.joint import NOTHING, Joint
from offramp.desk.jointpage import JointCounts
from offramp.desk.members import Key
from offramp.desk.pathways import together
from offramp.desk.press import printed
from offramp.desk.published import Beside, Published, beside
from offramp.desk.sentences import Said, percent, said
from offramp.desk.sheet import ALL
from offramp.desk.tested import adjusted, interval
from offramp.desk.totals import Stage, count_totals, of_survey, weeks_between
from offramp.desk.twofold import Counting, kept, twofold
from offramp.errors import refuse
from offramp.language import SOURCE, Catalogue, Tag
from offramp.store import Tally
from offramp.survey import Change, PageId, Survey, difference


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number: its text, its share of a base in per cent, and whether it is suppressed."""

    text: str
    share: int | None = None

    @property
    def suppressed(self) -> bool:
        return self.text == wording.SUPPRESSED


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `ours` says that the label is in the language of the questions.

    `kept` are the figures without flagged responses: none where there is no such count.
    """

    label: str
    figures: tuple[Figure, ...]
    ours: bool = False
    kept: tuple[Figure, ...] = ()

    @property
    def open(self) -> bool:
        return not any(figure.suppressed for figure in self.figures)


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: str
    text: str
    ours: bool
    rule: str
    base: Line
    answers: tuple[Line, ...]
    missing: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    title: str
    ours: bool
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class PartView:
    """The core, an optional part with its offer, or the closing pages: what a report puts under one heading."""

    id: str
    title: str
    ours: bool
    findings: tuple[Said, ...]
    withheld: tuple[str, ...]
    offer: QuestionView | None
    pages: tuple[PageView, ...]
    ended: Line | None
    last_pages: tuple[Line, ...]


def report(
    survey: Survey, store: CountStore, totals: Mapping[Tally, int], findings: Sequence[Finding],
    tag: Tag = SOURCE, law: Law = HOUSE, rules: Sequence[Rule] = EVERYWHERE, joint: Joint = NOTHING,
    published: Sequence[Published] = (), others: Sequence[Counterpart] = (),
) -> str:  # fmt: skip
    """Return the report as HTML; `rules` are those by which the store was cleaned. Refusal report.language."""
    if tag not in survey.catalogues:
        raise refuse("report.language", "report", f"The survey has no texts in “{tag}”.",
                     f"Please use one of: {', '.join(survey.catalogues)}.")  # fmt: skip
    frame = _Frame(survey, survey.catalogues[tag], law, store.synthetic, rules, joint, published)
    if store.n < law.floor:
        return frame.render()
    frame.count(store, of_survey(totals, survey.slug), findings)
    return frame.filled(findings, others)


def shown(
    survey: Survey, store: CountStore, totals: Mapping[Tally, int], findings: Sequence[Finding],
    law: Law = HOUSE, rules: Sequence[Rule] = EVERYWHERE, joint: Joint = NOTHING,
) -> Counterpart | None:  # fmt: skip
    """Return what the report of these would print of each question; nothing where there are too few responses."""
    if store.n < law.floor:
        return None
    frame = _Frame(survey, survey.catalogues[SOURCE], law, store.synthetic, rules, joint, ())
    frame.count(store, of_survey(totals, survey.slug), findings)
    return frame.own()


class _Frame:
    """One report in the making: the survey in one language, and what may be printed."""

    def __init__(
        self, survey: Survey, texts: Catalogue, law: Law, synthetic: bool, rules: Sequence[Rule], joint: Joint,
        published: Sequence[Published],
    ) -> None:  # fmt: skip
        self.survey, self.texts, self.law, self.synthetic = survey, texts, law, synthetic
        self.rules, self.joint, self.published = rules, joint, published

    def count(self, store: CountStore, totals: Mapping[Tally, int], findings: Sequence[Finding]) -> None:
        """Count all that the report has, and find out what of it may be printed."""
        self.elsewhere = store.elsewhere
        self.weeks = weeks_between([tally.period for tally in totals] + store.codes("week"))
        self.languages = list(dict.fromkeys(
            [*self.survey.catalogues, *(tally.language for tally in totals), *store.codes("language")]
        ))  # fmt: skip
        counting, variables = self._counting(self.languages, self.weeks, findings), codebook(self.survey)
        self.joined = joint = JointCounts(store.occurring, self.joint, variables, self.survey, findings)
        two = self.two = twofold(counting, variables, store, self.rules, self.law, joint.sheet.asked())
        stage_tables, self.stages = count_totals(totals, self.languages, self.weeks)
        joined = joint.sheet.tables(two.found)
        tables, before = together(two.tables, joined), together(two.before, joined)
        self.printed: Printed = {**protect(tables, self.law, before), **protect(stage_tables, self.law)}

    def own(self) -> Counterpart:
        """Return what is printed of each question."""
        return counterpart(self.survey, self.two.counted.questions, self.printed)

    def filled(self, findings: Sequence[Finding], others: Sequence[Counterpart]) -> str:
        """Return the report with its figures."""
        counted, weeks, stages, two = self.two.counted, self.weeks, self.stages, self.two
        own = Stage("", ALL, tuple(c for _, c in counted.languages), tuple(c for _, c in counted.weeks))
        views = self._parts(counted, findings)
        sides, looks = side_by_side(self.joint.crosstabs, self.own(), others, self.texts, self.law)
        tests = adjusted({**self.joined.tests(self.printed, self.law), **looks})
        return self.render(
            n=self._figure(ALL), twofold=two.both, **self._flags(counted),
            parts=views, offers=[part for part in views if part.offer],
            languages=self.languages, weeks=weeks, **self.joined.views(self.printed, self.texts),
            tests=tests, sides=sides, spans=self._spans(views),
            looked=sum(not test.why for test in tests.values()), rounding=f"{self.law.noise:g}",
            by_language=self._by_language(own, stages), by_week=self._by_week(own, stages, weeks),
            stages=["Responses in this report", *(["Without flagged"] if two.both else []),
                    *(wording.STAGES[stage.name] for stage in stages)], **self._denominators(stages, weeks),
            comparison=self._comparison(views, findings),
            versions=[self._version(structure, cell) for structure, cell in counted.versions],
            differences=self._differences(), elsewhere=self.elsewhere,
            marks=[self._line(wording.MARKS[mark], [cell], ALL) for mark, cell in counted.marks],
            gone_pages=[self._line(self._gone_title(page), [cell], ALL) for page, cell in counted.last_pages[:-1]
                        if self.survey.page(page) is None],
            no_page=self._line("No page of answers, words only", [counted.last_pages[-1][1]], ALL),
        )  # fmt: skip

    def _spans(self, views: Sequence[PartView]) -> dict[str, tuple[int, int]]:
        """Return the interval of each finding that is printed; none where no statistics are installed."""
        told = [each for view in views for each in view.findings]
        return {each.id: span for each in told if (span := interval(each.n, each.base, self.law))}

    def _comparison(self, views: Sequence[PartView], findings: Sequence[Finding]) -> tuple[Beside, ...]:
        told = {each.id: each for view in views for each in view.findings}
        return beside(self.published, findings, told)

    def _flags(self, counted: Counted) -> dict[str, object]:
        """Return how many responses each rule flags, and what findings are without these."""
        named = zip(self.rules, counted.flags, strict=True)
        return {
            "flags": [(self._line(rule.title, [cell], ALL), rule) for rule, (_, cell) in named],
            "flagged": self._line("Any of these", [counted.flagged], ALL) if counted.flagged else None,
            "kept_findings": {name: self._kept_finding(*cells) for name, cells in counted.findings.items()},
        }

    def _counting(
        self, languages: Sequence[str], weeks: Sequence[str], findings: Sequence[Finding]
    ) -> Counting:
        """Return how responses are counted for this report, whichever of them."""
        places = list(dict.fromkeys(page.id for version in self.survey.versions for page in version.pages))
        structures = [version.structure for version in self.survey.versions]
        # Few leave inside any one module, so that only all its pages together may be shown.
        modules = {part: own for part, own in parts(self.survey).items() if part.startswith("module-")}

        def counting(
            occurring: Collection[Key], variables: Sequence[Variable], rules: Sequence[Rule]
        ) -> Layout:
            there = {variable.id for variable in variables}
            own = [finding for finding in findings if finding.question in there]
            return count(variables, places, languages, weeks, occurring, own, structures, modules, rules)

        return counting

    def _by_language(self, own: Stage, stages: Sequence[Stage]) -> list[Line]:
        first = self._line("Responses in this report", [own.total, *own.languages])
        without = [Line("Without flagged", first.kept)] if first.kept else []
        return [first, *without,
                *(self._line(wording.STAGES[s.name], [s.total, *s.languages]) for s in stages)]  # fmt: skip

    def _by_week(self, own: Stage, stages: Sequence[Stage], weeks: Sequence[str]) -> list[Line]:
        lines = []
        for place, week in enumerate(weeks):
            first = self._line(week, [own.weeks[place]])
            others = self._line(week, [stage.weeks[place] for stage in stages])
            lines.append(Line(week, (*first.figures, *first.kept, *others.figures)))
        return lines

    def _denominators(self, stages: Sequence[Stage], weeks: Sequence[str]) -> dict[str, object]:
        """Return how far people came in all, and what checklists are filled in from."""
        total = {stage.name: stage.total for stage in stages}
        nested = ("consent_shown", "agreed", "declined", "under_18", "first_page", "finished")
        lines = {name: self._line(wording.STAGES[name], [cell], total["consent_shown"] if name in nested else None)
                 for name, cell in total.items()}  # fmt: skip
        shown = {name: line.figures[0] for name, line in lines.items()}
        completed = self._figure(total["finished"], total["first_page"]).share
        checklist = Checklist(
            self.survey, self._figure(ALL).text, weeks,
            shown["consent_shown"].text, shown["agreed"].text, shown["first_page"].text, shown["finished"].text,
            shown["agreed"].share, completed,
        )  # fmt: skip
        return {"funnel": tuple(lines.values()), "checklist": checklist}

    def render(self, **values: object) -> str:
        """Return the page; without figures it says only that there are too few responses."""
        language = self.texts.language
        return printed("report.html",
            survey=self.survey, title=self.texts["title"], law=self.law, synthetic=self.synthetic,
            ours=language, enough=bool(values), mark=wording.SUPPRESSED, meanings=wording.MEANINGS,
            offered=[catalogue.language.name for catalogue in self.survey.catalogues.values()],
            hashes=self.survey.text_hash, state=self.texts.state.name.lower(), **values,
        )  # fmt: skip

    def _figure(self, cell: Cell, base: Cell | None = None) -> Figure:
        n, of = self.printed[cell], self.printed[base] if base else None
        if n is None:
            return Figure(wording.SUPPRESSED)
        # Totals are no parts of each other: pages can be sent that were shown before the count began.
        return Figure(f"{n:,}", percent(n, of) if of and n <= of else None)

    def _line(self, label: str, cells: Sequence[Cell], base: Cell | None = None, ours: bool = False) -> Line:
        without = [(kept(cell), kept(base) if base else None) for cell in cells if kept(cell) in self.printed]
        return Line(label, tuple(self._figure(cell, base) for cell in cells), ours,
                    tuple(self._figure(cell, of) for cell, of in without))  # fmt: skip

    def _finding(self, finding: Finding, counted: Counted) -> Said | None:
        variable = next(each.variable for each in counted.questions if each.variable.id == finding.question)
        share, base = counted.findings[finding.id]
        return said(finding, variable, self.texts, self.printed[share], self.printed[base])

    def _kept_finding(self, share: Cell, base: Cell) -> tuple[Figure, ...]:
        """Return numerator and base of a finding without flagged responses; nothing where there is no such count."""
        if kept(share) not in self.printed:
            return ()
        n, of = self.printed[kept(share)], self.printed[kept(base)]
        if n is None or of is None:
            return (Figure(wording.SUPPRESSED),)
        return (Figure(f"{n:,}", percent(n, of)), Figure(f"{of:,}"))

    def _parts(self, counted: Counted, findings: Sequence[Finding]) -> list[PartView]:
        """Return the parts of the questionnaire in their order, with everything that belongs to each."""
        by_page: dict[str, list[QuestionCounts]] = {}
        for counts in counted.questions:
            by_page.setdefault(counts.variable.page, []).append(counts)
        last_pages, last_modules = dict(counted.last_pages), dict(counted.last_modules)
        views = []
        for identity, own in parts(self.survey).items():
            pages = [self.survey.page_of[PageId(page)] for page in own]
            asked = {question.id for page in pages for question in page.questions}
            told = [(finding.title, self._finding(finding, counted))
                    for finding in findings if finding.question in asked]  # fmt: skip
            shown = [PageView(*self._page_title(page.part, page.id),
                              tuple(self._question(each) for each in by_page.get(page.id, ())))
                     for page in pages]  # fmt: skip
            offer = shown.pop(0).questions[0] if pages[0].part == "offer" else None
            views.append(PartView(
                identity, *wording.part(pages[-1].part, pages[-1].module, self.texts),
                tuple(line for _, line in told if line), tuple(title for title, line in told if not line),
                offer, tuple(view for view in shown if view.questions),
                self._line("", [last_modules[identity]], ALL) if identity in last_modules else None,
                tuple(self._line(title, [last_pages[page.id]], ALL, ours)
                      for page in pages for title, ours in [self._page_title(page.part, page.id)]),
            ))  # fmt: skip
        return views

    def _version(self, structure: str, cell: Cell) -> Line:
        version = self.survey.with_structure(structure)
        return self._line(f"Version {version.version if version else '?'}", [cell], ALL)

    def _differences(self) -> list[tuple[int, Change]]:
        """Return what differs from each earlier version, with its number."""
        return [(v.version, change) for v in self.survey.earlier for change in difference(v, self.survey)]

    def _gone_title(self, identity: str) -> str:
        """Return the title of a page that only earlier versions have."""
        version = next(version for version in self.survey.versions if version.page(identity))
        texts = version.catalogues[SOURCE]
        title = (
            texts.texts.get(f"page/{identity}/title")
            or texts[f"module/{version.page_of[PageId(identity)].module}/title"]
        )
        return f"Version {version.version}: {title}"

    def _page_title(self, part: str, page: str) -> tuple[str, bool]:
        """Return a page's title, and whether it is in the language of the questions."""
        if part == "offer":
            return "Offer of this part", False
        return self.texts[f"page/{page}/title"], True

    def _question(self, counts: QuestionCounts) -> QuestionView:
        variable = counts.variable
        text, ours = wording.question(variable, self.texts)
        return QuestionView(
            variable.id, text, ours, wording.base_rule(variable, self.texts), self._line("", [counts.base]),
            # Of words only the base is shown: that something was written is all that there is to count.
            tuple(self._answers(variable, counts)) if variable.kind != "text" else (),
            tuple(self._line(wording.missing(code, variable), [cell]) for code, cell in counts.missing),
        )  # fmt: skip

    def _answers(self, variable: Variable, counts: QuestionCounts) -> Iterable[Line]:
        for category, cell in zip(variable.categories, counts.rows, strict=True):
            label, ours = wording.label(category, self.texts)
            yield self._line(label, [cell], counts.base, ours)
