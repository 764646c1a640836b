"""From the fields of a posted page to answers, words and gentle complaints.

Field names are the question's number, values are the option's place, both of fixed length, so that equal choices
make equal posts. Not here: HTML, or what becomes of the answers. The invariant: reading never fails, whatever is
posted, and nothing a person entered is dropped without a complaint.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from offramp.survey.answers import WRITTEN, Answer, Chosen, ChosenMany, Missing, Number
from offramp.survey.definition import OTHER, Kind, Question, QuestionId

Fields = Mapping[str, Sequence[str]]
REFUSE, UNKNOWN = "98", "97"


class Complaint(StrEnum):
    """What a person is asked to look at again; the words are in the interface catalogue under error/…"""

    EXCLUSIVE = "exclusive"
    OUT_OF_RANGE = "out_of_range"
    NO_NUMBER = "no_number"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class PageForm:
    """One posted page: an answer for every question asked, the words written, what to forget, what to mend."""

    answers: Mapping[QuestionId, Answer]
    words: Mapping[QuestionId, str]
    forget: frozenset[QuestionId] = frozenset()
    complaints: Mapping[QuestionId, Complaint] = field(default_factory=dict)
    empty: bool = False
    """Whether nothing at all was entered; words that were saved before do not count."""


def choice_field(question: Question) -> str:
    return f"q{question.number:03d}"


def words_field(question: Question) -> str:
    return f"w{question.number:03d}"


def forget_field(question: Question) -> str:
    return f"f{question.number:03d}"


def option_code(place: int) -> str:
    return f"{place:02d}"


def box_mark(question: Question) -> str:
    """Return what tells a box for not answering from a number that was typed into a field of the same name.

    Only there: everywhere else a longer code would tell, by the length of a post, who would rather not say.
    """
    return "x" if question.kind is Kind.NUMBER else ""


def read_page(asked: Sequence[Question], fields: Fields, worded: frozenset[QuestionId]) -> PageForm:
    """Return what was posted for the questions asked; `worded` says which of them have words saved already."""
    answers: dict[QuestionId, Answer] = {}
    words: dict[QuestionId, str] = {}
    forget: set[QuestionId] = set()
    complaints: dict[QuestionId, Complaint] = {}
    for question in asked:
        if question.kind is Kind.STATEMENT:
            continue
        text = clean("\n".join(fields.get(words_field(question), ()))) if question.open else ""
        if len(text) > question.max_length:
            complaints[question.id] = Complaint.TOO_LONG
            text = text[: question.max_length]
        if text:
            words[question.id] = text
        elif question.id in worded and fields.get(forget_field(question)):
            forget.add(question.id)
        kept = bool(text) or (question.id in worded and question.id not in forget)
        answer = _answer(question, fields.get(choice_field(question), ()), kept)
        if isinstance(answer, Complaint):
            complaints[question.id] = answer
            answer = Missing.INVALID
        answers[question.id] = answer
    names = {name(question) for question in asked for name in (choice_field, words_field, forget_field)}
    empty = not any(value.strip() for name in names for value in fields.get(name, ()))
    return PageForm(answers, words, frozenset(forget), complaints, empty)


def clean(text: str) -> str:
    """Return words with plain line ends and without control characters or lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))


def _answer(question: Question, posted: Sequence[str], kept: bool) -> Answer | Complaint:
    codes = [code.strip() for code in posted if code.strip()]
    match question.kind:
        case Kind.SCALE | Kind.NUMBER:
            return _number(question, codes)
        case Kind.TEXT:
            return WRITTEN if kept else Missing.REFUSED if REFUSE in codes else Missing.SKIPPED
        case _:
            return _choice(question, codes, kept)


def _number(question: Question, codes: list[str]) -> Answer | Complaint:
    if not codes:
        return Missing.SKIPPED
    mark, missing = box_mark(question), {box_mark(question) + code for code in (REFUSE, UNKNOWN)}
    typed = next((code for code in codes if code not in missing), "")
    if typed:
        if missing & set(codes):
            return Complaint.EXCLUSIVE
        if not typed.isdecimal() or len(typed) > 9:
            return Complaint.NO_NUMBER
        number = int(typed) + (question.low if question.kind is Kind.SCALE else 0)
        return Number(number) if question.low <= number <= question.high else Complaint.OUT_OF_RANGE
    return Missing.DONT_KNOW if mark + UNKNOWN in codes and question.dont_know else Missing.REFUSED


def _choice(question: Question, codes: list[str], kept: bool) -> Answer | Complaint:
    places = {int(code) for code in codes if code.isdecimal() and len(code) <= 2}
    chosen = [option for place, option in enumerate(question.options) if place in places]
    # Words written beside a list mean “other”, ticked or not.
    if (
        kept
        and OTHER not in (option.id for option in chosen)
        and (question.kind is Kind.MULTIPLE or not chosen)
    ):
        chosen = [option for option in question.options if option in chosen or option.id == OTHER]
    missing = [code for code in codes if code in (REFUSE, UNKNOWN)]
    if (len(chosen) > 1 and any(option.exclusive for option in chosen)) or (chosen and missing):
        return Complaint.EXCLUSIVE
    if question.most and len(chosen) > question.most:
        # How many there may be is said in the hint; what is asked of the person is the same: to keep those that fit.
        return Complaint.EXCLUSIVE
    if chosen:
        ids = tuple(option.id for option in chosen)
        return ChosenMany(ids) if question.kind is Kind.MULTIPLE else Chosen(ids[0])
    if missing:
        return Missing.DONT_KNOW if UNKNOWN in missing and question.dont_know else Missing.REFUSED
    return Missing.SKIPPED
