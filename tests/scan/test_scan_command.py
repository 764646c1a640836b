"""`offramp gate scan` as an operator types it: processes, faults, being stopped, and no word of a query anywhere."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from offramp.cli import app
from offramp.errors import Fault, Refusal
from offramp.gate import Gate, load
from offramp.scan import Columns, count, open_log
from offramp.scan.querylog import Portion
from tests.scan.logs import (
    HARMLESS,
    KEY,
    one_by_one,
    sealed_list,
    some_rows,
    write_csv,
    write_parquet,
    write_text,
)

WORDS = ("zorb", "grompel", "vushtolimk", "pasta", "weather", "борщ")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scan")
    sealed_list(folder)
    return folder


@pytest.fixture
def gate(place: Path) -> Gate:
    return load(place / "list.sealed", KEY)


def typed(place: Path, log: Path, output: str, *more: str, key: bytes = KEY) -> Result:
    words = [
        "gate",
        "scan",
        str(log),
        "--lists",
        str(place / "list.sealed"),
        "-o",
        str(place / output),
        *more,
    ]
    result = CliRunner().invoke(app, words, env={"OFFRAMP_GATE_KEY": key.hex()})
    if isinstance(result.exception, (Refusal, Fault)):
        raise result.exception
    return result


def says_nothing(*texts: str) -> bool:
    return not any(word in text for text in texts for word in WORDS)


def test_text_csv_and_parquet_give_the_same_counts_and_say_no_query(place: Path, gate: Gate):
    rows = some_rows(5_000)
    per_day, hits = one_by_one(gate, rows)
    for log in (write_csv(place / "q.csv", rows), write_parquet(place / "q.parquet", rows, 1_000)):
        result = typed(place, log, "c.parquet", "--day", "day", "--processes", "2")
        assert result.exit_code == 0, result.output
        found = pq.read_table(place / "c.parquet").to_pylist()
        days = {str(row["day"]): row["exact_queries"] for row in found if row["list"] is None}
        assert days == per_day
        parts = [row for row in found if row["list"]]
        assert sum(row["exact_matched"] for row in parts) == hits.total() > 500
        helped = sum(n for (*_, intent), n in hits.items() if intent == "help")
        assert sum(row["exact_help"] for row in parts) == helped > 50
        assert f"5,000 queries, {hits.total():,} would be turned away" in result.stdout
        assert "100%, 5,000 queries, " in result.stderr
        assert says_nothing(result.output, str(found))
    result = typed(place, write_text(place / "q.txt", rows), "c.csv", "--processes", "1")
    with (place / "c.csv").open(encoding="utf-8", newline="") as file:
        whole, *_ = csv.DictReader(file)
    assert (whole["exact_queries"], whole["exact_matched"]) == ("5000", str(hits.total()))
    assert says_nothing(result.output, (place / "c.csv").read_text(encoding="utf-8"))


def test_all_faults_come_at_once(place: Path):
    log = place / "zorblaxin.csv"
    log.write_text("zorb grompel,n\nweather,1\n", encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        typed(place, log, "none/c.xlsx", "--day", "day", key=bytes(32))
    assert caught.value.codes == (
        "scan.output", "scan.output", "scan.column", "scan.column", "sealing.cannot_open",
    )  # fmt: skip
    assert "grompel" not in str(caught.value)


def test_a_damaged_log_leaves_what_was_there(place: Path):
    (place / "c.csv").write_text("before", encoding="utf-8")
    log = place / "damaged.csv"
    log.write_text('query\nweather\n"zorblaxin\n', encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        typed(place, log, "c.csv", "--processes", "1")
    assert caught.value.codes == ("scan.csv",)
    assert (place / "c.csv").read_text(encoding="utf-8") == "before"


class Failing:
    """A log whose reading fails with a query in the message, or takes its process along."""

    size = 1

    def __init__(self, deadly: bool) -> None:
        self.deadly = deadly

    def portions(self, processes: int):
        return iter([Portion(1, 0)])

    def read(self, portion: Portion):
        if self.deadly:
            os._exit(9)
        raise ValueError("zorblaxin pictures")


def test_a_failure_in_a_process_says_its_type_and_place_alone(place: Path):
    with pytest.raises(Fault) as caught:
        count(Failing(False), place / "list.sealed", KEY, 1, lambda _: None)
    assert str(caught.value).startswith("ValueError at test_scan_command.py:")
    shown, error = "", caught.value
    while error is not None:  # what a trace would show: the causes, and the trace of the other process
        shown += str(error)
        error = error.__cause__
    assert "zorblaxin" not in shown


def test_a_process_that_dies_is_told_and_not_waited_for(place: Path):
    with pytest.raises(Refusal) as caught:
        count(Failing(True), place / "list.sealed", KEY, 1, lambda _: None)
    assert caught.value.codes == ("scan.process",)


def children(process: int) -> list[int]:
    return [
        int(pid)
        for path in Path(f"/proc/{process}/task").glob("*/children")
        for pid in path.read_text().split()
    ]


def is_alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def heeding() -> None:
    """Heed an interruption as in a terminal: whoever runs these tests in the background has all below ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux which processes there are")
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("SIGINT", 130),
        *(pytest.param(*case, marks=pytest.mark.full) for case in (("SIGTERM", 130), ("SIGKILL", -9))),
    ],
)
def test_a_scan_that_is_stopped_leaves_no_file_and_no_process(
    place: Path, tmp_path: Path, how: str, code: int
):
    log = tmp_path / "q.txt"
    log.write_text("\n".join(("zorblaxin", *HARMLESS * 1_000)) * 250, encoding="utf-8")
    output = tmp_path / "out" / "c.csv"
    output.parent.mkdir()
    command = (sys.executable, "-m", "offramp", "gate", "scan", str(log), "--lists", str(place / "list.sealed"),
               "-o", str(output), "--processes", "2")  # fmt: skip
    environment = {**os.environ, "OFFRAMP_GATE_KEY": KEY.hex()}
    running = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding,
    )
    first = running.stderr.readline()
    crew_of_it = children(running.pid)
    assert " left" in first
    assert "100%" not in first
    assert len(crew_of_it) >= 2
    running.send_signal(getattr(signal, how))
    said, wrong = running.communicate(timeout=30)
    assert running.returncode == code
    assert list(output.parent.iterdir()) == []
    assert "100%" not in wrong
    assert says_nothing(first, said, wrong)
    if code == 130:
        assert "Stopped. Nothing was written." in wrong
        assert "Traceback" not in wrong
    for _ in range(100):
        if not any(map(is_alive, crew_of_it)):
            break
        time.sleep(0.1)
    assert not any(map(is_alive, crew_of_it))


def test_the_crew_may_be_larger_than_the_log(place: Path, gate: Gate):
    log = open_log(write_text(place / "q.txt", some_rows(10)), Columns())
    counts = count(log, place / "list.sealed", KEY, 3, lambda _: None)
    assert counts.total == 10
