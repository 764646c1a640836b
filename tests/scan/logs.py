"""Query logs of invented words for the tests of the scan, and what `decide` says about them one by one."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from offramp.gate import Gate, draft
from offramp.scan import Columns, Counts, open_log

KEY = bytes(range(32))
DEMONSTRATION = Path(__file__).parents[2] / "content" / "gate" / "demonstration.toml"
HITS = (
    "zorblaxin", "Z0RBLAXIN pictures", "z o r b l a x i n", "grompelfax", "the grompelfax museum",
    "help with zorblaxin", "zorb\u200blaxin", "ｚｏｒｂｌａｘｉｎ", "vushtolimk, twice", 'say "zorblaxin"',
    "how to stop looking for zorblaxin",
)  # fmt: skip
HARMLESS = (
    "best pasta for two",
    "weather",
    "как приготовить борщ",
    "今日の天気",
    "don't; won't",
    "a\tb | c",
    "quartz?",
)
DAYS = ("2026-11-28", "2026-11-29", "2026-12-01")
Rows = Sequence[tuple[str, str]]
Expected = tuple[Counter[str], Counter[tuple[str, str, str, str]]]


def sealed_list(folder: Path) -> Path:
    path = folder / "list.sealed"
    path.write_bytes(draft([DEMONSTRATION]).sealed(KEY))
    return path


def some_rows(number: int, seed: int = 1) -> list[tuple[str, str]]:
    """Return queries with days; one in five is found."""
    random = Random(seed)
    return [
        (random.choice(HITS if random.random() < 0.2 else HARMLESS), random.choice(DAYS))
        for _ in range(number)
    ]


def one_by_one(gate: Gate, rows: Iterable[tuple[str, str]]) -> Expected:
    """Return what a scan must count, from `decide` alone."""
    per_day: Counter[str] = Counter()
    hits: Counter[tuple[str, str, str, str]] = Counter()
    for query, day in rows:
        per_day[day] += 1
        if found := gate.decide(query):
            hits[day, found.list, found.category, found.intent] += 1
    return per_day, hits


def counted(gate: Gate, path: Path, columns: Columns | None = None, processes: int = 2) -> Counts:
    """Count a log in this process, portion after portion."""
    log, counts, done = open_log(path, columns or Columns()), Counts(), 0
    for portion in log.portions(processes):
        done += portion.size
        for batch in log.read(portion):
            counts.add(batch, gate.decide)
    assert done == log.size
    return counts


def same(counts: Counts, expected: Expected) -> bool:
    return (counts.queries, {tuple(hit): n for hit, n in counts.hits.items()}) == expected


def write_text(path: Path, rows: Rows) -> Path:
    path.write_text("".join(f"{query}\n" for query, _ in rows), encoding="utf-8", newline="")
    return path


def write_csv(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(("n", "query", "day"))
        writer.writerows((n, query, day) for n, (query, day) in enumerate(rows))
    return path


def write_parquet(path: Path, rows: Rows, group: int = 100) -> Path:
    table = pa.table(
        {"n": list(range(len(rows))), "query": [q for q, _ in rows], "day": [d for _, d in rows]}
    )
    pq.write_table(table, path, row_group_size=group)
    return path
