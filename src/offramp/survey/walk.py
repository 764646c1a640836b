"""A respondent's walk through a survey, in a few verbs. State and input in, new state and bodies to seal out.

Pure: clock, randomness, sealing and saving are the caller's. The invariant: what `post` hands back to be saved is
exactly what the person sent, and nothing that was saved before is lost by going back or by sending twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from offramp.errors import refuse
from offramp.language import Tag
from offramp.sealing import PageKey, Secret, page_key, response_id
from offramp.survey import flow
from offramp.survey.answers import SEALED, Chosen, Known
from offramp.survey.body import Context, answers_body, time_bucket, words_body
from offramp.survey.definition import TAKE, Page, PageId, Part, QuestionId, Survey
from offramp.survey.draft import Draft, decode, draft_bytes, encode
from offramp.survey.form import Fields, PageForm, read_page
from offramp.survey.receipt import read_receipt, write_receipt
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
    """What comes of posting a page: save `bodies`, count `milestones` if the first body is new, show `next`."""

    walk: Walk
    bodies: tuple[tuple[PageKey, bytes], ...]
    milestones: tuple[str, ...]
    form: PageForm
    next: PageId | None


@dataclass(frozen=True, slots=True)
class Walk:
    """One response under way."""

    survey: Survey
    draft: Draft

    @classmethod
    def begin(
        cls, survey: Survey, secret: Secret, draw: bytes, arm: str = "", continued: bool = False
    ) -> Self:
        """Start a response; `continued` marks one that goes on after another page was lost."""
        return cls(survey, Draft(secret, draw, arm, continued))

    @classmethod
    def from_bytes(cls, survey: Survey, encoded: bytes) -> Self:
        """Go on with what a page carried. Refusal draft.structure."""
        return cls(survey, decode(survey, encoded))

    @classmethod
    def from_receipt(cls, survey: Survey, receipt: str, draw: bytes) -> Self:
        """Go on with what a person kept. Refusal receipt.unreadable. Nothing is known yet of what is saved."""
        return cls(survey, Draft(read_receipt(receipt), draw, continued=True))

    @classmethod
    def from_lost_page(cls, survey: Survey, secret: Secret, draw: bytes, page: Page) -> Self:
        """Start afresh at `page`, after a page was lost; what the person answered before it is taken as saved."""
        earlier = survey.pages[: survey.pages.index(page)]
        answers = {question.id: SEALED for before in earlier for question in before.questions}
        saved = frozenset(before.id for before in earlier)
        return cls(survey, Draft(secret, draw, continued=True, saved=saved, answers=answers))

    @staticmethod
    def encoded_bytes(survey: Survey) -> int:
        return draft_bytes(survey)

    def to_bytes(self) -> bytes:
        return encode(self.survey, self.draft)

    @property
    def begun(self) -> bool:
        """Whether a page of this response is saved, so that there is something that its receipt is for."""
        return any(self.draft.answers.get(q.id) is not SEALED for p in self.draft.saved
                   for q in self.survey.page_of[p].questions)  # fmt: skip

    @property
    def receipt(self) -> str:
        return write_receipt(self.draft.secret)

    def locations(self) -> dict[PageKey, tuple[PageId, bool]]:
        """Return every key under which something of this response may lie: its page, and whether it is words."""
        pages = self.survey.pages
        return {self._key(page.id): (page.id, False) for page in pages} | {
            self._key(page.id, words=True): (page.id, True) for page in pages if page.open
        }

    def _key(self, page: PageId, words: bool = False) -> PageKey:
        return page_key(self.draft.secret, self.survey.slug, f"{page}/words" if words else page)

    def knowing(self, present: frozenset[PageKey]) -> Walk:
        """Return the walk knowing which of its keys are in the store, though not what lies there."""
        pages: set[PageId] = set()
        worded: set[QuestionId] = set()
        answers: dict[QuestionId, Known] = {}
        for key, (identity, words) in self.locations().items():
            page = self.survey.page_of[identity]
            # An offer is asked again: whether the module was taken decides what follows.
            if key not in present or page.part is Part.OFFER:
                continue
            if words:
                worded.update(question.id for question in page.questions if question.open)
            else:
                pages.add(identity)
                answers.update((question.id, SEALED) for question in page.questions)
        known = replace(self.draft, saved=frozenset(pages), worded=frozenset(worded), answers=answers)
        return Walk(self.survey, known)

    def first(self) -> PageId | None:
        """Return the first page that is not saved yet; nothing when all are."""
        stop = flow.resume(self.survey, self.draft.answers, self.draft.saved)
        return stop.page.id if stop else None

    def before(self, page: PageId) -> PageId | None:
        """Return the page before `page`, if there is one."""
        stop = flow.before(self.survey, self.draft.answers, page)
        return stop.page.id if stop else None

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
        return page_view(self.survey, self.draft, self._stop(page), tag, posted, complaints)

    def _stop(self, page: PageId) -> flow.Stop:
        found = flow.stop_at(self.survey, self.draft.answers, page)
        if found:
            return found
        # A stale tab may send a page that the path has left; it is taken as it was shown, with all its questions.
        whole = self.survey.page_of[page]
        return flow.Stop(whole, whole.questions)

    def read(self, page: PageId, fields: Fields) -> PageForm:
        """Return what the fields of a page say, saving nothing."""
        return read_page(self._stop(page).asked, fields, self.draft.worded)

    def post(self, page: PageId, fields: Fields, moment: Moment) -> Step:
        """Take a posted page: what to save, what to count, and which page comes next."""
        form = self.read(page, fields)
        worded = (self.draft.worded | form.words.keys()) - form.forget
        walk = Walk(self.survey, self.draft.with_page(page, form.answers, worded))
        context = walk._context(moment)
        time = time_bucket(moment.seconds)
        bodies = [(self._key(page), answers_body(context, page, form.answers, time))]
        if form.words or form.forget:
            bodies.append((self._key(page, words=True), words_body(context, page, form.words, time)))
        following = flow.after(self.survey, walk.draft.answers, page)
        return Step(walk, tuple(bodies), self._milestones(page, form, following is None), form,
                    following.page.id if following else None)  # fmt: skip

    def _context(self, moment: Moment) -> Context:
        survey, draft = self.survey, self.draft
        return Context(
            response_id(draft.secret, survey.slug), survey.slug, survey.structure, survey.text_hash[moment.language],
            moment.language, moment.week, draft.draw.hex(), draft.arm, draft.continued, moment.synthetic,
        )  # fmt: skip

    def _milestones(self, page: PageId, form: PageForm, last: bool) -> tuple[str, ...]:
        part, milestones = self.survey.page_of[page].part, []
        if page == self.survey.pages[0].id:
            milestones.append("first_page")
        if part is Part.OFFER and Chosen(TAKE) in form.answers.values():
            milestones.append("module_taken")
        if last:
            milestones.append("finished")
        return tuple(milestones)
