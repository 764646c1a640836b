"""Counterparts: questions that two surveys ask in the same words, side by side, with a test of the two.

What stands here of another survey is what its own report prints, and nothing more: it is counted and protected as
that report does it. Not here: counting, the law (disclose). The invariant: both columns of a table are printed counts
of two reports, so that the table tells nothing that the two do not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk import wording
from offramp.desk.codebook import Variable
from offramp.desk.count import QuestionCounts
from offramp.desk.disclose import Law, Printed
from offramp.desk.frame import Frame
from offramp.desk.joint import Crosstab
from offramp.desk.sentences import percent
from offramp.desk.tested import Outcome, outcome
from offramp.language import SOURCE, Catalogue, Tag
from offramp.survey import Survey


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as a report prints it: its base, and the count of each answer by its id."""

    base: int | None
    answers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What the report of a survey prints of its questions; nothing where it has too few responses."""

    survey: Survey
    variables: Mapping[str, Variable]
    questions: Mapping[str, Shown]

    def title(self, tag: Tag) -> str:
        texts = self.survey.catalogues.get(tag) or self.survey.catalogues[SOURCE]
        return texts["title"]

    def asks(self, slug: str, question: Variable) -> Shown | None:
        """Return what this survey has of a question of another one: the one that says that it is the same."""
        for variable in self.variables.values():
            if (
                variable.same_as == f"{slug}:{question.id}"
                or question.same_as == f"{self.survey.slug}:{variable.id}"
            ):
                return self.questions.get(variable.id)
        return None


def counterpart(survey: Survey, questions: Iterable[QuestionCounts], printed: Printed) -> Counterpart:
    """Return what is printed of each question of a survey."""
    found = list(questions)
    shown = {
        each.variable.id: Shown(
            printed[each.base],
            {
                category.id: printed[cell]
                for category, cell in zip(each.variable.categories, each.rows, strict=True)
            },
        )
        for each in found
    }
    return Counterpart(survey, {each.variable.id: each.variable for each in found}, shown)


@dataclass(frozen=True, slots=True)
class SharedRow:
    label: tuple[str, bool]
    figures: tuple[tuple[int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class SharedQuestion:
    """One question in several surveys; of those that do not ask it, or have too few responses, there is no column."""

    question: tuple[str, bool]
    several: bool
    surveys: tuple[str, ...]
    bases: tuple[int | None, ...]
    rows: tuple[SharedRow, ...]
    test: str

    @property
    def names(self) -> tuple[tuple[str, bool], ...]:
        return tuple((name, True) for name in self.surveys)


@dataclass(frozen=True, slots=True)
class SharedView:
    id: str
    title: str
    questions: tuple[SharedQuestion, ...]


def side_by_side(
    crosstabs: Iterable[Crosstab],
    own: Counterpart,
    others: Sequence[Counterpart],
    texts: Catalogue,
    law: Law,
    frame: Frame,
) -> tuple[tuple[SharedView, ...], dict[str, Outcome]]:
    """Return each question that is declared for it in all surveys that ask it, and the tests by their keys."""
    views, tests = [], dict[str, Outcome]()
    for crosstab in (each for each in crosstabs if each.by == "survey"):
        questions = []
        for name in crosstab.questions:
            variable, key = own.variables[name], f"{crosstab.id}/{name}"
            asked = [(other, there) for other in others if (there := other.asks(own.survey.slug, variable))]
            columns = [(own, own.questions[name]), *asked]
            questions.append(_question(variable, columns, texts, key, frame))
            grid = [
                [shown.answers.get(category.id) for category in variable.categories] for _, shown in columns
            ]
            tests[key] = outcome(grid, variable.multiple, law=law)
        views.append(SharedView(crosstab.id, crosstab.title, tuple(questions)))
    return tuple(views), tests


def _question(
    variable: Variable,
    columns: Sequence[tuple[Counterpart, Shown]],
    texts: Catalogue,
    key: str,
    frame: Frame,
) -> SharedQuestion:
    rows = tuple(
        SharedRow(
            wording.label(category, texts, frame),
            tuple(_figure(shown.answers.get(category.id), shown.base) for _, shown in columns),
        )
        for category in variable.categories
    )
    return SharedQuestion(
        wording.question(variable, texts, frame), variable.multiple,
        tuple(each.title(texts.language.tag) for each, _ in columns), tuple(shown.base for _, shown in columns),
        rows, key,
    )  # fmt: skip


def _figure(n: int | None, base: int | None) -> tuple[int | None, int | None]:
    return n, percent(n, base) if n is not None and base else None
