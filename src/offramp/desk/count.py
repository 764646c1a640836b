"""What of a study is counted: laid out once for all responses, and once for each part of them.

The ways in which counts contain each other are found and not guessed: who knows the questionnaire knows that whoever
did not reach a page did not reach the next, and that a question for some was answered by no others.
Not here: counting itself (sheet, reckoning), what of it may be seen (disclose). The invariant: the counts are exact,
and every sum that is stated holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, permutations

from offramp.desk.attack import Cell
from offramp.desk.clean import Rule
from offramp.desk.codebook import Need, Variable, needs
from offramp.desk.disclose import Tables
from offramp.desk.findings import Finding
from offramp.desk.members import Key, either
from offramp.desk.planes import FLAG, LAST_PAGE, MARKED, NO_PAGE
from offramp.desk.reckoning import Found, Pair
from offramp.desk.sheet import ALL, Sheet
from offramp.survey import Mark, Missing

TAKEN = "take"
NO_MODULES: Mapping[str, Sequence[str]] = {}
_WHERE_IT_ENDED = (Missing.SEEN_NOT_SENT, Missing.NOT_REACHED)
# What a person did on a page that was sent; every other missing code comes from the path.
_ON_THE_PAGE = (Missing.SKIPPED, Missing.REFUSED, Missing.DONT_KNOW, Missing.INVALID)


@dataclass(frozen=True, slots=True)
class QuestionCounts:
    """Where the counts of one question stand: its base, its categories, and its missing codes."""

    variable: Variable
    base: Cell
    rows: tuple[Cell, ...]
    missing: tuple[tuple[Missing, Cell], ...]
    impossible: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """All counts of a study's responses, and where in the report each of them goes."""

    tables: Tables
    questions: tuple[QuestionCounts, ...]
    findings: Mapping[str, tuple[Cell, Cell]]
    languages: tuple[tuple[str, Cell], ...]
    weeks: tuple[tuple[str, Cell], ...]
    last_pages: tuple[tuple[str, Cell], ...]
    versions: tuple[tuple[str, Cell], ...]
    marks: tuple[tuple[Mark, Cell], ...]
    last_modules: tuple[tuple[str, Cell], ...]
    flags: tuple[tuple[str, Cell], ...] = ()
    flagged: Cell | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What is to be counted of some responses, and where each count will stand."""

    sheet: Sheet
    places: Callable[[Tables], Counted]

    def counted(self, found: Found) -> Counted:
        return self.places(self.sheet.tables(found, kept=(ALL,)))


def count(
    variables: Sequence[Variable],
    pages: Sequence[str],
    languages: Sequence[str],
    weeks: Sequence[str],
    occurring: Collection[Key],
    findings: Sequence[Finding] = (),
    structures: Sequence[str] = (),
    modules: Mapping[str, Sequence[str]] = NO_MODULES,
    rules: Sequence[Rule] = (),
) -> Layout:
    """Lay out counts by question, finding, language, week, last saved page, version where there are several, mark,
    and flag. The last pages of a module are also counted together. `occurring` are the codes that there are.
    """
    sheet = Sheet()
    sheet.show(sheet.everybody())
    questions = tuple(_question(sheet, variable, occurring) for variable in variables)
    shares = {finding.id: _finding(sheet, variables, finding) for finding in findings}
    _nested(sheet, variables, findings)
    by_language = _split(sheet, "language", languages)
    by_week = _split(sheet, "week", weeks)
    by_page = _split(sheet, LAST_PAGE, [*pages, NO_PAGE])
    by_version = _split(sheet, "structure", structures) if len(structures) > 1 else ()
    marks = _marks(sheet, questions)
    by_module = tuple((name, _together(sheet, dict(by_page), own)) for name, own in modules.items())
    flags, flagged = _flags(sheet, questions, rules, occurring)
    _chain(sheet, questions)
    _left_out(sheet, questions)
    return Layout(sheet, partial(
        Counted, questions=questions, findings=shares, languages=by_language, weeks=by_week, last_pages=by_page,
        versions=by_version, marks=marks, last_modules=by_module, flags=flags, flagged=flagged,
    ))  # fmt: skip


def _question(sheet: Sheet, variable: Variable, occurring: Collection[Key]) -> QuestionCounts:
    base = sheet.cell(variable.id, *variable.codes)
    rows = tuple(sheet.cell(variable.id, *category.codes) for category in variable.categories)
    # A code that cannot occur and does (a forged page) is shown all the same, so that all adds up.
    there = [code for code in Missing if code in variable.possible or (variable.id, code.value) in occurring]
    missing = tuple(
        (code, sheet.cell(variable.id, code.value, path=code not in _ON_THE_PAGE)) for code in there
    )
    sheet.show(base, *rows, *(cell for _, cell in missing))
    sheet.add(ALL, [base, *(cell for _, cell in missing)])
    if variable.multiple:
        for row in rows:
            sheet.add(base, [row, sheet.rest(base, row)])
    else:
        sheet.add(base, rows)
        sheet.add(ALL, [*rows, *(cell for _, cell in missing)], table=False)
    _sent(sheet, variable, base, missing)
    impossible = tuple(code for code in Missing if code not in there)
    return QuestionCounts(variable, base, rows, missing, impossible)


def _sent(sheet: Sheet, variable: Variable, base: Cell, missing: Iterable[tuple[Missing, Cell]]) -> None:
    """State who was asked and sent the page: nobody outside those whose earlier answer led here."""
    on_page = [cell for code, cell in missing if code in _ON_THE_PAGE]
    sent = sheet.cell(variable.id, *variable.codes, *(code.value for code in _ON_THE_PAGE), path=True)
    sheet.add(sent, [base, *on_page], table=False)
    for need in variable.needs:
        _within(sheet, need, sent)


def _within(sheet: Sheet, need: Need, cell: Cell) -> None:
    """State that a count lies inside those with certain codes, where it does (a forged page may lie elsewhere)."""
    led = sheet.cell(need.question, *need.codes)
    singles = [each for each in sheet.members if each.subject == need.question and each.codes < need.codes]
    sheet.inside(led, cell, [(sheet.members[cell], sheet.members[led])])
    sheet.add(led, [cell], pairs=_alike(sheet, led, [cell]))
    sheet.add(led, singles, table=False, fit=True)


def _chain(sheet: Sheet, questions: Sequence[QuestionCounts]) -> None:
    """State what holds by the order of pages even where nobody left: the sets alone would not show it."""
    first: dict[str, dict[Missing, Cell]] = {}
    for question in questions:
        codes = dict(question.missing)
        for code, cell in first.setdefault(question.variable.page, codes).items():
            if code in _WHERE_IT_ENDED and codes.get(code, cell) != cell:
                sheet.add(cell, [codes[code]], pairs=_alike(sheet, cell, [codes[code]]))
    for this, following in pairwise(first.values()):
        ended = [this[code] for code in _WHERE_IT_ENDED if code in this]
        later = following.get(Missing.NOT_REACHED)
        if later and ended:
            sheet.add(later, ended, table=False, pairs=_alike(sheet, later, ended), fit=True)


def _alike(sheet: Sheet, cell: Cell, others: Iterable[Cell]) -> tuple[Pair, Pair]:
    """Return the condition that the responses of one count are those of the others together."""
    one, union = sheet.members[cell], either(sheet.members[other] for other in others)
    return (one, union), (union, one)


def _left_out(sheet: Sheet, questions: Sequence[QuestionCounts]) -> None:
    """State that whoever did not get a part's questions had left it out, had ended all parts, or had not answered."""
    for offer in (question for question in questions if question.variable.part == "offer"):
        said = [
            row
            for category, row in zip(offer.variable.categories, offer.rows, strict=True)
            if category.id != TAKEN
        ]
        said += [cell for code, cell in offer.missing if code in (*_ON_THE_PAGE, Missing.NOT_DRAWN)]
        for question in questions:
            outside = dict(question.missing).get(Missing.NOT_DRAWN)
            own = question.variable.part == "module" and question.variable.module == offer.variable.module
            if own and outside:
                sheet.add(outside, said, table=False, pairs=_alike(sheet, outside, said), fit=True)


def _finding(sheet: Sheet, variables: Sequence[Variable], finding: Finding) -> tuple[Cell, Cell]:
    """Count a finding: its numerator and its base are cells like any other, with all their sums."""
    variable = next(variable for variable in variables if variable.id == finding.question)
    before = frozenset(sheet.shown)
    share = sheet.cell(variable.id, *finding.codes)
    if variable.multiple:
        base = sheet.cell(variable.id, *variable.codes)
        # Answers that stand alone, so taking one out of the base after the other counts nobody twice.
        for code in sorted(finding.outside):
            alone = sheet.cell(variable.id, code)
            rest = sheet.without(base, alone)
            sheet.add(base, [rest, alone], table=False)
            base = rest
        rest = sheet.without(base, share)
    else:
        inside = finding.base(variable.codes)
        base, rest = sheet.cell(variable.id, *inside), sheet.cell(variable.id, *(inside - finding.codes))
        pieces = [category.codes for category in variable.categories] + [
            {code} for code in sorted(finding.inside)
        ]
        for union in (share, base, rest):
            parts = [sheet.cell(variable.id, *p) for p in pieces if p <= union.codes]
            sheet.add(union, parts, table=False)
    sheet.add(base, [share, rest])
    sheet.show(share, base)
    sheet.spare.update({share, base} - before)
    return share, base


def _nested(sheet: Sheet, variables: Sequence[Variable], findings: Sequence[Finding]) -> None:
    """State what lies between any two counts of one question that findings add up, one inside the other.

    A reader takes one from the other, and knows the rest better than by way of each answer.
    """
    by_id = {variable.id: variable for variable in variables if not variable.multiple}
    for question in dict.fromkeys(finding.question for finding in findings if finding.question in by_id):
        variable, own = by_id[question], [each for each in findings if each.question == question]
        unions = {variable.codes}
        for finding in own:
            unions |= {finding.codes, finding.base(variable.codes), variable.codes | finding.inside}
        missing = frozenset().union(*(finding.inside for finding in own))
        pieces = [
            *(category.codes for category in variable.categories),
            *(frozenset((code,)) for code in missing),
        ]
        for inner, outer in permutations(sorted(unions, key=sorted), 2):
            if inner < outer:
                rest = sheet.cell(question, *(outer - inner))
                sheet.add(sheet.cell(question, *outer), [sheet.cell(question, *inner), rest], table=False)
                sheet.add(rest, [sheet.cell(question, *p) for p in pieces if p <= rest.codes], table=False)


def _marks(sheet: Sheet, questions: Iterable[QuestionCounts]) -> tuple[tuple[Mark, Cell], ...]:
    """Count responses with marked words; where all of them wrote to one question, a reader may know that."""
    cells = tuple((mark, sheet.cell(MARKED, mark)) for mark in Mark)
    for _, cell in cells:
        sheet.show(cell)
        sheet.add(ALL, [cell, sheet.rest(ALL, cell)])
        for base in (question.base for question in questions if question.variable.kind == "text"):
            sheet.inside(base, cell, [(sheet.members[cell], sheet.members[base])])
    return cells


def _flags(
    sheet: Sheet, questions: Sequence[QuestionCounts], rules: Sequence[Rule], occurring: Collection[Key]
) -> tuple[tuple[tuple[str, Cell], ...], Cell | None]:
    """Count flagged responses by rule and by any; where all of them gave one answer, a reader may know that."""
    if not rules:
        return (), None
    flagged = sheet.cell(FLAG, *(rule.id for rule in rules))
    cells = tuple((rule.id, sheet.cell(FLAG, rule.id)) for rule in rules)
    sheet.add(ALL, [flagged, sheet.rest(ALL, flagged)])
    answers = [cell for question in questions for cell in (question.base, *question.rows)]
    # Of a burst anybody sees in which week and which language it lay.
    answers += [cell for cell in sheet.members if cell.subject in ("language", "week")]
    variables = [question.variable for question in questions]
    for rule, (_, cell) in zip(rules, cells, strict=True):
        sheet.add(flagged, [cell, sheet.rest(flagged, cell)])
        for need in needs(rule.when, variables):
            _within(sheet, need, cell)
        for answer in answers if (FLAG, *cell.codes) in occurring else ():
            sheet.inside(answer, cell, [(sheet.members[cell], sheet.members[answer])])
    sheet.show(flagged, *(cell for _, cell in cells))
    return cells, flagged


def _split(sheet: Sheet, subject: str, codes: Sequence[str]) -> tuple[tuple[str, Cell], ...]:
    cells = tuple((code, sheet.cell(subject, code, path=subject == LAST_PAGE)) for code in codes)
    sheet.show(*(cell for _, cell in cells))
    sheet.add(ALL, [cell for _, cell in cells])
    return cells


def _together(sheet: Sheet, by_page: Mapping[str, Cell], pages: Sequence[str]) -> Cell:
    """Return the count of responses that ended on any of these pages."""
    cell = sheet.cell(LAST_PAGE, *pages, path=True)
    sheet.show(cell)
    sheet.add(cell, [by_page[page] for page in pages])
    return cell
