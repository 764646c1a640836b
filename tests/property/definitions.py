"""Questionnaires made up at random, each of them sound, and what can be planted in one so that it no longer is.

A definition is made as plain values, so that a test can work out for itself what is asked (`asked`), and written out
as the survey.toml that a researcher would write. The invariant: what `definitions` makes has nothing wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.questionnaires import HEAD

Codes = tuple[str, ...]


@dataclass(frozen=True)
class If:
    """Asked only where an earlier question was answered in a certain way."""

    question: str
    sign: str
    value: str | int

    def __str__(self) -> str:
        if self.sign == "selected":
            return f"selected(${{{self.question}}}, '{self.value}')"
        return f"${{{self.question}}} {self.sign} {self.value!r}"

    def holds(self, codes: Codes) -> bool:
        match self.sign:
            case "selected":
                return self.value in codes
            case "=":
                return codes == (self.value,)
            case "!=":
                return codes != (self.value,)
            case _:
                return int(codes[0]) >= int(self.value)


@dataclass(frozen=True)
class Q:
    """One question; `more` are further keys of its table."""

    id: str
    kind: str
    options: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    condition: If | str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def for_everybody(self) -> bool:
        return self.kind != "statement" and not self.condition and "sample" not in self.more

    def table(self) -> str:
        keys: dict[str, Any] = {"id": self.id, "kind": self.kind, "text": f"About {self.id}?"}
        if self.kind in ("scale", "number"):
            keys |= {"low": self.low, "high": self.high}
        if self.kind == "scale":
            keys |= {"low_label": "Low", "high_label": "High"}
        if self.condition:
            keys["relevant"] = str(self.condition)
        lines = [f"{key} = {json.dumps(value)}" for key, value in (keys | dict(self.more)).items()]
        if self.options:
            listed = ", ".join(f'{{ id = "{option}", text = "Option {option}" }}' for option in self.options)
            lines.append(f"options = [{listed}]")
        return "\n".join(["[[page.question]]", *lines])


@dataclass(frozen=True)
class P:
    """One page, of the core, of a module, or at the end."""

    id: str
    questions: tuple[Q, ...]
    part: str = "core"
    module: str = ""

    def table(self) -> str:
        where = f'module = "{self.module}"' if self.module else f'part = "{self.part}"'
        head = f'[[page]]\nid = "{self.id}"\ntitle = "Page {self.id}"\n{where}'
        return "\n".join([head, *(question.table() for question in self.questions)])


@dataclass(frozen=True)
class Definition:
    """A whole questionnaire."""

    pages: tuple[P, ...]
    modules: tuple[str, ...] = ()
    random: bool = False
    share: int = 0

    def __str__(self) -> str:
        top = 'module_order = "random"\n' * self.random + HEAD
        top += f'[[sample]]\nid = "some"\nshare = {self.share}\n' if self.share else ""
        modules = [f'[[module]]\nid = "{m}"\ntitle = "{m}"\ninvite = "More?"' for m in self.modules]
        return top + "\n".join([*(page.table() for page in self.pages), *modules]) + "\n"

    def questions(self) -> dict[str, tuple[P, Q]]:
        return {question.id: (page, question) for page in self.pages for question in page.questions}

    def with_page(self, page: P, place: int = 0) -> Definition:
        return replace(self, pages=(*self.pages[:place], page, *self.pages[place:]))

    def with_question(self, question: Q, page: int = 0) -> Definition:
        """Return the definition with a question more on one of its pages."""
        old = self.pages[page]
        new = replace(old, questions=(*old.questions, question))
        return replace(self, pages=(*self.pages[:page], new, *self.pages[page + 1 :]))


def asked(
    definition: Definition, answers: Mapping[str, Codes], taken: frozenset[str], drawn: bool
) -> set[str]:
    """Return the questions that are asked after these answers, worked out without the survey's own code.

    Conditions look at the core and at their own module alone, so the order of modules makes no difference.
    """
    found: set[str] = set()
    for page in definition.pages:
        if page.module and page.module not in taken:
            continue
        for question in page.questions:
            condition = question.condition
            assert isinstance(condition, If) or condition == ""
            met = condition == "" or (
                condition.question in found and condition.question in answers
                and condition.holds(answers[condition.question])
            )  # fmt: skip
            if met and (drawn or "sample" not in question.more) and question.kind != "statement":
                found.add(question.id)
    return found


# -- sound ones -------------------------------------------------------------------------------------------------

KINDS = ("single", "single", "multiple", "multiple", "scale", "number", "text", "statement")
OPTIONS = ("ash", "birch", "cedar", "dogwood", "elm", "fir")


@st.composite
def _question(draw: Any, identity: str, earlier: list[Q], sampled: bool) -> Q:
    kind = draw(st.sampled_from(KINDS))
    more: dict[str, Any] = {}
    options: tuple[str, ...] = ()
    low = high = 0
    if kind in ("single", "multiple"):
        options = OPTIONS[: draw(st.integers(2, len(OPTIONS)))]
        more |= {key: True for key in ("random_order", "other", "dont_know") if draw(st.booleans())}
    if kind in ("scale", "number"):
        low = draw(st.integers(-5 if kind == "scale" else 0, 95))
        high = low + draw(st.integers(1, 20 if kind == "scale" else 5000))
        more |= {"dont_know": True} if draw(st.booleans()) else {}
    if sampled and kind != "statement" and draw(st.integers(0, 3)) == 0:
        more["sample"] = "some"
    condition: If | str = draw(_condition(earlier)) if earlier and draw(st.booleans()) else ""
    return Q(identity, kind, options, low, high, condition, more)


@st.composite
def _condition(draw: Any, earlier: list[Q]) -> If | str:
    question = draw(st.sampled_from(earlier))
    match question.kind:
        case "single":
            return If(
                question.id, draw(st.sampled_from(("=", "!="))), draw(st.sampled_from(question.options))
            )
        case "multiple":
            return If(question.id, "selected", draw(st.sampled_from(question.options)))
        case "scale" | "number":
            return If(question.id, ">=", draw(st.integers(max(0, question.low), max(0, question.high))))
        case _:
            return ""


@st.composite
def definitions(draw: Any) -> Definition:
    """Return a sound questionnaire: a core, perhaps modules, perhaps an end; routed, sampled and mixed at random."""
    modules = ("places", "pots", "trays")[: draw(st.integers(0, 3))]
    share = draw(st.sampled_from((0, 0, 30, 70)))
    plan = [("core", "")] * draw(st.integers(1, 3))
    plan += [("", module) for module in modules for _ in range(draw(st.integers(1, 2)))]
    plan += [("closing", "")] * draw(st.integers(0, 1))
    pages: list[P] = []
    for number, (part, module) in enumerate(plan):
        # What a condition may look at: earlier pages of the core and of the page's own module.
        earlier = [q for page in pages if page.part == "core" or (module and page.module == module)
                   for q in page.questions if q.high >= 0]  # fmt: skip
        many = draw(st.integers(1, 3))
        asks = [draw(_question(f"q{number}_{n}", earlier, bool(share))) for n in range(many)]
        if all(question.kind == "statement" for question in asks):
            asks.append(Q(f"q{number}_s", "single", OPTIONS[:2]))
        pages.append(P(f"page{number}", tuple(asks), part, module))
    if not any(
        question.for_everybody for page in pages if page.part == "core" for question in page.questions
    ):
        pages.insert(0, P("first_of_all", (Q("everybody", "single", OPTIONS[:3]),)))
    return Definition(tuple(pages), modules, bool(modules) and draw(st.booleans()), share)


# -- and what makes one unsound -----------------------------------------------------------------------------------

YES_NO = Q("planted", "single", ("yes", "no"))
SOME = {"sample": "some"}
LONG = tuple(f"an_option_with_a_name_so_long_{n}" for n in range(85))


def _impossible(condition: str) -> Callable[[Definition], Definition]:
    """Return how to plant a question that no answers lead to, on a page of its own after two that decide."""

    def plant(definition: Definition) -> Definition:
        first = P("first", (YES_NO, Q("amount", "number", low=0, high=50)))
        second = P(
            "second", (Q("only_yes", "multiple", OPTIONS[:3], condition="${planted} = 'yes'"), YES_NO_2)
        )
        third = P("third", (Q("fault", "single", ("yes", "no"), condition=condition), Q("beside", "text")))
        return definition.with_page(third).with_page(second).with_page(first)

    return plant


YES_NO_2 = Q("again", "single", ("yes", "no"))


def _end(page: P) -> Callable[[Definition], Definition]:
    return lambda definition: definition.with_page(page, len(definition.pages))


def _module(name: str, *pages: P) -> Callable[[Definition], Definition]:
    return lambda d: replace(d, modules=(*d.modules, name), pages=(*d.pages, *pages))


# For each fault: its code, what its place has to name, and how it is planted.
FAULTS: dict[str, tuple[str, str, Callable[[Definition], Definition]]] = {
    "a page that asks nothing": ("survey.empty_page", "page fault", _end(P("fault", ()))),
    "a page of statements alone": (
        "survey.unreachable", "page fault", _end(P("fault", (Q("words", "statement"),)))),
    "both of two answers to one choice": (
        "survey.unreachable", "question fault", _impossible("${planted} = 'yes' and ${planted} = 'no'")),
    "what only the other answer leads to": (
        "survey.unreachable", "question fault", _impossible("selected(${only_yes}, 'ash') and ${planted} = 'no'")),
    "a number below one and above another": (
        "survey.unreachable", "question fault", _impossible("${amount} < 10 and ${amount} > 20")),
    "more ticks than there are boxes": (
        "survey.unreachable", "question fault", _impossible("count-selected(${only_yes}) > 3")),
    "an answer and that it is none": (
        "survey.unreachable", "question fault", _impossible("${again} = 'yes' and not(${again} = 'yes')")),
    "a module for those who leave it": (
        "survey.unreachable", "question fault",
        _module("lost", P("nowhere", (Q("fault", "text", condition="${take_lost} = 'leave'"),), "", "lost"))),
    "a module without pages": ("survey.empty_module", "module lost", _module("lost")),
    "a page of no module": (
        "survey.unknown_module", "page fault", _end(P("fault", (YES_NO,), "", "undeclared"))),
    "a condition on what comes later": (
        "survey.condition_question", "question fault",
        lambda d: d.with_question(Q("fault", "text", condition="${planted} = 'yes'"), 0).with_page(
            P("later", (YES_NO,)), len(d.pages))),
    "a condition on what nobody can answer": (
        "survey.condition_value", "question fault", _impossible("${planted} = 'maybe'")),
    "a page that does not fit its envelope": (
        "survey.overfull", "page fault",
        _end(P("fault", tuple(Q(f"wide{n}", "multiple", LONG) for n in range(2))))),
    "more options than a byte has room for": (
        "survey.option_count", "question fault",
        lambda d: d.with_question(Q("fault", "single", tuple(f"o{n}" for n in range(91))))),
    "a number that cannot be typed": (
        "survey.bounds", "question fault", lambda d: d.with_question(Q("fault", "number", low=-3, high=9))),
    "an option with the name of a missing code": (
        "survey.reserved_id", "option skipped", lambda d: d.with_question(Q("fault", "single", ("ash", "skipped")))),
    "a question with the name of something else that is counted": (
        "survey.reserved_id", "question language", lambda d: d.with_question(Q("language", "single", ("ash", "elm")))),
    "nothing that everybody is asked": (
        "survey.no_core", "survey.toml", lambda _: Definition((P("some", (Q("few", "text", more=SOME),)),), share=9)),
    "two questions of one name": (
        "survey.duplicate_id", "survey.toml", lambda d: d.with_question(YES_NO).with_question(YES_NO)),
}  # fmt: skip
