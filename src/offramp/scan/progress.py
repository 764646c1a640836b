"""How far a scan is, and how long it still takes.

Here: arithmetic and one line of text. Not here: a clock, a screen. The invariant: it tells how many, never what.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a log is done (`done` of `size`, in bytes or rows), how many queries that were, and the seconds."""

    done: int
    size: int
    queries: int
    seconds: float

    @property
    def left(self) -> float:
        """Seconds that the rest takes at the speed until now."""
        return self.seconds * (self.size - self.done) / self.done if self.done else float("inf")

    def __str__(self) -> str:
        share = self.done / self.size if self.size else 1.0
        speed = self.queries / self.seconds if self.seconds else 0.0
        return f"{share:4.0%}, {self.queries:,} queries, {speed:,.0f} a second, {spoken(self.left)} left"


def spoken(seconds: float) -> str:
    """Return a time as people say it, rounded up."""
    if seconds == float("inf"):
        return "unknown time"
    whole = int(-(-seconds // 1))
    if whole < 60:
        return f"{whole} s"
    minutes = -(-whole // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
