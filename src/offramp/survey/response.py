"""Joining opened pages into responses: the path is walked again, and what lies off it is kept apart.

For the desk. Pure. The invariant: every question of the survey has exactly one code or set of codes in every
response, and two different reasons for a missing answer never share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from offramp.survey import flow
from offramp.survey.answers import SEALED, Answer, Chosen, Codes, Missing, codes_of
from offramp.survey.body import Body, Context
from offramp.survey.definition import END, LEAVE, Kind, Page, PageId, Part, Question, QuestionId, Survey
from offramp.survey.difference import joined
from offramp.survey.signals import Marks


@dataclass(frozen=True, slots=True)
class Response:
    """One response, joined. `pages` are those saved, in the order of its draw; `codes` has every question; `off_path`
    what was answered where the path left it; `times` in which bucket the time of each saved page lies.
    """

    context: Context
    pages: tuple[PageId, ...]
    codes: Mapping[QuestionId, Codes]
    off_path: Mapping[QuestionId, Codes]
    words: Mapping[QuestionId, str]
    complete: bool
    marks: Mapping[QuestionId, Marks] = field(default_factory=dict)
    times: Mapping[PageId, int] = field(default_factory=dict)


def join(survey: Survey, bodies: Iterable[Body]) -> list[Response]:
    """Return the responses to which these bodies of one survey belong, in order of their ids.

    Those of an earlier version are joined by its own definition, and then told in terms of this one: what cannot be
    counted together was not in that version. Bodies of a version that is not here are left out.
    """
    by_response: dict[tuple[str, str], list[Body]] = {}
    for body in bodies:
        by_response.setdefault((body.context.response, body.context.structure), []).append(body)
    versions = {version.structure: (version, _Terms(version, survey)) for version in survey.versions}
    joined_bodies = []
    for (_, structure), own in sorted(by_response.items(), key=lambda item: item[0]):
        if structure in versions:
            version, terms = versions[structure]
            joined_bodies.append(terms.of(_join(version, own)))
    return joined_bodies


class _Terms:
    """How a response of one version reads in terms of another."""

    def __init__(self, version: Survey, survey: Survey) -> None:
        self.same = version is survey
        self.shared = frozenset() if self.same else joined(version, survey)
        self.asked = tuple(
            question.id for question in survey.questions if question.kind is not Kind.STATEMENT
        )

    def of(self, response: Response) -> Response:
        if self.same:
            return response
        codes = {q: response.codes[q] if q in self.shared else Missing.NOT_IN_VERSION for q in self.asked}
        off = {question: codes for question, codes in response.off_path.items() if question in self.shared}
        return replace(response, codes=codes, off_path=off)


def _join(survey: Survey, bodies: list[Body]) -> Response:
    answers: dict[QuestionId, Answer] = {}
    words: dict[QuestionId, str] = {}
    times: dict[PageId, int] = {}
    pages: list[PageId] = []
    for body in bodies:
        words.update(body.words or {})
        if body.answers is not None:
            pages.append(body.page)
            times[body.page] = body.time
            answers.update(body.answers)
    words = {question: text for question, text in words.items() if text}
    marks = {question: body.marks for body in bodies if body.marks for question in body.words or {}}
    draw = bytes.fromhex(bodies[0].context.draw)
    order = flow.in_order(survey, draw)
    lost = _lost(survey, order, bodies, pages)
    known = {**{q.id: SEALED for page in lost for q in page.questions}, **answers}
    stops = flow.path(survey, draw, known, order)
    asked = {question.id for stop in stops for question in stop.asked}
    why_unanswered = _Reasons(stops, pages, _left_out(survey, order, answers))
    codes: dict[QuestionId, Codes] = {}
    for page in survey.pages:
        why = Missing.NOT_ASKED if page in lost else why_unanswered.of(page)
        for question in (question for question in page.questions if question.kind is not Kind.STATEMENT):
            if question.id in asked and question.id in answers:
                codes[question.id] = codes_of(answers[question.id])
            elif not _in_sample(survey, draw, question):
                codes[question.id] = Missing.NOT_DRAWN
            else:
                routed = (
                    question.id not in asked and page.id in pages and page.id not in why_unanswered.left_out
                )
                codes[question.id] = Missing.NOT_ASKED if routed else why
    off = {q: codes_of(answer) for q, answer in answers.items() if q not in asked}
    complete = bool(stops) and all(stop.page.id in pages or stop.page in lost for stop in stops)
    # The last language and arm that the person used; all bodies of a response agree on the rest.
    places = {page.id: place for place, page in enumerate(order)}
    context = max(bodies, key=lambda body: places.get(body.page, -1)).context
    sent = tuple(page for page in places if page in pages)
    return Response(context, sent, codes, off, words, complete, marks, times)


def _in_sample(survey: Survey, draw: bytes, question: Question) -> bool:
    return all(flow.drawn(sample, draw) for sample in survey.samples if sample.id == question.sample)


def _lost(survey: Survey, order: Iterable[Page], bodies: list[Body], saved: list[PageId]) -> tuple[Page, ...]:
    """Return the pages before the first saved one of a response that began in the middle.

    The person answered them in another response, which nothing links to this one: here they were not asked.
    """
    if not saved or not all(body.context.continued for body in bodies):
        return ()
    first = next(page for page in order if page.id in saved)
    return tuple(page for page in flow.presumed(survey, first) if page.id not in saved)


def _left_out(survey: Survey, order: Iterable[Page], answers: Mapping[QuestionId, Answer]) -> set[PageId]:
    """Return the pages of modules that were offered and left, or that nobody wanted to be offered any more."""
    out: set[PageId] = set()
    ended = False
    for page in order:
        if page.part is Part.OFFER:
            if ended:
                out.add(page.id)
            take = answers.get(page.questions[0].id)
            ended = ended or take == Chosen(END)
            if ended or take == Chosen(LEAVE) or isinstance(take, Missing):
                out.update(own.id for own in survey.module_pages(page.module))
    return out


class _Reasons:
    """Why a question of a page has no answer: the path left it out, or the person had left."""

    def __init__(self, stops: tuple[flow.Stop, ...], saved: list[PageId], left_out: set[PageId]) -> None:
        on_path = [stop.page.id for stop in stops]
        self.left_out, self._saved, self._on_path = left_out, frozenset(saved), frozenset(on_path)
        self._next = next((page for page in on_path if page not in self._saved), None)
        self._taken = {stop.page.module for stop in stops if stop.page.part is Part.MODULE}

    def of(self, page: Page) -> Missing:
        if page.id in self.left_out:
            return Missing.NOT_DRAWN
        if page.id in self._on_path:
            if page.id in self._saved:
                return Missing.NOT_SHOWN
            return Missing.SEEN_NOT_SENT if page.id == self._next else Missing.NOT_REACHED
        if page.part is not Part.MODULE:
            return Missing.NOT_ASKED
        return Missing.NOT_ASKED if page.module in self._taken else Missing.NOT_REACHED
