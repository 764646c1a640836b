"""Exact rows: one for each response, with a number for every answer and every reason for a missing one.

For the researchers' own machine. Not here: labels (described), files (the modules named after them). The invariants:
a response is known by its new id alone; words are in no row, and off-path answers are not either.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any, NamedTuple

from offramp.desk.clean import EVERYWHERE, Cleaner, Common, Rule, Seen
from offramp.desk.joiners import joined
from offramp.desk.marked import defanged
from offramp.desk.pieces import Piece, Tell, silent
from offramp.errors import refuse
from offramp.exchange import ABOUT_NUMBERS, ABOUT_TEXTS, FLAG, LONGEST_NAME, MISSING, Column, columns
from offramp.survey import Kind, Missing, QuestionId, Response, Survey, join

Cells = Sequence[str] | Sequence[int]
Words = tuple[str, str, str, str]
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Exact:
    """All rows of a survey, column by column: what is known of a response as a whole, then its answers."""

    survey: Survey
    synthetic: bool
    columns: tuple[Column, ...]
    cells: Mapping[str, Cells]
    words: tuple[Words, ...]
    """Response, question, marks and what was written."""
    flags: Mapping[str, str] = field(default_factory=dict)
    """The columns of flags, and what each rule is called."""

    @property
    def n(self) -> int:
        return len(self.cells["response"])


def exact(
    survey: Survey, pieces: Sequence[Piece], rules: Sequence[Rule] = EVERYWHERE, tell: Tell = silent,
    processes: int = 1,
) -> Exact:  # fmt: skip
    """Return the rows of a survey, with a column for each rule of cleaning.

    Responses are in memory for one piece at a time (in each process), their cells and words for all.
    Refusals: report.mixture, export.nothing, report.process.
    """
    own, gathered = columns(survey), _Gathered()
    for place, part in enumerate(joined(_Layer(survey, own, rules).part, pieces, processes), 1):
        gathered.take(part)
        tell(len(gathered.seen), place / len(pieces))
    if not gathered.seen:
        raise refuse("export.nothing", survey.slug, "There is no response to export.",
                     "Please pull and open first, or name the content folder that the server had.")  # fmt: skip
    flags = {_flag(rule, place): rule for place, rule in enumerate(rules, 1)}
    about = {name: gathered.cells[name] for name in (*ABOUT_TEXTS, *ABOUT_NUMBERS)}
    cells = about | gathered.flagged(flags) | gathered.cells
    titles = {name: rule.title for name, rule in flags.items()}
    return Exact(survey, True in gathered.kinds, own, cells, tuple(gathered.words), titles)


class _Part(NamedTuple):
    """What is left of one piece: its cells, what cleaning has seen, words; `kinds` tells whether it is made up."""

    cells: dict[str, Cells]
    seen: list[Seen]
    words: list[Words]
    kinds: list[bool]


class _Layer:
    """Lays the responses of one piece after another into columns; it can be handed to other processes."""

    def __init__(self, survey: Survey, own: Sequence[Column], rules: Sequence[Rule]) -> None:
        self._survey, self._own, self._cleaner = survey, own, Cleaner(survey, rules)

    def part(self, piece: Piece) -> _Part:
        opened = list(piece())
        responses = join(self._survey, opened)
        cells = {**_about(self._survey, responses), **_answers(self._survey, self._own, responses)}
        seen = [self._cleaner.seen(response) for response in responses]
        return _Part(
            cells, seen, list(_words(responses)), sorted({body.context.synthetic for body in opened})
        )


class _Gathered:
    """What came of all pieces so far."""

    def __init__(self) -> None:
        self.cells: dict[str, Any] = {}
        self.seen: list[Seen] = []
        self.words: list[Words] = []
        self.kinds: set[bool] = set()
        self._common = Common()

    def take(self, part: _Part) -> None:
        self.kinds.update(part.kinds)
        if len(self.kinds) > 1:
            raise refuse("report.mixture", "archive", "Real and made-up responses lie in one archive.",
                         "Please keep a desk folder for each, and export them apart.")  # fmt: skip
        for name, column in part.cells.items():
            if name in self.cells:
                self.cells[name].extend(column)
            else:
                self.cells[name] = column
        for each in part.seen:
            self._common.note(each)
        self.seen.extend(part.seen)
        self.words.extend(part.words)

    def flagged(self, flags: Mapping[str, Rule]) -> dict[str, Cells]:
        """Return a column for each rule: 1 for the responses that it flags."""
        self._common.settle()
        found = [self._common.flags(each) for each in self.seen]
        return {name: array("b", (rule.id in own for own in found)) for name, rule in flags.items()}


def _flag(rule: Rule, place: int) -> str:
    """Return the name of a rule's column: its id, or its place where other programs do not take the id."""
    name = f"{FLAG}{rule.id}"
    return name if name.isidentifier() and name.isascii() and len(name) <= LONGEST_NAME else f"{FLAG}{place}"


def _about(survey: Survey, responses: Sequence[Response]) -> dict[str, Cells]:
    # Interned, as most of them stand in many rows.
    texts = {name: [intern(_text(name, response)) for response in responses] for name in ABOUT_TEXTS}
    versions = {version.structure: version.version for version in survey.versions}
    numbers = {
        "survey_version": array("h", (versions[each.context.structure] for each in responses)),
        "pages_sent": array("h", (len(each.pages) for each in responses)),
        "complete": array("h", (each.complete for each in responses)),
        "continued": array("h", (each.context.continued for each in responses)),
        "synthetic": array("h", (each.context.synthetic for each in responses)),
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
            "i" if column.question.kind is Kind.NUMBER else "h",
            (_number(column, each, offered[each.context.structure]) for each in responses),
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


def _words(responses: Iterable[Response]) -> Iterable[Words]:
    for response in responses:
        for question, text in sorted(response.words.items()):
            marks = " ".join(response.marks.get(question, ()))
            yield response.context.response, question, marks, inert(text)


def inert(text: str) -> str:
    """Return words that no spreadsheet takes for a formula, with addresses undone."""
    undone = defanged(text)
    return f"'{undone}" if undone.lstrip().startswith(_FORMULA) else undone
