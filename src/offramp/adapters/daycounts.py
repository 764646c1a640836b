"""Counts of messages on disk: one small table a day, exact, for all processes of a search engine.

Not here: what is counted (gate). The invariant: rows stand in alphabetical order, so that a file tells neither when
within its day nor in which order anything was counted.
"""

from __future__ import annotations

import csv
import fcntl
import io
import re
from collections import Counter
from pathlib import Path

from offramp.gate import Count

_HEAD = ("arm", "language", "target", "n")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DayCounts:
    """A sink for `open_gate(counts=…)`: adds each Count to `<folder>/<day>.csv`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def __call__(self, count: Count) -> None:
        if not _DAY.fullmatch(count.day):
            raise ValueError("a day is written as 2026-11-29")
        with (self.folder / "lock").open("a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = self.read(count.day)
            rows[count.arm, count.language, count.target] += 1
            table = io.StringIO()
            written = csv.writer(table, lineterminator="\n")
            written.writerow(_HEAD)
            written.writerows((*key, n) for key, n in sorted(rows.items()))
            new = self.folder / "new"
            new.write_text(table.getvalue(), encoding="utf-8")
            new.replace(self._file(count.day))

    def read(self, day: str) -> Counter[tuple[str, str, str]]:
        """Return the counts of one day by arm, language and target."""
        try:
            text = self._file(day).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Counter()
        rows = csv.DictReader(io.StringIO(text))
        return Counter({(row["arm"], row["language"], row["target"]): int(row["n"]) for row in rows})

    def _file(self, day: str) -> Path:
        return self.folder / f"{day}.csv"
