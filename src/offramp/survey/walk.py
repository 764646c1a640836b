"""A respondent's walk through a survey, in a few verbs. State and input in, new state and bodies to seal out.

Pure: clock, randomness, sealing and saving are the caller's. The invariant: what `post` hands back to be saved is
exactly what the person sent, and nothing that was saved before is lost by going back or by sending twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from offramp.errors import refuse
from offramp.language import Tag
from offramp.sealing import PageKey, Secret, draw_of, page_key, response_id
from offramp.survey import flow
from offramp.survey.answers import SEALED, Missing
from offramp.survey.body import Context, answers_body, time_bucket, words_body
from offramp.survey.definition import Page, PageId, Part, Question, QuestionId, Survey, offer_question
from offramp.survey.draft import Draft, decode, encode
from offramp.survey.form import Fields, PageForm, choice_field, read_page, words_field
from offramp.survey.receipt import read_receipt, write_receipt
from offramp.survey.signals import Marks, together, unmarked
from offramp.survey.view import PageView, page_view


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a page was sent, as coarse as it is kept: the ISO week, and how long the page was open."""

    week: str
    seconds: int
    language: Tag
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What comes of posting a page: save `bodies`, count `milestones` if the first body is new, show `next`.

    `marks` are those of all words that were just sent, for the page that answers; nothing keeps them.
    """

    walk: Walk
    bodies: tuple[tuple[PageKey, bytes], ...]
    milestones: tuple[str, ...]
    form: PageForm
    next: PageId | None
    marks: Marks = ()


@dataclass(frozen=True)
class Walk:
    """One response under way. Without slots, so that what follows from it is worked out once and goes with it."""

    survey: Survey
    draft: Draft

    @classmethod
    def begin(cls, survey: Survey, secret: Secret, arm: str = "") -> Self:
        """Start a response, led here by the message `arm`."""
        return cls(survey, Draft(secret, arm))

    @classmethod
    def from_bytes(cls, survey: Survey, encoded: bytes) -> Self:
        """Go on with what a page carried, in the version that it belongs to. Refusal draft.structure."""
        return cls(*decode(survey, encoded))

    @classmethod
    def from_receipt(cls, survey: Survey, receipt: str) -> Self:
        """Go on with what a person kept. Refusal receipt.unreadable. Nothing is known yet of what is saved."""
        return cls(survey, Draft(read_receipt(receipt), continued=True))

    @classmethod
    def from_lost_page(cls, survey: Survey, secret: Secret, page: Page) -> Self:
        """Start afresh at `page`, after a page was lost; what the person answered before it is taken as saved."""
        earlier = flow.presumed(survey, page)
        answers = {question.id: SEALED for before in earlier for question in before.questions}
        saved = frozenset(before.id for before in earlier)
        return cls(survey, Draft(secret, continued=True, saved=saved, answers=answers))

    def asks_what_was_entered(self, page: Page, fields: Fields) -> bool:
        """Whether this draw puts those sampled questions on the page to which something was entered, and no others."""
        asked = {question.id for question in self._stop(page.id).asked}
        return all(
            (question.id in asked) == bool(fields.get(choice_field(question)) or fields.get(words_field(question)))
            for question in page.questions if question.sample
        )  # fmt: skip

    def to_bytes(self) -> bytes:
        return encode(self.survey, self.draft)

    @property
    def begun(self) -> bool:
        """Whether a page of this response is saved, so that there is something that its receipt is for."""
        return any(self.draft.answers.get(q.id) is not SEALED for p in self.draft.saved
                   for q in self.survey.page_of[p].questions)  # fmt: skip

    @property
    def adrift(self) -> bool:
        """Whether this went on from a lost page, and knows of no page that it could delete."""
        return self.draft.continued and not self.begun

    @property
    def receipt(self) -> str:
        return write_receipt(self.draft.secret)

    @cached_property
    def draw(self) -> bytes:
        """Chance that belongs to this response: the order of options follows from it."""
        return draw_of(self.draft.secret, self.survey.slug)

    @cached_property
    def _order(self) -> tuple[Page, ...]:
        return flow.in_order(self.survey, self.draw)

    def _with(self, draft: Draft) -> Walk:
        """Return the walk of this same response with another draft; what comes of its secret goes with it."""
        walk = Walk(self.survey, draft)
        vars(walk).update(
            {name: vars(self)[name] for name in ("draw", "_order", "_places") if name in vars(self)}
        )
        return walk

    def everywhere(self) -> list[PageKey]:
        """Return every key under which something of this response may lie, in whatever version it was asked."""
        return [key for version in self.survey.versions for key in replace(self, survey=version).locations()]

    def locations(self) -> dict[PageKey, tuple[PageId, QuestionId | None]]:
        """Return the keys of this version: of a page, or of the words to a question on it."""
        pages = self.survey.pages
        return {self._key(page.id): (page.id, None) for page in pages} | {
            self._key(page.id, question.id): (page.id, question.id)
            for page in pages for question in page.questions if question.open
        }  # fmt: skip

    def _key(self, page: PageId, words: QuestionId | None = None) -> PageKey:
        place = f"{self.survey.version}/{page}"
        return page_key(self.draft.secret, self.survey.slug, f"{place}/words/{words}" if words else place)

    def knowing(self, present: frozenset[PageKey]) -> Walk:
        """Return the walk knowing which of its keys are in the store, though not what lies there.

        It goes on in the version in which it was begun, or in the newest if nothing of it is there.
        """
        begun = (replace(self, survey=version) for version in self.survey.versions)
        here = next((walk for walk in begun if present & walk.locations().keys()), self)
        return here._knowing(present)

    def _knowing(self, present: frozenset[PageKey]) -> Walk:
        there = [place for key, place in self.locations().items() if key in present]
        pages = {page for page, words in there if words is None}
        taken = {
            self.survey.page_of[page].module
            for page in pages
            if self.survey.page_of[page].part is Part.MODULE
        }
        # An offer is asked again unless its module was begun: whether it was taken decides what follows.
        saved = frozenset(
            page for page in pages
            if self.survey.page_of[page].part is not Part.OFFER or self.survey.page_of[page].module in taken
        )  # fmt: skip
        answers = {question.id: SEALED for page in saved for question in self.survey.page_of[page].questions}
        worded = frozenset(words for _, words in there if words is not None)
        return Walk(self.survey, replace(self.draft, saved=saved, worded=worded, answers=answers))

    @cached_property
    def _path(self) -> tuple[flow.Stop, ...]:
        return flow.path(self.survey, self.draw, self.draft.answers, self._order)

    def first(self) -> PageId | None:
        """Return the first page that is not saved yet; nothing when all are."""
        return next((stop.page.id for stop in self._path if stop.page.id not in self.draft.saved), None)

    def after(self, page: PageId) -> PageId | None:
        """Return the page that follows `page`, whether or not it is on the path itself; nothing at the end."""
        places = self._places
        return next((s.page.id for s in self._path if places[s.page.id] > places[page]), None)

    def before(self, page: PageId) -> PageId | None:
        """Return the page before `page`, if there is one."""
        places = self._places
        earlier = [stop.page.id for stop in self._path if places[stop.page.id] < places[page]]
        return earlier[-1] if earlier else None

    @cached_property
    def _places(self) -> dict[PageId, int]:
        return {page.id: place for place, page in enumerate(self._order)}

    def page(self, identity: str) -> Page:
        """Return a page of this survey by what a form calls it. Refusal walk.unknown_page."""
        page = self.survey.page_of.get(PageId(identity))
        if page is None:
            raise refuse("walk.unknown_page", "page", "This survey has no such page.",
                         "Please go back to the survey’s first page.")  # fmt: skip
        return page

    def show(
        self, page: PageId, tag: Tag, posted: Fields | None = None, form: PageForm | None = None
    ) -> PageView:
        """Return a page to be shown, filled from what was posted or from what is known."""
        complaints = form.complaints if form else None
        pages = [stop.page.id for stop in self._path]
        number = pages.index(page) + 1 if page in pages else len(pages)
        shown = replace(self.draft, worded=self._worded(page))
        view = page_view(self.survey, shown, self.draw, self._stop(page), tag, posted, complaints)
        return replace(view, number=number, count=len(pages))

    def alike(self, page: PageId) -> Hashable:
        """Return what determines how a page looks that shows nothing of the person; nothing where it may show some."""
        asked = flow.ordered_rows(self._stop(page).asked, self.draw)
        if any(q.id in self.draft.answers or q.id in self.draft.worded for q in asked):
            return None
        pages = [stop.page.id for stop in self._path]
        place = pages.index(page) if page in pages else len(pages)
        orders = tuple(flow.ordered_options(q, self.draw) if q.random_order else q.id for q in asked)
        return self.survey.slug, self.survey.version, page, orders, place, len(pages), self.locked(page)

    def _stop(self, page: PageId) -> flow.Stop:
        implied = self._implied(page)
        stops = (
            self._path
            if implied is self.draft
            else flow.path(self.survey, self.draw, implied.answers, self._order)
        )
        found = next((stop for stop in stops if stop.page.id == page), None)
        if found:
            return found
        # A stale tab may send a page that the path has left; it is taken as it was shown, with all its questions.
        whole = self.survey.page_of[page]
        return flow.Stop(whole, whole.questions)

    def read(self, page: PageId, fields: Fields) -> PageForm:
        """Return what the fields of a page say, saving nothing."""
        return read_page(self._asked(page, fields), fields, self._worded(page))

    def _asked(self, page: PageId, fields: Fields) -> tuple[Question, ...]:
        """Return what a page asked that was sent.

        Whoever goes on from a lost page may have answered the pages before it in another response, so nothing here
        says that a question was asked; that it was answered does.
        """
        asked = self._stop(page).asked
        if not self.draft.continued:
            return asked
        return tuple(
            question for question in self.survey.page_of[page].questions
            if question in asked or (question.relevant and not question.sample and _entered(question, fields))
        )  # fmt: skip

    def post(
        self, page: PageId, fields: Fields, moment: Moment, signals: Callable[[str, Tag], Marks] = unmarked
    ) -> Step:
        """Take a posted page: what to save, what to count, and which page comes next."""
        form = self.read(page, fields)
        # A locked page is replaced as a whole, so that nobody is recorded as having said what they no longer see.
        forget = self._open(page) - form.words.keys() if self.locked(page) else form.forget
        worded = (self.draft.worded | form.words.keys()) - forget
        walk = self._with(self._implied(page).with_page(page, form.answers, worded))
        context, time = walk._context(moment), time_bucket(moment.seconds)
        bodies = [(self._key(page), answers_body(context, page, form.answers, time))]
        marks = {question: signals(text, moment.language) for question, text in form.words.items()}
        for question in (*form.words, *sorted(forget)):
            text = {question: form.words.get(question, "")}
            body = words_body(context, page, text, time, marks.get(question, ()))
            bodies.append((self._key(page, question), body))
        milestones = self._milestones(page, walk.after(page) is None)
        return Step(walk, tuple(bodies), milestones, form, walk.after(page), together(marks.values()))

    def _implied(self, page: PageId) -> Draft:
        """Return the draft, knowing that whoever sends a page of a module had taken that module."""
        here = self.survey.page_of[page]
        if here.part is not Part.MODULE or offer_question(here.module) in self.draft.answers:
            return self.draft
        return replace(self.draft, answers={**self.draft.answers, offer_question(here.module): SEALED})

    def _open(self, page: PageId) -> frozenset[QuestionId]:
        return frozenset(question.id for question in self.survey.page_of[page].questions if question.open)

    def _worded(self, page: PageId) -> frozenset[QuestionId]:
        """Return which questions have words as far as this page can know; of a locked page it knows nothing."""
        return self.draft.worded - self._open(page) if self.locked(page) else self.draft.worded

    def disputed(self, page: PageId) -> bool:
        """Whether something on this page did not go together when it was sent last: no box says so any more."""
        return any(
            self.draft.answers.get(q.id) is Missing.INVALID for q in self.survey.page_of[page].questions
        )

    def locked(self, page: PageId) -> bool:
        """Whether this page was saved and its answers are no longer known here, so that they cannot be shown."""
        return any(
            self.draft.answers.get(question.id) is SEALED for question in self.survey.page_of[page].questions
        )

    def _context(self, moment: Moment) -> Context:
        survey, draft = self.survey, self.draft
        return Context(
            response_id(draft.secret, survey.slug), survey.slug, survey.structure, survey.text_hash[moment.language],
            moment.language, moment.week, self.draw.hex(), draft.arm, draft.continued, moment.synthetic,
        )  # fmt: skip

    def _milestones(self, page: PageId, last: bool) -> tuple[str, ...]:
        """Return what the first sending of a page is counted as; a module counts when its first page is sent."""
        here, milestones = self.survey.page_of[page], []
        if here.part is Part.CORE and self.before(page) is None:
            milestones.append("first_page")
        if here.part is Part.MODULE and here == self.survey.module_pages(here.module)[0]:
            milestones.append("module_taken")
        if last:
            milestones.append("finished")
        return tuple(milestones)


def _entered(question: Question, fields: Fields) -> bool:
    names = (choice_field(question), words_field(question))
    return any(value.strip() for name in names for value in fields.get(name, ()))
