"""Which page comes next, and what stands on it: functions of (definition, answers), nothing stored.

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
    TAKE,
    Kind,
    Option,
    Page,
    PageId,
    Part,
    Question,
    QuestionId,
    Survey,
    offer_question,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the path with the questions that are asked on it."""

    page: Page
    asked: tuple[Question, ...]


def path(survey: Survey, answers: Answers) -> tuple[Stop, ...]:
    """Return the pages that these answers lead through, each with what is asked on it."""
    known: dict[QuestionId, Known] = {}
    stops = []
    for page in survey.pages:
        if page.part is Part.MODULE and not _taken(page, known):
            continue
        asked = tuple(question for question in page.questions if _relevant(question, known))
        if any(question.kind is not Kind.STATEMENT for question in asked):
            stops.append(Stop(page, asked))
            known.update((q.id, answers[q.id]) for q in asked if q.id in answers)
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


def stop_at(survey: Survey, answers: Answers, page: PageId) -> Stop | None:
    """Return the stop at `page`, or nothing where the path does not lead there."""
    return next((stop for stop in path(survey, answers) if stop.page.id == page), None)


def after(survey: Survey, answers: Answers, page: PageId) -> Stop | None:
    """Return the stop that follows `page`, whether or not `page` itself is on the path; nothing at the end."""
    place = _place(survey, page)
    return next((stop for stop in path(survey, answers) if _place(survey, stop.page.id) > place), None)


def before(survey: Survey, answers: Answers, page: PageId) -> Stop | None:
    """Return the stop before `page`, or nothing at the start."""
    place = _place(survey, page)
    earlier = [stop for stop in path(survey, answers) if _place(survey, stop.page.id) < place]
    return earlier[-1] if earlier else None


def _place(survey: Survey, page: PageId) -> int:
    return next(place for place, other in enumerate(survey.pages) if other.id == page)


def resume(survey: Survey, answers: Answers, saved: frozenset[PageId]) -> Stop | None:
    """Return the first stop that is not saved; nothing where all are."""
    return next((stop for stop in path(survey, answers) if stop.page.id not in saved), None)


def progress(survey: Survey, answers: Answers, page: PageId) -> tuple[int, int]:
    """Return (number of this page, number of pages as things stand)."""
    pages = [stop.page.id for stop in path(survey, answers)]
    return (pages.index(page) + 1 if page in pages else len(pages)), len(pages)


def ordered_options(question: Question, draw: bytes) -> tuple[Option, ...]:
    """Return the options in the order of this draw; the fixed ones keep their place at the end."""
    if not question.random_order:
        return question.options

    def key(option: Option) -> bytes:
        return hashlib.sha256(draw + f"/{question.id}/{option.id}".encode()).digest()

    moving = sorted((option for option in question.options if not option.fixed), key=key)
    return (*moving, *(option for option in question.options if option.fixed))
