"""`offramp gate scan`: a whole query log against sealed lists; counts alone are written.

Here: what is asked, all faults at once, the line of progress. Not here: reading and counting (offramp.scan).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offramp.errors import Problem, Refusal
from offramp.settings import gate_key

if TYPE_CHECKING:
    from offramp.scan import Columns, Progress, QueryLog

_EVERY = 10.0  # seconds between lines of progress where nobody can see a line change


def scan(
    queries: Annotated[
        Path, typer.Argument(help="The log: .txt (one query a line), .csv, .tsv or .parquet.")
    ],
    lists: Annotated[Path, typer.Option("--lists", help="A sealed list made by “gate build”.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Where the counts go: a name that ends in .parquet or .csv."),
    ],
    column: Annotated[str, typer.Option(help="The column of queries in a table.")] = "query",
    day: Annotated[
        str | None, typer.Option(help="The column of days or times in a table; without it, no days.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="How text and CSV are encoded.")] = "utf-8",
    processes: Annotated[
        int | None,
        typer.Option(help="How many processes share the work; as many as cores otherwise.", min=1, max=1024),
    ] = None,
) -> None:
    """Count what a whole query log would have been answered with, per list, category and day; never a query."""
    from offramp.scan import Columns, count, write

    log, key = _checked(queries, lists, output, Columns(column, day, encoding))
    try:
        with _ended_by_signal():
            counts = count(log, lists, key, processes or _cores(), _telling(time.monotonic))
            write(output, counts, "local")
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.", file=sys.stderr)
        raise typer.Exit(130) from None
    matched = counts.hits.total()
    print(
        f"{output}: {counts.total:,} queries, {matched:,} would be turned away, exact counts for your own use."
    )
    if counts.skipped:
        print(f"{counts.skipped:,} rows held no query that can be read, and were left out.")


def _checked(queries: Path, lists: Path, output: Path, columns: Columns) -> tuple[QueryLog, bytes]:
    """Look at everything that can be wrong before the work, and refuse all of it at once."""
    from offramp.gate import load
    from offramp.scan import check_output, open_log

    problems: list[Problem] = check_output(output, queries)
    log, key = None, None
    try:
        log = open_log(queries, columns)
    except Refusal as refusal:
        problems += refusal.problems
    try:
        key = gate_key(os.environ)
        load(lists, key)
    except Refusal as refusal:
        problems += refusal.problems
    if problems or log is None or key is None:
        raise Refusal(dict.fromkeys(problems))
    return log, key


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let a request to end be answered like Ctrl-C, so that no process is left behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _telling(clock: Callable[[], float]) -> Callable[[Progress], None]:
    """Return what prints progress: on a terminal one line that changes, elsewhere a line now and then."""
    terminal = sys.stderr.isatty()
    last = float("-inf")

    def tell(progress: Progress) -> None:
        nonlocal last
        finished = progress.done >= progress.size
        if finished or clock() - last >= (0.2 if terminal else _EVERY):
            last = clock()
            end = "" if terminal and not finished else "\n"
            print(f"\r{progress}\033[K" if terminal else progress, end=end, file=sys.stderr, flush=True)

    return tell
