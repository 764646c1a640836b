"""An XLSForm as rows, and as the workbook that other programs read and write. Knows no meaning of any column.

The invariant: what `read_workbook` returns of a file that `write_workbook` wrote is what was written.
openpyxl is imported where it is used: a server, which has the same command line, has no room to spare for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from offramp.errors import refuse

Row = Mapping[str, str]
SHEETS = ("survey", "choices", "settings")


@dataclass(frozen=True, slots=True)
class Form:
    """The sheets of an XLSForm: each row by the names of its columns, empty cells left out."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...] = ()
    settings: tuple[Row, ...] = ()


def write_workbook(form: Form, path: Path) -> None:
    """Write an XLSForm as .xlsx."""
    import openpyxl
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in zip(SHEETS, (form.survey, form.choices, form.settings), strict=True):
        sheet = book.create_sheet(name)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        sheet.append(columns)
        for row in rows:
            sheet.append([row.get(column) for column in columns])
            for cell in sheet[sheet.max_row]:
                if cell.value is not None:
                    # Said to be text, so that no program reckons with it.
                    cell.data_type = "s"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    book.save(path)


def read_workbook(path: Path) -> Form:
    """Return the sheets of an XLSForm (.xlsx). Refusal exchange.unreadable or exchange.no_survey."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, BadZipFile, InvalidFileException) as error:
        raise refuse("exchange.unreadable", str(path), f"This is no readable workbook ({type(error).__name__}).",
                     "Please save it again as .xlsx.") from None  # fmt: skip
    with contextlib.closing(book):
        sheets = {
            sheet.title.strip().lower(): _rows(sheet.iter_rows(values_only=True)) for sheet in book.worksheets
        }
    if not sheets.get("survey"):
        raise refuse("exchange.no_survey", str(path), "The workbook has no sheet “survey” with questions.",
                     "Please name an XLSForm.")  # fmt: skip
    return Form(*(sheets.get(name, ()) for name in SHEETS))


def _rows(rows: Iterable[tuple[object, ...]]) -> tuple[Row, ...]:
    lines = iter(rows)
    head = [str(cell).strip() if cell is not None else "" for cell in next(lines, ())]
    found = ({name: _text(cell) for name, cell in zip(head, line, strict=False) if name and cell is not None}
             for line in lines)  # fmt: skip
    return tuple(row for row in found if any(text.strip() for text in row.values()))


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
