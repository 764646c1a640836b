"""XLSForms that others wrote, and questionnaires as PDF: what needs a download or programs of the system."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pyxform.xls2json_backends import get_xlsform

from offramp import exchange
from offramp.cli import exchange as command
from offramp.cli.exchange import write
from offramp.errors import Refusal
from offramp.exchange.workbook import Form
from offramp.survey import read_surveys, read_version

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
FORMS = ("buildings", "health", "highways")


def form(name: str, folder: Path) -> Form:
    """Return a form, whether it is a workbook of the old kind or, under the same name, of the new."""
    path = ROOT / "var" / "forms" / f"{name}.xls"
    if path.read_bytes().startswith(b"PK"):
        shutil.copy(path, folder / f"{name}.xlsx")
        return exchange.read_workbook(folder / f"{name}.xlsx")
    sheets = get_xlsform(str(path))
    return Form(*(tuple({k: str(v) for k, v in row.items() if v} for row in rows or ())
                  for rows in (sheets.survey, sheets.choices, sheets.settings)))  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_others_is_taken_in_and_all_that_is_lost_is_said(name: str, tmp_path: Path) -> None:
    found = form(name, tmp_path)
    made = exchange.incoming(found, name)
    write(made, tmp_path / name)
    asked = {question["id"] for page in made.table["page"] for question in page["question"]}
    assert asked
    lost = {loss.partition(":")[0] for loss in made.losses}
    for row in found.survey:
        word = row.get("type", "").replace("_", " ")
        if word.startswith(("begin", "end")) or not word:
            continue
        # Nobody's question is missing without a line about it.
        named = row.get("name") or row["type"]
        assert named.lower() in asked or named in lost or f"q_{named}".lower() in asked, row
    # What may be left to mend is what the form itself lacks: texts in a language, and answers that can be told apart.
    left = {code for code in faults(tmp_path / name) if not code.startswith("language.")}
    assert left <= {"survey.equal_options"}


def faults(folder: Path) -> tuple[str, ...]:
    try:
        read_version(folder)
    except Refusal as refusal:
        return refusal.codes
    return ()


@pytest.mark.parametrize("slug", read_surveys(ROOT / "content"))
def test_every_language_can_be_printed(slug: str, tmp_path: Path) -> None:
    for tag, texts in read_surveys(ROOT / "content")[slug].catalogues.items():
        path = tmp_path / f"{tag}.pdf"
        command.export(slug, "paper", path, tag, ROOT / "content")
        said = printed("pdftotext", "-enc", "UTF-8", path, "-")
        assert f"{slug}" in said
        assert said.count("\f") >= 8, "a questionnaire has pages"
        # Right-to-left text comes back in another order of letters; elsewhere every word of the title is there.
        if texts.language.direction == "ltr":
            assert re.sub(r"\s", "", texts["title"]) in re.sub(r"\s", "", said)
        fonts = printed("pdffonts", path)
        assert all(" yes " in line for line in fonts.splitlines()[2:]), fonts


def printed(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()
