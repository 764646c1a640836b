"""Exact rows in SPSS, Stata and R: what they read is what was written, value for value, label for label.

Re-read here by pyreadstat; by R itself and by PSPP, which reads and obeys SPSS syntax, in the full tests.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from offramp.desk import Described, Exact, described, rowfiles, spss, stata
from offramp.desk.apart import NOTICE
from offramp.desk.described import STATA_LETTERS
from offramp.desk.shortlabels import SPSS, STATA, Room, fitted, in_codes, read_short_labels
from offramp.errors import Refusal
from offramp.exchange import MISSING
from offramp.language import Tag
from offramp.survey import Missing, read_surveys
from tests.desk.counting import rows_of
from tests.desk.studies import CONTENT, TINY, bodies, help_us, help_us_study, written
from tests.desk.test_desk_export import LABELS

EN = Tag("en")
R = Path(__file__).parent / "reread.R"
# One with an apostrophe, a long one, and quotation marks.
ODD = (
    TINY.replace('"Which kinds do you drink?"', f'"Which of the grocer\'s kinds {"or even others " * 9}do you drink?"')
    .replace("Do you like tea?", "Magst du Tee – ja, „genau“ Tee?")
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Exact, tuple[Described, ...]]:
    survey = read_surveys(written(tmp_path_factory.mktemp("odd"), ODD))["tiny"]
    rows = rows_of(survey, bodies(survey, 3, 150))
    return rows, described(survey, rows.columns, LABELS, EN, rows.flags)


def labels(field: Described) -> dict[float | str, str]:
    return {value.number: value.label for value in field.values}


# -- SPSS


def test_spss_reads_the_same_values_labels_and_missings(study: Any, tmp_path: Path) -> None:
    rows, fields = study
    spss.write_sav(rows, fields, fields, tmp_path, "exact-tiny-en")
    table, meta = pyreadstat.read_sav(tmp_path / "exact-tiny-en.sav", user_missing=True)
    assert list(table.columns) == [field.name for field in fields]
    for field in fields:
        assert list(table[field.name]) == list(rows.cells[field.name])
        assert meta.column_names_to_labels[field.name] == field.label
        assert meta.variable_value_labels.get(field.name, {}) == labels(field)
        span = [{"lo": -910.0, "hi": -901.0}] if field.reasons else None
        assert meta.missing_ranges.get(field.name) == span
    said = " ".join(meta.notes)
    assert NOTICE in said
    assert "SYNTHETIC" in said
    assert meta.file_label.startswith("SYNTHETIC, EXACT")


def test_spss_has_room_for_what_is_declared_and_no_more(tmp_path: Path, study: Any) -> None:
    """Hold our limits to what is really written: pyreadstat cuts without a word."""
    rows, fields = study
    for size, kept in ((SPSS.column, True), (SPSS.column + 1, False)):
        wide = [
            Described(f.name, f.kind, "ж" * (size // 2) + "x" * (size % 2), values=f.values) for f in fields
        ]
        spss.write_sav(rows, wide, wide, tmp_path, "wide")
        _, meta = pyreadstat.read_sav(tmp_path / "wide.sav")
        assert (meta.column_labels == [field.label for field in wide]) is kept


# -- Stata


def test_stata_reads_the_same_values_labels_and_missings(study: Any, tmp_path: Path) -> None:
    rows, whole = study
    fields = fitted(whole, {("which", ""): "Kinds"}, STATA, "")
    stata.write_dta(rows, whole, fields, tmp_path, "exact-tiny-en")
    table, meta = pyreadstat.read_dta(tmp_path / "exact-tiny-en.dta", user_missing=True)
    assert list(table.columns) == [field.name for field in fields]
    for field in fields:
        written_cells = [STATA_LETTERS.get(cell, cell) for cell in rows.cells[field.name]]
        assert list(table[field.name]) == written_cells
        assert meta.column_names_to_labels[field.name] == field.label
        told = {STATA_LETTERS.get(value.number, value.number): value.label for value in field.values}
        assert meta.variable_value_labels.get(field.name, {}) == told
    assert meta.file_label.startswith("SYNTHETIC, EXACT")


def test_a_column_that_is_missing_for_long_is_still_one_of_numbers(tmp_path: Path, study: Any) -> None:
    rows, fields = study
    gone, some = MISSING[Missing.NOT_DRAWN], len(rows.cells["response"]) - 1
    for cells in ([gone] * some + [2], [gone] * (some + 1), [2] + [gone] * some):
        late = Exact(rows.survey, True, rows.columns, {**rows.cells, "place": cells}, ())
        stata.write_dta(late, fields, in_codes(fields), tmp_path, "late")
        table, _ = pyreadstat.read_dta(tmp_path / "late.dta", user_missing=True)
        assert list(table["place"]) == [STATA_LETTERS.get(cell, cell) for cell in cells]


def test_every_reason_has_a_letter_of_its_own() -> None:
    assert [STATA_LETTERS[MISSING[code]] for code in Missing] == list("abcdefghij")


# -- labels that are too long


def test_all_labels_that_are_too_long_are_named_at_once(study: Any) -> None:
    _, fields = study
    with pytest.raises(Refusal) as refused:
        fitted(fields, {}, Room("tiny", 15, 12, "characters"), "Please write less.")
    places = [problem.place for problem in refused.value.problems]
    assert {"likes", "strength", "place", "more"} <= set(places)
    assert len(places) == len({(p.place, p.what) for p in refused.value.problems})
    assert set(refused.value.codes) == {"export.label"}


@pytest.mark.parametrize("slug", ["help-us", "no-need"])
def test_the_instruments_fit_into_spss_and_with_their_short_labels_into_stata_in_english(slug: str) -> None:
    survey = read_surveys(CONTENT)[slug]
    fields = described(survey, rows_of(survey, bodies(survey, 1, 1)).columns, LABELS, EN)
    short = read_short_labels(CONTENT, survey, EN)
    assert fitted(fields, {}, SPSS, "") == tuple(fields)
    changed = [
        one for one, other in zip(fitted(fields, short, STATA, ""), fields, strict=True) if one != other
    ]
    # None of them is there for nothing.
    assert {field.question or field.name for field in changed} == {question for question, _ in short}


@pytest.mark.full
def test_codes_fit_everywhere_in_every_language() -> None:
    survey = help_us()
    own = rows_of(survey, bodies(survey, 1, 1)).columns
    for tag in survey.catalogues:
        for room in (SPSS, STATA):
            fitted(in_codes(described(survey, own, LABELS, tag)), {}, room, "")


def test_a_short_label_stands_only_where_the_text_has_no_room(study: Any) -> None:
    _, fields = study
    short = {("likes", ""): "Tea", ("which", ""): "Kinds"}
    found = {field.name: field for field in fitted(fields, short, SPSS, "")}
    assert found["likes"].label == "Magst du Tee – ja, „genau“ Tee?"
    tight = {
        field.name: field
        for field in fitted(
            [f for f in fields if f.name == "likes"], short, Room("tight", 30, 120, "characters"), ""
        )
    }
    assert tight["likes"].label == "Tea"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('[questions]\nlikes = "Tea"\n[answers.likes]\nyes = "Yes"', ()),
        ('[questions]\nnone = "Tea"\n[answers.likes]\nnever = "No"', ("labels.unknown", "labels.unknown")),
        (f'[questions]\nlikes = "{"a" * 81}"\nstrength = " "\nmore = 3', ("labels.length",) * 3),
        (f'[questions]\nlikes = "{"ж" * 61}"', ("labels.length",)),
        ('likes = "Tea"', ("labels.unknown",)),
        ("[questions\n", ("toml.syntax",)),
    ],
)
def test_short_labels_are_checked(text: str, codes: tuple[str, ...], tmp_path: Path) -> None:
    content = written(tmp_path)
    survey = read_surveys(content)["tiny"]
    assert read_short_labels(content, survey, EN) == {}
    (content / "surveys" / "tiny" / "labels").mkdir()
    (content / "surveys" / "tiny" / "labels" / "en.toml").write_text(text, encoding="utf-8")
    if codes:
        with pytest.raises(Refusal) as refused:
            read_short_labels(content, survey, EN)
        assert refused.value.codes == codes
    else:
        assert read_short_labels(content, survey, EN) == {("likes", ""): "Tea", ("likes", "yes"): "Yes"}


# -- other programs, in the full tests


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("Rscript") and not os.environ.get("CI"), reason="R is not installed")
@pytest.mark.parametrize("tag", ["en", "ar"])
def test_r_reads_the_same_values_labels_and_missings_from_all_three(tag: str, tmp_path: Path) -> None:
    survey, name = help_us(), f"exact-help-us-{tag}"
    rows = rows_of(survey, help_us_study(5, 120))
    fields = described(survey, rows.columns, LABELS, Tag(tag), rows.flags)
    short = read_short_labels(CONTENT, survey, Tag(tag))
    # Arabic fits into SPSS; for Stata nobody has written short labels in it.
    for_spss = fitted(fields, short, SPSS, "")
    for_stata = fitted(fields if tag == "en" else in_codes(fields), short, STATA, "")
    spss.write_sav(rows, fields, for_spss, tmp_path, name)
    stata.write_dta(rows, fields, for_stata, tmp_path, name)
    rowfiles.write_csv(rows, fields, tmp_path, name)
    run(["Rscript", "--vanilla", str(R), name], tmp_path)
    read = json.loads((tmp_path / "read.json").read_text(encoding="utf-8"))
    assert NOTICE in read["comment"]
    for place, field in enumerate(fields):
        cells = rows.cells[field.name]
        _as_script(field, list(cells), read["csv"][place], read["missings"][place])
        assert read["csv"][place]["label"] == field.label
        for kind, fitting in (("sav", for_spss), ("dta", for_stata)):
            _as_haven(kind, fitting[place], list(cells), read[kind][place])


def _as_script(field: Described, cells: list[Any], found: dict[str, Any], missing: dict[str, Any]) -> None:
    """Compare a column with what the script beside the CSV makes of it."""
    reasons = {value.number: value.label for value in field.reasons}
    assert missing["cells"] == [reasons.get(cell) for cell in cells]
    if field.kind == "choice":
        means = {value.number: value.label for value in field.answers}
        assert found["cells"] == [means.get(cell) for cell in cells]
    elif field.kind == "text":
        assert found["cells"] == [cell or None for cell in cells]
    else:
        assert found["cells"] == [None if cell in reasons else cell for cell in cells]


def _as_haven(kind: str, field: Described, cells: list[Any], found: dict[str, Any]) -> None:
    """Compare a column with what haven reads: numbers, letters of missing values, and all labels."""
    assert found["name"] == field.name
    assert found["label"] == field.label
    reasons = {value.number for value in field.reasons}
    letters = {number: STATA_LETTERS[number] for number in reasons} if kind == "dta" else {}
    assert found["cells"] == [None if cell in letters else cell for cell in cells]
    assert found["tags"] == [letters.get(cell) for cell in cells]
    assert found["missing"] == [cell in reasons for cell in cells]
    told = {letters.get(value.number, value.number): value.label for value in field.values}
    keys = [tag or value for tag, value in zip(found["label_tags"], found["label_values"], strict=True)]
    assert dict(zip(keys, found["labels"], strict=True)) == told
    assert not any(isinstance(key, float) and math.isnan(key) for key in keys)


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("pspp") and not os.environ.get("CI"), reason="PSPP is not installed")
def test_pspp_reads_the_file_and_obeys_the_syntax(study: Any, tmp_path: Path) -> None:
    rows, fields = study
    spss.write_sav(rows, fields, fields, tmp_path, "exact-tiny-en")
    syntax = (tmp_path / "exact-tiny-en.sps").read_text(encoding="utf-8")
    more = "FREQUENCIES likes.\nSAVE OUTFILE='again.sav'.\n"
    (tmp_path / "all.sps").write_text(syntax + more, encoding="utf-8")
    said = run(["pspp", "--syntax-encoding=UTF-8", "-O", "format=csv", "all.sps"], tmp_path)
    assert "error" not in said.lower()
    assert "warning" not in said.lower()
    assert "$which" in said
    assert "which_green" in said
    _, meta = pyreadstat.read_sav(tmp_path / "again.sav", user_missing=True)
    ticks = [field.name for field in fields if field.question == "which"]
    assert meta.mr_sets["which"]["variable_list"] == ticks
    assert meta.mr_sets["which"]["label"] == next(f.asked for f in fields if f.question == "which")
    assert meta.mr_sets["which"]["counted_value"] == 1
    valid = sum(cell > 0 for cell in rows.cells["likes"])
    assert f"Total,,{valid + sum(cell < 0 for cell in rows.cells['likes'])}" in said
