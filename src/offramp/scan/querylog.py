"""A query log: what it is, whichever kind of file it is in, and opening one.

Here: the shape that all kinds share. Not here: text and CSV (lines), Parquet (rowgroups), deciding (counts).
The invariant: a fault in a log is told by its file, its column as the operator named it, and its place in bytes or
rows; nothing that stands in a log is ever quoted, not even a header, because a file without one begins with a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from offramp.errors import Refusal, refuse


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a table the query stands and, if anywhere, its day; and how text is encoded."""

    query: str = "query"
    day: str | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Portion:
    """What one process takes at a time: a stretch of lines, or some batches of a row group.

    `size` is how much of the whole this is, in bytes or rows; `place` where it begins, as a byte or as the number of
    its row group; of the batches there each `parts`-th is meant, beginning with number `part`.
    """

    size: int
    place: int
    part: int = 0
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Some queries on their way to the gate, never kept.

    `per_day` says how many of them are of which day, `day` of which one the query at a place is ("": unknown), and
    `skipped` how many rows held nothing that can be read as a query.
    """

    queries: Sequence[str]
    per_day: Mapping[str, int]
    day: Callable[[int], str]
    skipped: int = 0


class QueryLog(Protocol):
    """A log that was looked at and can be read. It travels to other processes, so it holds no open file."""

    @property
    def size(self) -> int:
        """How much there is, in what portions are measured in."""

    def portions(self, processes: int) -> Iterator[Portion]:
        """Cut the whole into portions, for so many processes."""

    def read(self, portion: Portion) -> Iterator[Batch]:
        """Read one portion, a batch at a time."""


def open_log(path: Path, columns: Columns) -> QueryLog:
    """Look at a log and return it. Refusal with everything that can be seen to be wrong before it is read."""
    from offramp.scan.lines import open_lines

    if not path.exists():
        raise refuse("scan.missing", str(path), "There is no such file.",
                     "Please correct its name.")  # fmt: skip
    match path.suffix.lower():
        case ".txt":
            return open_lines(path, columns, table=False)
        case ".csv" | ".tsv":
            return open_lines(path, columns, table=True)
        case ".parquet":
            from offramp.scan.rowgroups import open_parquet

            return open_parquet(path, columns)
        case _:
            raise refuse("scan.kind", str(path), "This kind of file is not known by its name.",
                         "Please let it end in .txt (one query a line), .csv, .tsv or .parquet.")  # fmt: skip


def damaged(path: Path, where: str) -> Refusal:
    """Return the refusal of a log that cannot be read to its end."""
    return refuse("scan.damaged", f"{path}, {where}", "The file is damaged, or still being written.",
                  "Please copy or export it again; nothing was counted.")  # fmt: skip
