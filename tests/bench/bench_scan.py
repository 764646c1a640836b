"""`make bench-scan`: how fast whole logs are scanned from Parquet, and whether memory stays flat.

The terms and queries are those of bench_gate: 100,000 invented terms, English queries of about 24 characters, as odd as
real ones. A million different queries are repeated in the file until there are enough; nothing in a scan remembers a
query, so that repeating makes nothing faster.

Two speeds are printed. That of the clock is what an operator waits for, with whatever else the machine does. That of
the processor is what two cores would do that have nothing else to do: it counts the seconds that all processes worked,
their start and the loading of the lists included, and is the one to compare.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from offramp.gate.compiled import PURPOSE, pack
from offramp.sealing import seal_file
from tests.bench.bench_gate import KEY, gate_of, queries, terms

CORES, TERMS, QUERIES, DIFFERENT, GROUP = 2, 100_000, 10_000_000, 1_000_000, 500_000
LARGEST = 110_000_000  # the queries of the largest published study
WANTED = 600_000


def write_log(path: Path, number: int) -> None:
    """Write a log of so many queries over four weeks, row group by row group."""
    asked = queries(DIFFERENT)
    first = date(2026, 11, 2)
    days = [first + timedelta(days=28 * n // len(asked)) for n in range(len(asked))]
    table = pa.table({"query": asked, "day": days})
    with pq.ParquetWriter(path, table.schema) as file:
        for _ in range(number // len(asked)):
            file.write_table(table, row_group_size=GROUP)


def resident(process: int) -> int:
    """Return the KiB that a process and all below it hold now."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        below = [
            int(pid)
            for path in Path(f"/proc/{process}/task").glob("*/children")
            for pid in path.read_text().split()
        ]
    except OSError:  # it has ended meanwhile
        return 0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return own + sum(map(resident, below))


def measured(log: Path, lists: Path, *more: str) -> tuple[float, float, int]:
    """Scan once; return the seconds of the clock and of the processor, and the KiB held at most by all processes."""
    command = (sys.executable, "-m", "offramp", "gate", "scan", str(log), "--lists", str(lists),
               "-o", str(log.with_suffix(".csv")), "--processes", str(CORES), *more)  # fmt: skip
    most, begun = 0, time.perf_counter()
    running = subprocess.Popen(
        command, env={**os.environ, "OFFRAMP_GATE_KEY": KEY.hex()}, stdout=subprocess.DEVNULL
    )
    while True:
        pid, status, used = os.wait4(running.pid, os.WNOHANG)
        if pid:
            break
        most = max(most, resident(running.pid))
        time.sleep(0.05)
    assert status == 0, "the scan failed"
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, most


def report(what: str, number: int, clock: float, worked: float) -> None:
    speed = CORES * number / worked
    print(f"{what}: {number:,} queries, {TERMS:,} terms, {CORES} processes")
    print(f"  by the clock {clock:.1f} s, {number / clock:,.0f} queries a second")
    print(f"  by the processor {worked / number * 1e6:.2f} us a query, {speed:,.0f} a second on {CORES} free cores "
          f"({'at least' if speed >= WANTED else 'less than'} {WANTED:,})")  # fmt: skip
    print(f"  {LARGEST:,} queries would take {LARGEST / number * clock / 60:.1f} min by the clock as it was, "
          f"{LARGEST / speed / 60:.1f} min on free cores")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=QUERIES // DIFFERENT, metavar="MILLIONS")
    number = parser.parse_args().queries * DIFFERENT
    with tempfile.TemporaryDirectory() as folder:
        lists, log = Path(folder) / "list.sealed", Path(folder) / "queries.parquet"
        lists.write_bytes(seal_file(pack(gate_of(terms(TERMS))._compiled), KEY, PURPOSE))
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        held = []
        for size in (DIFFERENT, number):
            write_log(log, size)
            clock, worked, peak = measured(log, lists)
            held.append(f"{peak / 1024:.0f} MB for {size:,} queries")
        report("without days", number, clock, worked)
        report("with a column of dates", number, *measured(log, lists, "--day", "day")[:2])
        print(f"memory of all processes at most: {', '.join(held)}; pages that they share count for each")


if __name__ == "__main__":
    main()
