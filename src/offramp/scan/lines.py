"""Logs that are lines: one query a line, or a table as CSV (RFC 4180, also with semicolons, tabs or bars).

Here: looking at such a file, cutting it where a line or record ends, reading a portion. Not here: Parquet (rowgroups).
The invariant: a portion begins where a record begins and ends where one ends, so that processes can share a file.

A file is cut without reading its records: a line break ends one where the number of quotation marks before it is even.
Where somebody wrote a mark inside an unquoted field that may be wrong, and then reading says so, because a field that
does not end is refused.
"""

from __future__ import annotations

import codecs
import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from offramp.errors import Problem, Refusal, refuse
from offramp.scan.days import day_of
from offramp.scan.querylog import Batch, Columns, Portion, damaged

PIECE = 1 << 20
LONGEST = 1 << 24
_LOOK, _BATCH = 1 << 20, 1 << 13
_ASCII = bytes(range(128))
_DELIMITERS = ",;\t|"
_MOST_WRONG = 100  # one line of so many may be unreadable before another encoding is likelier


@dataclass(frozen=True, slots=True)
class Table:
    """How a CSV file is divided, and which of its columns are looked at."""

    delimiter: str
    query: int
    day: int | None


@dataclass(frozen=True, slots=True)
class Lines:
    """A log of lines that was looked at; `start` is where its first query or row begins."""

    path: Path
    encoding: str
    table: Table | None
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def portions(self, processes: int) -> Iterator[Portion]:
        """Cut the file into pieces of a MiB, smaller ones where that is needed for all processes to have one."""
        piece = min(PIECE, max(self.size // (4 * processes), 1 << 16))
        place = self.start
        with self.path.open("rb") as file:
            while place < self.end:
                file.seek(place)
                length = self._cut(file.read(min(piece, self.end - place)), place, file.read)
                yield Portion(length, place)
                place += length

    def _cut(self, chunk: bytes, place: int, more: Callable[[int], bytes]) -> int:
        """Return the length up to the last record that ends in a chunk, reading on until there is one."""
        while place + len(chunk) < self.end:
            if length := _last_end(chunk, self.table is not None):
                return length
            if len(chunk) > LONGEST:
                raise refuse("scan.line", f"{self.path}, at byte {place:,}", "No line or record ends for a long way.",
                             "Please check that this is text; in CSV also, that each quotation mark inside a field "
                             "is doubled and the field quoted.")  # fmt: skip
            if not (further := more(min(PIECE, self.end - place - len(chunk)))):
                raise damaged(self.path, f"at byte {place + len(chunk):,}")
            chunk += further
        return len(chunk)

    def read(self, portion: Portion) -> Iterator[Batch]:
        """Read one portion. Lines that cannot be decoded, and rows too short to hold the column, are skipped."""
        with self.path.open("rb") as file:
            file.seek(portion.place)
            body = file.read(portion.size)
        if len(body) < portion.size:
            raise damaged(self.path, f"at byte {portion.place + len(body):,}")
        lines, skipped = _decoded(body, self.encoding)
        if self.table is None:
            return _batches(lines, skipped)
        return self._rows(lines, skipped, self.table, portion)

    def _rows(self, lines: list[str], skipped: int, table: Table, portion: Portion) -> Iterator[Batch]:
        csv.field_size_limit(LONGEST)  # of the whole process, which is here to read logs
        reader = csv.reader((line + "\n" for line in lines), delimiter=table.delimiter, strict=True)
        try:
            while rows := list(islice(reader, _BATCH)):
                yield _table_batch([row for row in rows if row], table, skipped)
                skipped = 0
        except csv.Error:
            raise refuse("scan.csv", f"{self.path}, after byte {portion.place:,}",
                         "A quoted field does not end, or something follows its end.",
                         "Please double each quotation mark inside a field and quote the field, or export the log as "
                         "Parquet.") from None  # fmt: skip
        if skipped:
            yield _table_batch([], table, skipped)


def _last_end(chunk: bytes, quoted: bool) -> int:
    """Return where the last record ends in a chunk that begins with one; 0 if none does."""
    place, odd = len(chunk), bool(quoted and chunk.count(b'"') % 2)
    while (found := chunk.rfind(b"\n", 0, place)) >= 0:
        odd ^= bool(quoted and chunk.count(b'"', found, place) % 2)
        if not odd:
            return found + 1
        place = found
    return 0


def _decoded(body: bytes, encoding: str) -> tuple[list[str], int]:
    """Return the lines of a body and how many could not be decoded."""
    try:
        lines, wrong = body.decode(encoding).split("\n"), 0
    except ValueError:
        lines, wrong = [], 0
        for line in body.split(b"\n"):
            try:
                lines.append(line.decode(encoding))
            except ValueError:
                wrong += 1
    if body.endswith(b"\n"):
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if b"\r" in body else lines, wrong


def _batches(lines: list[str], skipped: int) -> Iterator[Batch]:
    for first in range(0, len(lines), _BATCH):
        some = lines[first : first + _BATCH]
        yield Batch(some, {"": len(some)}, lambda _: "", skipped)
        skipped = 0
    if skipped:
        yield Batch([], {}, lambda _: "", skipped)


def _table_batch(rows: list[list[str]], table: Table, skipped: int) -> Batch:
    needed = max(table.query, table.day or 0)
    whole = [row for row in rows if len(row) > needed]
    queries = [row[table.query] for row in whole]
    if table.day is None:
        return Batch(queries, {"": len(whole)}, lambda _: "", skipped + len(rows) - len(whole))
    days = [day_of(row[table.day]) for row in whole]
    return Batch(queries, Counter(days), days.__getitem__, skipped + len(rows) - len(whole))


# -- looking at a file before it is read --------------------------------------------------------------------


def open_lines(path: Path, columns: Columns, table: bool) -> Lines:
    """Look at the beginning of a file of lines and return it, or refuse it with all its faults."""
    problems = _encoding_faults(columns.encoding)
    if columns.day is not None and not table:
        problems.append(Problem("scan.day", str(path), "A file with one query a line has no column of days.",
                                "Please either leave --day out, or hand over a CSV or Parquet file."))  # fmt: skip
    try:
        with path.open("rb") as file:
            head, end = file.read(_LOOK), os.fstat(file.fileno()).st_size
    except OSError:
        problems.append(Problem("scan.unreadable", str(path), "The file cannot be read.",
                                "Please check that it is a file, and its permissions."))  # fmt: skip
        raise Refusal(problems) from None
    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    if not head[mark:].strip():
        problems.append(Problem("scan.empty", str(path), "The file is empty.",
                                "Please hand over a log with at least one query."))  # fmt: skip
    elif not problems and not _is_likely(head, columns.encoding):
        problems.append(Problem("scan.encoding", str(path), f"This is not text in {columns.encoding}.",
                                "Please either name another with --encoding, or convert it to UTF-8."))  # fmt: skip
    found, start = None, mark
    if table and not problems:
        found, start = _header(path, head, mark, columns, problems)
        if found and start >= end:
            problems.append(Problem("scan.empty", str(path), "The file has a header and no rows.",
                                    "Please hand over a log with at least one query."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return Lines(path, columns.encoding, found, start, end)


def _encoding_faults(name: str) -> list[Problem]:
    """Refuse what Python does not know, and what cannot be cut at bytes that mean a line break in ASCII."""
    try:
        if _ASCII.decode(name) == _ASCII.decode("ascii"):
            return []
        what = "A file in this encoding cannot be cut at line breaks."
    except (LookupError, ValueError):
        what = "This encoding is not known, or a file in it cannot be cut at line breaks."
    return [Problem("scan.encoding", "--encoding", what,
                    "Please either name another (utf-8, latin-1, cp1251, shift_jis, gb18030), or convert the file to "
                    "UTF-8.")]  # fmt: skip


def _is_likely(head: bytes, encoding: str) -> bool:
    """Tell whether nearly all lines can be decoded and none holds what no text does."""
    if len(head) == _LOOK and b"\n" in head:
        head = head[: head.rindex(b"\n")]
    lines, wrong = _decoded(head, encoding)
    return b"\0" not in head and wrong * _MOST_WRONG <= len(lines) + wrong


def _header(
    path: Path, head: bytes, mark: int, columns: Columns, problems: list[Problem]
) -> tuple[Table | None, int]:
    """Read the header: which delimiter shows the column of queries, where columns are, where rows begin."""
    stop = _header_end(head, mark)
    text = head[mark:stop].decode(columns.encoding, "replace").strip("\r\n")
    names: list[str] = []
    for delimiter in _DELIMITERS:
        names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
        if columns.query in names:
            break
    wanted = [("--column", columns.query), *([("--day", columns.day)] if columns.day is not None else [])]
    for option, name in wanted:
        if names.count(name) != 1:
            problems.append(no_column(str(path), option, name, names.count(name)))
    if problems:
        return None, stop
    return Table(
        delimiter, names.index(columns.query), names.index(columns.day) if columns.day is not None else None
    ), stop


def _header_end(head: bytes, place: int) -> int:
    """Return where the first record ends."""
    while (found := head.find(b"\n", place) + 1) and head.count(b'"', 0, found) % 2:
        place = found
    return found or len(head)


def no_column(place: str, option: str, name: str, found: int) -> Problem:
    """Return the problem of a column that is not there, or there more than once."""
    how = "More than one column is" if found else "No column is"
    return Problem("scan.column", place, f"{how} called “{name}”.",
                   f"Please name the right one with {option}, as it is in the file’s header.")  # fmt: skip
