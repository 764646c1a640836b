"""Asking: what a survey is, the walk of a respondent through it, and the response that is joined at the desk."""

from offramp.survey.alone import as_sent, entered, read_alone, says_nothing, show_alone
from offramp.survey.answers import (
    WRITTEN,
    Answer,
    Chosen,
    ChosenMany,
    Missing,
    Number,
    codes_of,
    from_plain,
    to_plain,
    value,
)  # fmt: skip
from offramp.survey.body import Body, read_body
from offramp.survey.definition import (
    END,
    OTHER,
    TAKE,
    Kind,
    Option,
    Page,
    PageId,
    Part,
    Question,
    QuestionId,
    Survey,
    offer_page,
    offer_question,
)  # fmt: skip
from offramp.survey.difference import Change, difference, joined
from offramp.survey.form import Fields, PageForm
from offramp.survey.likeness import alike_answers, unlike_english
from offramp.survey.pages import PageReader, read_id, report_twice
from offramp.survey.response import Response, join
from offramp.survey.shared import unlike
from offramp.survey.signals import Mark, Marks, Signals, read_signals, together
from offramp.survey.versions import read_every, read_newest, read_surveys, read_version
from offramp.survey.view import PageView, label
from offramp.survey.walk import Moment, Walk

__all__ = [
    "END",
    "OTHER",
    "TAKE",
    "WRITTEN",
    "Answer",
    "Body",
    "Change",
    "Chosen",
    "ChosenMany",
    "Fields",
    "Kind",
    "Mark",
    "Marks",
    "Missing",
    "Moment",
    "Number",
    "Option",
    "Page",
    "PageForm",
    "PageId",
    "PageReader",
    "PageView",
    "Part",
    "Question",
    "QuestionId",
    "Response",
    "Signals",
    "Survey",
    "Walk",
    "alike_answers",
    "as_sent",
    "codes_of",
    "difference",
    "entered",
    "from_plain",
    "join",
    "joined",
    "label",
    "offer_page",
    "offer_question",
    "read_alone",
    "read_body",
    "read_every",
    "read_id",
    "read_newest",
    "read_signals",
    "read_surveys",
    "read_version",
    "report_twice",
    "says_nothing",
    "show_alone",
    "to_plain",
    "together",
    "unlike",
    "unlike_english",
    "value",
]
