"""Scans on Apache Spark: the same counts on two workers, and what is said when a worker fails.

Each session runs in a process of its own, because Spark's part of it outlives a stop; it has a limit of time, after
which it is ended and the test is red.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offramp import __version__
from offramp.errors import Fault, Refusal
from offramp.gate import Gate, load
from offramp.scan import Columns, count_on_spark, spark
from tests.scan.logs import KEY, one_by_one, sealed_list, some_rows, write_parquet
from tests.scan.test_scan_command import says_nothing, typed

MOST = 420.0  # on two free cores it takes half a minute
WITH_DAY = Columns(day="day")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spark")
    sealed_list(folder)
    return folder


@pytest.fixture
def gate(place: Path) -> Gate:
    return load(place / "list.sealed", KEY)


@pytest.fixture
def spark_is_here() -> None:
    missing = [name for name in ("pyspark", "pandas") if find_spec(name) is None]
    missing += [] if shutil.which("java") or "JAVA_HOME" in os.environ else ["java"]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"missing, where CI=true: {', '.join(missing)}; ops/install/spark.sh installs it")
    if missing:
        pytest.skip(f"without {', '.join(missing)}; ops/install/spark.sh .venv/bin/python installs it")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with Spark in it, within the limit of time; whatever is left of it is ended."""
    environment = {**os.environ, "OFFRAMP_GATE_KEY": KEY.hex()}
    running = subprocess.Popen((sys.executable, *words), env=environment, text=True, start_new_session=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    try:
        said, wrong = running.communicate(timeout=MOST)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    return subprocess.CompletedProcess(words, running.returncode, said, wrong)


@pytest.mark.full
@pytest.mark.timeout(MOST + 60)
@pytest.mark.usefixtures("spark_is_here")
def test_two_workers_count_as_decide_does(place: Path, gate: Gate):
    rows = some_rows(3_000)
    log = place / "log"
    log.mkdir()
    for number in range(3):
        part = rows[number::3]
        times = pa.array([datetime.fromisoformat(f"{day}T23:59:59+00:00") for _, day in part])
        pq.write_table(
            pa.table({"a.`b": [query for query, _ in part], "day": times}), log / f"{number}.parquet"
        )
    ran = run("-m", "offramp", "gate", "scan", str(log), "--lists", str(place / "list.sealed"), "--column", "a.`b",
              "--day", "day", "-o", str(place / "c.parquet"), "--engine", "spark",
              "--master", "local-cluster[2,1,1024]")  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    table = pq.read_table(place / "c.parquet")
    per_day, hits = one_by_one(gate, rows)
    assert {str(row["day"]): row["exact_queries"] for row in table.to_pylist() if not row["list"]} == per_day
    parts = [row for row in table.to_pylist() if row["list"]]
    expected: Counter[tuple[str, str, str]] = Counter()
    for (day, name, category, _), number in hits.items():
        expected[day, name, category] += number
    assert {(str(r["day"]), r["list"], r["category"]): r["exact_matched"] for r in parts} == expected
    helped = sum(number for (*_, intent), number in hits.items() if intent == "help")
    assert sum(row["exact_help"] for row in parts) == helped > 20
    assert json.loads(table.schema.metadata[b"offramp.counts"])["engine"] == "spark"
    assert f"3,000 queries, {hits.total():,} would be turned away" in ran.stdout
    assert says_nothing(ran.stdout, ran.stderr)


FAULTS = """
import json, os, sys
os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
from pathlib import Path
from offramp.errors import Refusal
from offramp.scan import Columns, count_on_spark
log, empty, lists, key = sys.argv[1], sys.argv[2], Path(sys.argv[3]), bytes.fromhex(sys.argv[4])
found = []
for path, columns, key_there in (
    (log, Columns("quest", "n"), lambda: key),
    (log + ".none", Columns(), lambda: key),
    (empty, Columns(), lambda: key),
    (log, Columns(), lambda: bytes(32)),
    (log, Columns(), lambda: [][1]),
):
    try:
        count_on_spark(path, columns, lists, key_there, "local[1]")
    except Refusal as refusal:
        found.append([refusal.codes, str(refusal)])
print(json.dumps(found))
"""


@pytest.mark.full
@pytest.mark.timeout(MOST + 60)
@pytest.mark.usefixtures("spark_is_here")
def test_what_is_wrong_is_told_without_a_word_of_the_log(place: Path):
    log = write_parquet(place / "q.parquet", some_rows(50))
    empty = write_parquet(place / "empty.parquet", [])
    pq.write_table(pa.table({"query": pa.array([], pa.string())}), empty)
    ran = run("-c", FAULTS, str(log), str(empty), str(place / "list.sealed"), KEY.hex())
    assert ran.returncode == 0, ran.stderr
    columns, none, nothing, wrong_key, failed = json.loads(ran.stdout.splitlines()[-1])
    assert columns[0] == ["scan.column", "scan.type"]
    assert none[0] == ["scan.unreadable"]
    assert nothing[0] == ["scan.empty"]
    assert wrong_key[0] == failed[0] == ["scan.spark"]
    assert "the key is not its key" in wrong_key[1]
    assert "IndexError at " in failed[1]
    assert says_nothing(ran.stdout, ran.stderr)


# -- without Spark ------------------------------------------------------------------------------------------


def sent(monkeypatch: pytest.MonkeyPatch, gate: Gate, *batches: pa.RecordBatch) -> list[dict[str, object]]:
    """Return the rows that a worker sends back for a partition."""
    monkeypatch.setattr(spark, "_gate", lambda *_: gate)
    task = spark.Task(WITH_DAY, "list.sealed", lambda: KEY, __version__)
    return [row for batch in task(iter(batches)) for row in batch.to_pylist()]


def test_a_worker_sends_numbers_back(monkeypatch: pytest.MonkeyPatch, gate: Gate):
    def batch(*rows: tuple[str | None, str]) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays(
            [pa.array(column) for column in zip(*rows, strict=True)], ["query", "day"]
        )

    rows = sent(monkeypatch, gate, batch(("zorblaxin", "2026-11-29"), ("weather", "2026-11-29"), (None, "2026-11-29")),
                batch(("help with zorblaxin", "soon")))  # fmt: skip
    assert sorted(tuple(row.values()) for row in rows) == [
        ("", "", "", "asked", 1),
        ("", "", "", "skipped", 1),
        ("", "demonstration", "invented-word", "help", 1),
        ("2026-11-29", "", "", "asked", 2),
        ("2026-11-29", "demonstration", "invented-word", "search", 1),
    ]
    assert [tuple(row.values()) for row in sent(monkeypatch, gate)] == [("", "", "", "skipped", 0)]


def test_what_fails_on_a_worker_is_told_by_type_and_place(monkeypatch: pytest.MonkeyPatch, gate: Gate):
    class Odd:
        def column(self, name: str) -> None:
            raise ValueError("zorblaxin pictures")

    with pytest.raises(Fault) as caught:
        sent(monkeypatch, gate, Odd())
    assert str(caught.value).startswith("ValueError at test_scan_spark.py:")
    assert caught.value.__suppress_context__


def test_a_worker_of_another_release_is_refused():
    spark._gate.cache_clear()
    with pytest.raises(Refusal) as caught:
        list(spark.Task(WITH_DAY, "list.sealed", lambda: KEY, "0.0.1")(iter([])))
    assert caught.value.codes == ("scan.release",)


def test_without_spark_it_is_said_how_to_get_it(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    for module in [name for name in sys.modules if name.startswith("pyspark.")]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(Refusal) as caught:
        count_on_spark("q.parquet", WITH_DAY, place / "list.sealed", lambda: KEY, "local[1]")
    assert caught.value.codes == ("scan.no_spark",)
    assert "make install-spark" in str(caught.value)


def test_options_of_the_other_engine_are_refused(place: Path):
    log = write_parquet(place / "q.parquet", some_rows(10))
    with pytest.raises(Refusal) as caught:
        typed(place, log, "c.csv", "--engine", "spark", "--processes", "2", "--encoding", "latin-1")
    assert caught.value.codes == ("scan.option", "scan.option")
    with pytest.raises(Refusal) as caught:
        typed(place, log, "c.csv", "--master", "yarn")
    assert caught.value.codes == ("scan.option",)
