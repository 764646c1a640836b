"""Asking: what a survey is, the walk of a respondent through it, and the response that is joined at the desk."""

from offramp.survey.answers import Missing
from offramp.survey.body import Body, read_body
from offramp.survey.check import read_surveys
from offramp.survey.definition import PageId, Survey
from offramp.survey.response import Response, join
from offramp.survey.walk import Moment, Walk

__all__ = [
    "Body",
    "Missing",
    "Moment",
    "PageId",
    "Response",
    "Survey",
    "Walk",
    "join",
    "read_body",
    "read_surveys",
]
