"""The columns of an export: their names, and the numbers that stand for answers and for what is missing.

One coding for every form of export and for the codebook that describes them. A question with several answers is one
column of 0 and 1 for each of them. Not here: any answer, any label. The invariants: a name is good in SPSS, Stata and R
and stands once; a number means the same in every export of a survey, also after options were added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.survey import Kind, Missing, Option, Question, Survey, joined

# The same in every column, far below any number that a question asks for. Never renumbered, only added to.
MISSING: Mapping[Missing, int] = {
    Missing.SKIPPED: -901,
    Missing.REFUSED: -902,
    Missing.DONT_KNOW: -903,
    Missing.INVALID: -904,
    Missing.NOT_ASKED: -905,
    Missing.NOT_DRAWN: -906,
    Missing.NOT_SHOWN: -907,
    Missing.NOT_IN_VERSION: -908,
    Missing.SEEN_NOT_SENT: -909,
    Missing.NOT_REACHED: -910,
}
# What is known of a response as a whole: texts, and then numbers.
ABOUT_TEXTS = ("response", "language", "week", "arm", "last_page")
ABOUT_NUMBERS = ("survey_version", "pages_sent", "complete", "continued", "synthetic")
# What stands for a tick (0 and 1), and for words (1): what the questionnaire would call it, and a label.
TICKS = (("not_ticked", "Not ticked"), ("ticked", "Ticked"))
WROTE = ("written", "Something was written")
FLAG = "flag_"
# Stata takes names of 32 characters, and its sets of labels are the name and a running number.
LONGEST_NAME = 28
# Words of SPSS, Stata and R that cannot be the name of a column there.
_RESERVED = frozenset((
    "all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with",
    "byte", "double", "float", "if", "in", "int", "long", "str", "strl", "using",
    "break", "else", "for", "function", "next", "repeat", "while", "true", "false",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column with answers to a question: to the whole of it, or (`option`) whether this one was ticked.

    `numbers` has the number of each option; a scale and a number stand for themselves, words that were written are 1.
    """

    name: str
    question: Question
    option: Option | None
    numbers: Mapping[str, int]

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return in which ways an answer can be missing here."""
        return tuple(code for code in MISSING if code is not Missing.DONT_KNOW or self.question.dont_know)


def columns(survey: Survey) -> tuple[Column, ...]:
    """Return the columns of a survey in the order of its pages."""
    taken = {*_RESERVED, *ABOUT_TEXTS, *ABOUT_NUMBERS}
    asked = [question for question in survey.questions if question.kind is not Kind.STATEMENT]
    # A question that is its own column keeps its name, whatever the ticks of another would like to be called.
    alone = {str(question.id) for question in asked if question.kind is not Kind.MULTIPLE}
    found = []
    for question in asked:
        numbers = _numbers(survey, question)
        names = _names(question, numbers, taken | alone if question.kind is Kind.MULTIPLE else taken)
        taken.update(names)
        parts = question.options if question.kind is Kind.MULTIPLE else (None,)
        found += [Column(name, question, part, numbers) for name, part in zip(names, parts, strict=True)]
    return tuple(found)


def _names(question: Question, numbers: Mapping[str, int], taken: set[str]) -> list[str]:
    """Return names that say what they hold; where one is too long or taken, the numbers of the answers."""
    ticks = [option.id for option in question.options] if question.kind is Kind.MULTIPLE else []
    places = [numbers[tick] for tick in ticks]
    said = [f"{question.id}_{tick}" for tick in ticks] or [str(question.id)]
    counted = [f"{question.id}_{place}" for place in places] or [f"{question.id}_"]
    in_form = [f"q{question.number:03d}_{place}" for place in places] or [f"q{question.number:03d}"]
    for names in (said, counted, in_form):
        if max(map(len, names)) <= LONGEST_NAME and not taken & set(names) and not names[0].startswith(FLAG):
            return names
    while taken & set(in_form):
        in_form = [f"q{name}" for name in in_form]
    return in_form


def _numbers(survey: Survey, question: Question) -> dict[str, int]:
    """Number the options from 1, those of the earliest version first whose answers count together with today's."""
    numbers: dict[str, int] = {}
    for version in reversed(survey.versions):
        if version is survey or question.id in joined(version, survey):
            asked = next(asked for asked in version.questions if asked.id == question.id)
            for option in asked.options:
                numbers.setdefault(option.id, len(numbers) + 1)
    return numbers
