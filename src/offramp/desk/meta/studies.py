"""Reading a table of studies, all its faults at once, each with its line and the way out.

A line has a study's name and either an effect with its variance (`yi`, `vi`) or the counts of two arms (`ai`, `bi`,
`ci`, `di`: with and without the event in the first arm, then in the second). Beside them there may be `design`,
`risk_of_bias`, and any further column. A study whose effect nobody can cite leaves the cells empty.
The invariant: what comes back is whole; reading never stops at the first fault.
"""

from __future__ import annotations

import csv
import enum
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offramp.desk.meta.effects import Kind, Study, log_risk_ratio
from offramp.errors import Problem, Refusal, refuse

EFFECT, COUNTS = ("yi", "vi"), ("ai", "bi", "ci", "di")
_MOST = 5_000
_SMALLEST = 1e-30


class Design(enum.StrEnum):
    """How a study was made. What has a comparison is pooled with its like, what has none with its like."""

    RANDOMISED = "randomised"
    CONTROLLED = "controlled"
    SINGLE_ARM = "single-arm"


RISKS = ("low", "some concerns", "moderate", "serious", "high", "critical", "unclear")


@dataclass(frozen=True, slots=True)
class Studies:
    """A table of studies as it was read."""

    studies: tuple[Study, ...]
    kind: Kind
    columns: tuple[str, ...]


def read_studies(path: Path) -> Studies:
    """Read a table. Refusals: meta.file, meta.columns, and those of single lines, all of them together."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise refuse("meta.file", str(path), "This is no file of text that can be read.",
                     "Please name a table in CSV (UTF-8, commas).") from None  # fmt: skip
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise refuse("meta.csv", str(path), f"This is no CSV: {error}.",
                     "Please close every quotation mark; put quotes around cells with commas.") from None  # fmt: skip
    problems: list[Problem] = []
    header = tuple(cell.strip() for cell in rows[0]) if rows else ()
    kind = _kind(header, str(path), problems)
    if problems:
        raise Refusal(problems)
    studies, names = [], set[str]()
    for line, row in _lines(text):
        line_of = _Line(f"{path}, line {line}", problems)
        if len(row) != len(header):
            line_of.fault("meta.cells", f"There are {len(row)} cells under {len(header)} columns.",
                          "Please give each column one cell; an empty one has nothing between its commas.")  # fmt: skip
            continue
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
        studies.append(_study(cells, kind, names, line_of))
    if not studies and not problems:
        problems.append(
            Problem("meta.empty", str(path), "There is no study in it.", "Please add a line for each.")
        )
    if len(studies) > _MOST:
        problems.append(Problem("meta.many", str(path), f"There are more than {_MOST} studies.",
                                "Please check whether this is a table of studies, and not of persons."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return Studies(tuple(studies), kind, header)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows under the header with the line at which each begins; blank ones are left out."""
    reader, found, begins = csv.reader(io.StringIO(text, newline="")), [], 1
    for row in reader:
        if begins > 1 and any(cell.strip() for cell in row):
            found.append((begins, row))
        begins = reader.line_num + 1
    return found


def _kind(header: Sequence[str], place: str, problems: list[Problem]) -> Kind:
    """Tell by its columns what a table holds."""
    place += ", line 1"
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        problems.append(Problem("meta.columns", place, f"A column stands there twice: {', '.join(twice)}.",
                                "Please give each column a name of its own."))  # fmt: skip
    if "study" not in header:
        problems.append(Problem("meta.columns", place, "There is no column “study”.",
                                "Please add one with a name for each study."))  # fmt: skip
    effect, counts = ([name for name in names if name in header] for names in (EFFECT, COUNTS))
    if effect and counts:
        problems.append(Problem("meta.columns", place, "There are columns of effects and columns of counts.",
                                "Please keep either yi and vi, or ai, bi, ci and di."))  # fmt: skip
    elif len(effect) != len(EFFECT) and len(counts) != len(COUNTS):
        problems.append(Problem("meta.columns", place, "Columns of an effect are missing.",
                                "Please give either yi and vi (an effect and its variance), or ai, bi, ci and di "
                                "(counts of two arms)."))  # fmt: skip
    return Kind.LOG_RISK_RATIO if counts else Kind.GIVEN


@dataclass(frozen=True, slots=True)
class _Line:
    """One line being read, and where its faults go."""

    place: str
    problems: list[Problem]

    def fault(self, code: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(code, self.place, what, remedy))

    def numbers(self, cells: Mapping[str, str], names: Sequence[str], whole: bool) -> list[float] | None:
        """Return the numbers of these columns, or nothing where all are empty or one is wrong."""
        if not any(cells[name] for name in names):
            return None
        found = []
        for name in names:
            if (value := _number(cells[name])) is None or (whole and (value < 0 or value != int(value))):
                wanted = "a whole number, 0 or more" if whole else "a number with a point, such as -0.25"
                what = (
                    f"“{cells[name]}” under {name} is not"
                    if cells[name]
                    else f"The cell under {name} is empty, not"
                )
                self.fault("meta.number", f"{what} {wanted}.", f"Please either correct it, or leave all of "
                           f"{', '.join(names)} empty; the study is then listed and not pooled.")  # fmt: skip
            else:
                found.append(value)
        return found if len(found) == len(names) else None


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def _study(cells: Mapping[str, str], kind: Kind, names: set[str], line: _Line) -> Study:
    name = cells["study"]
    if not name or name in names:
        line.fault("meta.name", f"Another study is called “{name}”." if name else "The study has no name.",
                   "Please name each study so that it can be told from the others.")  # fmt: skip
    if not name.isprintable():
        line.fault("meta.name", "The name of the study holds a line break, or a sign that cannot be seen.",
                   "Please write it in one line.")  # fmt: skip
    names.add(name)
    design, risk = (cells.get(column, "").lower() for column in ("design", "risk_of_bias"))
    _one_of(line, "design", design, tuple(Design))
    _one_of(line, "risk_of_bias", risk, RISKS)
    effect, variance, corrected = _effect(cells, kind, design, line)
    more = {column: cell for column, cell in cells.items() if column not in ("study", *EFFECT, *COUNTS)}
    return Study(name, effect, variance, design, risk, corrected, more)


def _one_of(line: _Line, column: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        line.fault(f"meta.{column}", f"“{value}” is no {column.replace('_', ' ')} that is known here.",
                   f"Please either write one of {', '.join(known)}, or leave the cell empty.")  # fmt: skip


def _effect(
    cells: Mapping[str, str], kind: Kind, design: str, line: _Line
) -> tuple[float | None, float | None, bool]:
    if kind is Kind.GIVEN:
        numbers = line.numbers(cells, EFFECT, whole=False)
        if numbers and not (_SMALLEST < numbers[1] < 1 / _SMALLEST and abs(numbers[0]) < 1 / _SMALLEST):
            line.fault("meta.variance", f"An effect of {cells['yi']} with a variance of {cells['vi']} cannot be.",
                       "Please give under vi the square of the standard error; it is above 0.")  # fmt: skip
            return None, None, False
        return (numbers[0], numbers[1], False) if numbers else (None, None, False)
    numbers = line.numbers(cells, COUNTS, whole=True)
    if not numbers:
        return None, None, False
    if design == Design.SINGLE_ARM:
        line.fault("meta.one_arm", "A study with a single arm has no second one to count.",
                   "Please either correct its design, or give its effect in a table with yi and vi.")  # fmt: skip
    if 0 in (numbers[0] + numbers[1], numbers[2] + numbers[3]):
        line.fault(
            "meta.arm", "An arm has nobody in it.", "Please either correct the counts, or leave all empty."
        )
        return None, None, False
    return log_risk_ratio(*numbers)
