"""Joining opened pages into responses: the path is walked again, and what lies off it is kept apart.

For the desk. Pure. The invariant: every question of the survey has exactly one code or set of codes in every
response, and two different reasons for a missing answer never share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from offramp.survey import flow
from offramp.survey.answers import SEALED, WRITTEN, Answer, Chosen, ChosenMany, Missing, Number
from offramp.survey.body import Body, Context
from offramp.survey.definition import LEAVE, Kind, Page, PageId, Part, QuestionId, Survey, offer_question

Codes = tuple[str, ...] | Missing


@dataclass(frozen=True, slots=True)
class Response:
    """One response, joined. `codes` has every question; `off_path` what was answered where the path left it."""

    context: Context
    pages: tuple[PageId, ...]
    codes: Mapping[QuestionId, Codes]
    off_path: Mapping[QuestionId, Codes]
    words: Mapping[QuestionId, str]
    complete: bool


def join(survey: Survey, bodies: Iterable[Body]) -> list[Response]:
    """Return the responses to which these bodies of one survey belong, in order of their ids."""
    by_response: dict[str, list[Body]] = {}
    for body in bodies:
        by_response.setdefault(body.context.response, []).append(body)
    return [_join(survey, by_response[identity]) for identity in sorted(by_response)]


def _join(survey: Survey, bodies: list[Body]) -> Response:
    answers: dict[QuestionId, Answer] = {}
    words: dict[QuestionId, str] = {}
    pages: list[PageId] = []
    for body in bodies:
        words.update(body.words or {})
        if body.answers is not None:
            pages.append(body.page)
            answers.update(body.answers)
    words = {question: text for question, text in words.items() if text}
    lost = _lost(survey, bodies, pages)
    stops = flow.path(survey, {**{q.id: SEALED for page in lost for q in page.questions}, **answers})
    asked = {question.id for stop in stops for question in stop.asked}
    codes: dict[QuestionId, Codes] = {}
    for page in survey.pages:
        why = Missing.NOT_ASKED if page in lost else _why_unanswered(page, pages, stops, answers)
        for question in page.questions:
            if question.kind is Kind.STATEMENT:
                continue
            codes[question.id] = (
                Missing.NOT_ASKED if question.id not in asked and page.id in pages
                else why if question.id not in asked or question.id not in answers
                else _codes(answers[question.id])
            )  # fmt: skip
    off = {q: _codes(answer) for q, answer in answers.items() if q not in asked}
    complete = bool(stops) and all(stop.page.id in pages or stop.page in lost for stop in stops)
    # The last language and arm that the person used; all bodies of a response agree on the rest.
    context = max(bodies, key=lambda body: _place(survey, body.page)).context
    return Response(context, tuple(p.id for p in survey.pages if p.id in pages), codes, off, words, complete)


def _lost(survey: Survey, bodies: list[Body], saved: list[PageId]) -> list[Page]:
    """Return the pages before the first saved one of a response that began in the middle.

    The person answered them in another response, which nothing links to this one: here they were not asked.
    """
    if not all(body.context.continued for body in bodies):
        return []
    first = min((_place(survey, page) for page in saved), default=0)
    return list(survey.pages[:first])


def _why_unanswered(
    page: Page, saved: list[PageId], stops: tuple[flow.Stop, ...], answers: Mapping[QuestionId, Answer]
) -> Missing:
    """Return why a question of this page has no answer: the path left it out, or the person had left."""
    if page.part is Part.MODULE:
        take = answers.get(offer_question(page.module))
        if take == Chosen(LEAVE) or (isinstance(take, Missing)):
            return Missing.NOT_DRAWN
    on_path = [stop.page.id for stop in stops]
    if page.part is not Part.MODULE and page.id not in on_path:
        return Missing.NOT_ASKED
    unsaved = [identity for identity in on_path if identity not in saved]
    if page.id in unsaved:
        return Missing.SEEN_NOT_SENT if page.id == unsaved[0] else Missing.NOT_REACHED
    if page.id in on_path:
        return Missing.NOT_IN_VERSION
    return Missing.NOT_ASKED if _decided(page, answers) else Missing.NOT_REACHED


def _decided(page: Page, answers: Mapping[QuestionId, Answer]) -> bool:
    """Whether the offer of this page's module was answered, so that its absence from the path is routing."""
    return offer_question(page.module) in answers


def _place(survey: Survey, page: PageId) -> int:
    return next((place for place, other in enumerate(survey.pages) if other.id == page), -1)


def _codes(answer: Answer) -> Codes:
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
            assert answer == WRITTEN
            return ("written",)
