"""The drafts of reports that are here: each language is whole, in its own script, with its survey's findings."""

from __future__ import annotations

import re
from functools import cache

import lxml.html
import pytest

from offramp.desk import Declared, in_words, read_findings, read_frame, read_joint, read_rules
from offramp.language import LANGUAGES, SOURCE, Tag
from offramp.survey import read_surveys
from tests.desk.counting import report
from tests.desk.studies import CONTENT, TINY
from tests.desk.test_desk_report import TOTALS, tiny_study
from tests.questionnaires import read

THERE = sorted(Tag(path.stem) for path in (CONTENT / "report" / "locale").glob("*.po"))
# One that is read from right to left always, the others where there is more time.
EVERY = [pytest.param(tag, marks=[] if tag == "ar" else [pytest.mark.full]) for tag in THERE]
surveys = cache(read_surveys)


def test_every_language_of_the_platform_has_a_frame():
    assert set(THERE) == set(LANGUAGES) - {SOURCE}


@pytest.mark.parametrize("tag", EVERY)
def test_a_frame_and_all_findings_of_our_surveys_are_whole(tag: Tag):
    frame = read_frame(CONTENT, tag)
    for survey in surveys(CONTENT).values():
        own = Declared(
            read_findings(CONTENT, survey), read_joint(CONTENT, survey), read_rules(CONTENT, survey)
        )
        words = in_words(CONTENT, survey, own, frame)
        assert [each.id for each in words.findings] == [each.id for each in own.findings]
        assert all(a.sentence != b.sentence for a, b in zip(words.findings, own.findings, strict=True))


@pytest.mark.parametrize("tag", EVERY)
def test_a_report_speaks_its_language_in_its_direction(tag: Tag):
    survey = read(TINY)
    tree = lxml.html.document_fromstring(
        report(survey, tiny_study(survey), TOTALS, (), frame=read_frame(CONTENT, tag))
    )
    assert (tree.get("lang"), tree.get("dir")) == (tag, LANGUAGES[tag].direction)
    text = " ".join(tree.xpath("string(//dl)").split())
    assert not re.search(r"\b(the|and|responses|nothing)\b", text)
    assert not re.search(r"\{[a-z_]+\}", tree.text_content())


@pytest.mark.parametrize(
    ("tag", "number", "decimal"),
    [
        ("en", "1,234,567", "0.128"),
        ("de", "1.234.567", "0,128"),
        ("fr", "1\u202f234\u202f567", "0,128"),
        ("it", "1.234.567", "0,128"),
        ("ja", "1,234,567", "0.128"),
        ("ar", "1,234,567", "0.128"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(tag: Tag, number: str, decimal: str):
    frame = read_frame(CONTENT, tag)
    assert frame.number(1234567) == number
    assert frame.decimal(0.1284, 3) == decimal


def test_a_difference_has_its_sign_and_nought_has_none():
    frame, arabic = read_frame(CONTENT, SOURCE), read_frame(CONTENT, Tag("ar"))
    assert [frame.difference(each, 1) for each in (2.26, -2.26, 0.04, -0.04)] == [
        "+2.3",
        "−2.3",
        "0.0",
        "0.0",
    ]
    assert [frame.difference(each) for each in (3, -3, 0)] == ["+3", "−3", "0"]
    assert arabic.difference(-3) == "\u2066−3\u2069"


def test_weeks_keep_their_order_where_one_reads_from_right_to_left():
    assert read_frame(CONTENT, Tag("ar")).range(("2026-W40", "2026-W50")) == "\u20662026-W40 – 2026-W50\u2069"
    assert read_frame(CONTENT, Tag("de")).range(("2026-W40",)) == "2026-W40"
    assert read_frame(CONTENT, Tag("de")).range(()) == ""
