"""Published figures stand beside ours, each with source, base and date, and nothing is computed from the two."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pytest

from offramp.desk import read_findings, read_published
from offramp.desk.published import Published
from offramp.errors import Refusal
from offramp.survey import read_surveys
from tests.desk.counting import report
from tests.desk.studies import CONTENT, FINDINGS, TINY, help_us, written
from tests.desk.test_desk_report import tiny_study

FIGURE = """
[[figure]]
id = "a"
survey = "tiny"
finding = "likes"
says = "like tea"
share = "99 %"
base = "20 people in a tea house"
date = "1999"
source = "An invented source"
differs = "They sat in a tea house."
"""


def published(folder: Path, text: str) -> tuple[str, tuple[Published, ...]]:
    content = written(folder, TINY, findings=FINDINGS)
    (content / "evidence").mkdir()
    (content / "evidence" / "published.toml").write_text(text, encoding="utf-8")
    survey = read_surveys(content)["tiny"]
    findings = read_findings(content, survey)
    figures = read_published(content, "tiny", findings)
    return report(survey, tiny_study(survey), {}, findings, published=figures), figures


def test_both_stand_in_one_table_with_base_and_date(tmp_path: Path):
    made, _ = published(tmp_path, FIGURE + FIGURE.replace('"likes"', '"drinks_none"').replace('"a"', '"b"'))
    tables = lxml.html.document_fromstring(made).xpath("//table[@class='beside']")
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in tables[0].xpath("./tbody/tr")]
    assert rows[0][1:] == ["135 responses", "2026-W47", "41 %"]
    assert rows[1] == [
        "Like tea.An invented source. They sat in a tea house.",
        "20 people in a tea house",
        "1999",
        "99 %",
    ]
    assert tables[1].xpath("./tbody/tr")[0][3].text_content() == "[c]", "ours is suppressed here as well"


def test_figures_for_other_surveys_are_left_out(tmp_path: Path):
    made, figures = published(tmp_path, FIGURE.replace('"tiny"', '"elsewhere"'))
    assert figures == ()
    assert 'id="published"' not in made


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('finding = "likes"', 'finding = "hates"', "published.unknown_finding"),
        ('source = "An invented source"', 'source = " "', "published.unsaid"),
        ('base = "20 people in a tea house"', 'base = ""', "published.unsaid"),
    ],
)
def test_a_figure_without_source_base_or_finding_is_refused(tmp_path: Path, old: str, new: str, code: str):
    with pytest.raises(Refusal) as caught:
        published(tmp_path, FIGURE.replace(old, new))
    assert code in caught.value.codes


def test_what_the_repository_puts_beside_ours_is_sound_and_has_its_sources():
    figures = read_published(CONTENT, "help-us", read_findings(CONTENT, help_us()))
    assert {figure.id for figure in figures} >= {"wish_2024", "age_2024", "open_web_2024"}
    assert all("doi" in figure.source or "http" in figure.source for figure in figures)
