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
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offramp.errors import Problem, Refusal
from offramp.settings import gate_key

if TYPE_CHECKING:
    from offramp.scan import Columns, Progress, QueryLog

_EVERY = 10.0  # seconds between lines of progress where nobody can see a line change


class Engine(StrEnum):
    """What does the work: the cores of this machine, or Apache Spark."""

    LOCAL = "local"
    SPARK = "spark"


Log = Annotated[
    str,
    typer.Argument(
        help="The log: .txt (one query a line), .csv, .tsv or .parquet; for Spark, Parquet that it can reach."
    ),
]
Sealed = Annotated[Path, typer.Option("--lists", help="A sealed list made by “gate build”.")]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Where the counts go: a name that ends in .parquet or .csv.")
]
Column = Annotated[str, typer.Option(help="The column of queries in a table.")]
Day = Annotated[str | None, typer.Option(help="The column of days or times in a table; without it, no days.")]
Encoding = Annotated[str, typer.Option(help="How text and CSV are encoded.")]
Processes = Annotated[
    int | None,
    typer.Option(help="How many processes share the work; as many as cores otherwise.", min=1, max=1024),
]
Does = Annotated[
    Engine, typer.Option(help="The cores of this machine, or Apache Spark for a log that outgrows it.")
]
Master = Annotated[
    str | None,
    typer.Option(help="Where Spark runs, as Spark writes it (spark://…, yarn); this machine otherwise."),
]


def scan(
    queries: Log,
    lists: Sealed,
    output: Output,
    column: Column = "query",
    day: Day = None,
    encoding: Encoding = "utf-8",
    processes: Processes = None,
    engine: Does = Engine.LOCAL,
    master: Master = None,
) -> None:
    """Count what a whole query log would have been answered with, per list, category and day; never a query."""
    from offramp.scan import Columns, count, count_on_spark, write

    columns = Columns(column, day, encoding)
    problems = _option_faults(engine, columns, processes, master)
    log, key = _checked(queries, lists, output, columns, engine, problems)
    try:
        with _ended_by_signal():
            if log is None:
                counts = count_on_spark(queries, columns, lists, worker_key, _spark(master))
            else:
                counts = count(log, lists, key, processes or cores(), _telling(time.monotonic))
            write(output, counts, engine)
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.", file=sys.stderr)
        raise typer.Exit(130) from None
    matched = counts.hits.total()
    print(
        f"{output}: {counts.total:,} queries, {matched:,} would be turned away, exact counts for your own use."
    )
    if counts.skipped:
        print(f"{counts.skipped:,} rows held no query that can be read, and were left out.")


def _option_faults(
    engine: Engine, columns: Columns, processes: int | None, master: str | None
) -> list[Problem]:
    """Refuse what would mean nothing, so that nobody believes it did something."""
    spark, local = "Spark has its own way for that.", "Only Spark has a master."
    wrong = {
        "--processes": spark if engine is Engine.SPARK and processes is not None else "",
        "--encoding": spark if engine is Engine.SPARK and columns.encoding != "utf-8" else "",
        "--master": local if engine is Engine.LOCAL and master is not None else "",
    }
    remedy = "Please either leave the option out, or name the other engine with --engine."
    return [Problem("scan.option", option, what, remedy) for option, what in wrong.items() if what]


def _checked(
    queries: str, lists: Path, output: Path, columns: Columns, engine: Engine, problems: list[Problem]
) -> tuple[QueryLog | None, bytes]:
    """Look at what can be wrong before the work, and refuse all of it at once; Spark looks at logs itself."""
    from offramp.gate import load
    from offramp.scan import check_output, open_log

    problems += check_output(output, Path(queries))
    log, key = None, None
    try:
        if engine is Engine.LOCAL:
            log = open_log(Path(queries), columns)
    except Refusal as refusal:
        problems += refusal.problems
    try:
        key = gate_key(os.environ)
        load(lists, key)
    except Refusal as refusal:
        problems += refusal.problems
    if problems or key is None:
        raise Refusal(dict.fromkeys(problems))
    return log, key


def worker_key() -> bytes:
    """Return the key from the environment of the process that asks, which on Spark is a worker’s own."""
    return gate_key(os.environ)


def _spark(master: str | None) -> str:
    """Return where Spark runs; on this machine it is told to stay on it, and to use this Python."""
    from offramp.scan import is_local

    master = master or "local[*]"
    if is_local(master):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return master


def cores() -> int:
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
