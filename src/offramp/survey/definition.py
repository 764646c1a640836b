"""What a survey is: frozen typed values, made once by `check` and named by two hashes.

Structure (ids, kinds, routing, codes) and text live apart: the structure hash binds drafts and joins data, the
text hash is recorded with each response. Nothing here reads files or asks anything of a person.
The invariant: a `Survey` that exists is sound; whoever holds one need not check it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from offramp.language import Catalogue, Tag
from offramp.rules import Condition

QuestionId = NewType("QuestionId", str)
PageId = NewType("PageId", str)

# Room for every option code in one byte, beside the codes for what is missing.
MOST_OPTIONS = 90
# A page's fullest answers have to fit into the padded body of one envelope.
BODY_BYTES = 4096


class Kind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    NUMBER = "number"
    TEXT = "text"
    STATEMENT = "statement"


class Part(StrEnum):
    CORE = "core"
    OFFER = "offer"
    MODULE = "module"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. `name` is a proper name, the same in every language; other labels are texts."""

    id: str
    exclusive: bool = False
    name: str | None = None
    text_key: str = ""
    fixed: bool = False


OTHER = "other"
# What a person says to the offer of a module; END leaves out this one and all that are still to come.
TAKE, LEAVE, END = "take", "leave", "end"


@dataclass(frozen=True, slots=True)
class Sample:
    """A random part of the responses, in percent, that is asked certain questions."""

    id: str
    share: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """What joins single choices that are the rows of one table, with one text above them and one list of options."""

    id: str
    random_rows: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `number` is its place in the whole survey and its name in a form.

    `most` is how many options may be ticked, nought where it does not matter; `same_as` names the question of another
    survey that asks the same ("help-us:first_age"); `matrix` is what a row belongs to.
    """

    id: QuestionId
    kind: Kind
    number: int
    options: tuple[Option, ...] = ()
    dont_know: bool = False
    random_order: bool = False
    low: int = 0
    high: int = 0
    max_length: int = 0
    relevant: Condition | None = None
    relevant_text: str = ""
    sample: str = ""
    most: int = 0
    same_as: str = ""
    matrix: Matrix | None = None

    open: bool = field(init=False, default=False)
    """Whether a person can write words here."""

    def __post_init__(self) -> None:
        words = self.kind is Kind.TEXT or any(option.id == OTHER for option in self.options)
        object.__setattr__(self, "open", words)

    @property
    def wording(self) -> tuple[str, ...]:
        """Return the keys of the texts that ask it: of a row, the one above the matrix comes first."""
        above = (f"question/{self.matrix.id}/text",) if self.matrix else ()
        return (*above, f"question/{self.id}/text")

    def option(self, identity: str) -> Option | None:
        return next((option for option in self.options if option.id == identity), None)


@dataclass(frozen=True, slots=True)
class Page:
    """Questions that are asked together. An offer page asks whether to take the module of that name."""

    id: PageId
    part: Part
    questions: tuple[Question, ...]
    module: str = ""

    conditional: bool = field(init=False, default=False)
    """Whether some of its questions are not asked of everybody."""

    def __post_init__(self) -> None:
        conditional = any(question.sample or question.relevant for question in self.questions)
        object.__setattr__(self, "conditional", conditional)

    @property
    def open(self) -> bool:
        return any(question.open for question in self.questions)


@dataclass(frozen=True, slots=True)
class Survey:
    """A whole questionnaire: its pages in order, its texts per language, and whose hash names it."""

    slug: str
    version: int
    pages: tuple[Page, ...]
    modules: tuple[str, ...]
    minutes: int
    random_modules: bool
    samples: tuple[Sample, ...]
    catalogues: Mapping[Tag, Catalogue]
    earlier: tuple[Survey, ...] = field(default=(), repr=False, compare=False)
    """Versions before this one, the newest first: who began with one of them goes on with it."""

    structure: str = field(init=False)
    page_of: Mapping[PageId, Page] = field(init=False, repr=False, compare=False)
    questions: tuple[Question, ...] = field(init=False, repr=False, compare=False)
    text_hash: Mapping[Tag, str] = field(init=False, repr=False, compare=False)

    @property
    def body_bytes(self) -> int:
        """Return the size to which every body of this survey is padded before it is sealed."""
        return BODY_BYTES

    @property
    def versions(self) -> tuple[Survey, ...]:
        """Return this version and all before it, the newest first."""
        return (self, *self.earlier)

    def __hash__(self) -> int:
        """By its structure alone, so that what follows from a survey can be remembered at next to no cost."""
        return hash(self.structure)

    def with_structure(self, structure: str) -> Survey | None:
        """Return the version whose structure hash begins like this, if it is here."""
        return next((version for version in self.versions if version.structure.startswith(structure)), None)

    def page(self, identity: str) -> Page | None:
        """Return the page that a form calls `identity`, if there is one."""
        return self.page_of.get(PageId(identity))

    def page_asking(self, question: QuestionId) -> Page:
        """Return the page on which a question is asked."""
        return next(page for page in self.pages if any(asked.id == question for asked in page.questions))

    def module_pages(self, module: str) -> tuple[Page, ...]:
        """Return the pages of a module, without the page that offers it."""
        return tuple(page for page in self.pages if page.part is Part.MODULE and page.module == module)

    def __post_init__(self) -> None:
        set_once = object.__setattr__
        set_once(self, "page_of", {page.id: page for page in self.pages})
        set_once(self, "questions", tuple(q for page in self.pages for q in page.questions))
        set_once(self, "text_hash", {tag: texts.digest() for tag, texts in self.catalogues.items()})
        set_once(self, "structure", _structure_hash(self))


def _structure_hash(survey: Survey) -> str:
    samples = [[sample.id, sample.share] for sample in survey.samples]
    pages = [_page(page) for page in survey.pages]
    canonical: list[Any] = [survey.slug, survey.version, survey.random_modules, samples, pages]
    return hashlib.sha256(json.dumps(canonical, separators=(",", ":")).encode()).hexdigest()


def _page(page: Page) -> list[Any]:
    return [page.id, page.part, page.module, [_question(question) for question in page.questions]]


def _question(q: Question) -> list[Any]:
    options = [[option.id, option.exclusive, option.fixed] for option in q.options]
    return [
        q.id,
        q.kind,
        options,
        q.dont_know,
        q.random_order,
        q.low,
        q.high,
        q.max_length,
        q.relevant_text,
        q.sample,
        # Only where there is one, so that surveys without any keep their hash.
        *([q.matrix.id, q.matrix.random_rows] if q.matrix else []),
        *(["most", q.most] if q.most else []),
    ]


def offer_page(module: str) -> PageId:
    """Return the id of the page that offers a module."""
    return PageId(f"offer_{module}")


def offer_question(module: str) -> QuestionId:
    """Return the id of the question whether to take a module."""
    return QuestionId(f"take_{module}")
