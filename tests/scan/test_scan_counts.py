"""What a scan leaves: rows that add up, a file that says that it is exact, whole or not at all."""

import json
import stat
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from offramp.errors import Refusal
from offramp.scan import Counts, Progress, check_output, countsfile, write
from offramp.scan.counts import Hit
from offramp.scan.progress import spoken

COUNTS = Counts(
    Counter({"2026-11-29": 70, "2026-11-30": 5, "": 1}),
    Counter({
        Hit("2026-11-29", "b", "x", "search"): 3,
        Hit("2026-11-29", "b", "x", "help"): 2,
        Hit("2026-11-29", "a", "=y", "search"): 1,
        Hit("", "a", "x", "help"): 1,
    }),
    4,
)  # fmt: skip
ROWS = [
    ("", "", "", 1, 1, 1),
    ("", "a", "x", 1, 1, 1),
    ("2026-11-29", "", "", 70, 6, 2),
    ("2026-11-29", "a", "=y", 70, 1, 0),
    ("2026-11-29", "b", "x", 70, 5, 2),
    ("2026-11-30", "", "", 5, 0, 0),
]


def test_rows_give_each_day_as_a_whole_and_then_its_parts():
    assert [tuple(row) for row in COUNTS.rows()] == ROWS


def test_merging_is_adding():
    both = Counts()
    both.merge(COUNTS)
    both.merge(COUNTS)
    assert [row[3:] for row in both.rows()] == [tuple(2 * n for n in row[3:]) for row in ROWS]
    assert (both.total, both.skipped) == (152, 8)


def test_csv_says_in_its_header_that_it_is_exact(tmp_path: Path):
    path = tmp_path / "c.csv"
    write(path, COUNTS, "local")
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    assert first == "day,list,category,exact_queries,exact_matched,exact_help"
    assert lines == [",".join(map(str, row)) for row in ROWS]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_parquet_says_so_in_its_description_too(tmp_path: Path):
    path = tmp_path / "c.parquet"
    write(path, COUNTS, "local")
    table = pq.read_table(path)
    rows = [(date.fromisoformat(day) if day else None, name or None, category or None, *numbers)
            for day, name, category, *numbers in ROWS]  # fmt: skip
    assert [tuple(row.values()) for row in table.to_pylist()] == rows
    about = json.loads(table.schema.metadata[b"offramp.counts"])
    assert about.pop("precision").startswith(
        "Exact counts of an operator's own query log, for that operator alone."
    )
    assert about == {"format": 1, "engine": "local", "queries": 76, "skipped_rows": 4}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["c.csv", "c.parquet"])
def test_what_was_there_stays_until_the_new_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    path = tmp_path / name
    write(path, COUNTS, "local")
    before = path.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(countsfile.os, "fsync", fail)
    with pytest.raises(Refusal) as caught:
        write(path, Counts(), "local")
    assert caught.value.codes == ("scan.output",)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_counted_is_a_file_with_a_header(tmp_path: Path):
    for name in ("c.csv", "c.parquet"):
        write(tmp_path / name, Counts(), "local")
    assert pq.read_table(tmp_path / "c.parquet").num_rows == 0
    assert len((tmp_path / "c.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_places_where_no_counts_can_go(tmp_path: Path):
    log = tmp_path / "q.csv"
    log.write_text("query\n", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    for name in ("c.xlsx", "none/c.csv", "folder.csv", "q.csv"):
        (problem,) = check_output(tmp_path / name, log)
        assert problem.code == "scan.output"
    assert len(check_output(tmp_path / "none/c.xlsx", log)) == 2
    assert check_output(tmp_path / "c.csv", log) == []


def test_progress_tells_how_long_the_rest_takes():
    assert str(Progress(25, 100, 1_500, 30.0)) == " 25%, 1,500 queries, 50 a second, 2 min left"
    assert str(Progress(0, 100, 0, 0.0)) == "  0%, 0 queries, 0 a second, unknown time left"
    assert [spoken(n) for n in (0, 0.2, 59, 59.5, 61, 3600, 7322)] == [
        "0 s", "1 s", "59 s", "1 min", "2 min", "1 h 0 min", "2 h 3 min",
    ]  # fmt: skip
