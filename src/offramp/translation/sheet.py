"""Sheets for reviewers who use no translation program: XLSX or CSV out, and back in with nothing lost.

One row a text: id, kind, English, translation, a translation back, a remark, the state, and the name of a picture of
the page. Not here: what is in step (`step`). The invariant: a sheet that comes back changes translations, states and
remarks of texts that are here and whose English is as it was; everything else in it is refused, all at once.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile

import polib

from offramp.errors import Problem, Refusal, refuse
from offramp.language import PLACEHOLDER, Tag
from offramp.survey import offer_page
from offramp.translation.source import Source
from offramp.translation.step import open_po, set_state

COLUMNS = ("id", "kind", "english", "translation", "translated_back", "remark", "state", "picture")
# In a folder of pictures: which of them shows which text of which set.
INDEX, INDEX_COLUMNS = "index-{tag}.csv", ("set", "id", "picture")
_WIDTHS = (28, 22, 60, 60, 50, 30, 22, 24)
_OPEN = ("translation", "translated_back", "remark", "state")
_STATES = ("draft", "reviewed", "approved")
_BACK, _REMARK = "back:", "remark:"
# What a spreadsheet would reckon with, were it not told that it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_sheet(source: Source, tag: Tag, path: Path, pictures: Path | None = None) -> int:
    """Write the sheet of one language (.xlsx or .csv); return how many rows it has.

    `pictures` is a folder that `make pictures` made. Refusals: translation.sheet, translation.pictures.
    """
    rows = list(_rows(source, tag, _index(pictures, source.name, tag) if pictures else {}))
    match path.suffix.lower():
        case ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows([[_harmless(cell) for cell in row] for row in rows])
        case ".xlsx":
            _write_xlsx(rows, f"{source.name} {tag}"[:31], path)
        case other:
            raise _unknown(path, other)
    return len(rows)


def _index(folder: Path, name: str, tag: Tag) -> Mapping[str, str]:
    """Return which picture shows which text, for one set of texts in one language."""
    path = folder / INDEX.format(tag=tag)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [tuple(row) for row in csv.reader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or rows[0] != INDEX_COLUMNS or any(len(row) != len(INDEX_COLUMNS) for row in rows):
        raise refuse("translation.pictures", str(path), "There is no index of pictures in this language here.",
                     f"Please type make pictures LANGUAGES={tag}, or leave --pictures out.")  # fmt: skip
    return {key: picture for of, key, picture in rows[1:] if of == name}


def _rows(source: Source, tag: Tag, pictures: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    entries = {entry.msgctxt: entry for entry in open_po(source.file(tag)) if not entry.obsolete}
    for key, text in source.texts.items():
        entry = entries.get(key)
        notes = entry.tcomment.splitlines() if entry else []
        said = {mark: " ".join(n.removeprefix(mark).strip() for n in notes if n.startswith(mark))
                for mark in ("state:", _BACK, _REMARK)}  # fmt: skip
        yield (key, source.contexts[key], text, entry.msgstr if entry else "", said[_BACK], said[_REMARK],
               said["state:"] or "draft", pictures.get(key) or picture(source, key, tag))  # fmt: skip


def picture(source: Source, key: str, tag: Tag) -> str:
    """Return the name under which the pictures of pages show this text; nothing for what stands on no one page."""
    parts = key.split("/")
    if source.survey is None:
        return ""
    if parts[0] == "page":
        return f"{source.name}-{parts[1]}-{tag}.png"
    if parts[0] == "module":
        return f"{source.name}-{offer_page(parts[1])}-{tag}.png"
    if parts[0] == "question":
        pages = (page for page in source.survey.pages
                 if any(parts[1] in (q.id, q.matrix and q.matrix.id) for q in page.questions))  # fmt: skip
        return next((f"{source.name}-{page.id}-{tag}.png" for page in pages), "")
    return ""


def _write_xlsx(rows: Iterable[tuple[str, ...]], title: str, path: Path) -> None:
    # Imported here and below because a server, which has the same command line, has no room to spare for it.
    import openpyxl
    from openpyxl.styles import Alignment, Font, Protection

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(COLUMNS)
    for row in rows:
        sheet.append(("",) * len(COLUMNS))
        for cell, text in zip(sheet[sheet.max_row], row, strict=True):
            # Said to be text, so that no program reckons with what somebody wrote.
            cell.value, cell.data_type = text, "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.protection = Protection(locked=COLUMNS[cell.column - 1] not in _OPEN)
    for number, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGH"[number]].width = width
        sheet["ABCDEFGH"[number] + "1"].font = Font(bold=True)
    sheet.freeze_panes = "D2"
    # Without a password: it keeps from slips, and whoever wants to can lift it.
    sheet.protection.sheet = True
    book.save(path)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unknown(path: Path, suffix: str) -> Refusal:
    return refuse(
        "translation.sheet", str(path), f"“{suffix}” is no kind of sheet.", "Please use .xlsx or .csv."
    )


def take_sheet(source: Source, tag: Tag, path: Path) -> tuple[polib.POFile, int]:
    """Return the PO file with what a sheet says, and how many texts it changed. Refusal: all that is wrong in it."""
    po = open_po(source.file(tag))
    entries = {entry.msgctxt: entry for entry in po if not entry.obsolete}
    problems: list[Problem] = []
    seen: set[str] = set()
    changed = 0
    for number, row in enumerate(_read(path), 2):
        place = f"{path.name}, row {number}"
        key = row["id"]
        found = list(_faults(place, row, source, entries, seen))
        seen.add(key)
        problems += found
        if not found:
            changed += _take(entries[key], row)
    if problems:
        raise Refusal(problems)
    return po, changed


def _read(path: Path) -> Iterator[dict[str, str]]:
    rows = iter(_cells(path))
    head = [cell.strip().lower() for cell in next(rows, [])]
    missing = [column for column in ("id", "english", *_OPEN) if column not in head]
    if missing:
        raise refuse("translation.sheet", str(path), f"The sheet has no column {', '.join(missing)}.",
                     "Please send back the sheet that was written here, with its first row.")  # fmt: skip
    for row in rows:
        found = dict.fromkeys(COLUMNS, "") | dict(zip(head, row, strict=False))
        if any(found.values()):
            yield found


def _cells(path: Path) -> Iterable[list[str]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return [[_as_written(cell) for cell in row] for row in csv.reader(file, strict=True)]
        if path.suffix.lower() == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            with contextlib.closing(book):
                rows = book.worksheets[0].iter_rows(values_only=True)
                return [["" if cell is None else str(cell) for cell in row] for row in rows]
    except (OSError, ValueError, KeyError, csv.Error, BadZipFile, InvalidFileException) as error:
        raise refuse("translation.sheet", str(path), f"The sheet cannot be read ({type(error).__name__}).",
                     "Please save it again as .xlsx or as CSV in UTF-8.") from None  # fmt: skip
    raise _unknown(path, path.suffix)


def _as_written(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def _faults(
    place: str, row: dict[str, str], source: Source, entries: dict[str, polib.POEntry], seen: set[str]
) -> Iterator[Problem]:
    key, english = row["id"], source.texts.get(row["id"])
    if english is None or key not in entries:
        yield Problem("translation.unknown_id", place, f"“{key}” is the id of no text here.",
                      "Please leave the ids as they were, and run “messages update” if the text is new.")  # fmt: skip
        return
    if key in seen:
        yield Problem("translation.twice", place, f"“{key}” is here twice.", "Please remove one of the rows.")
    if _alike(row["english"]) != _alike(english):
        yield Problem("translation.english", place, "The English is not what it is now.",
                      "Please leave it as it was, or begin from a new sheet if it has changed since.")  # fmt: skip
    wanted, there = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(row["translation"]))
    if row["translation"].strip() and wanted != there:
        yield Problem("language.placeholder", place, "The placeholders in braces differ from the English.",
                      f"Please use these and no others: {', '.join(sorted(wanted)) or 'none'}.")  # fmt: skip
    if entries[key].msgstr.strip() and not row["translation"].strip():
        yield Problem("translation.blank", place, "The translation was emptied.",
                      "Please write one; a text is never deleted by a sheet.")  # fmt: skip
    if row["state"].strip() and row["state"].split()[0].lower() not in _STATES:
        yield Problem("language.state", place, f"“{row['state']}” is no state of a text.",
                      "Please write draft, reviewed or approved, then initials and day.")  # fmt: skip


def _alike(text: str) -> str:
    # Spreadsheets change line ends and the spaces at the ends of cells.
    return " ".join(text.split())


def _take(entry: polib.POEntry, row: dict[str, str]) -> bool:
    before = (entry.msgstr, entry.tcomment, entry.fuzzy)
    if row["translation"].strip() and row["translation"] != entry.msgstr:
        entry.msgstr = row["translation"]
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        entry.previous_msgid = None
    set_state(entry, row["state"].strip() or "draft")
    notes = [line for line in entry.tcomment.splitlines() if not line.startswith((_BACK, _REMARK))]
    for mark, column in ((_BACK, "translated_back"), (_REMARK, "remark")):
        if row[column].strip():
            notes.append(f"{mark} {_alike(row[column])}")
    entry.tcomment = "\n".join(notes)
    return before != (entry.msgstr, entry.tcomment, entry.fuzzy)
