"""The report of the second survey: rows of a matrix, and questions that the first survey asks in the same words."""

from __future__ import annotations

import lxml.html
import pytest

from offramp.desk import read_findings
from offramp.survey import Survey, read_surveys
from tests.desk.counting import report
from tests.desk.studies import CONTENT, bodies


@pytest.fixture(scope="module")
def no_need() -> Survey:
    return read_surveys(CONTENT)["no-need"]


def test_a_row_is_called_by_what_stands_above_and_its_own_words_and_a_shared_question_names_the_other(
    no_need: Survey,
) -> None:
    made = report(no_need, tuple(bodies(no_need, 1, 200)), {}, read_findings(CONTENT, no_need))
    text = " ".join(lxml.html.document_fromstring(made).text_content().split())
    assert "In your view, how much harm does this do to children? – When CSAM of them is looked at" in text
    shared = [question for question in no_need.questions if question.same_as]
    assert text.count("Asked in the same words in “help-us”") == len(shared) > 15
    assert "(as first_age)" in text
