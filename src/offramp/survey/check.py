"""From a folder (survey.toml, locale/*.po, and the shared platforms) to a sound `Survey`, or all that is wrong.

Reads the folder's files and nothing else. Not here: what a survey is (definition), what a person may do (flow).
The invariant: whatever passes can be asked, sealed and counted; every fault is found in one reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.language import SOURCE, Catalogue, State, Tag, parse_state, read_translation, source_catalogue
from offramp.rules import Condition, literals, parse, questions
from offramp.survey import definition
from offramp.survey.answers import Missing
from offramp.survey.body import fullest_page
from offramp.survey.definition import (
    END,
    LEAVE,
    MOST_OPTIONS,
    OTHER,
    TAKE,
    Kind,
    Option,
    Page,
    PageId,
    Part,
    Question,
    QuestionId,
    Sample,
    Survey,
)  # fmt: skip
from offramp.survey.platforms import read_platforms
from offramp.survey.reach import unreachable
from offramp.tables import Table, read_toml

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
LONGEST_TEXT = 600
# Where answers are counted, a code of an option stands beside these, and a question beside what else is counted.
_MISSING = frozenset(code.value for code in Missing)
_COUNTED = frozenset(("responses", "language", "week"))


def read_survey(folder: Path, platforms: Path, translated: bool = True) -> Survey:
    """Return the survey in `folder`, in English alone where its translations are not `translated` yet.

    Refusal: every fault of its structure and of all its languages.
    """
    place = f"{folder.name}/survey.toml"
    problems: list[Problem] = []
    reader = _Reader(Table(read_toml(folder / "survey.toml"), place, problems), read_platforms(platforms))
    pages = reader.read()
    # A fault of structure would show again in every language, so the languages wait until there is none.
    if problems:
        raise Refusal(problems)
    catalogues = _catalogues(folder, reader, problems, reader.languages if translated else ())
    survey = Survey(reader.slug, reader.version, pages, reader.modules, reader.minutes, reader.random_modules,
                    reader.samples, catalogues)  # fmt: skip
    for page in pages:
        if (size := fullest_page(survey, page)) > definition.BODY_BYTES:
            problems.append(Problem("survey.overfull", f"{place}, page {page.id}",
                f"The page's fullest answers take {size} bytes, more than the {definition.BODY_BYTES} of an envelope.",
                "Please shorten max_length, or move a question to another page."))  # fmt: skip
    for page, question in unreachable(pages):
        where = f"{place}, page {page.id}" + (f", question {question.id}" if question else "")
        problems.append(Problem("survey.unreachable", where,
            "No answers lead to this question." if question else "The page asks nothing, so it is never shown.",
            "Please correct its condition, or remove it." if question else "Please add a question."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return survey


def _catalogues(
    folder: Path, reader: _Reader, problems: list[Problem], languages: tuple[str, ...]
) -> dict[Tag, Catalogue]:
    catalogues = {SOURCE: source_catalogue(reader.texts, reader.state)}
    for tag in languages:
        try:
            catalogues[Tag(tag)] = read_translation(folder / "locale" / f"{tag}.po", reader.texts)
        except Refusal as refusal:
            problems.extend(refusal.problems)
    return catalogues


class _Reader:
    """One reading of survey.toml: gathers texts and problems while it builds the pages."""

    def __init__(self, root: Table, platforms: Mapping[str, tuple[tuple[str, str, bool], ...]]) -> None:
        self.root, self.platforms, self.problems = root, platforms, root.problems
        self.texts: dict[str, str] = {}
        self.seen: dict[str, Question] = {}
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
        self.modules: tuple[str, ...] = ()

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
        self._unique([sample.id for sample in self.samples], "sample")
        self._unique([page.id for page in pages], "page")
        self._unique([question.id for page in pages for question in page.questions], "question")
        return pages

    def _module_order(self, name: str) -> bool:
        if name not in ("fixed", "random"):
            self.root.fault("survey.module_order", f"“{name}” is no order.", "Please write fixed or random.")
        return name == "random"

    def _sample(self, table: Table) -> Sample:
        sample = Sample(self._id(table), table.integer("share"))
        if not 1 <= sample.share <= 99:
            table.fault("survey.share", f"{sample.share} percent is no part of the responses.",
                        "Please write a whole number from 1 to 99.")  # fmt: skip
        table.finish()
        return sample

    def _sampled(self, table: Table) -> str:
        name = table.text("sample", "")
        if name and all(sample.id != name for sample in self.samples):
            table.fault("survey.unknown_sample", f"There is no sample “{name}”.",
                        "Please declare it with [[sample]], or correct its name.")  # fmt: skip
        return name

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
        identity = self._id(table)
        self.texts[f"page/{identity}/title"] = table.text("title")
        if table.has("intro"):
            self.texts[f"page/{identity}/intro"] = table.text("intro")
        read = [self._question(question) for question in table.tables("question", "question")]
        table.finish()
        if not read:
            table.fault(
                "survey.empty_page", "The page asks nothing.", "Please add a question, or remove the page."
            )
        self.seen.update((question.id, question) for question in read)
        return Page(PageId(identity), part, tuple(read), module)

    def _offer(self, module: Table) -> Page:
        """Return the page that offers a module; its question is a single choice like any other."""
        identity = self._id(module)
        self.texts[f"module/{identity}/title"] = module.text("title")
        self.texts[f"module/{identity}/invite"] = module.text("invite")
        answers = (TAKE, LEAVE, END) if len(self.modules) > 1 else (TAKE, LEAVE)
        question = Question(
            definition.offer_question(identity),
            Kind.SINGLE,
            self._next(),
            tuple(Option(name) for name in answers),
        )
        self.seen[question.id] = question
        return Page(definition.offer_page(identity), Part.OFFER, (question,), identity)

    def _question(self, table: Table) -> Question:
        identity = self._id(table, _COUNTED)
        kind = self._kind(table)
        self.texts[f"question/{identity}/text"] = table.text("text")
        if table.has("hint"):
            self.texts[f"question/{identity}/hint"] = table.text("hint")
        low, high = self._bounds(table, identity, kind)
        question = Question(
            QuestionId(identity), kind, self._next(), self._options(table, identity, kind),
            table.flag("dont_know", False), table.flag("random_order", False), low, high,
            self._max_length(table, kind), self._relevant(table), table.text("relevant", ""), self._sampled(table),
        )  # fmt: skip
        table.finish()
        return question

    def _next(self) -> int:
        self._number = getattr(self, "_number", -1) + 1
        return self._number

    def _kind(self, table: Table) -> Kind:
        name = table.text("kind")
        if name not in tuple(Kind):
            table.fault(
                "survey.kind", f"“{name}” is no kind of question.", f"Please use one of: {', '.join(Kind)}."
            )
            return Kind.STATEMENT
        return Kind(name)

    def _bounds(self, table: Table, identity: str, kind: Kind) -> tuple[int, int]:
        if kind not in (Kind.SCALE, Kind.NUMBER):
            return 0, 0
        low, high = table.integer("low"), table.integer("high")
        if not 0 < high - low <= (20 if kind is Kind.SCALE else 60_000) or (kind is Kind.NUMBER and low < 0):
            table.fault("survey.bounds", f"{low} to {high} is no range that can be asked.",
                        "Please let high exceed low, by 20 at most for a scale, and no number be below 0.")  # fmt: skip
        if kind is Kind.SCALE:
            self.texts[f"question/{identity}/low"] = table.text("low_label")
            self.texts[f"question/{identity}/high"] = table.text("high_label")
        return low, high

    def _max_length(self, table: Table, kind: Kind) -> int:
        other = table.flag("other", False)
        if kind is not Kind.TEXT and not other:
            return 0
        length = table.integer("max_length", 500 if kind is Kind.TEXT else 120)
        if not 10 <= length <= LONGEST_TEXT:
            table.fault("survey.max_length", f"{length} characters is no sensible length.",
                        f"Please allow between 10 and {LONGEST_TEXT}.")  # fmt: skip
        return length

    def _options(self, table: Table, identity: str, kind: Kind) -> tuple[Option, ...]:
        group, other = table.text("options_from", ""), table.flag("other", False)
        given = table.tables("options", "option")
        if kind not in (Kind.SINGLE, Kind.MULTIPLE):
            if group or given or other:
                table.fault("survey.options", f"A {kind} question has no options.", "Please remove them.")
            return ()
        options = list(self._group(table, group))
        for option in given:
            key = f"question/{identity}/option/{self._id(option, _MISSING)}"
            self.texts[key] = option.text("text")
            exclusive, last = option.flag("exclusive", False), option.flag("last", False)
            if exclusive and kind is Kind.SINGLE:
                option.fault(
                    "survey.exclusive", "Every option of a single choice is exclusive.", "Please remove it."
                )
            options.append(Option(option.text("id"), exclusive, None, key, bool(group) or exclusive or last))
            option.finish()
        if other:
            # Before the options that stay last, because "Other" belongs to the list and "None" closes it.
            place = next((i for i, option in enumerate(options) if option.fixed), len(options))
            options.insert(place, Option(OTHER, fixed=True))
        self._count(table, options)
        self._unique([option.id for option in options], "option", table)
        return tuple(options)

    def _group(self, table: Table, group: str) -> list[Option]:
        if group and group not in self.platforms:
            table.fault("survey.unknown_group", f"platforms.toml has no group “{group}”.",
                        f"Please use one of: {', '.join(self.platforms)}.")  # fmt: skip
        options = []
        for identity, name, proper in self.platforms.get(group, ()):
            key = "" if proper else f"platforms/{group}/{identity}"
            if key:
                self.texts[key] = name
            options.append(Option(identity, name=name if proper else None, text_key=key))
        return options

    def _count(self, table: Table, options: list[Option]) -> None:
        if not 2 <= len(options) <= MOST_OPTIONS:
            table.fault("survey.option_count", f"There are {len(options)} options.",
                        f"Please offer between 2 and {MOST_OPTIONS}.")  # fmt: skip

    def _relevant(self, table: Table) -> Condition | None:
        text = table.text("relevant", "")
        if not text:
            return None
        try:
            condition = parse(text, table.place)
        except Refusal as refusal:
            self.problems.extend(refusal.problems)
            return None
        for name in sorted(questions(condition) - self.seen.keys()):
            table.fault("survey.condition_question", f"The condition looks at “{name}”, which no earlier page asks.",
                        "Please name a question of an earlier page, or move this one.")  # fmt: skip
        for name, wanted in sorted(literals(condition), key=str):
            asked = self.seen.get(name)
            if asked is not None and not _possible(asked, wanted):
                table.fault("survey.condition_value", f"“{name}” can never be “{wanted}”.",
                            "Please name one of its options, or a number within its bounds.")  # fmt: skip
        return condition

    def _id(self, table: Table, reserved: frozenset[str] = frozenset()) -> str:
        identity = table.text("id")
        if not _ID.fullmatch(identity):
            table.fault("survey.id", f"“{identity}” is no id.",
                        "Please use lower-case letters, digits and _, a letter first, 32 at most.")  # fmt: skip
        elif identity in reserved | {OTHER} or identity.startswith(("offer_", "take_")):
            table.fault("survey.reserved_id", f"“{identity}” is an id that the software uses itself.",
                        "Please choose another (for an open “other”, write other = true).")  # fmt: skip
        return identity

    def _unique(self, ids: list[str], kind: str, table: Table | None = None) -> None:
        for identity in sorted({identity for identity in ids if ids.count(identity) > 1}):
            (table or self.root).fault("survey.duplicate_id", f"The {kind} id “{identity}” is used twice.",
                                       "Please give one of the two another id.")  # fmt: skip


def _for_everybody(question: Question) -> bool:
    return question.kind is not Kind.STATEMENT and question.relevant is None and not question.sample


def _possible(question: Question, wanted: str | int) -> bool:
    if isinstance(wanted, int):
        return question.kind in (Kind.SCALE, Kind.NUMBER) and question.low <= wanted <= question.high
    return question.option(wanted) is not None
