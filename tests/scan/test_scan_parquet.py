"""Logs in Parquet: row groups, kinds of columns and days, damage, and Parquet that cannot be read at all."""

import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offramp.errors import Refusal
from offramp.gate import Gate
from offramp.scan import Columns, check_output, open_log, rowgroups
from tests.scan.logs import DEMONSTRATION, counted, one_by_one, same, some_rows, write_parquet

WITH_DAY = Columns(day="day")


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate.from_lists([DEMONSTRATION])


def codes(path: Path, columns: Columns = WITH_DAY) -> tuple[str, ...]:
    with pytest.raises(Refusal) as caught:
        open_log(path, columns)
    assert "zorblaxin" not in str(caught.value)
    return caught.value.codes


def written(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("processes", [1, 2, 64])
@pytest.mark.parametrize("group", [7, 100, 10_000])
def test_any_row_groups_count_as_decide_does(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int, processes: int
):
    monkeypatch.setattr(rowgroups, "_BATCH", 9)
    rows = some_rows(500)
    path = write_parquet(tmp_path / "q.parquet", rows, group)
    assert same(counted(gate, path, WITH_DAY, processes), one_by_one(gate, rows))
    without = one_by_one(gate, ((query, "") for query, _ in rows))
    assert same(counted(gate, path, None, processes), without)


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_texts_of_any_kind_and_nulls(gate: Gate, tmp_path: Path, kind: pa.DataType):
    queries = pa.array(["zorblaxin", None, "weather", "help with zorblaxin"]).cast(kind)
    path = written(
        tmp_path / "q.parquet", query=queries, day=["2026-11-28", "2026-11-29", None, "2026-11-30"]
    )
    counts = counted(gate, path, WITH_DAY)
    assert counts.queries == {"2026-11-28": 1, "": 1, "2026-11-30": 1}
    assert {(hit.day, hit.intent) for hit in counts.hits} == {
        ("2026-11-28", "search"),
        ("2026-11-30", "help"),
    }
    assert counts.skipped == 1


def test_text_that_cannot_be_decoded_is_counted_and_left_out(gate: Gate, tmp_path: Path):
    raw = pa.array([b"zorblaxin", b"zorblaxin\xff", b"weather"])
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    counts = counted(gate, written(tmp_path / "q.parquet", query=text, day=["2026-11-28"] * 3), WITH_DAY)
    assert (counts.queries, counts.hits.total(), counts.skipped) == ({"2026-11-28": 2}, 1, 1)


LATE = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    "days",
    [
        pa.array([date(2026, 11, 29)]),
        pa.array([date(2026, 11, 29)]).cast(pa.date64()),
        *(pa.array([LATE.replace(tzinfo=None)]).cast(pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")),
        pa.array([LATE]).cast(
            pa.timestamp("us", "Europe/Berlin")
        ),  # 00:30 of the next day there; the day is in UTC
        pa.array([LATE.astimezone(BERLIN)]),
        pa.array(["2026-11-29T23:59:59+07:00"]),
        pa.array(["2026-11-29 23:59"]).dictionary_encode(),
    ],
    ids=lambda days: str(days.type),
)
def test_days_of_any_kind(gate: Gate, tmp_path: Path, days: pa.Array):
    path = written(tmp_path / "q.parquet", query=["zorblaxin"], day=days)
    counts = counted(gate, path, WITH_DAY)
    assert counts.queries == Counter({"2026-11-29": 1})
    assert {hit.day for hit in counts.hits} == {"2026-11-29"}


def test_what_is_no_day_is_counted_as_unknown(gate: Gate, tmp_path: Path):
    path = written(tmp_path / "q.parquet", query=["zorblaxin"] * 4, day=["soon", "", None, "2026-11-29x"])
    assert counted(gate, path, WITH_DAY).queries == {"": 4}
    beyond = pa.array([2**31 - 1, -(2**31)], pa.int32()).cast(pa.date32())
    assert counted(gate, written(path, query=["zorblaxin"] * 2, day=beyond), WITH_DAY).queries == {"": 2}


def test_faults_of_columns_come_at_once(tmp_path: Path):
    path = written(tmp_path / "q.parquet", zorblaxin=["a"], n=[1])
    assert codes(path) == ("scan.column", "scan.column")
    assert codes(path, Columns(query="n", day="n")) == ("scan.type", "scan.type")
    assert codes(path, Columns(query="a", encoding="latin-1")) == ("scan.encoding",)
    empty = written(path, query=pa.array([], pa.int64()), day=pa.array([], pa.string()))
    assert codes(empty) == ("scan.type", "scan.empty")
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["query", "query"])
    pq.write_table(twice, path)
    assert codes(path, Columns()) == ("scan.column",)


def test_what_is_no_parquet_or_cut_off_is_refused(tmp_path: Path):
    path = write_parquet(tmp_path / "q.parquet", some_rows(1000))
    whole = path.read_bytes()
    for body in (b"", b"zorblaxin", whole[: len(whole) // 2], whole[:-4] + b"PAR2"):
        path.write_bytes(body)
        assert codes(path) == ("scan.unreadable",)


def test_damage_in_the_middle_is_refused_by_its_row_group(gate: Gate, tmp_path: Path):
    path = write_parquet(tmp_path / "q.parquet", some_rows(1000), 250)
    body = bytearray(path.read_bytes())
    # The first pages of a file stand at its beginning: their headers are overwritten.
    about = pq.ParquetFile(path).metadata.row_group(2).column(1)
    start = about.dictionary_page_offset or about.data_page_offset
    body[start : start + 30] = b"\xff" * 30
    path.write_bytes(body)
    with pytest.raises(Refusal) as caught:
        counted(gate, path)
    assert caught.value.codes == ("scan.damaged",)
    assert "row group 3]" in str(caught.value)


def test_without_pyarrow_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write_parquet(tmp_path / "q.parquet", some_rows(10))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert codes(path) == ("scan.no_pyarrow",)
    assert [problem.code for problem in check_output(tmp_path / "c.parquet", path)] == ["scan.no_pyarrow"]
    assert check_output(tmp_path / "c.csv", path) == []
    with pytest.raises(Refusal, match=r"offramp\[scan\]"):
        open_log(path, Columns())
