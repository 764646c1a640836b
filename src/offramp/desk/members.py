"""Which responses a count is of, said before anything is counted: by codes of a question, and by and, or, not.

Values that can be compared and put together, and nothing else. Not here: the bits of those responses (planes), what is
to be counted (sheet). The invariant: two that are equal stand for the same responses of whatever study.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Key = tuple[str, str]


class Members:
    """Responses, by what they have in common."""

    __slots__ = ()

    def __and__(self, other: Members) -> Members:
        return Both(self, other)

    def __sub__(self, other: Members) -> Members:
        return Less(self, other)


@dataclass(frozen=True, slots=True)
class Having(Members):
    """Those with any of these codes of one subject: a question, or the language, say."""

    subject: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Both(Members):
    one: Members
    other: Members


@dataclass(frozen=True, slots=True)
class Less(Members):
    """Those of one that are not of the other."""

    one: Members
    other: Members


@dataclass(frozen=True, slots=True)
class Either(Members):
    """Those of any of these; nobody where there are none."""

    parts: tuple[Members, ...]


def either(parts: Iterable[Members]) -> Members:
    return Either(tuple(parts))


def operands(members: Members) -> tuple[Members, ...]:
    """Return what has to be known first."""
    match members:
        case Both(one, other) | Less(one, other):
            return (one, other)
        case Either(parts):
            return parts
    return ()
