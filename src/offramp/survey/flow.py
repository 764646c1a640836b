"""Which page comes next, and what stands on it: functions of (definition, draw, answers), nothing stored.

Pure. Not here: reading a form (form), sealing and saving (web). The invariant: the path depends only on answers
to questions that are themselves on the path, so that a change of mind leaves no page stranded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from offramp.rules import Value, evaluate, questions
from offramp.survey.answers import SEALED, Answers, Chosen, Known, value
from offramp.survey.definition import (
    END,
    TAKE,
    Kind,
    Option,
    Page,
    Part,
    Question,
    QuestionId,
    Sample,
    Survey,
    offer_question,
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the path with the questions that are asked on it."""

    page: Page
    asked: tuple[Question, ...]


def _chance(draw: bytes, what: str) -> bytes:
    return hashlib.sha256(draw + what.encode()).digest()


def in_order(survey: Survey, draw: bytes) -> tuple[Page, ...]:
    """Return all pages in the order of this draw: the core, the modules, the end."""
    modules = list(survey.modules)
    if survey.random_modules:
        modules.sort(key=lambda module: _chance(draw, f"/module/{module}"))
    # One pass over the pages, because every request comes here.
    core, closing, of_module = [], [], {module: [] for module in modules}  # type: ignore[var-annotated]
    for page in survey.pages:
        of_module.get(page.module, core if page.part is Part.CORE else closing).append(page)
    return (*core, *(page for pages in of_module.values() for page in pages), *closing)


def drawn(sample: Sample, draw: bytes) -> bool:
    """Tell whether this draw belongs to a sample."""
    return int.from_bytes(_chance(draw, f"/sample/{sample.id}")[:8], "big") % 100 < sample.share


def path(
    survey: Survey, draw: bytes, answers: Answers, order: tuple[Page, ...] | None = None
) -> tuple[Stop, ...]:
    """Return the pages that these answers lead through, each with what is asked on it.

    `order` is what `in_order` says of this draw, for whoever has asked before.
    """
    known: dict[QuestionId, Known] = {}
    samples = {sample.id for sample in survey.samples if drawn(sample, draw)}
    stops, ended = [], False
    for page in order or in_order(survey, draw):
        if page.part is Part.OFFER and ended:
            continue
        if page.part is Part.MODULE and not _taken(page, known):
            continue
        asked = page.questions
        if page.conditional:
            asked = tuple(q for q in asked if (not q.sample or q.sample in samples) and _relevant(q, known))
        if any(question.kind is not Kind.STATEMENT for question in asked):
            stops.append(Stop(page, asked))
            known.update((q.id, answers[q.id]) for q in asked if q.id in answers)
            ended = ended or (page.part is Part.OFFER and known.get(asked[0].id) == Chosen(END))
    return tuple(stops)


def _taken(page: Page, known: Mapping[QuestionId, Known]) -> bool:
    return known.get(offer_question(page.module)) in (Chosen(TAKE), SEALED)


def _relevant(question: Question, known: Mapping[QuestionId, Known]) -> bool:
    """Whether a question is asked; where an answer was saved but is no longer known here, it is."""
    if question.relevant is None:
        return True

    def lookup(name: str) -> Value:
        return value(known.get(QuestionId(name)))

    result = evaluate(question.relevant, lookup)
    if result is None:
        return any(known.get(QuestionId(name)) is SEALED for name in questions(question.relevant))
    return result


def presumed(survey: Survey, page: Page) -> tuple[Page, ...]:
    """Return the pages that whoever sends `page` must have had before, whatever the draw."""
    before = survey.pages[: survey.pages.index(page)]
    if page.part is Part.CLOSING:
        return before
    return tuple(other for other in before if other.part is Part.CORE or other.module == page.module)


def ordered_rows(asked: tuple[Question, ...], draw: bytes) -> tuple[Question, ...]:
    """Return questions in the order of this draw: the rows of a matrix change places among themselves, if at all."""
    ordered = list(asked)
    for matrix in {question.matrix for question in asked if question.matrix and question.matrix.random_rows}:
        places = [place for place, question in enumerate(asked) if question.matrix == matrix]
        rows = sorted((asked[place] for place in places), key=lambda row: _chance(draw, f"/row/{row.id}"))
        for place, row in zip(places, rows, strict=True):
            ordered[place] = row
    return tuple(ordered)


def ordered_options(question: Question, draw: bytes) -> tuple[Option, ...]:
    """Return the options in the order of this draw; the fixed ones keep their place at the end."""
    if not question.random_order:
        return question.options

    def key(option: Option) -> bytes:
        return _chance(draw, f"/{question.id}/{option.id}")

    moving = sorted((option for option in question.options if not option.fixed), key=key)
    return (*moving, *(option for option in question.options if option.fixed))
