"""A participant's pages: the front of a programme, its steps, what is kept of them, sheets, consent, and deletion.

Each endpoint opens the journal that the page carried, does one thing to it, and shows what comes next. The
invariant: nothing is kept before the person has chosen how, and what is shown as saved has been committed.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from offramp.disk import Unwritten
from offramp.errors import Fault, Refusal
from offramp.programme import Facts, Journal, Sent, Step, StepKind
from offramp.sealing import Locker
from offramp.store import Forgotten
from offramp.survey import PageForm, entered, read_alone, says_nothing
from offramp.web.checkins import CheckIns
from offramp.web.guard import Fields, log_fault, read_form
from offramp.web.house import House
from offramp.web.keeping import Keeping
from offramp.web.leaves import Editing, Held, Leaves, Visit
from offramp.web.respond import first
from offramp.web.stretching import Busy

# What did not open, and how it is said.
_NOTES = {"journal.unknown": ("code/unknown", 404), "draft.closed": ("code/expired", 409)}
_WRONG = ("code/wrong", 422)


class Participant:
    """The endpoints of programmes, over one house."""

    def __init__(self, house: House) -> None:
        self.house, self.keeping = house, Keeping(house)
        self.leaves, self.check_ins = Leaves(self.keeping), CheckIns(house)

    async def front(self, request: Request) -> Response:
        """GET: what the programme is, and the ways to work with it."""
        visit = self._visit(request)
        if visit is None:
            return self._nowhere(request)
        await self.house.count("programme_shown", visit.tag, visit.guide.slug)
        return self.leaves.front(visit)

    async def step(self, request: Request) -> Response:
        """GET: a step to be read, or printed and worked on with a pen."""
        visit = self._visit(request)
        step = visit.programme.step(request.path_params["step"]) if visit else None
        if visit is None or step is None:
            return self._nowhere(request)
        if step is visit.programme.steps[0]:
            await self.house.count("programme_begun", visit.tag, visit.guide.slug)
        return self.leaves.step(visit, step)

    async def work(self, request: Request) -> Response:
        """POST: everything that a form of a programme can ask for."""
        visit = self._visit(request)
        if visit is None:
            return self._nowhere(request)
        fields = await read_form(request)
        if not first(fields, "journal"):
            return await self._outside(visit, fields)
        try:
            locker = self.keeping.carried(first(fields, "journal"))
            visit = replace(visit, opened=await self.keeping.opened(locker))
        except (Refusal, Forgotten) as error:
            return await self._not_opened(visit, fields, error)
        return await self._inside(visit, fields)

    def _visit(self, request: Request) -> Visit | None:
        tag = self.house.tag(request)
        guide = self.house.content.guides.of.get(request.path_params["slug"])
        return Visit(guide, tag) if guide and tag in guide.tags else None

    def _nowhere(self, request: Request) -> Response:
        return self.house.pages.page("problem.html", self.house.tag(request), 404, what="problem/not_found")

    async def _not_opened(self, visit: Visit, fields: Fields, error: Exception) -> Response:
        """What a page carried opens no more: what was just written is carried on until a code is typed."""
        if _damaged(error):
            if first(fields, "go") == "damaged-delete":
                return await self._delete(visit, self.keeping.carried(first(fields, "journal")))
            return self.leaves.ask(visit, "damaged", token=first(fields, "journal"))
        step = visit.programme.step(first(fields, "step"))
        note, status = _note(error)
        if first(fields, "go") in ("save", "again") and step and step.asks:
            form, held = self._read(visit, step, fields), self._held(visit, step, fields)
            return self.leaves.keep(visit, step, held, form, status, note)
        return self.leaves.front(visit, status, note)

    # -- without a journal ----------------------------------------------------------------------------------------

    async def _outside(self, visit: Visit, fields: Fields) -> Response:
        step = visit.programme.step(first(fields, "step"))
        match first(fields, "go"):
            case "open":
                return await self._open(visit, first(fields, "code"))
            case "save" | "again" if step and step.asks:
                return self._ask_how(visit, step, fields)
            case "keep-code" | "keep-sitting" | "keep-existing" as how if step and step.asks:
                return await self._keep(visit, step, fields, how)
            case "close":
                return self.leaves.front(visit, closed=True)
        return self.leaves.step(visit, step) if step else self.leaves.front(visit)

    def _ask_how(self, visit: Visit, step: Step, fields: Fields) -> Response:
        form = self._read(visit, step, fields)
        if form.complaints:
            return self.leaves.step(visit, step, 422, posted=fields, form=form, editing=_editing(fields))
        if says_nothing(form):
            return self.leaves.step(visit, self.leaves.neighbour(visit, step, 1) or step)
        return self.leaves.keep(visit, step, self._held(visit, step, fields), form)

    def _read(self, visit: Visit, step: Step, fields: Fields) -> PageForm:
        page = visit.programme.page(step)
        if page is None:
            raise Fault("this step asks nothing")
        return read_alone(page, fields)

    def _held(self, visit: Visit, step: Step, fields: Fields) -> Held:
        page = visit.programme.page(step)
        mark = _editing(fields)
        carried = (("entry", mark.id), ("revision", str(mark.revision))) if mark else ()
        return (*carried, *(entered(page, fields) if page else ()))

    async def _open(self, visit: Visit, typed: str) -> Response:
        try:
            opened = await self.keeping.by_code(typed)
        except (Refusal, Forgotten, Busy) as error:
            if _damaged(error):
                return self.leaves.ask(
                    visit, "damaged", token=self.keeping.token(await self.keeping.locker(typed))
                )
            note, status = _note(error)
            return self.leaves.front(visit, status, note, typed)
        return self.leaves.overview(replace(visit, opened=opened))

    async def _keep(self, visit: Visit, step: Step, fields: Fields, how: str) -> Response:
        """Begin a journal with what was just written, or open one for it, as the person has chosen."""
        code: tuple[str, ...] = ()
        new: Facts | None = None
        try:
            if how == "keep-existing":
                locker = (await self.keeping.by_code(first(fields, "code"))).locker
            elif how == "keep-code":
                code, locker = await self.keeping.new_code(visit.tag)
                new = Facts(visit.tag, kept=True)
            else:
                locker, new = self.keeping.sitting(), Facts(visit.tag, kept=False)
            visit = await self._write(visit, step, fields, locker, new)
        except (Refusal, Forgotten, Busy, Unwritten) as error:
            note, status = _note(error)
            form, held = self._read(visit, step, fields), self._held(visit, step, fields)
            return self.leaves.keep(visit, step, held, form, status, note, first(fields, "code"))
        if code:
            # It is shown once it opens something, and not before.
            await self.house.count("journal_kept", visit.tag, visit.guide.slug)
            return self.leaves.code(visit, step, code)
        return await self._after(visit, step, "save")

    async def _write(
        self, visit: Visit, step: Step, fields: Fields, locker: Locker, new: Facts | None = None
    ) -> Visit:
        """Put what was entered on a page into a journal, and send a check-in where that was agreed to."""
        form, mark = self._read(visit, step, fields), _editing(fields) or Editing(self.keeping.new_id(), 0)
        sent = Sent(mark.id, mark.revision, step.id, form.answers, form.words)

        def record(journal: Journal) -> Journal:
            return journal.record(sent)

        kept = new.kept if new else _kept(visit)
        opened = await self.keeping.change(visit.programme, locker, record, kept, new)
        first_time = sum(entry.step == step.id for entry in opened.journal.entries) == 1 and not mark.revision
        if first_time:
            await self.house.count("step_done", visit.tag, f"{visit.guide.slug}/{step.module}")
        visit = replace(visit, opened=opened)
        if step.kind is StepKind.CHECK_IN and opened.journal.facts.link:
            with contextlib.suppress(Forgotten):
                await self.check_ins.send(visit, opened.journal.facts.link, (step,))
        return visit

    # -- with a journal -------------------------------------------------------------------------------------------

    async def _inside(self, visit: Visit, fields: Fields) -> Response:
        if sheet := visit.programme.worksheet(first(fields, "sheet")):
            return self.leaves.sheet(visit, sheet)
        if to := visit.programme.step(first(fields, "to")):
            return self.leaves.step(visit, to)
        step = visit.programme.step(first(fields, "step"))
        match first(fields, "go"):
            case "save" | "again" as go if step and step.asks:
                return await self._save(visit, step, fields, go)
            case "edit" if step and step.asks:
                return self.leaves.step(
                    visit, step, editing=self.leaves.editing(visit, first(fields, "entry"))
                )
            case "remove" if step:
                return self.leaves.ask(visit, "remove", step, (("entry", first(fields, "entry")),))
            case "remove-yes" if step:
                return await self._remove(visit, step, first(fields, "entry"))
            case "remove-no" if step:
                return self.leaves.step(visit, step)
            case "close":
                return self.leaves.front(replace(visit, opened=None), closed=True)
            case go:
                return await self._whole(visit, go)

    async def _save(self, visit: Visit, step: Step, fields: Fields, go: str) -> Response:
        form = self._read(visit, step, fields)
        if form.complaints:
            return self.leaves.step(visit, step, 422, posted=fields, form=form, editing=_editing(fields))
        mark = _editing(fields)
        if says_nothing(form) and not (mark and mark.revision):
            return await self._after(visit, step, go)
        assert visit.opened is not None
        try:
            visit = await self._write(visit, step, fields, visit.opened.locker)
        except (Refusal, Unwritten) as error:
            if isinstance(error, Unwritten):
                log_fault(error)
            note, status = _note(error)
            return self.leaves.step(visit, step, status, note, fields, editing=mark)
        if _beside(visit, mark, form):
            return self.leaves.step(visit, step, note="step/both")
        return await self._after(visit, step, go)

    async def _after(self, visit: Visit, step: Step, go: str) -> Response:
        """Show what comes after a step was saved: another entry, the question whether to send, or the next step."""
        if go == "again":
            return self.leaves.step(visit, step, note="step/saved", fresh=True)
        facts = visit.opened.journal.facts if visit.opened else None
        if step.kind is StepKind.CHECK_IN and facts and not facts.link and self._first_check_in(visit):
            return self.leaves.ask(visit, "consent", step)
        following = self.leaves.neighbour(visit, step, 1)
        if following is None:
            return self.leaves.overview(visit, note="step/saved")
        return self.leaves.step(visit, following)

    def _first_check_in(self, visit: Visit) -> bool:
        return sum(visit.programme.step_of[entry.step].kind is StepKind.CHECK_IN for entry in visit.entries
                   if entry.step in visit.programme.step_of) == 1  # fmt: skip

    async def _remove(self, visit: Visit, step: Step, entry: str) -> Response:
        assert visit.opened is not None
        link = visit.opened.journal.facts.link

        def remove(journal: Journal) -> Journal:
            return journal.remove(entry)

        try:
            opened = await self.keeping.change(visit.programme, visit.opened.locker, remove, _kept(visit))
            if step.kind is StepKind.CHECK_IN and link:
                await self.check_ins.forget(visit.programme, link, step)
        except (Refusal, Unwritten, Fault) as error:
            return self.leaves.step(visit, step, 503, _note(error)[0])
        return self.leaves.step(replace(visit, opened=opened), step, note="step/removed")

    async def _whole(self, visit: Visit, go: str) -> Response:
        """Do what concerns the journal as a whole."""
        assert visit.opened is not None
        match go:
            case "get-code":
                return await self._get_code(visit)
            case "consent":
                return self.leaves.ask(visit, "withdraw" if visit.opened.journal.facts.link else "consent")
            case "consent-yes":
                return await self._agree(visit)
            case "consent-no":
                return await self._withdraw(visit)
            case "delete":
                return self.leaves.ask(visit, "delete")
            case "delete-yes":
                return await self._delete(visit, visit.opened.locker)
        return self.leaves.overview(visit)

    async def _get_code(self, visit: Visit) -> Response:
        """Put what was written in a sitting under a code."""
        assert visit.opened is not None
        try:
            code, locker = await self.keeping.new_code(visit.tag)
            opened = await self.keeping.move(visit.programme, visit.opened, locker)
        except (Refusal, Forgotten, Busy, Unwritten) as error:
            note, status = _note(error)
            return self.leaves.overview(visit, status, note)
        await self.house.count("journal_kept", visit.tag, visit.guide.slug)
        return self.leaves.code(replace(visit, opened=opened), None, code)

    async def _agree(self, visit: Visit) -> Response:
        """Send the check-ins that are there, and from now on each new one."""
        assert visit.opened is not None
        link = self.check_ins.new_link()

        def agree(journal: Journal) -> Journal:
            return journal.telling(replace(journal.facts, link=journal.facts.link or link))

        try:
            opened = await self.keeping.change(visit.programme, visit.opened.locker, agree, _kept(visit))
            visit = replace(visit, opened=opened)
            if known := opened.journal.facts.link:
                steps = [step for step in visit.programme.steps if step.kind is StepKind.CHECK_IN]
                await self.check_ins.send(visit, known, steps)
        except (Refusal, Unwritten) as error:
            note, status = _note(error)
            return self.leaves.overview(visit, status, note)
        return self.leaves.overview(visit, note="agree/given")

    async def _withdraw(self, visit: Visit) -> Response:
        """Take the consent back: what was sent is deleted and buried first, then the link is forgotten."""
        assert visit.opened is not None
        link = visit.opened.journal.facts.link
        if link is None:
            return self.leaves.overview(visit, note="agree/not_given")

        def withdraw(journal: Journal) -> Journal:
            return journal.telling(replace(journal.facts, link=None))

        try:
            await self.check_ins.forget(visit.programme, link)
            opened = await self.keeping.change(visit.programme, visit.opened.locker, withdraw, _kept(visit))
        except (Refusal, Unwritten, Fault) as error:
            if not isinstance(error, Refusal):
                log_fault(error)
            return self.leaves.overview(visit, 503, "wiped/not")
        return self.leaves.overview(replace(visit, opened=opened), note="agree/withdrawn")

    async def _delete(self, visit: Visit, locker: Locker) -> Response:
        link = visit.opened.journal.facts.link if visit.opened else None
        try:
            if link:
                await self.check_ins.forget(visit.programme, link)
            await self.keeping.delete(locker)
        except (Unwritten, Fault) as error:
            log_fault(error)
            return self.leaves.front(replace(visit, opened=None), 503, "wiped/not")
        return self.leaves.ask(replace(visit, opened=None), "deleted")


def _beside(visit: Visit, mark: Editing | None, form: PageForm) -> bool:
    """Tell whether what was sent lies beside what another tab has made of the same entry."""
    entry = visit.opened.journal.entry(mark.id) if visit.opened and mark else None
    return entry is not None and (entry.answers, entry.words) != (form.answers, form.words)


def _kept(visit: Visit) -> bool:
    """Tell whether a journal lies under a code, and not for one sitting alone."""
    return visit.opened is None or visit.opened.journal.facts.kept


def _editing(fields: Fields) -> Editing | None:
    """Return which entry a page says that it writes."""
    identity, revision = first(fields, "entry"), first(fields, "revision")
    if not identity.isalnum() or len(identity) > 32 or not revision.isdecimal() or len(revision) > 6:
        return None
    return Editing(identity, int(revision))


def _damaged(error: Exception) -> bool:
    return isinstance(error, Refusal) and "journal.damaged" in error.codes


def _note(error: Exception) -> tuple[str, int]:
    """Return what is said of a failure, and its status."""
    match error:
        case Busy():
            return "code/busy", 503
        case Unwritten() | Fault():
            return "step/unsaved", 503
        case Refusal():
            known = (_NOTES[code] for code in error.codes if code in _NOTES)
            return next(known, _WRONG)
    return _NOTES["journal.unknown"]
