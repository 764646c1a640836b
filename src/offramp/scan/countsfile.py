"""The file of counts that a scan leaves: Parquet or CSV.

Here: its columns, and writing it whole or not at all. Not here: counting. The invariant: under the name that was asked
for there is never half a file, and only its owner can read it.

Counts are exact: they stay with the operator, who has the log. The names of the columns say so, and in Parquet the
description of the file as well, because a file outlives what its maker knew about it. Before anything of it is handed
on, the law of the house applies: no count under 10, all rounded to 5, nothing that subtraction uncovers.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.scan.counts import Counts, Row
from offramp.scan.rowgroups import arrow

HEADER = ("day", "list", "category", "exact_queries", "exact_matched", "exact_help")
KINDS = (".csv", ".parquet")
PRECISION = (
    "Exact counts of an operator's own query log, for that operator alone. Before anything is handed on: "
    "no count under 10, every count rounded to 5, nothing that adding and subtracting could uncover."
)


def check_output(path: Path, queries: Path) -> list[Problem]:
    """Return what keeps counts from being written, before hours of counting."""
    problems = []
    if path.suffix.lower() not in KINDS:
        problems.append(Problem("scan.output", str(path), "Counts are written as Parquet or CSV.",
                                "Please let the name end in .parquet or .csv."))  # fmt: skip
    elif path.suffix.lower() == ".parquet":
        try:
            arrow()
        except Refusal as refusal:
            problems += refusal.problems
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)) or path.is_dir():
        problems.append(Problem("scan.output", str(path), "No file can be made there.",
                                "Please name a file in a folder that exists and that you may write to."))  # fmt: skip
    elif path.exists() and queries.exists() and path.samefile(queries):
        problems.append(Problem("scan.output", str(path), "This is the log itself.",
                                "Please name another file for the counts."))  # fmt: skip
    return problems


def write(path: Path, counts: Counts, engine: str) -> None:
    """Write counts under another name, and let them take their place when they are whole."""
    body = _parquet(counts, engine) if path.suffix.lower() == ".parquet" else _csv(counts.rows())
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise Refusal(Problem("scan.output", str(path), f"The counts cannot be written ({error.strerror}).",
                              "Please make room or name another place, and scan again.")) from None  # fmt: skip
    finally:
        unfinished.unlink(missing_ok=True)


def _csv(rows: Iterable[Row]) -> bytes:
    body = BytesIO()
    with TextIOWrapper(body, encoding="utf-8", newline="", write_through=True) as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
        return body.getvalue()


def _parquet(counts: Counts, engine: str) -> bytes:
    pyarrow = arrow()
    text, number = pyarrow.string(), pyarrow.int64()
    kinds = (pyarrow.date32(), text, text, number, number, number)
    about = {"format": 1, "precision": PRECISION, "engine": engine, "queries": counts.total,
             "skipped_rows": counts.skipped}  # fmt: skip
    schema = pyarrow.schema(zip(HEADER, kinds, strict=True), {"offramp.counts": json.dumps(about)})
    rows = [(date.fromisoformat(row.day) if row.day else None, row.list or None, row.category or None, *row[3:])
            for row in counts.rows()]  # fmt: skip
    columns = zip(*rows, strict=True) if rows else [()] * len(HEADER)
    arrays = [pyarrow.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    body = BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), body)
    return body.getvalue()
