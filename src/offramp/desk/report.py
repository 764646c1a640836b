"""The report: one static page with every figure that may leave, made from a count store and totals.

Counts, applies the law, and lays out. Not here: counting (count), the law (disclose), words (wording).
The invariant: a number reaches the page only through `protect`, and no open text reaches it at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk import wording
from offramp.desk.attack import Cell
from offramp.desk.checklist import Checklist
from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.codebook import Variable, parts
from offramp.desk.count import Counted, QuestionCounts
from offramp.desk.counterparts import Counterpart, side_by_side
from offramp.desk.countstore import CountStore
from offramp.desk.disclose import HOUSE, Law
from offramp.desk.findings import Finding
from offramp.desk.frame import Frame
from offramp.desk.joint import NOTHING, Joint
from offramp.desk.press import printed
from offramp.desk.printable import Printable, printable
from offramp.desk.published import Beside, Published, beside
from offramp.desk.sentences import Said, percent, said
from offramp.desk.sheet import ALL
from offramp.desk.tested import adjusted, interval
from offramp.desk.totals import Stage, of_survey
from offramp.desk.twofold import kept
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
        """Whether anything of it is printed, with flagged responses or without."""
        return not all(figure.suppressed for figure in (*self.figures, *self.kept))


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
    published: Sequence[Published] = (), others: Sequence[Counterpart] = (), *, frame: Frame,
) -> str:  # fmt: skip
    """Return the report as HTML; `rules` are those by which the store was cleaned. Refusal report.language.

    Findings, rules and what is joint come in the words of the frame.
    """
    made = _Report(survey, spoken(survey, tag), law, store.synthetic, rules, frame)
    if store.n < law.floor:
        return made.render()
    may = printable(survey, store, of_survey(totals, survey.slug), findings, law, rules, joint)
    return _Filled(may, made).render(findings, others, published)


def spoken(survey: Survey, tag: Tag) -> Catalogue:
    """Return the texts of a survey in a language. Refusal report.language."""
    if tag not in survey.catalogues:
        raise refuse("report.language", "report", f"The survey has no texts in “{tag}”.",
                     f"Please use one of: {', '.join(survey.catalogues)}.")  # fmt: skip
    return survey.catalogues[tag]


class _Report:
    """A report that has no figures yet: the survey and the words around it."""

    def __init__(
        self, survey: Survey, texts: Catalogue, law: Law, synthetic: bool, rules: Sequence[Rule], frame: Frame
    ) -> None:  # fmt: skip
        self.survey, self.texts, self.law, self.synthetic = survey, texts, law, synthetic
        self.rules, self.frame = rules, frame

    def render(self, **values: object) -> str:
        """Return the page; without figures it says only that there are too few responses."""
        states = {"state": self.texts.state.name.lower(), "hashes": self.survey.text_hash}
        return printed("report.html",
            r=self.frame, num=self.frame.number, pct=self.frame.share, survey=self.survey, title=self.texts["title"],
            law=self.law, synthetic=self.synthetic, ours=self.texts.language, enough=bool(values),
            mark=wording.SUPPRESSED, meanings=wording.meanings(self.frame),
            names={tag: catalogue.language.name for tag, catalogue in self.survey.catalogues.items()},
            tongues=", ".join(
                f"{each.language.name} ({self.frame('state/' + each.state.name.lower())})"
                for each in self.survey.catalogues.values()
            ), **states, **values,
        )  # fmt: skip


class _Filled:
    """The same with figures: what may be printed, laid out."""

    def __init__(self, may: Printable, report: _Report) -> None:
        self.may, self.report, self.printed = may, report, may.printed
        self.survey, self.texts, self.law, self.frame = may.survey, report.texts, may.law, report.frame

    def render(
        self, findings: Sequence[Finding], others: Sequence[Counterpart], published: Sequence[Published]
    ) -> str:
        """Return the report with its figures."""
        may, frame = self.may, self.frame
        counted, weeks, stages = may.two.counted, may.weeks, may.stages
        own = Stage("", ALL, tuple(c for _, c in counted.languages), tuple(c for _, c in counted.weeks))
        views = self._parts(counted, findings)
        sides, looks = side_by_side(may.joint.crosstabs, may.own(), others, self.texts, self.law, frame)
        tests = adjusted({**may.joined.tests(self.printed, self.law), **looks})
        return self.report.render(
            n=self._figure(ALL), twofold=may.two.both, **self._flags(counted),
            parts=views, offers=[part for part in views if part.offer],
            languages=may.languages, weeks=weeks, **may.joined.views(self.printed, self.texts, frame),
            tests=tests, sides=sides, spans=self._spans(views),
            looked=sum(not test.why for test in tests.values()), rounding=f"{self.law.noise:g}",
            by_language=self._by_language(own, stages), by_week=self._by_week(own, stages, weeks),
            stages=[frame("stages/here"), *([frame("column/kept")] if may.two.both else []),
                    *(frame(f"stage/{stage.name}") for stage in stages)], **self._denominators(stages, weeks),
            comparison=self._comparison(views, findings, published),
            versions=[self._version(structure, cell) for structure, cell in counted.versions],
            differences=self._differences(), elsewhere=may.elsewhere,
            marks=[self._line(frame(f"marked/{mark.value}"), [cell], ALL) for mark, cell in counted.marks],
            gone_pages=[self._line(self._gone_title(page), [cell], ALL) for page, cell in counted.last_pages[:-1]
                        if self.survey.page(page) is None],
            no_page=self._line(frame("end/no_page"), [counted.last_pages[-1][1]], ALL),
        )  # fmt: skip

    def _spans(self, views: Sequence[PartView]) -> dict[str, tuple[int, int]]:
        """Return the interval of each finding that is printed; none where no statistics are installed."""
        told = [each for view in views for each in view.findings]
        return {each.id: span for each in told if (span := interval(each.n, each.base, self.law))}

    def _comparison(
        self, views: Sequence[PartView], findings: Sequence[Finding], published: Sequence[Published]
    ) -> tuple[Beside, ...]:
        told = {each.id: each for view in views for each in view.findings}
        return beside(published, findings, told)

    def _flags(self, counted: Counted) -> dict[str, object]:
        """Return how many responses each rule flags, and what findings are without these."""
        named = zip(self.report.rules, counted.flags, strict=True)
        return {
            "flags": [(self._line(rule.title, [cell], ALL), rule) for rule, (_, cell) in named],
            "flagged": self._line(self.frame("cleaning/any"), [counted.flagged], ALL)
            if counted.flagged
            else None,
            "kept_findings": {name: self._kept_finding(*cells) for name, cells in counted.findings.items()},
        }

    def _by_language(self, own: Stage, stages: Sequence[Stage]) -> list[Line]:
        first = self._line(self.frame("stages/here"), [own.total, *own.languages])
        without = [Line(self.frame("column/kept"), first.kept)] if first.kept else []
        return [first, *without,
                *(self._line(self.frame(f"stage/{s.name}"), [s.total, *s.languages]) for s in stages)]  # fmt: skip

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
        lines = {
            name: self._line(self.frame(f"stage/{name}"), [cell], total["consent_shown"] if name in nested else None)
            for name, cell in total.items()
        }  # fmt: skip
        shown = {name: line.figures[0] for name, line in lines.items()}
        completed = self._figure(total["finished"], total["first_page"]).share
        checklist = Checklist(
            self.survey, self._figure(ALL).text, weeks,
            shown["consent_shown"].text, shown["agreed"].text, shown["first_page"].text, shown["finished"].text,
            shown["agreed"].share, completed,
        )  # fmt: skip
        return {"funnel": tuple(lines.values()), "checklist": checklist}

    def _figure(self, cell: Cell, base: Cell | None = None) -> Figure:
        n, of = self.printed[cell], self.printed[base] if base else None
        if n is None:
            return Figure(wording.SUPPRESSED)
        # Totals are no parts of each other: pages can be sent that were shown before the count began.
        return Figure(self.frame.number(n), percent(n, of) if of and n <= of else None)

    def _line(self, label: str, cells: Sequence[Cell], base: Cell | None = None, ours: bool = False) -> Line:
        without = [(kept(cell), kept(base) if base else None) for cell in cells if kept(cell) in self.printed]
        return Line(label, tuple(self._figure(cell, base) for cell in cells), ours,
                    tuple(self._figure(cell, of) for cell, of in without))  # fmt: skip

    def _finding(self, finding: Finding, counted: Counted) -> Said | None:
        variable = next(each.variable for each in counted.questions if each.variable.id == finding.question)
        share, base = counted.findings[finding.id]
        return said(finding, variable, self.texts, self.printed[share], self.printed[base], self.frame)

    def _kept_finding(self, share: Cell, base: Cell) -> tuple[Figure, ...]:
        """Return numerator and base of a finding without flagged responses; nothing where there is no such count."""
        if kept(share) not in self.printed:
            return ()
        n, of = self.printed[kept(share)], self.printed[kept(base)]
        if n is None or of is None:
            return (Figure(wording.SUPPRESSED),)
        return (Figure(self.frame.number(n), percent(n, of)), Figure(self.frame.number(of)))

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
                identity, *wording.part(pages[-1].part, pages[-1].module, self.texts, self.frame),
                tuple(line for _, line in told if line), tuple(title for title, line in told if not line),
                offer, tuple(view for view in shown if view.questions),
                self._line("", [last_modules[identity]], ALL) if identity in last_modules else None,
                tuple(self._line(title, [last_pages[page.id]], ALL, ours)
                      for page in pages for title, ours in [self._page_title(page.part, page.id)]),
            ))  # fmt: skip
        return views

    def _version(self, structure: str, cell: Cell) -> Line:
        version = self.survey.with_structure(structure)
        return self._line(
            self.frame("version/numbered", number=version.version if version else "?"), [cell], ALL
        )

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
        return self.frame("version/page", number=version.version, title=title)

    def _page_title(self, part: str, page: str) -> tuple[str, bool]:
        """Return a page's title, and whether it is in the language of the questions."""
        if part == "offer":
            return self.frame("offer/page"), False
        return self.texts[f"page/{page}/title"], True

    def _question(self, counts: QuestionCounts) -> QuestionView:
        variable = counts.variable
        text, ours = wording.question(variable, self.texts, self.frame)
        return QuestionView(
            variable.id, text, ours, wording.base_rule(variable, self.texts, self.frame), self._line("", [counts.base]),
            # Of words only the base is shown: that something was written is all that there is to count.
            tuple(self._answers(variable, counts)) if variable.kind != "text" else (),
            tuple(self._line(self.frame(wording.missing(code, variable)), [cell]) for code, cell in counts.missing),
        )  # fmt: skip

    def _answers(self, variable: Variable, counts: QuestionCounts) -> Iterable[Line]:
        for category, cell in zip(variable.categories, counts.rows, strict=True):
            label, ours = wording.label(category, self.texts, self.frame)
            yield self._line(label, [cell], counts.base, ours)
