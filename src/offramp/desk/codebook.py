"""What of a survey can be counted: its variables, their categories, and in which ways each can be missing.

A view of a definition with the desk's eyes, and the only place of the desk that looks into one. Pure.
The invariant: the categories of a variable and its possible missing codes cover whatever a join can give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import prod

from offramp.rules import Condition, Value, evaluate, questions
from offramp.survey import Body, Missing, Survey, codes_of

WRITTEN = "written"
BANDS = 10
MOST_VALUES = 21
_MOST = 20_000
"""Of so many ways to answer the questions of a condition, all are tried; of more, none."""


@dataclass(frozen=True, slots=True)
class Need:
    """Whoever fulfils a condition has one of these codes of this question."""

    question: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Category:
    """One row of a variable: one code, or a band of numbers. Its label is a name, a text, or the desk's own word."""

    id: str
    codes: frozenset[str]
    exclusive: bool = False
    name: str = ""
    text_key: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """One question as it is counted. Codes that `possible` leaves out cannot occur, so they are no secret.

    `needs` are answers without which it is not asked; `drawn` the share of the responses, in percent, that chance
    chooses for it; `wording` the keys of the texts that ask it; `same_as` the question of another survey that asks
    the same.
    """

    id: str
    page: str
    part: str
    module: str
    kind: str
    categories: tuple[Category, ...]
    possible: tuple[Missing, ...]
    relevant: str = ""
    needs: tuple[Need, ...] = ()
    drawn: int = 100
    wording: tuple[str, ...] = ()
    same_as: str = ""

    @property
    def multiple(self) -> bool:
        """Whether a response can have several of the categories."""
        return self.kind == "multiple"

    @property
    def codes(self) -> frozenset[str]:
        return frozenset().union(*(category.codes for category in self.categories))


def codebook(survey: Survey) -> tuple[Variable, ...]:
    """Return the variables of a survey in the order of its pages."""
    variables: list[Variable] = []
    shares = {sample.id: sample.share for sample in survey.samples}
    for place, page in enumerate(survey.pages):
        for question in page.questions:
            if question.kind == "statement":
                continue
            if question.options:
                categories = tuple(
                    Category(option.id, frozenset((option.id,)), option.exclusive, option.name or "", option.text_key)
                    for option in question.options
                )  # fmt: skip
            elif question.kind == "text":
                categories = (Category(WRITTEN, frozenset((WRITTEN,))),)
            else:
                categories = _numbers(question.low, question.high)
            drawn = shares.get(question.sample, 100)
            apart = (
                page.part == "module" or drawn < 100 or (page.part == "offer" and len(question.options) > 2)
            )
            last = place if page.part == "core" or not survey.random_modules else len(survey.pages)
            possible = _possible(
                question.kind, page.part, question.dont_know, bool(question.relevant), apart, last
            )
            variables.append(
                Variable(question.id, page.id, page.part, page.module, question.kind, categories, possible,
                         question.relevant_text, needs(question.relevant, variables), drawn, question.wording,
                         question.same_as)
            )  # fmt: skip
    return tuple(variables)


def parts(survey: Survey) -> dict[str, tuple[str, ...]]:
    """Return the pages of each part in the order of the questionnaire: core, module-…, closing."""
    pages: dict[str, tuple[str, ...]] = {}
    for page in survey.pages:
        part = f"module-{page.module}" if page.module else str(page.part)
        pages[part] = (*pages.get(part, ()), page.id)
    return pages


def by_field(survey: Survey) -> dict[str, Variable]:
    """Return the variables of a survey by the names of their fields in a form."""
    variables = {variable.id: variable for variable in codebook(survey)}
    return {f"q{q.number:03d}": variables[q.id] for q in survey.questions if q.id in variables}


def _numbers(low: int, high: int) -> tuple[Category, ...]:
    """Return a category for each number of a short range, and ten bands for a long one."""
    values = high - low + 1
    if values <= MOST_VALUES:
        return tuple(Category(str(n), frozenset((str(n),)), name=str(n)) for n in range(low, high + 1))
    edges = [low + values * band // BANDS for band in range(BANDS + 1)]
    return tuple(
        Category(f"{start}_{end - 1}", frozenset(map(str, range(start, end))), name=f"{start}–{end - 1}")
        for start, end in pairwise(edges)
    )


def needs(condition: Condition | None, variables: Sequence[Variable]) -> tuple[Need, ...]:
    """Return what follows for single questions from a condition that is fulfilled; in whole categories."""
    if condition is None:
        return ()
    named = [variable for variable in variables if variable.id in questions(condition)]
    values = [_values(variable) for variable in named]
    if len(named) < len(questions(condition)) or prod(map(len, values)) > _MOST:
        return ()
    fulfilling: list[set[Value]] = [set() for _ in named]
    for chosen in product(*values):
        given = dict(zip((variable.id for variable in named), chosen, strict=True))
        if evaluate(condition, given.__getitem__) is True:
            for place, value in enumerate(chosen):
                fulfilling[place].add(value)
    return tuple(
        Need(variable.id, codes)
        for variable, own in zip(named, fulfilling, strict=True)
        if own and None not in own
        for codes in (_of_several(own) if variable.multiple else (frozenset(map(str, own)),))
        for codes in (frozenset().union(*(c.codes for c in variable.categories if c.codes & codes)),)
    )


def _values(variable: Variable) -> list[Value]:
    """Return all that an answer can be, none at all included."""
    codes = sorted(variable.codes)
    if variable.multiple:
        # Of very many options not all that can be ticked together is tried; then they are told to be too many.
        sizes = range(1, len(codes) + 1) if 2 ** len(codes) <= _MOST else ()
        ticked = [some for size in sizes for some in combinations(codes, size)]
        return [None, *ticked] if ticked else [None] * (_MOST + 1)
    return [None, *((int(code) for code in codes) if variable.kind in ("scale", "number") else codes)]


def _of_several(ticked: set[Value]) -> list[frozenset[str]]:
    """Return codes that are always ticked, each by itself, and those of which one is always ticked."""
    sets = [frozenset(map(str, some)) for some in ticked if isinstance(some, tuple)]
    alone = frozenset(code for some in sets if len(some) == 1 for code in some)
    always = [frozenset((code,)) for code in sorted(frozenset.intersection(*sets))]
    return always if always or not all(some & alone for some in sets) else [alone]


def _possible(
    kind: str, part: str, dont_know: bool, conditional: bool, apart: bool, place: int
) -> tuple[Missing, ...]:
    """Return in which ways an answer can be missing; the rest is known to be nought from the definition alone.

    `apart` are questions that some never come to: of a part that can be left, of an offer that can be ended before,
    or of a sample. A response begins when its first page is sent, so nobody leaves before that, or there without
    reaching the second. Any question can be “not asked”: a response that goes on after a lost page begins in the
    middle. An offer is answered by one of its buttons, and by nothing else.
    """
    can = {
        Missing.SKIPPED: part != "offer",
        Missing.REFUSED: part != "offer",
        Missing.DONT_KNOW: dont_know,
        Missing.INVALID: part != "offer" and kind != "text",
        Missing.NOT_DRAWN: apart,
        Missing.NOT_SHOWN: conditional,
        Missing.NOT_IN_VERSION: False,
        Missing.SEEN_NOT_SENT: place > 0,
        Missing.NOT_REACHED: place > 1,
    }
    return tuple(code for code in Missing if can.get(code, True))


# Of each page its questions, of each question the codes that an answer can have.
Form = Mapping[str, Mapping[str, frozenset[str]]]


def form(survey: Survey) -> Form:
    """Return what a page of this survey can hold: little enough to be handed to other processes."""
    pages: dict[str, dict[str, frozenset[str]]] = {page.id: {} for page in survey.pages}
    for variable in codebook(survey):
        pages[variable.page][variable.id] = variable.codes
    return pages


def belongs(form: Form, body: Body) -> bool:
    """Tell whether an opened page can have come from this survey: its page, its questions, and its codes."""
    questions = form.get(body.page)
    if questions is None or not all(question in questions for question in body.words or ()):
        return False
    for question, answer in (body.answers or {}).items():
        codes = codes_of(answer)
        if question not in questions or not (
            isinstance(codes, Missing) or questions[question].issuperset(codes)
        ):
            return False
    return True
