"""Logs in Parquet, and batches of Arrow.

Here: all that needs pyarrow for reading. Not here: lines, counting. The invariant: a row group is streamed, never held
as a whole, and only the two columns that are asked for are read.

A file with fewer row groups than there are processes is shared all the same: each process then decodes a row group and
decides about every so-manieth batch of it, because deciding is what takes the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Flag
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from offramp.errors import Problem, Refusal, refuse
from offramp.scan.days import day_of
from offramp.scan.lines import no_column
from offramp.scan.querylog import Batch, Columns, Portion, damaged

if TYPE_CHECKING:
    import pyarrow

_BATCH, _BUFFER = 1 << 15, 1 << 20


def arrow() -> ModuleType:
    """Return pyarrow, or refuse with the way to get it."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        raise refuse("scan.no_pyarrow", "Parquet", "Reading and writing it needs pyarrow, which is not installed.",
                     "Please either install offramp[scan] (“make install-scan”), or use CSV.") from None  # fmt: skip
    found: ModuleType = pyarrow
    return found


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file that was looked at: how many rows each of its groups has."""

    path: Path
    columns: Columns
    groups: tuple[int, ...]

    @property
    def size(self) -> int:
        return sum(self.groups)

    def portions(self, processes: int) -> Iterator[Portion]:
        """Cut the file into row groups, each into parts where there would not be enough of them for all."""
        parts = -(-2 * processes // len(self.groups))
        for group, rows in enumerate(self.groups):
            for part in range(parts):
                yield Portion(rows * (part + 1) // parts - rows * part // parts, group, part, parts)

    def read(self, portion: Portion) -> Iterator[Batch]:
        """Read a row group, or some of its batches."""
        pyarrow = arrow()
        names = [self.columns.query, *([self.columns.day] if self.columns.day is not None else [])]
        try:
            # Buffered, so that not even the packed bytes of a large row group are in memory at once.
            with pyarrow.parquet.ParquetFile(self.path, buffer_size=_BUFFER, pre_buffer=False) as file:
                found = file.iter_batches(
                    _BATCH, row_groups=[portion.place], columns=names, use_threads=False
                )
                for number, batch in enumerate(found):
                    if number % portion.parts == portion.part:
                        yield arrow_batch(batch, self.columns)
        except (pyarrow.ArrowException, OSError):
            raise damaged(self.path, f"row group {portion.place + 1}") from None


def arrow_batch(batch: pyarrow.RecordBatch, columns: Columns) -> Batch:
    """Return an Arrow batch as queries with their days. Null is no query, nor is what cannot be decoded."""
    found = _texts(batch.column(columns.query))
    texts = [text for text in found if text is not None] if None in found else cast(list[str], found)
    skipped = len(found) - len(texts)
    if columns.day is None:
        return Batch(texts, {"": len(texts)}, lambda _: "", skipped)
    days = batch.column(columns.day)
    if skipped:
        days = days.take(arrow().array([place for place, text in enumerate(found) if text is not None]))
    return _dated(texts, days, skipped)


def _texts(column: pyarrow.Array) -> list[str | None]:
    if _is_text((column := _plain(column)).type):
        with suppress(UnicodeDecodeError):
            found: list[str | None] = column.to_pylist()
            return found
    return [_decoded(value) for value in column.cast(arrow().large_binary()).to_pylist()]


def _decoded(value: bytes | None) -> str | None:
    try:
        return value.decode() if value is not None else None
    except UnicodeDecodeError:
        return None


def _plain(column: pyarrow.Array) -> pyarrow.Array:
    return column.dictionary_decode() if arrow().types.is_dictionary(column.type) else column


def _dated(queries: list[str], days: pyarrow.Array, skipped: int) -> Batch:
    """Return queries with their days, each distinct value of the column being looked at once."""
    pyarrow = arrow()
    types, days = pyarrow.types, _plain(days)
    if _is_text(days.type):  # the eleventh character tells a day from something that begins like one
        days = pyarrow.compute.utf8_slice_codeunits(days.cast(pyarrow.large_string()), 0, 11)
    elif types.is_timestamp(days.type):
        days = days.cast(pyarrow.timestamp(days.type.unit)).cast(pyarrow.date32())
    coded = days.dictionary_encode()
    names = [_day(value) for value in coded.dictionary]
    per_day: Counter[str] = Counter()
    for found in pyarrow.compute.value_counts(coded.indices).to_pylist():
        per_day["" if found["values"] is None else names[found["values"]]] += found["counts"]
    codes = coded.indices

    def day(place: int) -> str:
        code = codes[place].as_py()
        return "" if code is None else names[code]

    return Batch(queries, per_day, day, skipped)


def _day(value: pyarrow.Scalar) -> str:
    try:
        return day_of(value.as_py())
    except (ValueError, OverflowError):
        return ""


def _is_text(kind: pyarrow.DataType) -> bool:
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


class Kind(Flag):
    """What a column may be used for."""

    NEITHER = 0
    QUERIES = 1
    DAYS = 2


# -- looking at a file before it is read --------------------------------------------------------------------


def open_parquet(path: Path, columns: Columns) -> Parquet:
    """Look at a Parquet file's own description and return it, or refuse it with all its faults."""
    pyarrow = arrow()
    if columns.encoding != Columns().encoding:
        raise refuse("scan.encoding", "--encoding", "Parquet says by itself how its texts are encoded.",
                     "Please leave --encoding out.")  # fmt: skip
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            schema, about = file.schema_arrow, file.metadata
            groups = tuple(about.row_group(number).num_rows for number in range(about.num_row_groups))
    except (pyarrow.ArrowException, OSError):
        raise refuse("scan.unreadable", str(path), "This is no Parquet file that can be read.",
                     "Please check its permissions and that it is whole.") from None  # fmt: skip
    problems = column_faults(schema.names, lambda name: _kind(schema.field(name).type), columns, str(path))
    if not sum(groups):
        problems.append(Problem("scan.empty", str(path), "The file has no rows.",
                                "Please hand over a log with at least one query."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return Parquet(path, columns, tuple(groups))


def column_faults(
    names: Sequence[str], kind: Callable[[str], Kind], columns: Columns, place: str
) -> list[Problem]:
    """Return what is wrong with the columns that are asked for: missing, twice there, of another kind."""
    problems: list[Problem] = []
    for option, name, wanted, what in (
        ("--column", columns.query, Kind.QUERIES, "text"),
        ("--day", columns.day, Kind.DAYS, "dates, times or text"),
    ):
        if name is None:
            continue
        if (number := names.count(name)) != 1:
            problems.append(no_column(place, option, name, number))
        elif wanted not in kind(name):
            problems.append(Problem("scan.type", place, f"The column “{name}” does not hold {what}.",
                                    f"Please name another with {option}, or export it as {what}."))  # fmt: skip
    return problems


def _kind(found: pyarrow.DataType) -> Kind:
    types = arrow().types
    if types.is_dictionary(found):
        found = found.value_type
    if _is_text(found):
        return Kind.QUERIES | Kind.DAYS
    if types.is_binary(found) or types.is_large_binary(found):
        return Kind.QUERIES
    return Kind.DAYS if types.is_date(found) or types.is_timestamp(found) else Kind.NEITHER
