"""Logs as text and CSV: cut anywhere, quoted, damaged, in other encodings."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.gate import Gate
from offramp.scan import Columns, lines, open_log
from tests.scan.logs import DEMONSTRATION, counted, one_by_one, same, some_rows, write_csv, write_text

WITH_DAY = Columns(day="day")
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
ONE_LINE = st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r"), max_size=30)
HITS = st.sampled_from(("zorblaxin", 'z"orblaxin', "zorbl,axin", "help with zorblaxin"))
PIECES = pytest.mark.parametrize("piece", [1, 64, 1 << 22])
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate.from_lists([DEMONSTRATION])


def codes(path: Path, columns: Columns | None = None) -> tuple[str, ...]:
    with pytest.raises(Refusal) as caught:
        open_log(path, columns or Columns())
    assert "zorblaxin" not in str(caught.value)
    return caught.value.codes


@PIECES
def test_text_cut_anywhere_counts_as_decide_does(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
):
    monkeypatch.setattr(lines, "PIECE", piece)
    rows = some_rows(500)
    expected = one_by_one(gate, ((query, "") for query, _ in rows))
    assert expected[1].total() > 50
    assert same(counted(gate, write_text(tmp_path / "q.txt", rows)), expected)


@PIECES
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_cut_anywhere_counts_as_decide_does(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, delimiter: str
):
    monkeypatch.setattr(lines, "PIECE", piece)
    rows = [
        (f"{query}\nsecond line" if n % 7 == 0 else query, day)
        for n, (query, day) in enumerate(some_rows(300))
    ]
    path = write_csv(tmp_path / "q.csv", rows, delimiter)
    assert same(counted(gate, path, WITH_DAY), one_by_one(gate, rows))


@QUIET
@given(st.lists(st.one_of(ONE_LINE, HITS)), st.sampled_from((1, 5, 1000)))
def test_any_lines(gate: Gate, tmp_path: Path, queries: list[str], piece: int):
    rows = [("weather", ""), *((query, "") for query in queries)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PIECE", piece)
        assert same(counted(gate, write_text(tmp_path / "q.txt", rows)), one_by_one(gate, rows))


@QUIET
@given(st.lists(st.tuples(st.one_of(ANY_TEXT, HITS), st.sampled_from(("2026-01-01", "2024-02-29")))))
def test_any_table(gate: Gate, tmp_path: Path, rows: list[tuple[str, str]]):
    rows = [("weather", "2026-01-02"), *rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PIECE", 7)
        assert same(counted(gate, write_csv(tmp_path / "q.csv", rows), WITH_DAY), one_by_one(gate, rows))


def test_line_ends_of_windows_a_byte_order_mark_and_a_last_line_without_an_end(gate: Gate, tmp_path: Path):
    path = tmp_path / "q.txt"
    path.write_bytes(b"\xef\xbb\xbfzorblaxin\r\nweather\r\nzorblaxin")
    counts = counted(gate, path)
    assert (counts.total, counts.hits.total(), counts.skipped) == (3, 2, 0)
    table = tmp_path / "q.csv"
    table.write_bytes(b'\xef\xbb\xbf"query",day\r\nzorblaxin,2026-11-29\r\n\r\n"zorblaxin",2026-11-29')
    counts = counted(gate, table, WITH_DAY)
    assert (counts.queries, counts.hits.total()) == ({"2026-11-29": 2}, 2)


def test_other_encodings(gate: Gate, tmp_path: Path):
    rows = [("как приготовить борщ", "2026-11-29"), ("zorblaxin", "2026-11-29")] * 20
    path = write_csv(tmp_path / "q.csv", rows, encoding="cp1251")
    assert same(counted(gate, path, Columns(day="day", encoding="cp1251")), one_by_one(gate, rows))
    assert codes(path, WITH_DAY) == ("scan.encoding",)
    assert codes(path, Columns(encoding="martian")) == ("scan.encoding",)
    assert codes(path, Columns(encoding="utf-16")) == ("scan.encoding",)
    path.write_text("query\nzorblaxin\n", encoding="utf-16")
    assert codes(path) == ("scan.encoding",)


def test_a_few_lines_that_nobody_can_decode_are_counted_and_left_out(gate: Gate, tmp_path: Path):
    path = tmp_path / "q.txt"
    path.write_bytes(b"weather\n" * 300 + b"zorblaxin \xff\n" + b"zorblaxin\n")
    counts = counted(gate, path)
    assert (counts.total, counts.hits.total(), counts.skipped) == (301, 1, 1)
    path.write_bytes(b"weather\n" * 50 + b"zorblaxin \xff\n")
    assert codes(path) == ("scan.encoding",)


def test_rows_too_short_are_counted_and_left_out(gate: Gate, tmp_path: Path):
    path = tmp_path / "q.csv"
    path.write_text(
        "day,query\n2026-11-29,zorblaxin\n2026-11-29\n,zorblaxin\nsoon,weather,3\n", encoding="utf-8"
    )
    counts = counted(gate, path, WITH_DAY)
    assert (counts.queries, counts.skipped) == ({"2026-11-29": 1, "": 2}, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-11-29", True), ("2026-11-29T23:59:59+05:00", True), (" 2026-11-29 08:15", True), ("2026-11-29x", False),
     ("2026-02-30", False), ("20261129", False), ("2026-W48-7", False), ("29.11.2026", False), ("", False)],
)  # fmt: skip
def test_what_is_a_day(gate: Gate, tmp_path: Path, text: str, day: bool):
    path = write_csv(tmp_path / "q.csv", [("weather", text)])
    assert counted(gate, path, WITH_DAY).queries == {"2026-11-29" if day else "": 1}


def test_faults_come_at_once_and_quote_nothing(tmp_path: Path):
    path = tmp_path / "q.csv"
    path.write_text("zorblaxin pictures,zorblaxin\nweather,1\n", encoding="utf-8")
    assert codes(path, WITH_DAY) == ("scan.column", "scan.column")
    path.write_text("query,query,day\na,b,2026-01-01\n", encoding="utf-8")
    assert codes(path, WITH_DAY) == ("scan.column",)
    for empty in ("", "query,day\n", "query,day"):
        path.write_text(empty, encoding="utf-8")
        assert codes(path, WITH_DAY) == ("scan.empty",)
    assert codes(tmp_path / "none.txt") == ("scan.missing",)
    text = tmp_path / "q.txt"
    text.write_text("\n", encoding="utf-8")
    assert codes(text, Columns(day="day", encoding="martian")) == ("scan.encoding", "scan.day", "scan.empty")
    (tmp_path / "folder.txt").mkdir()
    assert codes(tmp_path / "folder.txt") == ("scan.unreadable",)
    other = tmp_path / "q.xlsx"
    other.write_bytes(b"x")
    assert codes(other) == ("scan.kind",)


def test_a_field_that_does_not_end_is_refused_without_a_word_of_it(gate: Gate, tmp_path: Path):
    path = tmp_path / "q.csv"
    path.write_text('query\nweather\n"zorblaxin\nweather\n', encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        counted(gate, path)
    assert caught.value.codes == ("scan.csv",)
    assert "zorblaxin" not in str(caught.value)


def test_a_line_without_an_end_is_refused(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "PIECE", 100)
    monkeypatch.setattr(lines, "LONGEST", 1000)
    path = tmp_path / "q.txt"
    path.write_text("weather\n" + "zorblaxin " * 500 + "\n", encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        counted(gate, path)
    assert caught.value.codes == ("scan.line",)
    assert "at byte 8]" in str(caught.value)


def test_a_log_that_shrinks_while_it_is_read_is_refused(gate: Gate, tmp_path: Path):
    path = write_text(tmp_path / "q.txt", some_rows(100))
    log = open_log(path, Columns())
    (portion,) = log.portions(1)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(Refusal) as caught:
        list(log.read(portion))
    assert caught.value.codes == ("scan.damaged",)
