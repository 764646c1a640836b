"""The two ways in which anything here fails.

A Refusal is for a person: each of its problems has a place, says what is wrong, and names the way out.
A Fault is ours: something that should not be able to happen. Neither ever carries a query, an answer or a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `code` is stable and for tests and programs, the rest is for a person."""

    code: str
    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"[{self.place}] {self.what} {self.remedy}"


class Refusal(Exception):
    """Bad input, all its problems at once; printed without a traceback."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if not self.problems:
            raise Fault("a Refusal needs at least one problem")
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[Refusal], tuple[tuple[Problem, ...]]]:
        # As it was, when it comes from another process.
        return Refusal, (self.problems,)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(problem.code for problem in self.problems)


class Fault(Exception):
    """A mistake of ours; the message names the broken invariant and nothing about a person."""


def refuse(code: str, place: str, what: str, remedy: str) -> Refusal:
    """The common case of one problem."""
    return Refusal(Problem(code, place, what, remedy))
