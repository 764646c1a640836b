"""What the columns of an export mean, in one language: labels of columns and of every number in them.

Not here: the rows (exact), what of a text fits into which format. The invariant: a text stands here whole; what no
person read while answering (most reasons for a missing answer) is English in every language, as in the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from offramp.desk import wording
from offramp.desk.codebook import Variable, codebook
from offramp.exchange import ABOUT_TEXTS, MISSING, TICKS, WROTE, Column, Labels
from offramp.language import Tag
from offramp.survey import Kind, Missing, Survey

# Stata has missing values from .a to .z; these stand for the reasons, in their order, as SPSS has their numbers.
STATA_LETTERS: Mapping[int | str, str] = dict(zip(MISSING.values(), ascii_lowercase, strict=False))
_ABOUT = {
    "response": "Response: a random id of the desk, the same in all files of one desk",
    "language": "Language of the page that was sent last",
    "week": "Week of the first page (ISO)",
    "arm": "Message that led here, where one did",
    "last_page": "Last page that was sent",
    "survey_version": "Version of the questionnaire",
    "pages_sent": "How many pages were sent",
    "complete": "Whether every page on the way was sent",
    "continued": "Whether it goes on after a page was lost",
    "synthetic": "Whether it is made up",
}
NO_FLAGS: Mapping[str, str] = {}
_WHETHER = ("complete", "continued", "synthetic")
_PERSONS_OWN = {Missing.REFUSED: "page/rather_not_say", Missing.DONT_KNOW: "page/dont_know"}


@dataclass(frozen=True, slots=True)
class Value:
    """What one number means; `id` is how the questionnaire calls it."""

    number: int
    id: str
    label: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """One column: its label, the whole wording of its question, and its values.

    `kind` is text, number, choice, tick or written; of a number only some values have a label.
    """

    name: str
    kind: str
    label: str
    question: str = ""
    asked: str = ""
    option: str = ""
    values: tuple[Value, ...] = ()

    @property
    def answers(self) -> tuple[Value, ...]:
        return tuple(value for value in self.values if not value.missing)

    @property
    def reasons(self) -> tuple[Value, ...]:
        return tuple(value for value in self.values if value.missing)


def described(
    survey: Survey, own: Sequence[Column], labels: Labels, tag: Tag, flags: Mapping[str, str] = NO_FLAGS
) -> tuple[Described, ...]:
    """Return every column of an export in its order; `flags` has the columns of rules, and what each is called."""
    variables = {variable.id: variable for variable in codebook(survey)}
    return (
        *_about(flags),
        *(_column(survey, column, variables[column.question.id], labels, tag) for column in own),
    )


def _about(flags: Mapping[str, str]) -> Iterator[Described]:
    whether = tuple(Value(number, *pair) for number, pair in enumerate((("no", "No"), ("yes", "Yes"))))
    for name, label in _ABOUT.items():
        kind = "text" if name in ABOUT_TEXTS else "tick" if name in _WHETHER else "number"
        yield Described(name, kind, label, values=whether if kind == "tick" else ())
    for name, title in flags.items():
        yield Described(name, "tick", f"Flag: {title}", values=whether)


def _column(survey: Survey, column: Column, variable: Variable, labels: Labels, tag: Tag) -> Described:
    question, texts = column.question, survey.catalogues[tag]
    asked = labels.question(survey, question, tag)
    reasons = (
        Value(MISSING[code], code.value, _reason(code, variable, labels, tag), True)
        for code in column.missing
    )
    values: tuple[Value, ...] = ()
    kind, label, option = "choice", asked, ""
    if column.option is not None:
        kind, label, option = "tick", labels.option(survey, column.option, tag), column.option.id
        values = tuple(Value(n, *pair) for n, pair in enumerate(TICKS))
    elif question.kind is Kind.TEXT:
        kind, values = "written", (Value(1, *WROTE),)
    elif question.kind is Kind.SCALE:
        ends = ((question.low, "low"), (question.high, "high"))
        kind = "number"
        values = tuple(Value(n, str(n), texts[f"question/{question.id}/{end}"]) for n, end in ends)
    elif question.kind is Kind.NUMBER:
        kind = "number"
    else:
        values = tuple(
            Value(column.numbers[each.id], each.id, labels.option(survey, each, tag))
            for each in question.options
        )
    return Described(column.name, kind, label, question.id, asked, option, (*values, *reasons))


def _reason(code: Missing, variable: Variable, labels: Labels, tag: Tag) -> str:
    return (
        labels(_PERSONS_OWN[code], tag)
        if code in _PERSONS_OWN
        else wording.words()[wording.missing(code, variable)]
    )
