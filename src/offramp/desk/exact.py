"""Exact rows: one for each response, with a number for every answer and every reason for a missing one.

For the researchers' own machine. Not here: labels (described), files (the modules named after them). The invariants:
a response is known by its new id alone; words are in no row, and off-path answers are not either.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from offramp.desk.clean import EVERYWHERE, Rule, clean
from offramp.desk.marked import defanged
from offramp.errors import refuse
from offramp.exchange import ABOUT_NUMBERS, ABOUT_TEXTS, FLAG, LONGEST_NAME, MISSING, Column, columns
from offramp.survey import Body, Kind, Missing, QuestionId, Response, Survey, join

Cells = Sequence[str] | Sequence[int]
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Exact:
    """All rows of a survey, column by column: what is known of a response as a whole, then its answers."""

    survey: Survey
    synthetic: bool
    columns: tuple[Column, ...]
    cells: Mapping[str, Cells]
    words: tuple[tuple[str, str, str, str], ...]
    """Response, question, marks and what was written."""
    flags: Mapping[str, str] = field(default_factory=dict)
    """The columns of flags, and what each rule is called."""

    @property
    def n(self) -> int:
        return len(self.cells["response"])


def exact(survey: Survey, bodies: Iterable[Body], rules: Sequence[Rule] = EVERYWHERE) -> Exact:
    """Return the rows of a survey, with a column for each rule of cleaning.

    Refusals: report.mixture, export.nothing.
    """
    opened = list(bodies)
    kinds = {body.context.synthetic for body in opened}
    if len(kinds) > 1:
        raise refuse("report.mixture", "archive", "Real and made-up responses lie in one archive.",
                     "Please keep a desk folder for each, and export them apart.")  # fmt: skip
    responses = join(survey, opened)
    if not responses:
        raise refuse("export.nothing", survey.slug, "There is no response to export.",
                     "Please pull and open first, or name the content folder that the server had.")  # fmt: skip
    own = columns(survey)
    cleaning = clean(survey, responses, rules)
    flags = {_flag(rule, place): rule for place, rule in enumerate(rules, 1)}
    flagged = {
        name: array("i", (rule.id in found for found in cleaning.flags)) for name, rule in flags.items()
    }
    cells = {**_about(survey, responses), **flagged, **_answers(survey, own, responses)}
    titles = {name: rule.title for name, rule in flags.items()}
    return Exact(survey, True in kinds, own, cells, tuple(_words(responses)), titles)


def _flag(rule: Rule, place: int) -> str:
    """Return the name of a rule's column: its id, or its place where other programs do not take the id."""
    name = f"{FLAG}{rule.id}"
    return name if name.isidentifier() and name.isascii() and len(name) <= LONGEST_NAME else f"{FLAG}{place}"


def _about(survey: Survey, responses: Sequence[Response]) -> dict[str, Cells]:
    texts = {name: [_text(name, response) for response in responses] for name in ABOUT_TEXTS}
    versions = {version.structure: version.version for version in survey.versions}
    numbers = {
        "survey_version": array("i", (versions[each.context.structure] for each in responses)),
        "pages_sent": array("i", (len(each.pages) for each in responses)),
        "complete": array("i", (each.complete for each in responses)),
        "continued": array("i", (each.context.continued for each in responses)),
        "synthetic": array("i", (each.context.synthetic for each in responses)),
    }
    return {**texts, **{name: numbers[name] for name in ABOUT_NUMBERS}}


def _text(name: str, response: Response) -> str:
    if name == "last_page":
        return response.pages[-1] if response.pages else ""
    return str(getattr(response.context, name))


def _answers(survey: Survey, own: Sequence[Column], responses: Sequence[Response]) -> dict[str, Cells]:
    # Which ticks a response of which version could have.
    offered = {
        version.structure: {question.id: {o.id for o in question.options} for question in version.questions}
        for version in survey.versions
    }
    return {
        column.name: array(
            "i", (_number(column, each, offered[each.context.structure]) for each in responses)
        )
        for column in own
    }


def _number(column: Column, response: Response, offered: Mapping[QuestionId, set[str]]) -> int:
    question, codes = column.question, response.codes[column.question.id]
    if isinstance(codes, Missing):
        return MISSING[codes]
    if column.option is not None:
        if column.option.id not in offered[question.id]:
            return MISSING[Missing.NOT_IN_VERSION]
        return int(column.option.id in codes)
    if question.kind is Kind.TEXT:
        return 1
    return int(codes[0]) if question.kind in (Kind.SCALE, Kind.NUMBER) else column.numbers[codes[0]]


def _words(responses: Iterable[Response]) -> Iterable[tuple[str, str, str, str]]:
    for response in responses:
        for question, text in sorted(response.words.items()):
            marks = " ".join(response.marks.get(question, ()))
            yield response.context.response, question, marks, inert(text)


def inert(text: str) -> str:
    """Return words that no spreadsheet takes for a formula, with addresses undone."""
    undone = defanged(text)
    return f"'{undone}" if undone.lstrip().startswith(_FORMULA) else undone
