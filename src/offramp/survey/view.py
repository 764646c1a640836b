"""A page as a template shows it: labels in one language, what is ticked, what is to be mended. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offramp.language import Catalogue, Tag
from offramp.survey.answers import Chosen, ChosenMany, Known, Missing, Number
from offramp.survey.definition import OTHER, Kind, Option, Part, Question, QuestionId, Survey
from offramp.survey.draft import Draft
from offramp.survey.flow import Stop, ordered_options, ordered_rows
from offramp.survey.form import (
    REFUSE,
    UNKNOWN,
    Complaint,
    Fields,
    box_mark,
    choice_field,
    forget_field,
    option_code,
    words_field,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OptionView:
    """One tick box or radio button. `label` is a text, or a `role` that the interface has a text for."""

    code: str
    label: str
    checked: bool
    role: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question. A row of a `matrix` has its own text, and `above` it the one that all rows share."""

    id: str
    name: str
    kind: str
    text: str
    hint: str
    options: tuple[OptionView, ...]
    missing: tuple[OptionView, ...]
    low: str = ""
    high: str = ""
    value: str = ""
    words_name: str = ""
    words: str = ""
    words_saved: bool = False
    forget_name: str = ""
    max_length: int = 0
    complaint: str = ""
    matrix: str = ""
    above: str = ""
    above_hint: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """One page; an offer page has one field, whose options are its two buttons."""

    id: str
    part: str
    title: str
    intro: str
    fields: tuple[FieldView, ...]
    number: int = 0
    count: int = 0

    @property
    def blank(self) -> bool:
        """Whether nothing on the page comes from the person."""
        return not any(
            field.value or field.words or field.words_saved or field.complaint
            or any(option.checked for option in (*field.options, *field.missing))
            for field in self.fields
        )  # fmt: skip


def page_view(
    survey: Survey, draft: Draft, draw: bytes, stop: Stop, tag: Tag, posted: Fields | None = None,
    complaints: Mapping[QuestionId, Complaint] | None = None,
) -> PageView:  # fmt: skip
    """Return a page as it is shown: filled from what was just posted, or else from the draft."""
    texts = survey.catalogues[tag]
    page = stop.page
    offer = page.part is Part.OFFER
    title = texts[f"module/{page.module}/title"] if offer else texts[f"page/{page.id}/title"]
    intro = texts[f"module/{page.module}/invite"] if offer else texts.texts.get(f"page/{page.id}/intro", "")
    asked = ordered_rows(stop.asked, draw)
    fields = tuple(_field(q, draft, draw, texts, posted, (complaints or {}).get(q.id)) for q in asked)
    return PageView(page.id, page.part, title, intro, fields)


def _field(
    question: Question,
    draft: Draft,
    draw: bytes,
    texts: Catalogue,
    posted: Fields | None,
    complaint: Complaint | None,
) -> FieldView:
    if posted is None:
        codes = set(_codes(question, draft.answers.get(question.id)))
        words, forgotten = "", False
    else:
        codes = set(posted.get(choice_field(question), ()))
        words = "\n".join(posted.get(words_field(question), ()))
        forgotten = bool(posted.get(forget_field(question))) and not words.strip()
    prefix = f"question/{question.id}"
    mark = box_mark(question)
    return FieldView(
        question.id, choice_field(question), question.kind,
        texts.texts.get(f"{prefix}/text", ""), texts.texts.get(f"{prefix}/hint", ""),
        tuple(_options(question, draw, codes, texts)),
        tuple(OptionView(mark + code, "", mark + code in codes, role)
              for code, role in ((UNKNOWN, "dont_know"), (REFUSE, "rather_not_say"))
              if code != UNKNOWN or question.dont_know),
        texts.texts.get(f"{prefix}/low", ""), texts.texts.get(f"{prefix}/high", ""),
        next((code for code in codes if not code.startswith("x")), "") if question.kind is Kind.NUMBER else "",
        words_field(question) if question.open else "", words,
        question.id in draft.worded and not forgotten, forget_field(question),
        question.max_length, complaint.value if complaint else "", *_above(question, texts),
    )  # fmt: skip


def _above(question: Question, texts: Catalogue) -> tuple[str, str, str]:
    """Return the matrix that a row belongs to, and what stands above it."""
    if question.matrix is None:
        return "", "", ""
    name = question.matrix.id
    return name, texts[f"question/{name}/text"], texts.texts.get(f"question/{name}/hint", "")


def _options(question: Question, draw: bytes, codes: set[str], texts: Catalogue) -> Iterator[OptionView]:
    if question.kind is Kind.SCALE:
        for number in range(question.low, question.high + 1):
            code = option_code(number - question.low)
            yield OptionView(code, str(number), code in codes)
    places = {option.id: place for place, option in enumerate(question.options)}
    for option in ordered_options(question, draw):
        code = option_code(places[option.id])
        yield OptionView(code, label(option, texts), code in codes, "other" if option.id == OTHER else "")


def label(option: Option, texts: Catalogue) -> str:
    """Return an option's label; empty for those whose words are the interface's (other, take, leave)."""
    return option.name or (texts[option.text_key] if option.text_key else "")


def _codes(question: Question, answer: Known | None) -> Iterator[str]:
    places = {option.id: option_code(place) for place, option in enumerate(question.options)}
    mark = box_mark(question)
    match answer:
        case Chosen(option):
            yield places[option]
        case ChosenMany(options):
            yield from (places[option] for option in options)
        case Number(number):
            yield option_code(number - question.low) if question.kind is Kind.SCALE else str(number)
        case Missing.REFUSED:
            yield mark + REFUSE
        case Missing.DONT_KNOW:
            yield mark + UNKNOWN
