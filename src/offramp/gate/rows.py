"""Term lists as files: TOML, and tables as hotlines deliver them, which are plain text (one a line) or CSV.

Here: choosing the reader by the file's ending, and the columns of a table. Not here: what an entry may say (lists).
The invariant: nothing of a table is taken silently: an unknown column, a missing one and every bad line are refused
at once, by file and line and without quoting a term.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offramp.errors import Problem, Refusal, refuse
from offramp.gate.lists import Term, TermList, heart, make_term, name_faults, parse_list, term_faults

HEADERS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "term", "keyword", "key word", "phrase", "search term", "word"),
    "language": ("language", "lang", "language code", "locale"),
    "category": ("category", "type", "class"),
    "match": ("match", "match type"),
    "exact": ("exact", "exact match", "exact spelling"),
    "minimum_length": ("minimum length", "min length"),
}
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
_PLAIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table does not say by itself: values for all its entries, and which of its columns is which.

    The language "und" is how BCP 47 says undetermined. `columns` leads from our names
    ("text", "language", ...) to the headers of the file.
    """

    language: str = "und"
    category: str = "listed"
    exact: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


def read_lists(paths: Iterable[Path], reading: Reading | None = None) -> tuple[TermList, ...]:
    """Read lists from their files; refuse them with everything that is wrong in any of them."""
    lists: list[TermList] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            lists.append(_read(path, reading or Reading()))
            if [known.name for known in lists].count(lists[-1].name) > 1:
                problems.append(Problem("gate.list_name", path.name, "Another list has the same name.",
                                        "Please give each list a name of its own."))  # fmt: skip
        except Refusal as refusal:
            problems.extend(refusal.problems)
    if not problems and not any(known.terms or known.pairs for known in lists):
        problems.append(Problem("gate.no_terms", "term lists", "No list with a term was given.",
                                "Please name at least one list file that has terms."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return tuple(lists)


def _read(path: Path, reading: Reading) -> TermList:
    try:
        source = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise refuse("gate.list_unreadable", path.name, "The file cannot be read as UTF-8 text.",
                     "Please check that it exists, or save it again as UTF-8.") from None  # fmt: skip
    match path.suffix.lower():
        case ".toml":
            return parse_list(source, path.name)
        case ".csv" | ".tsv":
            return _table(path, _columns(source, path.name, reading))
        case ".txt" | ".list" | "":
            return _table(path, _lines(source, reading))
    raise refuse("gate.list_kind", path.name, "The ending of the file tells no kind of list.",
                 "Please let it end in .toml, .csv, .tsv or .txt.")  # fmt: skip


Row = tuple[int, Mapping[str, Any]]


def _table(path: Path, rows: Iterable[Row]) -> TermList:
    name = _PLAIN.sub("-", path.stem.lower()).strip("-")
    problems = list(name_faults(name, path.name))
    terms: dict[bytes, Term] = {}
    read = 0
    for line, entry in rows:
        if faults := list(term_faults(entry, f"{path.name}, line {line}")):
            problems.extend(faults)
        else:
            read += 1
            terms.setdefault(heart(entry["text"]), make_term(line, entry))
    if not read and not problems:
        problems.append(Problem("gate.empty", path.name, "The list has no term.",
                                "Please write one a line, or leave the list out."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return TermList(name, tuple(terms.values()), twice=read - len(terms))


def _lines(source: str, reading: Reading) -> Iterator[Row]:
    """Give the lines of plain text; empty ones and those that begin with “#” say nothing."""
    for number, line in enumerate(source.splitlines(), 1):
        if (text := line.strip()) and not text.startswith("#"):
            yield number, {"text": text, **_given(reading)}


def _given(reading: Reading) -> dict[str, Any]:
    return {"language": reading.language, "category": reading.category, "exact": reading.exact}


def _columns(source: str, place: str, reading: Reading) -> Iterator[Row]:
    """Give the rows of a table by our names; whatever separates them is found out from the header."""
    header = source.partition("\n")[0]
    delimiter = max(";,\t|", key=header.count)
    try:
        table = list(csv.reader(io.StringIO(source), delimiter=delimiter, strict=True))
    except csv.Error:
        raise refuse("gate.list_syntax", place, "This is no sound table.",
                     "Please close every quotation mark, or save it again as CSV.") from None  # fmt: skip
    where = _where(table[0] if table else [], f"{place}, line 1", reading.columns)
    line = 1
    for cells in table[1:]:
        line += 1
        if any(cell.strip() for cell in cells):
            found = {name: cells[i].strip() for name, i in where.items() if i < len(cells)}
            yield (
                line,
                {**_given(reading), **{name: _typed(name, text) for name, text in found.items() if text}},
            )
        line += sum(cell.count("\n") for cell in cells)


def _where(header: list[str], place: str, wanted: Mapping[str, str]) -> dict[str, int]:
    """Return which column holds what, by its header."""
    names = [_PLAIN.sub(" ", cell.lower()).strip() for cell in header]
    known = {name: (_PLAIN.sub(" ", wanted[name].lower()).strip(),) if name in wanted else likely
             for name, likely in HEADERS.items()}  # fmt: skip
    problems = [Problem("gate.column", place, f"There is no column for “{name}” under the name that was given.",
                        "Please correct --column, or leave it out.")
                for name in wanted if not {*known.get(name, ())} & {*names}]  # fmt: skip
    where = {
        name: names.index(found) for name, likely in known.items() for found in likely[::-1] if found in names
    }
    if "text" not in where and not problems:
        problems.append(Problem("gate.column", place, "No column is known to hold the terms.",
                                f"Please call it one of {', '.join(HEADERS['text'])}, or say which it is: "
                                "--column text=NAME."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return where


def _typed(name: str, text: str) -> str | bool | int:
    if name == "exact":
        return _YES.get(text.lower(), text)
    if name == "minimum_length":
        return int(text) if text.isdecimal() and len(text) < 6 else text
    if name == "category":
        return _PLAIN.sub("-", text.lower()).strip("-")
    return text.lower().replace("_", "-") if name in ("match", "language") else text
