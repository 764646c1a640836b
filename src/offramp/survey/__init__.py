"""Asking: what a survey is, the walk of a respondent through it, and the response that is joined at the desk."""

from offramp.survey.answers import Missing
from offramp.survey.body import Body, read_body
from offramp.survey.check import read_surveys
from offramp.survey.definition import PageId, Survey
from offramp.survey.response import Response, join
from offramp.survey.signals import Mark, Marks, Signals, read_signals, together
from offramp.survey.walk import Moment, Walk

__all__ = [
    "Body",
    "Mark",
    "Marks",
    "Missing",
    "Moment",
    "PageId",
    "Response",
    "Signals",
    "Survey",
    "Walk",
    "join",
    "read_body",
    "read_signals",
    "read_surveys",
    "together",
]
