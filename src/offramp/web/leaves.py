"""What a participant sees: each page of a programme from values, all of them of one length.

Not here: what a form asks for (participant), how a journal is opened (keeping). The invariant: a page holds nothing
of a journal but what it shows, and the sealed locker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup
from starlette.responses import Response

from offramp.language import LANGUAGES, Tag
from offramp.programme import (
    Entry,
    Place,
    Programme,
    Progress,
    Said,
    Step,
    Worksheet,
    lay_out,
    progress,
    said,
)
from offramp.survey import Fields, PageForm, PageView, show_alone
from offramp.web.guide import Guide
from offramp.web.keeping import Keeping, Opened
from offramp.web.pages import PROGRAMME_BYTES, Words

Held = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Visit:
    """One request to a programme: in which language, and with which journal if one is open. Without slots, so that
    its progress is worked out once."""

    guide: Guide
    tag: Tag
    opened: Opened | None = None

    @property
    def programme(self) -> Programme:
        return self.guide.programme

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.opened.journal.entries if self.opened else ()

    @cached_property
    def progress(self) -> Progress:
        return progress(self.programme, self.entries)


@dataclass(frozen=True, slots=True)
class Link:
    """A step or a sheet as a link or a button shows it."""

    id: str
    title: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A module as an overview shows it."""

    number: int
    count: int
    title: str
    about: str
    minutes: int
    steps: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """One entry as it is shown back; one that is damaged has no lines."""

    id: str
    number: int
    lines: tuple[Said, ...]
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Editing:
    """Which entry a form writes, and in which revision the page showed it."""

    id: str
    revision: int


# What is asked in between, by its name: title, what is said, and the choices with their words.
_ASKED = {
    "remove": (
        "step/remove", ("step/remove_sure",), (("remove-no", "step/remove_no"), ("remove-yes", "step/remove_yes")),
    ),
    "delete": ("wipe/title", ("wipe/text",), (("overview", "wipe/no"), ("delete-yes", "wipe/yes"))),
    "consent": (
        "agree/title", ("agree/text", "agree/sealed", "agree/free"),
        (("consent-yes", "agree/yes"), ("overview", "agree/no")),
    ),
    "withdraw": (
        "agree/title", ("agree/given", "agree/sealed", "agree/free"),
        (("overview", "wipe/no"), ("consent-no", "agree/withdraw")),
    ),
    "damaged": (
        "damaged/title", ("damaged/text", "damaged/none"), (("close", "wipe/no"), ("damaged-delete", "wipe/yes")),
    ),
    "deleted": ("wiped/title", ("wiped/text",), (("close", "step/overview"),)),
}  # fmt: skip


class Leaves:
    """The pages of programmes, over one house."""

    def __init__(self, keeping: Keeping) -> None:
        self.keeping, self.house = keeping, keeping.house

    def front(
        self, visit: Visit, status: int = 200, note: str = "", typed: str = "", held: Held = (), closed: bool = False
    ) -> Response:  # fmt: skip
        return self._page(
            visit, "front.html", status, switch=f"/{{tag}}/p/{visit.guide.slug}", note=note, typed=typed, held=held,
            closed=closed, modules=self._chapters(visit), texts=visit.programme.catalogues[visit.tag],
        )  # fmt: skip

    def step(
        self, visit: Visit, step: Step, status: int = 200, note: str = "", posted: Fields | None = None,
        form: PageForm | None = None, editing: Editing | None = None, fresh: bool = False,
    ) -> Response:  # fmt: skip
        """Show a step: what was written there before, and a form for more where more can be written."""
        entries, lost = self._written(visit, step, editing.id if editing else "")
        view = None
        if step.asks and (editing or fresh or posted is not None or not entries or step.repeat):
            view = self._view(visit, step, editing, posted, form)
            editing = editing or Editing(self.keeping.new_id(), 0)
        return self._page(
            visit, "step.html", status, switch=f"/{{tag}}/p/{visit.guide.slug}/{step.id}", note=note, step=step.id,
            title=visit.guide.title(visit.tag, step), module=self._chapter(visit, step), repeat=step.repeat,
            prose=Markup(visit.programme.prose[visit.tag][step.id].html),  # noqa: S704 - made by us from Markdown
            view=view, editing=editing, entries=(*entries, *lost), following=self._way(visit, step, 1),
            preceding=self._way(visit, step, -1), sheet=step.shows,
            matrix=view is not None and any(field.matrix for field in view.fields),
        )  # fmt: skip

    def keep(
        self, visit: Visit, step: Step, held: Held, form: PageForm, status: int = 200, note: str = "", typed: str = ""
    ) -> Response:  # fmt: skip
        """Ask how to keep what was just written. Nothing of it is kept yet."""
        entry = Written("", 1, self._lines(visit, step, Entry("", step.id, 1, form.answers, form.words, 0)))
        return self._page(
            visit, "keep.html", status, note=note, typed=typed, held=held, step=step.id, entry=entry,
            following=self._way(visit, step, 1),
        )  # fmt: skip

    def code(self, visit: Visit, step: Step | None, code: tuple[str, ...]) -> Response:
        following = self._way(visit, step, 1) if step else None
        return self._page(
            visit, "code.html", code=" ".join(code), worded=code[0].isalpha(), step=step.id if step else "",
            following=following,
        )  # fmt: skip

    def overview(self, visit: Visit, status: int = 200, note: str = "") -> Response:
        journal = visit.opened.journal if visit.opened else None
        chapters = self._chapters(visit)
        go_on = visit.progress.go_on
        coming = next((way for chapter in chapters for way in chapter.steps if way.id == go_on), None)
        sheets = [
            Link(sheet.id, visit.programme.catalogues[visit.tag][sheet.title_key])
            for sheet in visit.programme.worksheets
        ]
        until = self.keeping.until(visit.programme, journal) if journal else ""
        return self._page(
            visit, "overview.html", status, note=note, damaged=bool(journal and journal.damaged),
            modules=chapters, coming=coming, sheets=sheets, until=until,
            sitting=bool(journal and not journal.facts.kept), consented=bool(journal and journal.facts.link),
        )  # fmt: skip

    def sheet(self, visit: Visit, sheet: Worksheet) -> Response:
        laid = lay_out(visit.programme, sheet, visit.entries, visit.tag)
        title = visit.programme.catalogues[visit.tag][sheet.title_key]
        return self._page(visit, "sheet.html", sheet=laid, title=title, kind=sheet.kind.value)

    def ask(
        self, visit: Visit, what: str, step: Step | None = None, held: Held = (), token: str = ""
    ) -> Response:
        """Ask for one choice; `token` is what opens a journal that cannot be read."""
        title, told, choices = _ASKED[what]
        ahead = self._way(visit, step, 1) if step and what == "consent" else None
        # Whoever was on the way says no by going on.
        choices = choices[:1] if ahead else choices
        return self._page(
            visit, "ask.html", title=title, told=told, choices=choices, held=held, carried=token, note="",
            step=step.id if step else "", ahead=ahead,
        )  # fmt: skip

    def editing(self, visit: Visit, entry: str) -> Editing | None:
        """Return an entry that is to be changed, as this page shows it; nothing if it is not there."""
        noted = visit.opened.journal.index.get(entry) if visit.opened else None
        return Editing(noted.id, noted.revision) if noted else None

    # -- pieces ---------------------------------------------------------------------------------------------------

    def _page(self, visit: Visit, template: str, status: int = 200, **values: object) -> Response:
        opened = visit.opened
        switch = str(values.pop("switch", ""))
        return self.house.pages.page(
            f"programme/{template}", visit.tag, status, switch, unit=PROGRAMME_BYTES,
            w=Words(visit.guide.around[visit.tag]), slug=visit.guide.slug,
            offered=tuple(LANGUAGES[tag] for tag in visit.guide.tags), reviewed=visit.guide.reviewed(visit.tag),
            token=self.keeping.token(opened.locker) if opened else "", months=visit.programme.keep_months,
            contents=lambda: values,
        )  # fmt: skip

    def _view(
        self, visit: Visit, step: Step, editing: Editing | None, posted: Fields | None, form: PageForm | None
    ) -> PageView | None:
        page = visit.programme.page(step)
        if page is None:
            return None
        entry = visit.opened.journal.entry(editing.id) if editing and visit.opened else None
        answers, words = (entry.answers, entry.words) if entry else ({}, {})
        return show_alone(visit.programme.survey(step), page, visit.tag, answers, words, posted, form)

    def _lines(self, visit: Visit, step: Step, entry: Entry) -> tuple[Said, ...]:
        page, texts = visit.programme.page(step), visit.programme.survey(step).catalogues[visit.tag]
        found = (said(question, entry, texts) for question in page.questions) if page else ()
        return tuple(line for line in found if line)

    def _written(self, visit: Visit, step: Step, editing: str) -> tuple[list[Written], list[Written]]:
        """Return the entries of a step but the one that is being changed, and those of it that are damaged."""
        if visit.opened is None:
            return [], []
        there = [entry for entry in visit.entries if entry.step == step.id and entry.id != editing]
        there.sort(key=lambda entry: entry.number)
        shown = [Written(e.id, e.number, self._lines(visit, step, e)) for e in there]
        lost = [noted for noted in visit.opened.journal.lost if noted.step == step.id]
        return shown, [Written(noted.id, noted.number, (), damaged=True) for noted in lost]

    def _chapters(self, visit: Visit) -> tuple[Chapter, ...]:
        count = len(visit.programme.modules)
        return tuple(self._make_chapter(visit, number, count) for number in range(1, count + 1))

    def _chapter(self, visit: Visit, step: Step) -> Chapter:
        modules = visit.programme.modules
        number = next(n for n, module in enumerate(modules, 1) if module.id == step.module)
        return self._make_chapter(visit, number, len(modules))

    def _make_chapter(self, visit: Visit, number: int, count: int) -> Chapter:
        module, texts = visit.programme.modules[number - 1], visit.programme.catalogues[visit.tag]
        here = visit.progress
        places = tuple(
            Link(step.id, visit.guide.title(visit.tag, step), here.places[step.id] is Place.DONE)
            for step in here.shown(module.steps)
        )  # fmt: skip
        return Chapter(
            number, count, texts[module.title_key], texts[module.about_key], module.minutes, places
        )

    def _way(self, visit: Visit, step: Step, way: int) -> Link | None:
        """Return the step after this one, or before it, among those that are shown."""
        found = self.neighbour(visit, step, way)
        return Link(found.id, visit.guide.title(visit.tag, found)) if found else None

    def neighbour(self, visit: Visit, step: Step, way: int) -> Step | None:
        steps = [each for each in visit.programme.steps if each is step or visit.progress.shown((each,))]
        place = steps.index(step) + way
        return steps[place] if 0 <= place < len(steps) else None
