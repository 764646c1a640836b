"""From a folder (survey.toml, locale/*.po, and the shared platforms) to a sound `Survey`, or all that is wrong.

Reads the folder's files and nothing else. Not here: what a survey is (definition), what a person may do (flow).
The invariant: whatever passes can be asked, sealed and counted; every fault is found in one reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.language import (
    SOURCE,
    Language,
    Look,
    State,
    Tag,
    parse_state,
    read_translation,
    source_catalogue,
)
from offramp.survey import definition
from offramp.survey.body import fullest_page
from offramp.survey.definition import (
    END,
    LEAVE,
    TAKE,
    Kind,
    Option,
    Page,
    PageId,
    Part,
    Question,
    Sample,
    Survey,
)  # fmt: skip
from offramp.survey.likeness import alike_answers, unlike_english
from offramp.survey.platforms import read_platforms
from offramp.survey.questions import LONGEST_TEXT, Platforms, QuestionReader, read_id, report_twice
from offramp.survey.reach import unreachable
from offramp.tables import Table, read_toml

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")


def read_survey(folder: Path, platforms: Path, translated: bool = True, strictly: bool = False) -> Survey:
    """Return the survey in `folder`, in English alone where its translations are not `translated` yet.

    Refusal: every fault of its structure and of all its languages; `strictly` also asks whether the translations are
    like their English.
    """
    place = f"{folder.name}/survey.toml"
    problems: list[Problem] = []
    reader = _Reader(Table(read_toml(folder / "survey.toml"), place, problems), read_platforms(platforms))
    pages = reader.read()
    problems.extend(alike_answers(place, reader.texts, pages))
    broken = bool(problems)
    catalogues = {SOURCE: source_catalogue(reader.texts, reader.state)}
    for tag in reader.languages if translated else ():
        try:
            path = folder / "locale" / f"{tag}.po"
            catalogues[Tag(tag)] = read_translation(
                path, reader.texts, _look(path.name, reader, pages, strictly)
            )
        except Refusal as refusal:
            # What a broken table would have asked for is not known, so neither is which keys are too many.
            problems.extend(p for p in refusal.problems if not (broken and p.code == "language.unknown_key"))
    if broken:
        raise Refusal(problems)
    survey = Survey(reader.slug, reader.version, pages, reader.modules, reader.minutes, reader.random_modules,
                    reader.samples, catalogues)  # fmt: skip
    problems.extend(_whole(survey, place))
    if problems:
        raise Refusal(problems)
    return survey


def _look(file: str, reader: _Reader, pages: tuple[Page, ...], strictly: bool) -> Look:
    """Return what else is asked of a translation of what was read."""
    names = frozenset(name for group in reader.platforms.values() for _, name, _ in group)

    def look(language: Language, texts: Mapping[str, str]) -> Iterator[Problem]:
        if strictly:
            yield from unlike_english(file, language, texts, reader.texts, names)
            yield from alike_answers(file, texts, pages)

    return look


def _whole(survey: Survey, place: str) -> Iterator[Problem]:
    """Yield what only a survey shows whose parts are sound."""
    for page in survey.pages:
        if (size := fullest_page(survey, page)) > definition.BODY_BYTES:
            yield Problem("survey.overfull", f"{place}, page {page.id}",
                f"The page's fullest answers take {size} bytes, more than the {definition.BODY_BYTES} of an envelope.",
                "Please shorten max_length, or move a question to another page.")  # fmt: skip
    for page, question in unreachable(survey.pages):
        where = f"{place}, page {page.id}" + (f", question {question.id}" if question else "")
        yield Problem("survey.unreachable", where,
            "No answers lead to this question." if question else "The page asks nothing, so it is never shown.",
            "Please correct its condition, or remove it." if question else "Please add a question.")  # fmt: skip


class _Reader:
    """One reading of survey.toml: gathers texts and problems while it builds the pages."""

    def __init__(self, root: Table, platforms: Platforms) -> None:
        self.root, self.platforms, self.problems = root, platforms, root.problems
        self.texts: dict[str, str] = {}
        self.seen: dict[str, Question] = {}
        self.longest_text = LONGEST_TEXT
        self.slug = root.text("slug")
        self.version = root.integer("version")
        self.languages = root.texts("languages")
        self.state = State.DRAFT
        try:
            self.state = parse_state(root.text("state"), root.place)
        except Refusal as refusal:
            self.problems.extend(refusal.problems)
        self.texts["title"] = root.text("title")
        self.random_modules = self._module_order(root.text("module_order", "fixed"))
        self.samples = tuple(self._sample(table) for table in root.tables("sample", "sample"))
        consent = root.table("consent")
        self.texts["consent/purpose"], self.texts["consent/topics"] = (
            consent.text("purpose"),
            consent.text("topics"),
        )
        self.minutes = consent.integer("minutes")
        consent.finish()
        if root.knows("door"):
            door = root.table("door")
            self.texts.update((f"door/{part}", door.text(part)) for part in ("title", "text", "link"))
            door.finish()
        self.modules: tuple[str, ...] = ()
        self.number = -1
        self.questions = QuestionReader(self)

    def read(self) -> tuple[Page, ...]:
        if not _SLUG.fullmatch(self.slug):
            self.root.fault("survey.slug", f"“{self.slug}” is no slug.",
                            "Please use lower-case letters, digits and hyphens, 40 at most.")  # fmt: skip
        modules = self.root.tables("module", "module")
        self.modules = tuple(module.text("id") for module in modules)
        tables = self.root.tables("page", "page")
        self.root.finish()
        parts = [self._part(table) for table in tables]
        core = self._pages(tables, parts, Part.CORE, "")
        middle: list[Page] = []
        for module in modules:
            middle.append(self._offer(module))
            own = self._pages(tables, parts, Part.MODULE, module.text("id"))
            if not own:
                module.fault("survey.empty_module", "No page belongs to this module.",
                             "Please add pages with this module’s id, or remove the module.")  # fmt: skip
            middle.extend(own)
            module.finish()
        pages = (*core, *middle, *self._pages(tables, parts, Part.CLOSING, ""))
        for name in {module for _, module in parts} - {"", *self.modules}:
            # Their module is a fault already; what is on them is read for the faults that it has itself.
            self._pages(tables, parts, Part.MODULE, name)
        if not any(_for_everybody(question) for page in core for question in page.questions):
            self.root.fault("survey.no_core", "No core page asks everybody something.",
                            "Please let one have a question without relevant and without sample.")  # fmt: skip
        asked = [question for page in pages for question in page.questions]
        report_twice(self.root, [sample.id for sample in self.samples], "sample")
        report_twice(self.root, [page.id for page in pages], "page")
        report_twice(self.root, [*(question.id for question in asked), *self.questions.matrices], "question")
        return pages

    def _module_order(self, name: str) -> bool:
        if name not in ("fixed", "random"):
            self.root.fault("survey.module_order", f"“{name}” is no order.", "Please write fixed or random.")
        return name == "random"

    def _sample(self, table: Table) -> Sample:
        sample = Sample(read_id(table), table.integer("share"))
        if not 1 <= sample.share <= 99:
            table.fault("survey.share", f"{sample.share} percent is no part of the responses.",
                        "Please write a whole number from 1 to 99.")  # fmt: skip
        table.finish()
        return sample

    def _part(self, table: Table) -> tuple[Part, str]:
        module, part = table.text("module", ""), table.text("part", "")
        if module and part:
            table.fault(
                "survey.part", "A page is either a part or in a module.", "Please remove one of the two."
            )
        if module and module not in self.modules:
            table.fault("survey.unknown_module", f"There is no module “{module}”.",
                        "Please declare it with [[module]], or correct its name.")  # fmt: skip
        if not module and part not in ("core", "closing"):
            table.fault("survey.part", f"“{part}” is no part.", "Please write core, closing, or a module.")
        return (Part.MODULE, module) if module else (Part.CLOSING if part == "closing" else Part.CORE, "")

    def _pages(
        self, tables: list[Table], parts: list[tuple[Part, str]], part: Part, module: str
    ) -> list[Page]:
        """Return the pages of one part, in their order, so that conditions are read in the order of asking."""
        chosen = [table for table, belongs in zip(tables, parts, strict=True) if belongs == (part, module)]
        return [self._page(table, part, module) for table in chosen]

    def _page(self, table: Table, part: Part, module: str) -> Page:
        identity = read_id(table)
        self.texts[f"page/{identity}/title"] = table.text("title")
        if table.has("intro"):
            self.texts[f"page/{identity}/intro"] = table.text("intro")
        tables = table.tables("question", "question")
        read = [made for each in tables for made in self.questions.read(each)]
        table.finish()
        if not read:
            table.fault(
                "survey.empty_page", "The page asks nothing.", "Please add a question, or remove the page."
            )
        self.seen.update((question.id, question) for question in read)
        return Page(PageId(identity), part, tuple(read), module)

    def _offer(self, module: Table) -> Page:
        """Return the page that offers a module; its question is a single choice like any other."""
        identity = read_id(module)
        self.texts[f"module/{identity}/title"] = module.text("title")
        self.texts[f"module/{identity}/invite"] = module.text("invite")
        answers = (TAKE, LEAVE, END) if len(self.modules) > 1 else (TAKE, LEAVE)
        question = Question(
            definition.offer_question(identity),
            Kind.SINGLE,
            self.next_number(),
            tuple(Option(name) for name in answers),
        )
        self.seen[question.id] = question
        return Page(definition.offer_page(identity), Part.OFFER, (question,), identity)

    def next_number(self) -> int:
        self.number += 1
        return self.number


def _for_everybody(question: Question) -> bool:
    return question.kind is not Kind.STATEMENT and question.relevant is None and not question.sample
