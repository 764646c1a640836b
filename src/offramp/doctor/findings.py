"""A finding: what was looked at, how it is, and the way out where something is wrong.

Not here: looking, judging, printing. The invariant: whatever is not fine says what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from offramp.errors import Fault, Problem


class Level(IntEnum):
    """How bad it is. A warning may be right for this machine; a fault is right for none."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `code` is stable and for tests and programs, the rest is for a person."""

    level: Level
    code: str
    place: str
    what: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if (self.level is Level.OK) == bool(self.remedy):
            raise Fault("a finding has a remedy exactly where something is wrong")

    def __str__(self) -> str:
        return f"[{self.place}] {self.what} {self.remedy}".rstrip()


def fine(code: str, place: str, what: str) -> Finding:
    return Finding(Level.OK, code, place, what)


def warn(code: str, place: str, what: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, code, place, what, remedy)


def fault(code: str, place: str, what: str, remedy: str) -> Finding:
    return Finding(Level.FAULT, code, place, what, remedy)


def refused(problem: Problem) -> Finding:
    """Return what keeps the server from starting as a fault under its own code."""
    return Finding(Level.FAULT, problem.code, problem.place, problem.what, problem.remedy)
