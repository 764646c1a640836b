"""Logs that outgrow one machine: the same decision, on Apache Spark.

Here: a scan as a `mapInArrow` over the two columns that are asked for; from each partition only counts come back. Not
here: what a batch is (rowgroups), what is counted (counts). The invariant: the key never travels. Each worker has it
from its own environment; the list is sent to it sealed, as a file of the job.

Offramp has to be installed on the workers, in the same release, because functions are sent by name and not by value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from offramp import __version__
from offramp.errors import Refusal, refuse
from offramp.gate import Gate, load
from offramp.scan.counts import Counts, Hit, discreet
from offramp.scan.querylog import Columns
from offramp.scan.rowgroups import Kind, arrow, arrow_batch, column_faults

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame, SparkSession

Key = Callable[[], bytes]
# A row with a list is a hit; one with an intent alone says how many were asked, or skipped.
_SCHEMA = "day string, list string, category string, intent string, number long"
_ASKED, _SKIPPED = "asked", "skipped"
_KINDS = {
    "string": Kind.QUERIES | Kind.DAYS, "binary": Kind.QUERIES,
    "date": Kind.DAYS, "timestamp": Kind.DAYS, "timestamp_ntz": Kind.DAYS,
}  # fmt: skip
_COLUMNS = Columns("query", "day")
_OURS = re.compile(r"offramp\.errors\.(?:Refusal|Fault): (.*)|ModuleNotFoundError: (No module named [\w'.]+)")


def count_on_spark(path: str, columns: Columns, lists: Path, key: Key, master: str) -> Counts:
    """Count a log in Parquet, a file or a folder that Spark can reach; `key` is called on each worker, by its name."""
    with_spark = _session(master)
    try:
        return _counted(with_spark, path, columns, lists, key)
    except Refusal:
        raise
    except Exception as error:
        # Spark's own messages hold plans and traces: only what we have said, or what a worker lacks, is repeated.
        said = _OURS.search(str(error))
        why = (said[1] or said[2]).rstrip(".") if said else type(error).__name__
        raise refuse("scan.spark", "Spark", f"The job failed ({why}).",
                     "Please check that all workers have this release of Offramp, and the key.") from None  # fmt: skip
    finally:
        with_spark.stop()


def _session(master: str) -> SparkSession:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise refuse("scan.no_spark", "Spark", "It needs pyspark, which is missing.",
                     "Please either install offramp[spark] (make install-spark), or leave it.") from None  # fmt: skip
    # Times are days in UTC here as elsewhere; no port is opened for pages about the job.
    builder = (SparkSession.builder.appName("offramp gate scan").config("spark.ui.enabled", "false")
               .config("spark.sql.session.timeZone", "UTC").master(master))  # fmt: skip
    if is_local(master):
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.driver.bindAddress", "127.0.0.1"
        )
    try:
        found: SparkSession = builder.getOrCreate()
    except PySparkRuntimeError:
        raise refuse("scan.no_spark", "Spark", "It cannot be started.",
                     "Please check that Java 17 or newer runs here, and what --master names.") from None  # fmt: skip
    found.sparkContext.setLogLevel("ERROR")
    return found


def is_local(master: str) -> bool:
    """Tell whether all of Spark runs on this machine, whatever it is divided into."""
    return master.startswith("local")


def _counted(spark: SparkSession, path: str, columns: Columns, lists: Path, key: Key) -> Counts:
    rows = _columns(spark, path, columns)
    spark.sparkContext.addFile(str(lists.absolute()))
    ours = Columns(_COLUMNS.query, columns.day and _COLUMNS.day)
    task = Task(ours, lists.name, key, __version__)
    found = rows.mapInArrow(task, _SCHEMA).groupBy("day", "list", "category", "intent").sum("number")
    counts = Counts()
    for day, name, category, intent, number in found.collect():
        if name:
            counts.hits[Hit(day, name, category, intent)] += number
        elif intent == _ASKED:
            counts.queries[day] += number
        else:
            counts.skipped += number
    if not counts.total and not counts.skipped:
        raise refuse("scan.empty", path, "The log has no rows.",
                     "Please hand over a log with at least one query.")  # fmt: skip
    return counts


def _columns(spark: SparkSession, path: str, columns: Columns) -> DataFrame:
    """Look at a log and return the columns that are asked for, or refuse it with all that is wrong with them."""
    from pyspark.errors import PySparkException

    try:
        table = spark.read.parquet(path)
    except PySparkException:
        raise refuse("scan.unreadable", path, "Spark finds no Parquet there that it can read.",
                     "Please check its name, its permissions, and that it is whole.") from None  # fmt: skip
    kinds = dict(table.dtypes)
    if problems := column_faults(
        table.columns, lambda name: _KINDS.get(kinds[name], Kind.NEITHER), columns, path
    ):
        raise Refusal(problems)
    # Under names of ours, because mapInArrow takes a name with a dot in it for a path.
    wanted = {_COLUMNS.query: columns.query, _COLUMNS.day: columns.day}
    return table.selectExpr(
        *(
            "`{}` AS {}".format(name.replace("`", "``"), ours)
            for ours, name in wanted.items()
            if name is not None
        )
    )


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker does with the batches of a partition."""

    columns: Columns
    lists: str
    key: Key
    release: str

    def __call__(self, batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        counts = Counts()
        try:
            decide = _gate(self.lists, self.key, self.release).decide
            for batch in batches:
                counts.add(arrow_batch(batch, self.columns), decide)
        except Refusal:
            raise
        except Exception as error:
            raise discreet(error) from None
        yield as_arrow(counts)


@cache
def _gate(lists: str, key: Key, release: str) -> Gate:
    """Return the gate of a worker, loaded once."""
    if release != __version__:
        raise refuse("scan.release", "Spark", f"A worker has Offramp {__version__}, and the scan {release}.",
                     "Please install the same release on all workers.")  # fmt: skip
    from pyspark import SparkFiles

    return load(Path(SparkFiles.get(lists)), key())


def as_arrow(counts: Counts) -> pyarrow.RecordBatch:
    """Return the counts of a partition as the rows that travel."""
    rows: Counter[tuple[str, ...]] = Counter(counts.hits)
    rows.update({(day, "", "", _ASKED): number for day, number in counts.queries.items()})
    rows["", "", "", _SKIPPED] = counts.skipped
    columns = [*zip(*rows, strict=True), tuple(rows.values())]
    names = [field.split(" ")[0] for field in _SCHEMA.split(", ")]
    return arrow().RecordBatch.from_arrays([arrow().array(column) for column in columns], names=names)
