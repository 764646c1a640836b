"""Exact rows as files that belong to no program: CSV with an R script, a codebook and DDI; Parquet; words.

Not here: what the rows are (exact), what they mean (described), SPSS and Stata. The invariant: each file says by its
name and, where its form has a place for it, in itself that it is exact and is never published.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from offramp.desk.apart import NOTICE, SHORT_NOTICE, SYNTHETIC
from offramp.desk.described import STATA_LETTERS, Described, Value
from offramp.desk.exact import Exact
from offramp.errors import refuse
from offramp.exchange import DataFile, Labels, ddi
from offramp.language import Tag

CODEBOOK = (
    "column",
    "kind",
    "question",
    "option",
    "label",
    "asked",
    "value",
    "stata",
    "id",
    "means",
    "missing",
)
WORDS = ("response", "question", "marks", "words")
_TEMPLATE = Path(__file__).parent / "templates" / "rows.R"


def notice(rows: Exact) -> str:
    """Return what every file of these rows says of itself."""
    return f"{SYNTHETIC} {NOTICE}" if rows.synthetic else NOTICE


def short_notice(rows: Exact) -> str:
    """Return the same for programs that have little room for it."""
    return f"SYNTHETIC, {SHORT_NOTICE}" if rows.synthetic else SHORT_NOTICE


def write_csv(rows: Exact, fields: Sequence[Described], folder: Path, name: str) -> None:
    """Write the rows, their codebook, and the script that makes factors and missing values of them in R."""
    _table(folder / f"{name}.csv", [field.name for field in fields],
           zip(*(rows.cells[field.name] for field in fields), strict=True))  # fmt: skip
    write_codebook(fields, folder, name)
    script = _TEMPLATE.read_text(encoding="utf-8")
    script = script.replace("{notice}", notice(rows)).replace("{name}", name)
    (folder / f"{name}.R").write_text(script, encoding="utf-8")


def write_ddi(
    rows: Exact, fields: Sequence[Described], folder: Path, name: str, labels: Labels, tag: Tag
) -> None:
    """Write the rows as CSV, and beside them DDI that describes every column of that file in one language."""
    write_csv(rows, fields, folder, name)
    spoken = replace(rows.survey, catalogues={tag: rows.survey.catalogues[tag]})
    about = {
        field.name: (field.label, {value.number: value.label for value in field.values})
        for field in fields
        if not field.question
    }
    file = DataFile(f"{name}.csv", notice(rows), rows.n, about)
    (folder / f"{name}.xml").write_bytes(ddi(spoken, labels, file))


def write_codebook(fields: Sequence[Described], folder: Path, name: str) -> None:
    """Write what every column and every number means, whole texts and all: one line for each value."""
    lines = (
        (field.name, field.kind, field.question, field.option, field.label, field.asked, *value)
        for field in fields
        for value in [
            ("", "", "", "", ""),
            *(
                (each.number, _in_stata(each), each.id, each.label, int(each.missing))
                for each in field.values
            ),
        ]
    )
    _table(folder / f"{name}-codebook.csv", CODEBOOK, lines)


def write_words(rows: Exact, folder: Path, name: str) -> None:
    """Write what people wrote, each text with the response that it belongs to."""
    _table(folder / f"{name}-words.csv", WORDS, rows.words)


def write_parquet(rows: Exact, fields: Sequence[Described], folder: Path, name: str) -> None:
    """Write the rows with labels and values in the metadata of each column. Refusal export.no_parquet."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise refuse("export.no_parquet", name, "Nothing here can write Parquet.",
                     "Please type make install-export, or export as csv.") from None  # fmt: skip
    schema = pa.schema(
        [
            pa.field(
                field.name,
                pa.string() if field.kind == "text" else pa.int32(),
                nullable=False,
                metadata={"offramp": json.dumps(asdict(field), ensure_ascii=False)},
            )
            for field in fields
        ],
        metadata={"offramp": notice(rows)},
    )
    table = pa.table(
        [pa.array(rows.cells[field.name], schema.field(field.name).type) for field in fields], schema
    )
    parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")
    write_codebook(fields, folder, name)


def _in_stata(value: Value) -> str:
    return f".{STATA_LETTERS[value.number]}" if value.missing else str(value.number)


def _table(path: Path, head: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(lines)
