"""A survey as an XLSForm: pages as groups, routing as `relevant`, every missing code as a choice of its own.

What XLSForm has no word for stands in columns that begin with `offramp_`, which other programs leave alone. Not here:
the file (`workbook`). The invariant: `incoming` makes of it a survey with the same ids, routing, texts and codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from offramp.exchange.workbook import Form, Row
from offramp.language import LANGUAGES, Tag
from offramp.survey import (
    END,
    OTHER,
    TAKE,
    Kind,
    Missing,
    Option,
    Page,
    Part,
    Question,
    Survey,
    offer_question,
)

DOOR = ("title", "text", "link")
MISSING_SUFFIX, OTHER_SUFFIX = "_missing", "_other"
_OFFER_TEXTS = {TAKE: "page/take", "leave": "page/leave", END: "page/end"}
_MISSING_TEXTS = {Missing.REFUSED: "page/rather_not_say", Missing.DONT_KNOW: "page/dont_know"}


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the pages that stand between the survey's own: `other`, `I would rather not say`, … per language."""

    texts: Mapping[Tag, Mapping[str, str]]

    def __call__(self, key: str, tag: Tag) -> str:
        return self.texts[tag][key]

    def option(self, survey: Survey, option: Option, tag: Tag) -> str:
        """Return what an answer to choose is called on the pages."""
        if option.id == OTHER:
            return self("page/other", tag)
        own = option.name or (survey.catalogues[tag][option.text_key] if option.text_key else "")
        return own or self(_OFFER_TEXTS[option.id], tag)

    def question(self, survey: Survey, question: Question, tag: Tag) -> str:
        """Return the whole wording of a question; of an offer, the title of what is offered."""
        texts = survey.catalogues[tag]
        said = [texts.texts[key] for key in question.wording if key in texts.texts]
        module = str(question.id).removeprefix("take_")
        return " – ".join(said) or texts[f"module/{module}/title"]


def column(name: str, tag: Tag) -> str:
    """Return the column of a text in a language, as in `label::Suomi (fi)`."""
    return f"{name}::{LANGUAGES[tag].name} ({tag})"


def outgoing(survey: Survey, labels: Labels) -> Form:
    """Return the XLSForm of the newest version of a survey, in all its languages."""
    return _Writer(survey, labels).form()


class _Writer:
    def __init__(self, survey: Survey, labels: Labels) -> None:
        self.survey, self.labels, self.tags = survey, labels, tuple(survey.catalogues)

    def form(self) -> Form:
        settings = {
            "form_title": self.survey.catalogues[self.tags[0]]["title"], "form_id": self.survey.slug,
            "version": str(self.survey.version), "default_language": column("", self.tags[0]).removeprefix("::"),
            "style": "pages", "offramp_minutes": str(self.survey.minutes),
            "offramp_module_order": "random" if self.survey.random_modules else "fixed",
            "offramp_samples": " ".join(f"{sample.id}={sample.share}" for sample in self.survey.samples),
            **self.own("offramp_title", "title"),
            **{k: v for name in DOOR for k, v in self.own(f"offramp_door_{name}", f"door/{name}").items()},
        }  # fmt: skip
        rows = [*self.consent(), *(row for page in self.survey.pages for row in self.page(page))]
        return Form(tuple(rows), tuple(self.choices()), ({k: v for k, v in settings.items() if v},))

    def own(self, name: str, key: str) -> dict[str, str]:
        """Return a text of the survey in all languages."""
        texts = ((tag, self.survey.catalogues[tag].texts.get(key, "")) for tag in self.tags)
        return {column(name, tag): text for tag, text in texts if text}

    def words(self, key: str) -> dict[str, str]:
        """Return a text of the pages in all languages."""
        return {column("label", tag): self.labels(key, tag) for tag in self.tags}

    def consent(self) -> Iterator[Row]:
        yield {"type": "begin_group", "name": "consent", "appearance": "field-list", "offramp_part": "consent",
               **self.own("label", "title")}  # fmt: skip
        for name in ("purpose", "topics"):
            yield {"type": "note", "name": f"consent_{name}", **self.own("label", f"consent/{name}")}
        yield {"type": "end_group", "name": "consent"}

    def page(self, page: Page) -> Iterator[Row]:
        offer = page.part is Part.OFFER
        title = f"module/{page.module}/title" if offer else f"page/{page.id}/title"
        intro = f"module/{page.module}/invite" if offer else f"page/{page.id}/intro"
        head = {
            "type": "begin_group",
            "name": page.id,
            "appearance": "field-list",
            "offramp_part": page.part.value,
        }
        head |= {"offramp_module": page.module} if page.module else {}
        head |= {"relevant": shown} if (shown := self.shown(page)) else {}
        yield head | self.own("label", title)
        if texts := self.own("label", intro):
            yield {"type": "note", "name": f"{page.id}_intro", **texts}
        for question in page.questions:
            if offer:
                yield {"type": f"select_one {question.id}", "name": question.id, **self.own("label", title)}
            else:
                yield from self.question(question)
        yield {"type": "end_group", "name": page.id}

    def shown(self, page: Page) -> str:
        """Return when a page is shown; the order of the parts is chance here and the file's in a form."""
        if page.part is Part.MODULE:
            return f"${{{offer_question(page.module)}}} = '{TAKE}'"
        if page.part is Part.OFFER:
            before = self.survey.modules[: self.survey.modules.index(page.module)]
            return " and ".join(f"${{{offer_question(module)}}} != '{END}'" for module in before)
        return ""

    def question(self, question: Question) -> Iterator[Row]:
        key = f"question/{question.id}"
        if question.matrix and question == self.rows(question)[0]:
            yield self.matrix(question)
        row = {"type": _type(question), "name": str(question.id), "offramp_kind": question.kind.value}
        row |= self.own("label", f"{key}/text") | self.own("hint", f"{key}/hint")
        row |= {"relevant": question.relevant_text} if question.relevant_text else {}
        row |= {"offramp_sample": question.sample} if question.sample else {}
        row |= {"offramp_same_as": question.same_as} if question.same_as else {}
        row |= {"offramp_matrix": question.matrix.id} if question.matrix else {}
        row |= (
            {"offramp_random_order": "yes", "parameters": "randomize=true"} if question.random_order else {}
        )
        row |= {"constraint": limit} if (limit := _limit(question)) else {}
        if question.kind in (Kind.SCALE, Kind.NUMBER):
            row |= {"offramp_low": str(question.low), "offramp_high": str(question.high)}
            row |= self.own("offramp_low_label", f"{key}/low") | self.own("offramp_high_label", f"{key}/high")
        row |= {"offramp_max_length": str(question.max_length)} if question.max_length else {}
        yield row
        inherited = {"relevant": question.relevant_text} if question.relevant_text else {}
        if question.kind in (Kind.NUMBER, Kind.TEXT):
            name = f"{question.id}{MISSING_SUFFIX}"
            yield {"type": f"select_one {name}", "name": name, "offramp_kind": "missing", **inherited,
                   **self.words("page/optional")}  # fmt: skip
        if any(option.id == OTHER for option in question.options):
            chosen = f"selected(${{{question.id}}}, '{OTHER}')"
            yield {"type": "text", "name": f"{question.id}{OTHER_SUFFIX}", "offramp_kind": "other_words",
                   "relevant": chosen, **self.words("page/other_words")}  # fmt: skip

    def rows(self, question: Question) -> list[Question]:
        """Return all rows of the matrix that a question is one of."""
        return [
            other for other in self.survey.questions if question.matrix and other.matrix == question.matrix
        ]

    def matrix(self, question: Question) -> Row:
        """Return the text above a matrix, as a note; its rows follow as questions with one list of answers."""
        assert question.matrix is not None
        name = question.matrix.id
        row = {"type": "note", "name": name, "offramp_kind": "matrix"}
        row |= {"relevant": question.relevant_text} if question.relevant_text else {}
        row |= {"offramp_sample": question.sample} if question.sample else {}
        row |= {"offramp_random_rows": "yes"} if question.matrix.random_rows else {}
        return row | self.own("label", f"question/{name}/text") | self.own("hint", f"question/{name}/hint")

    def choices(self) -> Iterator[Row]:
        for question in self.survey.questions:
            if question.kind is Kind.STATEMENT or (question.matrix and question != self.rows(question)[0]):
                continue
            name = question.matrix.id if question.matrix else str(question.id)
            name += MISSING_SUFFIX if question.kind in (Kind.NUMBER, Kind.TEXT) else ""
            for option in question.options:
                yield {"list_name": name, **self.option(option)}
            if question.kind is Kind.SCALE:
                for number in range(question.low, question.high + 1):
                    yield {"list_name": name, "name": str(number), **self.point(question, number)}
            if not str(question.id).startswith("take_"):
                for code in (Missing.DONT_KNOW, Missing.REFUSED)[not question.dont_know :]:
                    yield {"list_name": name, "name": code.value, **self.words(_MISSING_TEXTS[code])}

    def option(self, option: Option) -> dict[str, str]:
        row = {"name": option.id}
        row |= {"offramp_exclusive": "yes"} if option.exclusive else {}
        row |= {"offramp_fixed": "yes"} if option.fixed and option.id != OTHER else {}
        return row | {column("label", tag): self.labels.option(self.survey, option, tag) for tag in self.tags}

    def point(self, question: Question, number: int) -> dict[str, str]:
        end = {question.low: "low", question.high: "high"}.get(number)
        said = self.own("label", f"question/{question.id}/{end}") if end else {}
        return {column("label", tag): f"{number} – {said[column('label', tag)]}" if said else str(number)
                for tag in self.tags}  # fmt: skip


def _type(question: Question) -> str:
    match question.kind:
        case Kind.SINGLE | Kind.SCALE:
            return f"select_one {question.matrix.id if question.matrix else question.id}"
        case Kind.MULTIPLE:
            return f"select_multiple {question.id}"
        case Kind.NUMBER:
            return "integer"
        case Kind.TEXT:
            return "text"
        case Kind.STATEMENT:
            return "note"
        case other:
            assert_never(other)


def _limit(question: Question) -> str:
    match question.kind:
        case Kind.NUMBER:
            return f". >= {question.low} and . <= {question.high}"
        case Kind.TEXT:
            return f"string-length(.) <= {question.max_length}"
        case Kind.MULTIPLE:
            alone = [option.id for option in question.options if option.exclusive]
            alone += [Missing.DONT_KNOW.value] * question.dont_know + [Missing.REFUSED.value]
            return (
                "count-selected(.) <= 1 or not("
                + " or ".join(f"selected(., '{code}')" for code in alone)
                + ")"
            )
        case _:
            return ""
