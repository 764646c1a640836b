"""Worksheets that assemble themselves: from the entries of a journal to values that a template lays out.

Pure, and in one language. Not here: HTML; what a sound worksheet is (sheets). The invariant: every answer to a question
that a worksheet gathers stands on it, and nothing stands there that nobody entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from offramp.language import Catalogue, Tag
from offramp.programme.checkin import series
from offramp.programme.definition import Part, Programme, StepId, StepKind, Worksheet, WorksheetKind
from offramp.programme.journal import Entry
from offramp.programme.progress import entries_of, newest
from offramp.programme.sheets import DAY, EXITS, STATIONS, STRENGTH, TIME
from offramp.survey import OTHER, Chosen, ChosenMany, Kind, Number, Option, Question, QuestionId, label

# From these stations a way leads off the path; behind the act it is another way back.
_BEFORE_THE_ACT = STATIONS[: STATIONS.index("act")]


@dataclass(frozen=True, slots=True)
class Said:
    """What one entry says to one question: `asked` is the question, `lines` what was entered.

    `other` means that the open “other” was chosen without words, which the interface has a label for; `low` and `high`
    are the ends of a scale.
    """

    question: QuestionId
    asked: str
    lines: tuple[str, ...]
    number: int
    other: bool = False
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One part of a path or a plan. `off` marks a station of a path from which an exit leads off."""

    id: str
    title: str
    said: tuple[Said, ...]
    off: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A path or a plan: parts in order. A path has its exits apart, beside the stations."""

    kind: WorksheetKind
    title: str
    parts: tuple[Gathered, ...]
    exits: Gathered | None = None

    @property
    def blank(self) -> bool:
        return not any(part.said for part in (*self.parts, *((self.exits,) if self.exits else ())))


@dataclass(frozen=True, slots=True)
class Cell:
    """How many urges came on a day of the week at a time of the day, and how strong they were in the mean."""

    count: int
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A grid of days and times without any date; `apart` counts entries that do not say both."""

    title: str
    days: tuple[str, ...]
    times: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    """One row for each time of the day, one cell for each day."""
    apart: int
    low: int
    high: int

    @property
    def blank(self) -> bool:
        return not self.apart and not any(cell.count for row in self.cells for cell in row)


@dataclass(frozen=True, slots=True)
class Point:
    """One answer of one check-in: its words, and how far up it lies between nought and `top` (nought: nowhere)."""

    text: str
    height: int = 0
    top: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One question of the check-ins, with a point for each that was done, and nothing where it was not answered."""

    asked: str
    points: tuple[Point | None, ...]
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The check-ins that were done, in their order, and what was answered at each."""

    title: str
    check_ins: tuple[str, ...]
    rows: tuple[Row, ...] = field(default=())

    @property
    def blank(self) -> bool:
        return not self.check_ins


Layout = Sheet | Calendar | Course


def lay_out(programme: Programme, worksheet: Worksheet, entries: Sequence[Entry], tag: Tag) -> Layout:
    """Return a worksheet as these entries fill it, in one language."""
    match worksheet.kind:
        case WorksheetKind.CALENDAR:
            return _calendar(programme, worksheet, entries, tag)
        case WorksheetKind.COURSE:
            return _course(programme, worksheet, entries, tag)
        case _:
            return _sheet(programme, worksheet, entries, tag)


# -- what was said ------------------------------------------------------------------------------------------------


def said(question: Question, entry: Entry, texts: Catalogue) -> Said | None:
    """Return what an entry says to a question; nothing where it was not answered."""
    lines: list[str] = []
    words = entry.words.get(question.id, "")
    other = False
    match entry.answers.get(question.id):
        case Chosen(option):
            lines, other = _chosen(question, (option,), words, texts)
        case ChosenMany(options):
            lines, other = _chosen(question, options, words, texts)
        case Number(number):
            lines = [str(number)]
        case _:
            lines = [words] if words else []
    if not lines and not other:
        return None
    own = f"question/{question.id}"
    return Said(question.id, _asked(question, texts), tuple(lines), entry.number, other,
                texts.texts.get(f"{own}/low", ""), texts.texts.get(f"{own}/high", ""))  # fmt: skip


def _asked(question: Question, texts: Catalogue) -> str:
    """Return the question as one text: of a row, with what stands above its matrix."""
    return " ".join(texts[key] for key in question.wording)


def _chosen(question: Question, names: Iterable[str], words: str, texts: Catalogue) -> tuple[list[str], bool]:
    """Return the labels of what was chosen, with the words in the place of “other”, and whether that has none."""
    options = [option for name in names if (option := question.option(name)) is not None]
    lines = [words if option.id == OTHER else label(option, texts) for option in options]
    return [line for line in lines if line], not words and any(option.id == OTHER for option in options)


# -- path and plan ------------------------------------------------------------------------------------------------


def _sheet(programme: Programme, worksheet: Worksheet, entries: Sequence[Entry], tag: Tag) -> Sheet:
    texts = programme.catalogues[tag]
    parts = {part.id: tuple(_gathered(programme, part, entries, texts)) for part in worksheet.parts}
    path = worksheet.kind is WorksheetKind.PATH
    off = path and bool(parts[EXITS])
    made = [
        Gathered(part.id, texts[worksheet.part_key(part)], parts[part.id], off and part.id in _BEFORE_THE_ACT)
        for part in worksheet.parts
    ]
    return Sheet(worksheet.kind, texts[worksheet.title_key],
                 tuple(part for part in made if not path or part.id != EXITS),
                 next((part for part in made if path and part.id == EXITS), None))  # fmt: skip


def _gathered(programme: Programme, part: Part, entries: Sequence[Entry], texts: Catalogue) -> Iterator[Said]:
    for name in part.questions:
        for entry in entries_of(entries, programme.asking[name]):
            if (one := said(programme.question_of[name], entry, texts)) is not None:
                yield one


# -- calendar -----------------------------------------------------------------------------------------------------


def _calendar(programme: Programme, worksheet: Worksheet, entries: Sequence[Entry], tag: Tag) -> Calendar:
    texts = programme.catalogues[tag]
    asked = {part.id: programme.question_of[part.questions[0]] for part in worksheet.parts}
    day, time, strength = asked[DAY], asked[TIME], asked[STRENGTH]
    own = entries_of(entries, programme.asking[day.id])
    found: dict[tuple[str, str], list[Number | None]] = {}
    for entry in own:
        match entry.answers.get(day.id), entry.answers.get(time.id), entry.answers.get(strength.id):
            case Chosen(on), Chosen(at), rated:
                found.setdefault((on, at), []).append(rated if isinstance(rated, Number) else None)
    cells = tuple(tuple(_cell(found.get((on.id, at.id), [])) for on in day.options) for at in time.options)
    placed = sum(cell.count for row in cells for cell in row)
    return Calendar(texts[worksheet.title_key], _labels(day.options, texts), _labels(time.options, texts), cells,
                    len(own) - placed, strength.low, strength.high)  # fmt: skip


def _cell(rated: Sequence[Number | None]) -> Cell:
    numbers = [one.value for one in rated if one is not None]
    return Cell(len(rated), round(sum(numbers) / len(numbers), 1) if numbers else None)


def _labels(options: Iterable[Option], texts: Catalogue) -> tuple[str, ...]:
    return tuple(label(option, texts) for option in options)


# -- course -------------------------------------------------------------------------------------------------------


def _course(programme: Programme, worksheet: Worksheet, entries: Sequence[Entry], tag: Tag) -> Course:
    texts, asked = programme.catalogues[tag], programme.check_in.catalogues[tag]
    done = [
        (step, entry)
        for step in programme.steps
        if step.kind is StepKind.CHECK_IN and (entry := newest(entries, step.id)) is not None
    ]
    rows = []
    for names in series(programme.check_in):
        first = programme.question_of[names[0]]
        if first.kind is Kind.STATEMENT:
            continue
        of_step = {programme.asking[name]: programme.question_of[name] for name in names}
        points = tuple(_point(of_step, step.id, entry, asked) for step, entry in done)
        own = f"question/{first.id}"
        rows.append(Row(_asked(first, asked), points, asked.texts.get(f"{own}/low", ""),
                        asked.texts.get(f"{own}/high", "")))  # fmt: skip
    return Course(texts[worksheet.title_key], tuple(texts[step.title_key] for step, _ in done), tuple(rows))


def _point(of_step: dict[StepId, Question], step: StepId, entry: Entry, asked: Catalogue) -> Point | None:
    question = of_step.get(step)
    found = said(question, entry, asked) if question else None
    if question is None or found is None:
        return None
    text = ", ".join(found.lines)
    match entry.answers.get(question.id):
        case Number(number):
            return Point(text, number - question.low, question.high - question.low)
        case Chosen(name):
            places = [option.id for option in question.options]
            return Point(text, places.index(name), len(places) - 1) if name in places else Point(text)
        case _:
            return Point(text)
