"""Findings on the page: sentence, bar, row and rule say the same, in HTML and as a PDF."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import lxml.html
import pytest

from offramp.cli.printing import write_page
from offramp.desk import read_findings
from offramp.errors import Fault
from offramp.survey import read_surveys
from tests.desk.counting import report, whole_report
from tests.desk.studies import FINDINGS, TINY, bodies, written
from tests.desk.test_desk_report import TOTALS, tiny_study
from tests.questionnaires import read


def test_sentence_bar_and_row_of_a_finding_say_the_same():
    tree = lxml.html.document_fromstring(whole_report(findings=True))
    rows = tree.xpath("//table[@class='findings']/tbody/tr")
    assert len(rows) > 10
    for row in rows:
        n, base, share = (cell.text_content() for cell in row[1:])
        assert f"Of {base} responses" in row[0].text
        assert share in row[0].text
        assert row.xpath("string(.//i/@style)") == f"width:{share.split()[0]}%"
        assert share == f"{int(100 * int(n) / int(base) + 0.5)}\N{NO-BREAK SPACE}%"


def test_a_finding_names_the_answers_that_were_counted_and_those_outside_its_base():
    made = whole_report(findings=True)
    rules = {
        row.get("id"): row.xpath("string(.//p)")
        for row in lxml.html.document_fromstring(made).xpath("//table[@class='findings']//tr[@id]")
    }
    assert rules["f-under_18_at_first"] == (
        "Counted: 9 or younger; 10 to 12; 13 to 15; 16 or 17. Not in the base: I have never seen it."
    )


def test_numbers_in_bands_are_named_from_first_to_last(tmp_path: Path):
    finding = (
        FINDINGS
        + """
[[finding]]
id = "many"
question = "cups"
title = "Many cups"
low = 10
high = 99
sentence = "Of {base} responses that gave a number, {percent} % drink ten cups or more."
"""
    )
    content = written(tmp_path, TINY, findings=finding)
    survey = read_surveys(content)["tiny"]
    made = report(survey, bodies(survey, 1, 400), {}, read_findings(content, survey))
    assert "Counted: 10–99." in made


def test_a_report_is_also_a_pdf_whose_text_can_be_found(tmp_path: Path):
    pytest.importorskip("weasyprint", exc_type=ImportError)
    survey = read(TINY)
    page = report(survey, tiny_study(survey), TOTALS, ())
    write_page(page, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    if not shutil.which("pdfinfo"):
        pytest.skip("without poppler, nothing here reads a PDF")
    assert re.search(r"Tagged:\s+yes", _printed("pdfinfo", tmp_path / "report.pdf"))
    text = _printed("pdftotext", tmp_path / "report.pdf", "-")
    assert "Do you like tea?" in text
    assert text.count("SYNTHETIC – made-up answers") == text.count("\f"), "each page says that it is made up"


def _printed(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_page_that_asks_for_something_elsewhere_is_not_printed(tmp_path: Path):
    pytest.importorskip("weasyprint", exc_type=ImportError)
    with pytest.raises(Fault):
        write_page('<img src="https://example.org/x.png">', tmp_path / "page.pdf")
    assert not (tmp_path / "page.pdf").exists()
