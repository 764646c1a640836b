"""What can be answered, and every way in which an answer can be missing.

Here are the values, their form in an envelope (ids, readable for decades) and their packed form in a draft
(fixed length, so that a page's hidden field gives nothing away). Not here: what is asked when.
The invariant: two different reasons for a missing answer never become the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from offramp.errors import Fault
from offramp.rules import Value
from offramp.survey.definition import Kind, Question, QuestionId, Survey


class Missing(StrEnum):
    """Why there is no answer. The first four come from a person, the rest from the path that was walked."""

    SKIPPED = "skipped"
    REFUSED = "rather_not_say"
    DONT_KNOW = "dont_know"
    INVALID = "invalid"
    NOT_ASKED = "not_asked"
    NOT_DRAWN = "not_drawn"
    NOT_SHOWN = "not_shown"
    NOT_IN_VERSION = "not_in_version"
    SEEN_NOT_SENT = "seen_not_sent"
    NOT_REACHED = "not_reached"


_MISSING = {code.value: code for code in Missing}


class Sealed:
    """An answer that was saved before and that this page no longer knows (after a restart)."""


SEALED = Sealed()


@dataclass(frozen=True, slots=True)
class Chosen:
    """One option of a single choice."""

    option: str


@dataclass(frozen=True, slots=True)
class ChosenMany:
    """The options of a multiple choice, in the order of the definition; never empty."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A rating or a number, within the question's bounds."""

    value: int


@dataclass(frozen=True, slots=True)
class Written:
    """Words were written; they themselves are sealed apart and never travel in a page."""


WRITTEN = Written()
Answer = Chosen | ChosenMany | Number | Written | Missing
Known = Answer | Sealed
Answers = Mapping[QuestionId, Known]
Codes = tuple[str, ...] | Missing
Plain = str | int | list[str] | dict[str, bool] | dict[str, str]


def value(answer: Known | None) -> Value:
    """Return what a condition sees of an answer; nothing where it is missing."""
    match answer:
        case Chosen(option):
            return option
        case ChosenMany(options):
            return options
        case Number(number):
            return number
        case _:
            return None


def codes_of(answer: Answer) -> Codes:
    """Return what is counted of an answer: its codes, or why it is missing."""
    match answer:
        case Missing():
            return answer
        case Chosen(option):
            return (option,)
        case ChosenMany(options):
            return options
        case Number(number):
            return (str(number),)
        case _:
            return ("written",)


# -- the form inside an envelope ----------------------------------------------------------------------------


def to_plain(answer: Answer) -> Plain:
    """Return an answer as JSON: "id", ["id", ...], 7, {"written": true} or {"missing": "skipped"}."""
    match answer:
        case Chosen(option):
            return option
        case ChosenMany(options):
            return list(options)
        case Number(number):
            return number
        case Written():
            return {"written": True}
        case Missing():
            return {"missing": answer.value}


def from_plain(plain: object) -> Answer:
    """Return the answer that `to_plain` wrote. Fault: it did not."""
    # Asked for every answer of every page, so by types alone: patterns for lists and mappings cost ten times as much.
    if isinstance(plain, str):
        return Chosen(plain)
    if isinstance(plain, int) and not isinstance(plain, bool):
        return Number(plain)
    if isinstance(plain, list) and plain and all(isinstance(option, str) for option in plain):
        return ChosenMany(tuple(plain))
    if isinstance(plain, dict):
        if plain.get("written") is True:
            return WRITTEN
        code = plain.get("missing")
        if isinstance(code, str) and code in _MISSING:
            return _MISSING[code]
    raise Fault("no answer of envelope version 1")


# -- the packed form inside a draft -------------------------------------------------------------------------

_CODES: Mapping[Known, int] = {
    SEALED: 250, Missing.SKIPPED: 251, Missing.REFUSED: 252, Missing.DONT_KNOW: 253, Missing.INVALID: 254,
    WRITTEN: 249,
}  # fmt: skip
_FROM_CODE = {code: answer for answer, code in _CODES.items()}
_SOME = 1


def width(question: Question) -> int:
    """Return how many bytes an answer takes when packed: a status, and a value or a set of bits."""
    match question.kind:
        case Kind.MULTIPLE:
            return 1 + (len(question.options) + 7) // 8
        case Kind.SCALE | Kind.NUMBER:
            return 3
        case Kind.STATEMENT:
            return 0
        case _:
            return 1


def pack(survey: Survey, answers: Answers) -> bytes:
    """Return all answers of a draft; the length depends on the survey alone."""
    return b"".join(
        _pack(question, answers.get(question.id)).ljust(wide, b"\0") for question, wide in _layout(survey)
    )


@lru_cache(maxsize=64)
def _layout(survey: Survey) -> tuple[tuple[Question, int], ...]:
    return tuple((question, width(question)) for question in survey.questions)


def _pack(question: Question, answer: Known | None) -> bytes:
    match answer:
        case None:
            return b""
        case Chosen(option):
            return bytes((_SOME + _index(question, option),))
        case ChosenMany(options):
            bits = sum(1 << _index(question, option) for option in options)
            return bytes((_SOME,)) + bits.to_bytes(width(question) - 1, "little")
        case Number(number):
            return bytes((_SOME,)) + (number - question.low).to_bytes(2, "little")
        case code:
            return bytes((_CODES[code],))


def _index(question: Question, identity: str) -> int:
    return next(place for place, option in enumerate(question.options) if option.id == identity)


def unpack(survey: Survey, packed: bytes) -> dict[QuestionId, Known]:
    """Return the answers that `pack` packed for the same structure."""
    answers: dict[QuestionId, Known] = {}
    start = 0
    for question, wide in _layout(survey):
        end = start + wide
        # The first byte is never zero where there is an answer.
        if wide and packed[start]:
            answers[question.id] = _unpack(question, packed[start:end])
        start = end
    return answers


def _unpack(question: Question, packed: bytes) -> Known:
    status, rest = packed[0], int.from_bytes(packed[1:], "little")
    if status in _FROM_CODE:
        return _FROM_CODE[status]
    match question.kind:
        case Kind.MULTIPLE:
            return ChosenMany(tuple(o.id for i, o in enumerate(question.options) if rest >> i & 1))
        case Kind.SCALE | Kind.NUMBER:
            return Number(question.low + rest)
        case _:
            return Chosen(question.options[status - _SOME].id)


def packed_bytes(survey: Survey) -> int:
    return sum(wide for _, wide in _layout(survey))
