"""From programme.toml to modules, steps and worksheets, with every short string, and all that is wrong with it.

Not here: prose, translations, check-ins (check). The invariant: every id that something refers to is there, and every
fault goes to the list that the whole reading shares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from offramp.errors import Refusal
from offramp.language import LANGUAGES, SOURCE, State, Tag, parse_state
from offramp.programme.definition import (
    Form,
    Module,
    Part,
    Step,
    StepId,
    StepKind,
    Worksheet,
    WorksheetKind,
)
from offramp.programme.journal import Entry
from offramp.programme.rowform import entry_body
from offramp.programme.sheets import worksheet_faults
from offramp.rules import Condition, questions
from offramp.sealing import ROW_BODIES, padded_bytes
from offramp.survey import (
    WRITTEN,
    Answer,
    ChosenMany,
    Kind,
    Page,
    PageId,
    PageReader,
    Question,
    QuestionId,
    read_id,
    report_twice,
)
from offramp.tables import Table

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,29}")
LONGEST_TEXT = 3000
LONGEST_KEPT = 60
SHORTEST_MODULE, LONGEST_MODULE = 20, 40
# What a question of a survey may say and one of an exercise may not, and what to do instead.
_NOT_HERE = {
    "same_as": "Please remove it; only check-ins ask the same again.",
    "sample": "Please remove it; everybody is asked the same.",
    "relevant": "Please give the step a condition; an exercise is shown as a whole.",
    "options_from": "Please write the options themselves.",
}


class StructureReader:
    """One reading of programme.toml: gathers texts and problems while it builds modules and worksheets."""

    def __init__(self, root: Table, folder: str) -> None:
        self.root, self.problems = root, root.problems
        self.questions = PageReader(LONGEST_TEXT)
        self.texts = self.questions.texts
        self.slug, self.version = root.text("slug"), root.integer("version")
        self.state = self._state(root.text("state"))
        self.languages = self._languages(root.texts("languages"))
        self.keep_months = root.integer("keep_months")
        self.texts["title"], self.texts["about"] = root.text("title"), root.text("about")
        self._head(folder)

    def _state(self, name: str) -> State:
        try:
            return parse_state(name, self.root.place) if name else State.DRAFT
        except Refusal as refusal:
            self.problems.extend(refusal.problems)
            return State.DRAFT

    def _languages(self, named: tuple[str, ...]) -> tuple[Tag, ...]:
        for name in named:
            if name not in LANGUAGES or name == SOURCE or named.count(name) > 1:
                self.root.fault("programme.language",
                                f"“{name}” is no language to translate into, or twice here.",
                                f"Please use each of these once: {', '.join(list(LANGUAGES)[1:])}.")  # fmt: skip
        return tuple(dict.fromkeys(Tag(name) for name in named if name in LANGUAGES and name != SOURCE))

    def _head(self, folder: str) -> None:
        if not _SLUG.fullmatch(self.slug) or self.slug != folder:
            self.root.fault("programme.slug", f"“{self.slug}” is no slug, or not the name of its folder, “{folder}”.",
                            "Please use lower-case letters, digits and hyphens, 30 at most, for both.")  # fmt: skip
        if self.version < 1:
            self.root.fault("programme.version", f"{self.version} is no version.", "Please begin with 1.")
        if not 1 <= self.keep_months <= LONGEST_KEPT:
            self.root.fault("programme.keep_months", f"No journal is kept for {self.keep_months} months.",
                            f"Please write a number of months from 1 to {LONGEST_KEPT}.")  # fmt: skip

    # -- modules and steps ------------------------------------------------------------------------------------

    def read(self) -> tuple[Module, ...]:
        """Return the modules with their steps, in the order in which they are walked."""
        tables = self.root.tables("module", "module")
        self.sheets = self.root.tables("worksheet", "worksheet")
        self.root.finish()
        if not tables:
            self.root.fault(
                "programme.no_module", "There is no module.", "Please write [[module]] and its steps."
            )
        modules = tuple(self._module(table) for table in tables)
        report_twice(self.root, [module.id for module in modules], "module")
        report_twice(self.root, [step.id for module in modules for step in module.steps], "step")
        return modules

    def _module(self, table: Table) -> Module:
        identity = read_id(table)
        self.texts[f"module/{identity}/title"] = table.text("title")
        self.texts[f"module/{identity}/about"] = table.text("about")
        minutes = table.integer("minutes")
        if not SHORTEST_MODULE <= minutes <= LONGEST_MODULE:
            table.fault("programme.minutes", f"{minutes} minutes is not what a module takes.",
                        f"Please plan {SHORTEST_MODULE} to {LONGEST_MODULE} minutes, or divide it.")  # fmt: skip
        tables = table.tables("step", "step")
        table.finish()
        if not tables:
            table.fault("programme.empty_module", "The module has no step.",
                        "Please write [[module.step]] below it, or remove it.")  # fmt: skip
        return Module(identity, minutes, tuple(self._step(each, identity) for each in tables))

    def _step(self, table: Table, module: str) -> Step:
        identity = StepId(read_id(table))
        kind = self._kind(table)
        step_title = table.text("title")
        # The condition first: it may look at exercises before this one alone.
        condition, said = self._condition(table), table.text("relevant", "")
        form, repeat = self._form(table, kind), self._repeat(table, kind)
        page, shows = self._asked(table, kind, identity), self._shows(table, kind)
        self.texts[f"page/{identity}/title"] = step_title
        table.finish()
        return Step(identity, kind, module, form, repeat, condition, said, page, shows)

    def _kind(self, table: Table) -> StepKind:
        name = table.text("kind")
        if name in tuple(StepKind):
            return StepKind(name)
        table.fault("programme.kind", f"“{name}” is no kind of step.",
                    f"Please use one of: {', '.join(StepKind)}.")  # fmt: skip
        return StepKind.EXERCISE if table.has("question") else StepKind.READING

    def _condition(self, table: Table) -> Condition | None:
        condition = self.questions.condition(table)
        names = questions(condition) if condition is not None else frozenset()
        if condition is not None and names <= self.questions.seen.keys() and self.questions.never(condition):
            table.fault("programme.never", "No answers make this condition true, so the step is never shown.",
                        "Please correct the condition, or remove the step.")  # fmt: skip
        for name in sorted(names):
            asked = self.questions.seen.get(name)
            if asked is not None and asked.kind in (Kind.TEXT, Kind.STATEMENT):
                table.fault("programme.open_condition", f"Nothing can depend on “{name}”: it has no closed answer.",
                            "Please name a choice, a scale or a number.")  # fmt: skip
        return condition

    def _form(self, table: Table, kind: StepKind) -> Form | None:
        if kind is not StepKind.EXERCISE:
            self._only(table, "form", "an exercise")
            return None
        name = table.text("form")
        if name in tuple(Form):
            return Form(name)
        table.fault(
            "programme.form", f"“{name}” is no form of an exercise.", f"Please use one of: {', '.join(Form)}."
        )
        return None

    def _repeat(self, table: Table, kind: StepKind) -> bool:
        if kind is StepKind.EXERCISE:
            return table.flag("repeat", False)
        self._only(table, "repeat", "an exercise")
        return False

    def _only(self, table: Table, key: str, what: str) -> None:
        if table.knows(key):
            table.fault(
                "programme.not_here", f"“{key}” belongs to {what}.", "Please remove it, or correct the kind."
            )

    def _asked(self, table: Table, kind: StepKind, identity: StepId) -> PageId | None:
        tables = table.tables("question", "question")
        if kind is StepKind.CHECK_IN:
            page = table.text("page")
        else:
            page = ""
            self._only(table, "page", "a check-in")
        if kind is StepKind.EXERCISE:
            self._exercise(table, identity, tables)
            return PageId(identity)
        if tables:
            table.fault("programme.not_here", "Only an exercise has questions of its own.",
                        "Please correct its kind, or remove them.")  # fmt: skip
        return PageId(page) if page else None

    def _exercise(self, table: Table, identity: StepId, tables: list[Table]) -> None:
        for each in tables:
            for key, remedy in _NOT_HERE.items():
                if each.knows(key):
                    each.fault("programme.question", f"“{key}” has no meaning in an exercise.", remedy)
        clean = [Table({k: v for k, v in each.values.items() if k not in _NOT_HERE}, each.place, each.problems)
                 for each in tables]  # fmt: skip
        page = self.questions.page(identity, clean)
        if not any(question.kind is not Kind.STATEMENT for question in page.questions):
            table.fault("programme.empty_exercise", "The exercise asks nothing.",
                        "Please write [[module.step.question]], or make it a reading.")  # fmt: skip
        if (size := fullest_entry(page)) > ROW_BODIES[-1]:
            table.fault("programme.overfull", f"The fullest entry takes {size} bytes, and a row {ROW_BODIES[-1]}.",
                        "Please shorten max_length, or make two steps of it.")  # fmt: skip

    def _shows(self, table: Table, kind: StepKind) -> str:
        if kind is not StepKind.WORKSHEET:
            self._only(table, "shows", "a worksheet")
            return ""
        name = table.text("shows")
        if all(sheet.values.get("id") != name for sheet in self.sheets):
            table.fault("programme.unknown_worksheet", f"There is no worksheet “{name}”.",
                        "Please write [[worksheet]] with this id, or correct the name.")  # fmt: skip
        return name

    # -- worksheets -------------------------------------------------------------------------------------------

    def worksheets(self, modules: tuple[Module, ...]) -> tuple[Worksheet, ...]:
        """Return the worksheets; every question that they gather is asked by an exercise."""
        steps = [step for module in modules for step in module.steps]
        made = tuple(self._worksheet(table, steps) for table in self.sheets)
        report_twice(self.root, [sheet.id for sheet in made], "worksheet")
        shown = {step.shows for step in steps}
        for table, sheet in zip(self.sheets, made, strict=True):
            if sheet.id not in shown:
                table.fault("programme.worksheet_unshown", "No step shows this worksheet.",
                            f"Please write shows = \"{sheet.id}\" in a worksheet step, or remove it.")  # fmt: skip
        return made

    def _worksheet(self, table: Table, steps: list[Step]) -> Worksheet:
        identity, name = read_id(table), table.text("kind")
        self.texts[f"worksheet/{identity}/title"] = table.text("title")
        if name not in tuple(WorksheetKind):
            table.fault("programme.worksheet_kind", f"“{name}” is no kind of worksheet.",
                        f"Please use one of: {', '.join(WorksheetKind)}.")  # fmt: skip
        parts = tuple(self._part(each, identity) for each in table.tables("part", "part"))
        table.finish()
        report_twice(table, [part.id for part in parts], "part")
        kind = WorksheetKind(name) if name in tuple(WorksheetKind) else WorksheetKind.PLAN
        sheet = Worksheet(identity, kind, parts)
        worksheet_faults(table, sheet, self._asked_by(steps))
        return sheet

    def _asked_by(self, steps: list[Step]) -> Mapping[QuestionId, tuple[Step, Question]]:
        pages: dict[str, Page] = {page.id: page for page in self.questions.pages}
        return {
            question.id: (step, question)
            for step in steps
            if step.kind is StepKind.EXERCISE and step.page in pages
            for question in pages[step.page].questions
        }

    def _part(self, table: Table, worksheet: str) -> Part:
        identity = read_id(table)
        self.texts[f"worksheet/{worksheet}/{identity}/title"] = table.text("title")
        named = tuple(QuestionId(name) for name in self._named(table))
        table.finish()
        return Part(identity, named)

    def _named(self, table: Table) -> Iterator[str]:
        names = table.texts("from")
        if not names:
            table.fault("programme.empty_part", "The part gathers no answers.",
                        "Please write from = [\"…\"] with ids of questions, or remove it.")  # fmt: skip
        asked = {question.id for page in self.questions.pages for question in page.questions}
        for name in dict.fromkeys(names):
            if name in asked:
                yield name
            else:
                table.fault("programme.unknown_question", f"No exercise asks “{name}”.",
                            "Please name a question of an exercise, or remove it.")  # fmt: skip


def fullest_entry(page: Page) -> int:
    """Return how many bytes the longest entry of a page takes, in characters that take four bytes each."""
    answers: dict[QuestionId, Answer] = {}
    for question in page.questions:
        every = tuple(option.id for option in question.options)
        answers[question.id] = ChosenMany(every) if every else WRITTEN
    words = {question.id: "\U0001f6e4" * question.max_length for question in page.questions if question.open}
    return padded_bytes(entry_body(Entry("", StepId(page.id), 1, answers, words, 1)))
