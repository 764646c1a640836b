"""Labels that fit into a program: the whole text where it fits, else the short label that somebody wrote, never a cut.

Short labels are texts of their own, per language, in `labels/<tag>.toml` beside the questionnaire. Not here: the whole
texts (described). The invariant: a label either stands for its whole text or is refused, all that are too long at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from offramp.desk.described import Described, Value
from offramp.errors import Problem, Refusal
from offramp.exchange import FLAG
from offramp.language import Tag
from offramp.survey import Survey
from offramp.tables import read_toml

# Fits everywhere, so that one short label is enough for every program.
LONGEST = 80
# (question, "") or (question, option) -> label
ShortLabels = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Room:
    """How long labels may be in a program: of a column, of a number, and in which unit the program counts the first."""

    program: str
    column: int
    number: int
    unit: str


SPSS = Room("SPSS", 256, 120, "bytes")
STATA = Room("Stata", 80, 32_000, "characters")


def read_short_labels(content: Path, survey: Survey, tag: Tag) -> ShortLabels:
    """Return the short labels in a language, none where nobody wrote any. Refusal labels.…"""
    path = content / "surveys" / survey.slug / "labels" / f"{tag}.toml"
    if not path.exists():
        return {}
    tables, problems = read_toml(path), list[Problem]()
    found = dict(_labels(tables))
    known = {(str(q.id), option) for q in survey.questions for option in ("", *(o.id for o in q.options))}
    for key, label in found.items():
        name = "/".join(filter(None, key))
        if key not in known:
            problems.append(Problem("labels.unknown", str(path), f"The survey has no “{name}”.",
                                    "Please correct its name, or remove the line."))  # fmt: skip
        if (
            not isinstance(label, str)
            or not label.strip()
            or len(label) > LONGEST
            or len(label.encode()) > SPSS.number
        ):
            problems.append(Problem(
                "labels.length", str(path), f"The label of “{name}” is no text of 1 to {LONGEST} characters.",
                f"Please write one, of {SPSS.number} bytes at most in UTF-8.",
            ))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return found


def _labels(tables: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield what [questions] and [answers.<question>] say; whatever else there is has no such name."""
    for kind, table in tables.items():
        for name, value in table.items() if isinstance(table, dict) else [("", table)]:
            if kind == "questions":
                yield (name, ""), value
            elif kind == "answers" and isinstance(value, dict):
                yield from (((name, option), label) for option, label in value.items())
            else:
                yield (
                    (f"{kind}.{name}".rstrip(".") + " (neither in [questions] nor in [answers.…])", ""),
                    value,
                )


def in_codes(fields: Iterable[Described]) -> tuple[Described, ...]:
    """Return the columns with the questionnaire's own ids as labels, which always fit; texts are in the codebook."""
    return tuple(
        replace(
            field,
            label=field.name if field.question or field.name.startswith(FLAG) else field.label,
            asked=field.question,
            values=tuple(replace(each, label=each.id) for each in field.values),
        )
        for field in fields
    )


def fitted(fields: Sequence[Described], short: ShortLabels, room: Room, remedy: str) -> tuple[Described, ...]:
    """Return the columns with labels that fit into a program. Refusal export.label, with all that do not."""
    fitting = _Fitting(short, room, remedy)
    found = tuple(fitting.field(field) for field in fields)
    if fitting.problems:
        raise Refusal(fitting.problems.values())
    return found


class _Fitting:
    """Fits one text after another, and keeps each that is too long once, however many columns it would stand over."""

    def __init__(self, short: ShortLabels, room: Room, remedy: str) -> None:
        self.short, self.room, self.remedy = short, room, remedy
        self.problems: dict[tuple[str, str, str], Problem] = {}

    def field(self, field: Described) -> Described:
        size: Callable[[str], int] = (lambda t: len(t.encode())) if self.room.unit == "bytes" else len
        key = (field.question or field.name, field.option)
        label = self.text(field.label, key, size, self.room.column, self.room.unit)
        asked = field.asked
        if field.option and self.room is SPSS:
            # Stands over all ticks of the question in a multiple response set.
            asked = self.text(field.asked, (field.question, ""), size, self.room.column, self.room.unit)
        return replace(
            field, label=label, asked=asked, values=tuple(self.value(field, each) for each in field.values)
        )

    def value(self, field: Described, value: Value) -> Value:
        key = (field.question, "" if value.missing else value.id)
        label = self.text(value.label, key, lambda t: len(t.encode()), self.room.number, "bytes")
        return replace(value, label=label)

    def text(self, text: str, key: tuple[str, str], size: Callable[[str], int], most: int, unit: str) -> str:
        if size(text) <= most:
            return text
        if key in self.short:
            return self.short[key]
        name = "/".join(filter(None, key))
        self.problems[(*key, text)] = Problem(
            "export.label", name,
            f"Its text has {size(text)} {unit}, and a label has room for {most} in {self.room.program}: “{text}”",
            self.remedy,
        )  # fmt: skip
        return text
