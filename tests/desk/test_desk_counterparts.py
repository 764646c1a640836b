"""The same question in two surveys: each column is what the survey's own report prints, and the test is of the two."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import lxml.html
import pytest

from offramp.desk import Counterpart, read_joint, shown
from offramp.desk.clean import EVERYWHERE
from offramp.desk.codebook import codebook
from offramp.desk.counterparts import Shown
from offramp.desk.joint import Crosstab, Joint
from offramp.desk.statistics import association
from offramp.survey import Survey, read_surveys
from tests.desk.counting import count_store, report
from tests.desk.studies import TINY, bodies, written

LOOK = Joint(crosstabs=(Crosstab("both", "Both", "survey", ("likes", "which", "strength")),))


@pytest.fixture(scope="module")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Survey]:
    content = written(tmp_path_factory.mktemp("content"))
    other = content / "surveys" / "other"
    other.mkdir()
    text = TINY.replace('slug = "tiny"', 'slug = "other"').replace('title = "Tea"', 'title = "More tea"')
    for name in ("likes", "which"):
        text = text.replace(f'id = "{name}"\n', f'id = "{name}"\nsame_as = "tiny:{name}"\n')
    (other / "survey.toml").write_text(text, encoding="utf-8")
    return read_surveys(content)


@cache
def counts(html: str) -> dict[str, list[str]]:
    """Return what a report prints of each answer to the question “likes”, by itself."""
    section = lxml.html.document_fromstring(html).xpath("//section[@id='q-likes']")[0]
    return {row.xpath("string(./th)").strip(): [cell.text_content() for cell in row[1:3]]
            for row in section.xpath(".//tbody/tr")}  # fmt: skip


def made(surveys: dict[str, Survey], responses: int = 400) -> tuple[str, str]:
    """Return the report of one survey beside the other, and that of the other."""
    own, other = surveys["tiny"], surveys["other"]
    first, second = bodies(own, 1, 400), bodies(other, 2, responses, skip=0.3)
    beside = shown(other, count_store(other, second, EVERYWHERE), {}, ())
    return report(own, first, {}, (), joint=LOOK, others=[beside] if beside else []), report(
        other, second, {}, ()
    )


def test_both_columns_are_what_the_two_reports_print(surveys: dict[str, Survey]):
    here, there = made(surveys)
    table = lxml.html.document_fromstring(here).xpath("//table[contains(@class, 'side')]")[0]
    assert [head.text_content() for head in table.xpath("./thead//th")] == [
        "Answer",
        "Tea",
        "Share",
        "More tea",
        "Share",
    ]
    rows = table.xpath("./tbody/tr[not(@class)]")
    assert len(rows) == 3
    for row in rows:
        label, *figures = (cell.text_content() for cell in row)
        assert figures == [*counts(here)[label], *counts(there)[label]]
    line = " ".join(table.xpath("string(./following::p[contains(@class, 'test')][1])").split())
    again = association([[int(row[place].text_content()) for row in rows] for place in (1, 3)], noise=2)
    assert again is not None
    assert (
        f"from the {again.n:,} responses of printed counts: chi-square {again.chi_square:.1f}, degrees of freedom: 2;"
        in line
    )


def test_several_answers_are_not_tested_and_a_question_of_one_survey_alone_has_one_column(
    surveys: dict[str, Survey],
):
    tables = lxml.html.document_fromstring(made(surveys)[0]).xpath("//table[contains(@class, 'side')]")
    assert [len(table.xpath("./thead//th")) for table in tables] == [5, 5, 3]
    lines = [" ".join(table.xpath("string(./following::p[1])").split()) for table in tables]
    assert lines[1].startswith("No test: several answers are possible")
    assert lines[2] == "No other survey with enough responses asks this."


def test_a_survey_of_few_responses_shows_nothing_here_either(surveys: dict[str, Survey]):
    tables = lxml.html.document_fromstring(made(surveys, 60)[0]).xpath("//table[contains(@class, 'side')]")
    assert {len(table.xpath("./thead//th")) for table in tables} == {3}


def test_both_of_our_surveys_declare_it_and_ask_the_same(surveys: dict[str, Survey]):
    content = Path(__file__).parents[2] / "content"
    ours = read_surveys(content)
    for slug, other in (("help-us", "no-need"), ("no-need", "help-us")):
        own, theirs = (_empty(ours[name]) for name in (slug, other))
        (declared,) = (each for each in read_joint(content, ours[slug]).crosstabs if each.by == "survey")
        for name in declared.questions:
            assert theirs.asks(slug, own.variables[name]) is not None


def _empty(survey: Survey) -> Counterpart:
    variables = {variable.id: variable for variable in codebook(survey)}
    return Counterpart(survey, variables, {name: Shown(None, {}) for name in variables})
