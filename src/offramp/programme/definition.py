"""What a programme is: frozen typed values, made once by `check`. Nothing here reads files or asks anybody anything.

A programme is modules of steps. Its exercises are the pages of a survey that exists in memory alone, so that one engine
asks all questions; its check-ins are a survey of their own. The invariant: a `Programme` that exists is sound.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from offramp.language import SOURCE, Catalogue, Tag
from offramp.programme.prose import Prose
from offramp.rules import Condition
from offramp.survey import Page, PageId, Question, QuestionId, Survey

StepId = NewType("StepId", str)


class StepKind(StrEnum):
    READING = "reading"
    EXERCISE = "exercise"
    CHECK_IN = "check_in"
    WORKSHEET = "worksheet"


class Form(StrEnum):
    """What an exercise is, for those who maintain it; it is asked like any other."""

    ANALYSIS = "functional_analysis"
    REFLECTION = "reflection"
    RATINGS = "ratings"
    LIST = "list"
    PROS_CONS = "pros_cons"
    THOUGHT_RECORD = "thought_record"
    URGE_LOG = "urge_log"
    CHAIN = "chain"
    PLAN = "plan"
    PICK = "pick"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `page` is what it asks (exercise, check-in), `shows` the worksheet that it is."""

    id: StepId
    kind: StepKind
    module: str
    form: Form | None = None
    repeat: bool = False
    relevant: Condition | None = None
    relevant_text: str = ""
    page: PageId | None = None
    shows: str = ""

    @property
    def title_key(self) -> str:
        return f"page/{self.id}/title"

    @property
    def asks(self) -> bool:
        """Whether something is entered here, so that there can be entries."""
        return self.kind in (StepKind.EXERCISE, StepKind.CHECK_IN)


@dataclass(frozen=True, slots=True)
class Module:
    id: str
    minutes: int
    steps: tuple[Step, ...]

    @property
    def title_key(self) -> str:
        return f"module/{self.id}/title"

    @property
    def about_key(self) -> str:
        return f"module/{self.id}/about"


class WorksheetKind(StrEnum):
    PATH = "path"
    PLAN = "plan"
    CALENDAR = "calendar"
    COURSE = "course"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a worksheet: which questions it gathers the answers to."""

    id: str
    questions: tuple[QuestionId, ...]


@dataclass(frozen=True, slots=True)
class Worksheet:
    id: str
    kind: WorksheetKind
    parts: tuple[Part, ...] = ()

    @property
    def title_key(self) -> str:
        return f"worksheet/{self.id}/title"

    def part_key(self, part: Part) -> str:
        return f"worksheet/{self.id}/{part.id}/title"


@dataclass(frozen=True, slots=True)
class Programme:
    """A whole programme: its steps in order, what they ask, its texts and prose per language, and who signed them.

    A catalogue holds all short strings, those of the exercises included; its state is that of the whole language, and
    only a signature over all texts makes it more than a draft.
    """

    slug: str
    version: int
    keep_months: int
    modules: tuple[Module, ...]
    worksheets: tuple[Worksheet, ...]
    exercises: Survey
    check_in: Survey
    catalogues: Mapping[Tag, Catalogue]
    prose: Mapping[Tag, Mapping[StepId, Prose]]
    signed: Mapping[Tag, str] = field(default_factory=dict, repr=False)
    """What the signature of a language is worth: "approved AB 2026-11-29", or that the texts have changed since."""

    steps: tuple[Step, ...] = field(init=False, repr=False, compare=False)
    step_of: Mapping[StepId, Step] = field(init=False, repr=False, compare=False)
    question_of: Mapping[QuestionId, Question] = field(init=False, repr=False, compare=False)
    asking: Mapping[QuestionId, StepId] = field(init=False, repr=False, compare=False)
    """In which step each question is asked."""

    def __post_init__(self) -> None:
        set_once = object.__setattr__
        steps = tuple(step for module in self.modules for step in module.steps)
        set_once(self, "steps", steps)
        set_once(self, "step_of", {step.id: step for step in steps})
        asked = {q.id: (step.id, q) for step in steps if step.asks for q in self._page(step).questions}
        set_once(self, "question_of", {name: question for name, (_, question) in asked.items()})
        set_once(self, "asking", {name: step for name, (step, _) in asked.items()})

    def step(self, identity: str) -> Step | None:
        return self.step_of.get(StepId(identity))

    def survey(self, step: Step) -> Survey:
        """Return the survey that a step's page belongs to."""
        return self.check_in if step.kind is StepKind.CHECK_IN else self.exercises

    def page(self, step: Step) -> Page | None:
        """Return what a step asks; nothing of readings and worksheets."""
        return self._page(step) if step.asks else None

    def _page(self, step: Step) -> Page:
        return self.survey(step).page_of[step.page or PageId("")]

    def worksheet(self, identity: str) -> Worksheet | None:
        return next((sheet for sheet in self.worksheets if sheet.id == identity), None)

    def texts(self, tag: Tag) -> dict[str, str]:
        """Return every text of a language under one key each: strings, prose by block, and the check-ins."""
        blocks = {
            f"text/{step.id}/{number}": block.source
            for step in self.steps
            for number, block in enumerate(self.prose[tag].get(step.id, Prose()).blocks, 1)
        }
        check_in = {f"check-in/{key}": text for key, text in self.check_in.catalogues[tag].texts.items()}
        return {**self.catalogues[tag].texts, **blocks, **check_in}

    def text_hash(self, tag: Tag) -> str:
        """Return the hash (64 hex digits) of all texts of a language, each beside its English: what is signed."""
        english, texts = self.texts(SOURCE), self.texts(tag)
        pairs = sorted(
            (key, english.get(key, ""), texts.get(key, "")) for key in english.keys() | texts.keys()
        )
        return hashlib.sha256(
            json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode()
        ).hexdigest()
