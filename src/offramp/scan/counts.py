"""What a scan counts, and counting it.

Here: the counts and how a batch is added to them. Not here: reading and writing files. The invariant: what is in Counts
came from a Decision or from the column of days; no part of a query is ever in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from typing import NamedTuple

from offramp.errors import Fault
from offramp.gate import Decision
from offramp.scan.querylog import Batch


class Hit(NamedTuple):
    """What queries that were found have in common, as far as it is counted."""

    day: str
    list: str
    category: str
    intent: str


class Row(NamedTuple):
    """One line of the counts; a whole day has no list and no category, and day "" is an unknown one."""

    day: str
    list: str
    category: str
    queries: int
    matched: int
    help: int


@dataclass(slots=True)
class Counts:
    """Queries per day, hits per day, list, category and intent, and rows that held no query."""

    queries: Counter[str] = field(default_factory=Counter)
    hits: Counter[Hit] = field(default_factory=Counter)
    skipped: int = 0

    def add(self, batch: Batch, decide: Callable[[str], Decision | None]) -> None:
        """Decide about a batch and count it."""
        self.queries.update(batch.per_day)
        self.skipped += batch.skipped
        for place, found in enumerate(map(decide, batch.queries)):
            if found:
                self.hits[Hit(batch.day(place), found.list, found.category, found.intent)] += 1

    def merge(self, other: Counts) -> None:
        self.queries.update(other.queries)
        self.hits.update(other.hits)
        self.skipped += other.skipped

    @property
    def total(self) -> int:
        return sum(self.queries.values())

    def rows(self) -> Iterator[Row]:
        """Give each day as a whole, then its lists and categories, in order."""
        groups: dict[str, dict[tuple[str, str], Counter[str]]] = {day: {} for day in sorted(self.queries)}
        for hit, number in sorted(self.hits.items()):
            groups[hit.day].setdefault((hit.list, hit.category), Counter())[hit.intent] += number
        for day, found in groups.items():
            asked = self.queries[day]
            yield Row(day, "", "", asked, sum(c.total() for c in found.values()),
                      sum(c["help"] for c in found.values()))  # fmt: skip
            for (name, category), intents in found.items():
                yield Row(day, name, category, asked, intents.total(), intents["help"])


def discreet(error: Exception) -> Fault:
    """Return a failure while counting by its type and place alone: its message might quote what was being read."""
    place = extract_tb(error.__traceback__)[-1]
    return Fault(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}")
