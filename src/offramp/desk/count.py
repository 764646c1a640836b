"""From responses to counts: the one place where responses are counted, once each.

Every count is the size of a set of responses, held as the bits of a number while counting, so that the ways in
which counts contain each other are found and not guessed: who knows the questionnaire knows that whoever did not
reach a page did not reach the next, and that a question for some was answered by no others.
Not here: what of it may be seen (disclose). The invariant: the counts are exact, and every sum that is stated holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from offramp.desk.attack import Cell, Sum
from offramp.desk.clean import Cleaning, Rule
from offramp.desk.codebook import Need, Variable, needs
from offramp.desk.disclose import Tables
from offramp.desk.findings import Finding
from offramp.survey import Mark, Missing, Response, together

ALL = Cell("responses")
NO_PAGE = "none"
LAST_PAGE = "last page"
MARKED = "marked words"
FLAG = "flag"
TAKEN = "take"
NO_MODULES: Mapping[str, Sequence[str]] = {}
NO_CLEANING = Cleaning((), ())
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


def count(
    variables: Sequence[Variable],
    pages: Sequence[str],
    languages: Sequence[str],
    weeks: Sequence[str],
    responses: Sequence[Response],
    findings: Sequence[Finding] = (),
    structures: Sequence[str] = (),
    modules: Mapping[str, Sequence[str]] = NO_MODULES,
    cleaning: Cleaning = NO_CLEANING,
) -> Counted:
    """Count responses by question, finding, language, week, last saved page, version where there are several, mark,
    and flag. The last pages of a module are also counted together.
    """
    sheet = _Sheet(len(responses), _members(responses, cleaning.flags))
    sheet.show(sheet.cell(ALL.subject, "", path=True))
    questions = tuple(_question(sheet, variable) for variable in variables)
    shares = {finding.id: _finding(sheet, variables, finding) for finding in findings}
    by_language = _split(sheet, "language", languages)
    by_week = _split(sheet, "week", weeks)
    by_page = _split(sheet, LAST_PAGE, [*pages, NO_PAGE])
    by_version = _split(sheet, "structure", structures) if len(structures) > 1 else ()
    marks = _marks(sheet, questions)
    by_module = tuple((name, _together(sheet, dict(by_page), own)) for name, own in modules.items())
    flags, flagged = _flags(sheet, questions, cleaning.rules)
    _chain(sheet, questions)
    _left_out(sheet, questions)
    sheet.nest()
    return Counted(
        sheet.tables(), questions, shares, by_language, by_week, by_page, by_version, marks, by_module, flags, flagged
    )  # fmt: skip


Members = Mapping[tuple[str, str], Iterable[int]]


def _members(responses: Iterable[Response], flags: Sequence[Iterable[str]] = ()) -> Members:
    """Return for each subject and code the places of the responses that have it."""
    members: dict[tuple[str, str], list[int]] = {}
    for place, found in enumerate(flags):
        for flag in found:
            members.setdefault((FLAG, flag), []).append(place)
    for place, response in enumerate(responses):
        members.setdefault((ALL.subject, ""), []).append(place)
        members.setdefault(("language", response.context.language), []).append(place)
        members.setdefault(("week", response.context.week), []).append(place)
        members.setdefault(("structure", response.context.structure), []).append(place)
        last = response.pages[-1] if response.pages else NO_PAGE
        members.setdefault((LAST_PAGE, last), []).append(place)
        for mark in together(response.marks.values()):
            members.setdefault((MARKED, mark), []).append(place)
        for question, codes in response.codes.items():
            for code in (codes.value,) if isinstance(codes, Missing) else codes:
                members.setdefault((question, code), []).append(place)
    return members


class _Sheet:
    """The counts as they are gathered: each cell as a set of responses, and the sums between cells."""

    def __init__(self, n: int, members: Members) -> None:
        self.bits = {key: bits_of(places, n) for key, places in members.items()}
        self.sets: dict[Cell, int] = {}
        self.shown: set[Cell] = set()
        self.spare: set[Cell] = set()
        self.sums: dict[tuple[Cell, frozenset[Cell]], Sum] = {}
        self.path: dict[Cell, None] = {}

    def cell(self, subject: str, *codes: str, path: bool = False) -> Cell:
        """Return the count of responses with any of these codes; `path` if the way through the pages decides it."""
        key = ALL if subject == ALL.subject else Cell(subject, frozenset(codes))
        union = 0
        for code in codes:
            union |= self.bits.get((subject, code), 0)
        self.sets[key] = union
        if path:
            self.path[key] = None
        return key

    def without(self, base: Cell, part: Cell) -> Cell:
        """Return the count of what is in a base and not in its part; it is not for printing."""
        inside, outside = (
            (f"in {code}" for code in base.codes),
            (f"not {part.subject}/{c}" for c in part.codes),
        )
        key = Cell(base.subject, frozenset((*inside, *outside)))
        self.sets[key] = self.sets[base] & ~self.sets[part]
        return key

    def show(self, *cells: Cell) -> None:
        self.shown.update(cells)

    def add(self, total: Cell, parts: Sequence[Cell], table: bool = True) -> None:
        if list(parts) != [total]:
            self.sums.setdefault((total, frozenset(parts)), Sum(total, tuple(parts), table))

    def nest(self) -> None:
        """State which of the counts that the path decides lie inside which, and which are the same."""
        first: dict[int, Cell] = {}
        for cell in self.path:
            members = self.sets[cell]
            if members not in first:
                first[members] = cell
            elif members and ALL not in (first[members], cell):
                self.add(first[members], [cell])
        first.pop(0, None)
        ordered = sorted(first.items(), key=lambda item: item[0].bit_count())
        for place, (inner, part) in enumerate(ordered):
            for outer, total in ordered[place + 1 :]:
                if inner & outer == inner:
                    rest = first.get(inner ^ outer) or self.without(total, part)
                    self.add(total, [part, rest], table=False)

    def tables(self) -> Tables:
        counts = {cell: members.bit_count() for cell, members in self.sets.items()}
        sums, kept = tuple(self.sums.values()), frozenset((ALL,))
        return Tables(counts, frozenset(self.shown), sums, frozenset(self.spare), kept)


def bits_of(places: Iterable[int], n: int) -> int:
    """Return places among n as the bits of one number."""
    row = bytearray(n // 8 + 1)
    for place in places:
        row[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(row, "little")


def _question(sheet: _Sheet, variable: Variable) -> QuestionCounts:
    base = sheet.cell(variable.id, *variable.codes)
    rows = tuple(sheet.cell(variable.id, *category.codes) for category in variable.categories)
    # A code that cannot occur and does (a forged page) is shown all the same, so that all adds up.
    occurring = [
        code for code in Missing if code in variable.possible or (variable.id, code.value) in sheet.bits
    ]
    missing = tuple(
        (code, sheet.cell(variable.id, code.value, path=code not in _ON_THE_PAGE)) for code in occurring
    )
    sheet.show(base, *rows, *(cell for _, cell in missing))
    sheet.add(ALL, [base, *(cell for _, cell in missing)])
    if variable.multiple:
        for row in rows:
            sheet.add(base, [row, sheet.without(base, row)])
    else:
        sheet.add(base, rows)
        sheet.add(ALL, [*rows, *(cell for _, cell in missing)], table=False)
    _sent(sheet, variable, base, missing)
    impossible = tuple(code for code in Missing if code not in occurring)
    return QuestionCounts(variable, base, rows, missing, impossible)


def _sent(sheet: _Sheet, variable: Variable, base: Cell, missing: Iterable[tuple[Missing, Cell]]) -> None:
    """State who was asked and sent the page: nobody outside those whose earlier answer led here."""
    on_page = [cell for code, cell in missing if code in _ON_THE_PAGE]
    sent = sheet.cell(variable.id, *variable.codes, *(code.value for code in _ON_THE_PAGE), path=True)
    sheet.add(sent, [base, *on_page], table=False)
    for need in variable.needs:
        _within(sheet, need, sent)


def _within(sheet: _Sheet, need: Need, cell: Cell) -> None:
    """State that a count lies inside those with certain codes, where it does (a forged page may lie elsewhere)."""
    led = sheet.cell(need.question, *need.codes)
    if sheet.sets[cell] & ~sheet.sets[led]:
        return
    singles = [each for each in sheet.sets if each.subject == need.question and each.codes < need.codes]
    if sheet.sets[cell] == sheet.sets[led]:
        sheet.add(led, [cell])
    else:
        sheet.add(led, [cell, sheet.without(led, cell)], table=False)
    if sum(sheet.sets[each].bit_count() for each in singles) == sheet.sets[led].bit_count():
        sheet.add(led, singles, table=False)


def _chain(sheet: _Sheet, questions: Sequence[QuestionCounts]) -> None:
    """State what holds by the order of pages even where nobody left: the sets alone would not show it."""
    first: dict[str, dict[Missing, Cell]] = {}
    for question in questions:
        codes = dict(question.missing)
        for code, cell in first.setdefault(question.variable.page, codes).items():
            if (
                code in _WHERE_IT_ENDED
                and codes.get(code, cell) != cell
                and sheet.sets[cell] == sheet.sets[codes[code]]
            ):
                sheet.add(cell, [codes[code]])
    for this, following in pairwise(first.values()):
        ended = [this[code] for code in _WHERE_IT_ENDED if code in this]
        later = following.get(Missing.NOT_REACHED)
        if later and ended and sheet.sets[later] == sum(sheet.sets[cell] for cell in ended):
            sheet.add(later, ended, table=False)


def _left_out(sheet: _Sheet, questions: Sequence[QuestionCounts]) -> None:
    """State that whoever did not get a part's questions had left it out, had ended all parts, or had not answered."""
    for offer in (question for question in questions if question.variable.part == "offer"):
        said = [
            row
            for category, row in zip(offer.variable.categories, offer.rows, strict=True)
            if category.id != TAKEN
        ]
        said += [cell for code, cell in offer.missing if code in (*_ON_THE_PAGE, Missing.NOT_DRAWN)]
        union = 0
        for cell in said:
            union |= sheet.sets[cell]
        for question in questions:
            outside = dict(question.missing).get(Missing.NOT_DRAWN)
            if question.variable.part == "module" and question.variable.module == offer.variable.module \
                    and outside and sheet.sets[outside] == union:  # fmt: skip
                sheet.add(outside, said, table=False)


def _finding(sheet: _Sheet, variables: Sequence[Variable], finding: Finding) -> tuple[Cell, Cell]:
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
        inside = (variable.codes - finding.outside) | finding.inside
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


def _marks(sheet: _Sheet, questions: Iterable[QuestionCounts]) -> tuple[tuple[Mark, Cell], ...]:
    """Count responses with marked words; where all of them wrote to one question, a reader may know that."""
    cells = tuple((mark, sheet.cell(MARKED, mark)) for mark in Mark)
    for _, cell in cells:
        sheet.show(cell)
        sheet.add(ALL, [cell, sheet.without(ALL, cell)])
        for base in (question.base for question in questions if question.variable.kind == "text"):
            if sheet.sets[cell] & ~sheet.sets[base] == 0:
                sheet.add(base, [cell, sheet.without(base, cell)], table=False)
    return cells


def _flags(
    sheet: _Sheet, questions: Sequence[QuestionCounts], rules: Sequence[Rule]
) -> tuple[tuple[tuple[str, Cell], ...], Cell | None]:
    """Count flagged responses by rule and by any; where all of them gave one answer, a reader may know that."""
    if not rules:
        return (), None
    flagged = sheet.cell(FLAG, *(rule.id for rule in rules))
    cells = tuple((rule.id, sheet.cell(FLAG, rule.id)) for rule in rules)
    sheet.add(ALL, [flagged, sheet.without(ALL, flagged)])
    answers = [cell for question in questions for cell in (question.base, *question.rows)]
    # Of a burst anybody sees in which week and which language it lay.
    answers += [cell for cell in sheet.sets if cell.subject in ("language", "week")]
    variables = [question.variable for question in questions]
    for rule, (_, cell) in zip(rules, cells, strict=True):
        sheet.add(flagged, [cell, sheet.without(flagged, cell)])
        for answer in answers:
            if sheet.sets[cell] and sheet.sets[cell] & ~sheet.sets[answer] == 0:
                sheet.add(answer, [cell, sheet.without(answer, cell)], table=False)
        for need in needs(rule.when, variables):
            _within(sheet, need, cell)
    sheet.show(flagged, *(cell for _, cell in cells))
    return cells, flagged


def _split(sheet: _Sheet, subject: str, codes: Sequence[str]) -> tuple[tuple[str, Cell], ...]:
    cells = tuple((code, sheet.cell(subject, code, path=subject == LAST_PAGE)) for code in codes)
    sheet.show(*(cell for _, cell in cells))
    sheet.add(ALL, [cell for _, cell in cells])
    return cells


def _together(sheet: _Sheet, by_page: Mapping[str, Cell], pages: Sequence[str]) -> Cell:
    """Return the count of responses that ended on any of these pages."""
    cell = sheet.cell(LAST_PAGE, *pages, path=True)
    sheet.show(cell)
    sheet.add(cell, [by_page[page] for page in pages])
    return cell
