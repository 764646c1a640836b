"""A respondent's pages: consent, questions, receipt, deletion, and the end.

Each endpoint opens what the page carried, takes one step of a `Walk`, saves, and shows what comes next. The
invariant: what a person sees as saved has been committed, and nothing that fails here loses what was saved.
"""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request
from starlette.responses import Response

from offramp.disk import Unwritten
from offramp.errors import Fault, Refusal
from offramp.language import LANGUAGES, Language, Tag
from offramp.sealing import Binding, new_secret, seal
from offramp.store import Deposit, Envelope, Forgotten, Rolled, Tally
from offramp.survey import Marks, Moment, PageId, Survey, Walk, together
from offramp.web.gentle import gentle
from offramp.web.guard import Fields, log_fault, read_form
from offramp.web.house import House

# A new response has a new draw, and may not be in the sample of a question that the lost page asked.
_MOST_DRAWS = 200


def first(fields: Fields, name: str) -> str:
    """Return a field’s first value, or nothing."""
    return fields.get(name, [""])[0]


def known(tags: tuple[Tag, ...]) -> tuple[Language, ...]:
    return tuple(LANGUAGES[tag] for tag in tags)


class Respondent:
    """The endpoints of surveys, over one house."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def consent(self, request: Request) -> Response:
        """GET: what this is, what is kept, and whether to begin."""
        house, tag = self.house, self.house.tag(request)
        survey = self._survey(request)
        if survey is None:
            return house.pages.page("problem.html", tag, 404, what="problem/not_found")
        await house.count("consent_shown", tag, survey.slug)
        return self._consent(tag, survey, self._arm(request.query_params.get("a", "")))

    def _consent(self, tag: Tag, survey: Survey, arm: str) -> Response:
        return self.house.pages.page(
            "consent.html", tag, survey=survey, texts=survey.catalogues[tag], arm=arm,
            study=self.house.settings.study, offered=known(self._languages(survey)),
            switch=f"/{{tag}}/s/{survey.slug}" + (f"?a={arm}" if arm else ""),
            remember=(survey.slug, arm),
        )  # fmt: skip

    def _survey(self, request: Request) -> Survey | None:
        """Return the survey in the address, if there is one in this language; what is posted is taken in any."""
        content, slug = self.house.content, request.path_params["slug"]
        there = content.spoken.get(slug, ())
        shown = bool(there) and (request.method == "POST" or request.path_params["tag"] in there)
        return content.surveys[slug] if shown else None

    def _languages(self, version: Survey) -> tuple[Tag, ...]:
        """Return the languages in which a version is shown: an earlier one may lack what was translated since."""
        content = self.house.content
        there = tuple(tag for tag in content.spoken[version.slug] if tag in version.catalogues)
        return there or tuple(tag for tag in content.offered if tag in version.catalogues)

    def _arm(self, name: str) -> str:
        """Return an arm that exists: nothing else travels in a link."""
        return name if any(arm.id == name for arm in self.house.content.messages.arms) else ""

    async def answer(self, request: Request) -> Response:
        """POST: everything that a form of this survey can ask for."""
        house, tag = self.house, self.house.tag(request)
        survey = self._survey(request)
        if survey is None:
            return house.pages.page("problem.html", tag, 404, what="problem/not_found")
        fields = await read_form(request)
        tag = self._wished(tag, fields)
        if "draft" not in fields:
            return await self._choose(self._spoken(tag, survey), survey, fields)
        try:
            walk, seconds = self._open(survey, first(fields, "draft"))
        except Refusal:
            return self._lost(tag, survey, fields)
        tag = self._spoken(tag, walk.survey)
        try:
            page = walk.page(first(fields, "page")).id
        except Refusal:
            return house.pages.page("lost.html", tag, 400, survey=survey)
        try:
            return await self._act(tag, walk, page, fields, seconds)
        except Forgotten:
            box = gentle(self._heard(walk, page, fields, tag), house.content.directory)
            return house.pages.page("deleted.html", tag, 410, survey=survey, gentle=box)

    def _wished(self, tag: Tag, fields: Fields) -> Tag:
        """Return the language chosen on the page, which counts only with the button beside it."""
        wish = first(fields, "lang") if first(fields, "go") == "stay" else ""
        return Tag(wish) if wish in self.house.pages.offered else tag

    def _spoken(self, tag: Tag, version: Survey) -> Tag:
        """Return the language in which a version is shown to whoever asks for this one."""
        there = self._languages(version)
        return tag if tag in there else there[0]

    async def _choose(self, tag: Tag, survey: Survey, fields: Fields) -> Response:
        house = self.house
        match first(fields, "go"):
            case "agree":
                await house.count("agreed", tag, survey.slug)
                secret = new_secret(house.random_bytes)
                walk = Walk.begin(survey, secret, self._arm(first(fields, "arm")))
                return self._show(tag, walk, walk.first() or survey.pages[0].id)
            case "under18":
                await house.count("under_18", tag, survey.slug)
                return house.pages.page("young.html", tag, directory=house.content.directory)
            case "decline":
                await house.count("declined", tag, survey.slug)
                return house.pages.page("declined.html", tag)
            case _:
                return house.pages.page("lost.html", tag, 400, survey=survey)

    async def _act(self, tag: Tag, walk: Walk, page: PageId, fields: Fields, seconds: int) -> Response:
        go, receipt = first(fields, "go"), first(fields, "receipt").strip()
        if receipt:
            try:
                resumed = await self._resumed(walk.survey.slug, receipt)
            except Refusal:
                heard = self._heard(walk, page, fields, tag)
                return self._show(tag, walk, page, fields, 422, lost=True, receipt_wrong=True, marks=heard)
            if resumed.survey is not walk.survey:
                # The same page asks something else there, so nothing that was just sent may be put in.
                if go != "delete":
                    return self._going_on(tag, resumed)
                page = resumed.survey.pages[0].id
            walk = resumed
        match go:
            case "delete" if walk.adrift and not receipt:
                # It knows nothing of the pages before it, so it must not say that they are deleted.
                return self.house.pages.page("lost.html", tag, 409, survey=walk.survey)
            case "delete":
                box = gentle(self._heard(walk, page, fields, tag), self.house.content.directory)
                return self.house.pages.page(
                    "delete.html", tag, survey=walk.survey, page=page, draft=self._seal(walk), gentle=box
                )
            case "delete-yes":
                return await self._delete(tag, walk.survey.slug, walk.receipt)
            case "show":
                return self._show(tag, walk, page)
        # A page that is locked is never overwritten by a blank one.
        locked = walk.locked(page) and walk.read(page, fields).empty
        if locked or (go in ("back", "stay") and self._untouched(walk, page, tag, fields)):
            there = {"back": walk.before(page) or page, "stay": page}.get(go, walk.after(page))
            return self._show(tag, walk, there) if there else self._finished(tag, walk, page)
        return await self._save(tag, walk, page, fields, seconds, go)

    def _heard(self, walk: Walk, page: PageId, fields: Fields, tag: Tag) -> Marks:
        """Return the marks of words that were just sent and are not saved, or not yet."""
        words = walk.read(page, fields).words.values()
        return together(self.house.content.signals(text, tag) for text in words)

    def _untouched(self, walk: Walk, page: PageId, tag: Tag, fields: Fields) -> bool:
        """Whether nothing stood on the page and nothing was entered; whoever unticks what stood there means it."""
        if walk.disputed(page):
            return False
        view = walk.show(page, tag)
        # An offer has buttons and nothing to untick.
        return walk.read(page, fields).empty and (view.blank or view.part == "offer")

    async def _save(
        self, tag: Tag, walk: Walk, page: PageId, fields: Fields, seconds: int, go: str
    ) -> Response:
        house, survey = self.house, walk.survey
        moment = Moment(house.week(), seconds, tag, house.settings.demonstration)
        step = walk.post(page, fields, moment, house.content.signals)
        binding = Binding(house.settings.service, f"survey/{survey.slug}")
        recipients = house.settings.recipients
        envelopes = [
            Envelope(key, survey.slug, moment.week, seal(body, survey.body_bytes, recipients, binding))
            for key, body in step.bodies
        ]
        of = Rolled(survey.structure, survey.slug, survey.version, moment.week)
        once = tuple(Tally(name, survey.slug, tag, moment.week) for name in step.milestones)
        try:
            await house.writer.keep(Deposit(envelopes, once, of=of))
        except Unwritten as error:
            log_fault(error)
            return self._show(tag, walk, page, fields, 503, unsaved=True, marks=step.marks)
        if step.form.complaints and go != "back":
            return self._show(tag, step.walk, page, fields, 422, complaints=True, marks=step.marks)
        match go:
            case "back":
                return self._show(tag, step.walk, step.walk.before(page) or page, marks=step.marks)
            case "stay":
                return self._show(tag, step.walk, page, marks=step.marks)
            case _ if step.next:
                return self._show(tag, step.walk, step.next, marks=step.marks)
            case _:
                return self._finished(tag, step.walk, page, step.marks)

    def _finished(self, tag: Tag, walk: Walk, page: PageId, marks: Marks = ()) -> Response:
        return self.house.pages.page(
            "finished.html", tag, survey=walk.survey, page=page, directory=self.house.content.directory,
            programme=self.house.content.guides.way(tag),
            remember=(walk.survey.slug, page), fill={"draft": self._seal(walk), "receipt": walk.receipt},
            gentle=gentle(marks, self.house.content.directory),
        )  # fmt: skip

    def _show(
        self, tag: Tag, walk: Walk, page: PageId, posted: Fields | None = None, status: int = 200,
        complaints: bool = False, lost: bool = False, unsaved: bool = False, receipt_wrong: bool = False,
        marks: Marks = (),
    ) -> Response:  # fmt: skip
        form = walk.read(page, posted) if complaints and posted is not None else None
        receipt = walk.receipt if walk.begun else ""
        is_first = walk.before(page) is None
        locked = walk.locked(page) and posted is None
        alike = walk.alike(page) if posted is None else None

        def values() -> dict[str, object]:
            return {
                "slug": walk.survey.slug, "version": walk.survey.version, "first_page": is_first,
                "view": walk.show(page, tag, posted, form), "locked": locked, "lost": lost,
                "offered": known(self._languages(walk.survey)), "unsaved": unsaved, "receipt_wrong": receipt_wrong,
                "typed": first(posted or {}, "receipt"),
            }  # fmt: skip

        return self.house.pages.page(
            "page.html", tag, status, remember=(alike, bool(receipt), is_first) if alike else None,
            fill={"draft": self._seal(walk), "receipt": receipt},
            gentle=gentle(marks, self.house.content.directory), contents=values,
            matrix=any(question.matrix for question in walk.survey.page_of[page].questions),
        )  # fmt: skip

    def _lost(self, tag: Tag, survey: Survey, fields: Fields) -> Response:
        """The draft no longer opens: show what was just sent, so that it can be sent again."""
        house = self.house
        # The names of a form's fields mean something in the version that asked, and in no other.
        asked = first(fields, "version") or str(survey.version)
        version = next((version for version in survey.versions if str(version.version) == asked), None)
        page = version.page(first(fields, "page")) if version else None
        if version is None or page is None or first(fields, "go") in ("delete", "delete-yes", "show"):
            return house.pages.page("lost.html", tag, 409, survey=survey)
        for _ in range(_MOST_DRAWS):
            walk = Walk.from_lost_page(version, new_secret(house.random_bytes), page)
            if walk.asks_what_was_entered(page, fields):
                break
        tag = self._spoken(tag, version)
        heard = self._heard(walk, page.id, fields, tag)
        return self._show(tag, walk, page.id, fields, 409, lost=True, marks=heard)

    async def _resumed(self, slug: str, receipt: str) -> Walk:
        walk = Walk.from_receipt(self.house.content.surveys[slug], receipt)
        return walk.knowing(await self.house.stored(self.house.store.present, walk.everywhere()))

    async def _delete(self, tag: Tag, slug: str, receipt: str) -> Response:
        survey = self.house.content.surveys[slug]
        walk = Walk.from_receipt(survey, receipt)
        try:
            await self.house.stored(self.house.store.forget, walk.everywhere())
        except (Unwritten, Fault) as error:
            log_fault(error)
            return self.house.pages.page("problem.html", tag, 503, what="problem/not_deleted")
        return self.house.pages.page("deleted.html", tag, survey=survey)

    async def receipt(self, request: Request) -> Response:
        """GET: a field for the receipt. POST: go on with it, or delete."""
        house, tag = self.house, self.house.tag(request)
        survey = self._survey(request)
        if survey is None:
            return house.pages.page("problem.html", tag, 404, what="problem/not_found")
        if request.method == "GET":
            return self._receipt(tag, survey, "")
        fields = await read_form(request)
        try:
            if first(fields, "go") == "delete":
                return await self._delete(tag, survey.slug, first(fields, "receipt"))
            walk = await self._resumed(survey.slug, first(fields, "receipt"))
        except Refusal:
            return self._receipt(tag, survey, "receipt/wrong", first(fields, "receipt"), 422)
        except Forgotten:
            return house.pages.page("deleted.html", tag, 410, survey=survey)
        return self._going_on(tag, walk)

    def _going_on(self, tag: Tag, walk: Walk) -> Response:
        """Show the first page that a receipt has not saved yet."""
        following = walk.first()
        if following is None:
            return self._receipt(tag, walk.survey, "receipt/complete", walk.receipt)
        return self._show(self._spoken(tag, walk.survey), walk, following)

    def _receipt(self, tag: Tag, survey: Survey, what: str, typed: str = "", status: int = 200) -> Response:
        switch = f"/{{tag}}/s/{survey.slug}/receipt"
        return self.house.pages.page(
            "receipt.html", tag, status, switch=switch, survey=survey, what=what, typed=typed,
            offered=known(self._languages(survey)),
        )  # fmt: skip

    def _seal(self, walk: Walk) -> str:
        sealed = self.house.drafts.seal(walk.to_bytes(), f"draft/{walk.survey.slug}", self.house.now())
        return base64.urlsafe_b64encode(sealed).decode()

    def _open(self, survey: Survey, draft: str) -> tuple[Walk, int]:
        """Return the walk in a draft, and for how many seconds its page was open. Refusal draft.*"""
        try:
            sealed = base64.b64decode(draft.encode("ascii", "replace"), b"-_", validate=True)
        except (binascii.Error, ValueError):
            sealed = b""
        encoded, made = self.house.drafts.open(sealed, f"draft/{survey.slug}", self.house.now())
        return Walk.from_bytes(survey, encoded), self.house.now() - made
