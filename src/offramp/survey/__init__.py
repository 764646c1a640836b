"""Asking: what a survey is, the walk of a respondent through it, and the response that is joined at the desk."""

from offramp.survey.body import Body, read_body
from offramp.survey.check import read_surveys
from offramp.survey.definition import Survey
from offramp.survey.response import Response, join
from offramp.survey.walk import Moment, Walk
