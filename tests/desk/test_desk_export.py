"""Exact rows: what is in them, what the files say of themselves, and where they may lie."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import Result
from lxml import etree
from typer.testing import CliRunner

from offramp.cli import app
from offramp.desk import Desk, alone, described, exact, open_all, pull, read_rules, reader
from offramp.desk.apart import BANNER, NOTICE
from offramp.desk.exact import Exact, inert
from offramp.desk.shortlabels import in_codes
from offramp.errors import Refusal
from offramp.exchange import MISSING, Labels, columns
from offramp.exchange.columns import LONGEST_NAME
from offramp.language import Tag
from offramp.survey import Body, Kind, Missing, Survey, join, read_surveys
from offramp.web import read_interface
from tests.desk.counting import clean, rows_of
from tests.desk.shelf import Shelf
from tests.desk.studies import CONTENT, TINY, bodies, envelopes, help_us, help_us_study, written

LABELS = Labels({tag: texts.texts for tag, texts in read_interface(CONTENT / "interface").items()})


class Bench:
    """A desk with an opened archive of the tiny survey, and the command that exports it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.desk, self.content, self.rows = (
            folder,
            folder / "desk",
            folder / "content",
            folder / "rows",
        )
        self.survey = read_surveys(self.content)["tiny"]

    def run(self, command: str, *more: str) -> Result:
        return CliRunner().invoke(app, ["desk", command, "--desk", str(self.desk), *more])

    def export(self, *more: str, form: str = "csv") -> Result:
        where = ("--content", str(self.content), "-o", str(self.rows))
        return self.run("export", *where, "--as", form, *more)

    def report(self, output: Path) -> Result:
        return self.run("report", "--content", str(self.content), "-o", str(output))

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.rows / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a desk that has pulled and opened, once; the pull itself is tested elsewhere."""
    folder = tmp_path_factory.mktemp("opened")
    surveys = read_surveys(written(folder, TINY))
    (folder / "content" / "interface").symlink_to(CONTENT / "interface")
    home = Desk(folder / "desk")
    keys = home.make_keys("")
    inbox = home.inbox()
    pulled = pull(Shelf(keys, envelopes(surveys["tiny"], 1, 25, keys)).post, keys, inbox, None, True)
    home.remember(pulled.server)
    opener = alone(reader(keys, pulled.server, surveys))
    open_all(home.archive_to_fill(keys), inbox, opener)
    inbox.close()
    return folder


@pytest.fixture
def bench(tmp_path: Path, opened: Path) -> Bench:
    shutil.copytree(opened, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Bench(tmp_path)


def code(result: Result) -> str:
    assert isinstance(result.exception, Refusal), result.output
    return result.exception.codes[0]


def slow_value(survey: Survey, body: list[Body], name: str, response: str) -> int:
    """Work out one cell the long way round."""
    (column,) = (column for column in columns(survey) if column.name == name)
    (joined,) = (each for each in join(survey, body) if each.context.response == response)
    codes = joined.codes[column.question.id]
    if isinstance(codes, Missing):
        return MISSING[codes]
    if column.option:
        return 1 if column.option.id in codes else 0
    match column.question.kind:
        case Kind.TEXT:
            return 1
        case Kind.SCALE | Kind.NUMBER:
            return int(codes[0])
        case _:
            return [option.id for option in column.question.options].index(codes[0]) + 1


# -- what is in the rows


def compared(survey: Survey, study: list[Body], every: int) -> set[int]:
    """Compare rows with the slow way, and return the numbers seen."""
    rows, seen = rows_of(survey, study), set()
    for place in range(0, rows.n, every):
        response = rows.cells["response"][place]
        own = [body for body in study if body.context.response == response]
        for column in rows.columns:
            cell = rows.cells[column.name][place]
            assert cell == slow_value(survey, own, column.name, str(response))
            seen.add(int(cell))
    return seen


def test_every_answer_and_every_reason_is_in_the_rows(tmp_path: Path) -> None:
    survey = read_surveys(written(tmp_path, TINY))["tiny"]
    seen = compared(survey, bodies(survey, 5, 120), 1)
    expected = (*tuple(Missing)[:3], Missing.NOT_ASKED, Missing.NOT_DRAWN, Missing.NOT_REACHED)
    assert {MISSING[code] for code in expected} < seen
    assert {0, 1, 2, 3} < seen


@pytest.mark.full
def test_every_answer_of_the_instrument_is_in_the_rows() -> None:
    seen = compared(help_us(), list(help_us_study(5, 120)), 17)
    assert {MISSING[code] for code in (Missing.SKIPPED, Missing.NOT_REACHED, Missing.NOT_DRAWN)} < seen


def test_two_reasons_never_share_a_number_and_none_is_an_answer() -> None:
    assert set(MISSING) == set(Missing)
    assert len(set(MISSING.values())) == len(MISSING)
    for survey in read_surveys(CONTENT).values():
        lowest = min(question.low for question in survey.questions)
        assert max(MISSING.values()) < lowest


@pytest.mark.parametrize("slug", ["help-us", "no-need"])
def test_every_column_has_a_name_that_all_programs_take(slug: str) -> None:
    names = [column.name for column in columns(read_surveys(CONTENT)[slug])]
    assert len({name.lower() for name in names}) == len(names)
    assert all(name.isidentifier() and len(name) <= LONGEST_NAME for name in names)


FLAGGED = """
[[flag]]
id = "weak_lover"
kind = "contradiction"
title = "Likes it, and weak"
when = "${likes} = 'yes' and ${strength} < 2"

[[flag]]
id = "a name that no program takes"
kind = "impossible"
title = "None, and forty cups"
when = "${likes} = 'no' and ${cups} >= 40"
"""
CLASHING = TINY.replace('id = "likes"', 'id = "if"').replace("${likes}", "${if}").replace(
    'id = "cups"', 'id = "which_green"'
)  # fmt: skip


def test_a_name_that_is_taken_gives_way(tmp_path: Path) -> None:
    survey = read_surveys(written(tmp_path, CLASHING))["tiny"]
    names = [column.name for column in columns(survey)]
    assert names == ["if_", "strength", "which_1", "which_2", "which_3", "which_4", "which_green", "take_places",
                     "place", "more"]  # fmt: skip


def test_an_option_added_later_gets_the_next_number_and_was_in_no_earlier_version(tmp_path: Path) -> None:
    earlier = read_surveys(written(tmp_path / "a", TINY))["tiny"]
    later_toml = TINY.replace("version = 3", "version = 4").replace(
        'options = [\n  { id = "green"', 'options = [\n  { id = "white", text = "White" }, { id = "green"'
    ).replace('options = [{ id = "home"', 'options = [{ id = "bus", text = "On the bus" }, { id = "home"')  # fmt: skip
    content = written(tmp_path / "b", later_toml)
    home = content / "surveys" / "tiny" / "versions" / "3"
    home.mkdir(parents=True)
    (home / "survey.toml").write_text(TINY, encoding="utf-8")
    (home / "platforms.toml").write_text("", encoding="utf-8")
    survey = read_surveys(content)["tiny"]
    assert [version.version for version in survey.versions] == [4, 3]
    place = next(column for column in columns(survey) if column.name == "place")
    assert place.numbers == {"home": 1, "out": 2, "bus": 3}
    rows = rows_of(survey, bodies(earlier, 2, 80))
    which = set(zip(rows.cells["which_white"], rows.cells["which_green"], strict=True))
    assert (MISSING[Missing.NOT_IN_VERSION], 1) in which
    assert (MISSING[Missing.NOT_IN_VERSION], 0) in which
    assert all(white < 0 for white, _ in which)
    assert set(rows.cells["survey_version"]) == {3}


def test_every_rule_of_cleaning_has_a_column_of_its_own(tmp_path: Path) -> None:
    content = written(tmp_path, TINY, findings=FLAGGED)
    survey = read_surveys(content)["tiny"]
    rules, study = read_rules(content, survey), bodies(survey, 5, 150)
    rows = rows_of(survey, study, rules)
    names = [*(f"flag_{rule.id}" for rule in rules[:-1]), f"flag_{len(rules)}"]
    assert list(rows.flags) == names
    cleaning = clean(survey, join(survey, study), rules)
    assert {1: True, 0: False}.keys() == set(rows.cells["flag_weak_lover"])
    for name, rule in zip(names, rules, strict=True):
        assert list(rows.cells[name]) == [int(rule.id in flags) for flags in cleaning.flags]
    likes = zip(rows.cells["likes"], rows.cells["strength"], rows.cells["flag_weak_lover"], strict=True)
    assert all(flag == (answer == 1 and 0 <= strength < 2) for answer, strength, flag in likes)
    fields = {f.name: f for f in described(survey, rows.columns, LABELS, Tag("en"), rows.flags)}
    assert list(fields) == list(rows.cells)
    assert fields["flag_weak_lover"].label == "Flag: Likes it, and weak"
    assert {f.name: f.label for f in in_codes(list(fields.values()))}["flag_weak_lover"] == "flag_weak_lover"


def test_rows_are_the_same_in_however_many_pieces_they_come(tmp_path: Path) -> None:
    content = written(tmp_path, TINY, findings=FLAGGED)
    survey = read_surveys(content)["tiny"]
    rules, study = read_rules(content, survey), bodies(survey, 5, 150)
    ids = sorted({body.context.response for body in study})
    pieces = [partial(of_these, study, frozenset(ids[start::7])) for start in range(7)]
    told: list[tuple[int, float]] = []
    rows = exact(survey, pieces, rules, lambda n, share: told.append((n, share)))
    whole = rows_of(survey, study, rules)
    assert lines(rows) == lines(whole)
    assert sorted(rows.words) == sorted(whole.words)
    assert lines(exact(survey, pieces, rules, processes=2)) == lines(whole)
    assert told[-1] == (whole.n, 1)
    assert len(told) == 7


def of_these(study: list[Body], responses: frozenset[str]) -> Iterator[Body]:
    return (body for body in study if body.context.response in responses)


def lines(rows: Exact) -> list[tuple[object, ...]]:
    return sorted(zip(*rows.cells.values(), strict=True))


def test_real_and_made_up_responses_are_never_mixed() -> None:
    mixed = [*bodies(help_us(), 1, 1), *bodies(help_us(), 2, 1, synthetic=False)]
    with pytest.raises(Refusal, match="made-up"):
        rows_of(help_us(), mixed)


def test_every_language_has_a_label_for_every_number() -> None:
    survey = help_us()
    own = columns(survey)
    for tag in survey.catalogues:
        for field in described(survey, own, LABELS, tag):
            assert field.label
            assert all(value.label for value in field.values)
            assert len({value.number for value in field.values}) == len(field.values)
    finnish = {field.name: field for field in described(survey, own, LABELS, Tag("fi"))}
    assert finnish["contact_sought"].label == survey.catalogues[Tag("fi")]["question/contact_sought/text"]
    assert finnish["contact_sought"].reasons[1].label == LABELS("page/rather_not_say", Tag("fi"))


# -- the files


def test_the_csv_has_one_line_for_each_response(bench: Bench) -> None:
    assert bench.export().exit_code == 0
    lines = bench.table("exact-tiny-en.csv")
    archive = Desk(bench.desk).archive(Desk(bench.desk).unlock(""))
    assert sorted(line["response"] for line in lines) == sorted(
        {b.context.response for b in archive.bodies("tiny")}
    )
    rows = rows_of(bench.survey, archive.bodies("tiny"))
    for name, cells in rows.cells.items():
        assert [line[name] for line in lines] == [str(cell) for cell in cells]


def test_no_id_that_a_receipt_leads_to_is_in_the_files(bench: Bench) -> None:
    bench.export("--words")
    archive = Desk(bench.desk).archive(Desk(bench.desk).unlock(""))
    written_out = b"".join(path.read_bytes() for path in bench.rows.iterdir())
    own = {row.response for row in archive.rows()}
    assert len(own) == 25
    for response in own:
        assert response.encode() not in written_out
        assert archive.id_of(response).encode() in written_out


def test_words_are_written_on_request_alone_and_in_a_file_of_their_own(bench: Bench) -> None:
    bench.export()
    assert not any("some invented words" in path.read_text() for path in bench.rows.iterdir())
    bench.export("--words")
    with_words = [path.name for path in bench.rows.iterdir() if "some invented words" in path.read_text()]
    assert with_words == ["exact-tiny-words.csv"]
    ids = {line["response"] for line in bench.table("exact-tiny-en.csv")}
    assert {line["response"] for line in bench.table("exact-tiny-words.csv")} <= ids


@pytest.mark.parametrize("typed", ["=1+1", " =cmd", "+1", "-1", "@sum"])
def test_words_are_no_formula(typed: str) -> None:
    assert inert(typed)[0] in "'["
    assert inert("see tortoise.example") == "see tortoise[.]example"


def test_parquet_says_what_it_is_and_what_every_column_means(bench: Bench) -> None:
    assert bench.export(form="parquet").exit_code == 0
    table = pyarrow.parquet.read_table(bench.rows / "exact-tiny-en.parquet")
    assert NOTICE in table.schema.metadata[b"offramp"].decode()
    assert "SYNTHETIC" in table.schema.metadata[b"offramp"].decode()
    archive = Desk(bench.desk).archive(Desk(bench.desk).unlock(""))
    rows = rows_of(bench.survey, archive.bodies("tiny"))
    assert {name: list(cells) for name, cells in rows.cells.items()} == table.to_pydict()
    likes = json.loads(table.schema.field("likes").metadata[b"offramp"])
    assert likes["label"] == "Do you like tea?"
    assert [value["label"] for value in likes["values"]][:4] == ["Yes", "Sometimes", "No", "Skipped"]


def test_ddi_describes_every_column_of_the_file_beside_it(bench: Bench) -> None:
    assert bench.export(form="ddi").exit_code == 0
    lines = bench.table("exact-tiny-en.csv")
    root = etree.parse(bench.rows / "exact-tiny-en.xml").getroot()
    of = {"d": "ddi:codebook:2_5"}
    parts = [etree.QName(part).localname for part in root]
    assert parts == ["docDscr", "stdyDscr", "fileDscr", "dataDscr"]
    variables = root.findall("d:dataDscr/d:var", of)
    assert [variable.get("name") for variable in variables] == list(lines[0])
    assert {variable.get("files") for variable in variables} == {root.find("d:fileDscr", of).get("ID")}
    text = "d:fileDscr/d:fileTxt/"
    assert root.findtext(f"{text}d:fileName", None, of) == "exact-tiny-en.csv"
    assert root.findtext(f"{text}d:dimensns/d:caseQnty", None, of) == str(len(lines))
    assert root.findtext(f"{text}d:dimensns/d:varQnty", None, of) == str(len(lines[0]))
    for place in (f"{text}d:fileCont", "d:stdyDscr/d:dataAccs/d:useStmt/d:restrctn"):
        assert NOTICE in root.findtext(place, "", of)
    for variable in variables:
        known = {value.text for value in variable.findall("d:catgry/d:catValu", of)}
        numeric = variable.find("d:varFormat", of).get("type") == "numeric"
        cells = {line[variable.get("name")] for line in lines}
        assert all(cell.lstrip("-").isdigit() for cell in cells) is numeric or variable.get("name") == "arm"
        between = variable.find("d:valrng/d:range", of)
        if known and between is None:
            assert cells <= known
        elif between is not None:
            numbers = range(int(between.get("min")), int(between.get("max")) + 1)
            assert all(cell in known or int(cell) in numbers for cell in cells)
    assert code(bench.export("--labels", "codes", form="ddi")) == "export.labels"


def test_the_codebook_has_the_whole_text_of_every_number(bench: Bench) -> None:
    bench.export()
    found = {
        (line["column"], line["value"]): line["means"]
        for line in bench.table("exact-tiny-en-codebook.csv")
        if line["value"]
    }
    rows = rows_of(bench.survey, Desk(bench.desk).archive(Desk(bench.desk).unlock("")).bodies("tiny"))
    for field in described(bench.survey, rows.columns, LABELS, Tag("en"), rows.flags):
        for value in field.values:
            assert found.pop((field.name, str(value.number))) == value.label
    assert found == {}


# -- where they may lie


def test_the_folder_says_loudly_what_it_holds_and_opens_to_nobody_else(bench: Bench) -> None:
    printed = bench.export("--words").output
    assert NOTICE in printed
    assert "SYNTHETIC" in printed
    assert NOTICE in (bench.rows / BANNER).read_text()
    assert NOTICE in (bench.rows / "exact-tiny-en.R").read_text()
    assert all(path.name.lower().startswith("exact") for path in bench.rows.iterdir())
    for path in (bench.rows, *bench.rows.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_nothing_public_is_written_near_rows(bench: Bench) -> None:
    bench.export()
    for near in (bench.rows / "report.html", bench.rows / "a" / "report.html", bench.folder / "report.html"):
        assert code(bench.report(near)) == "export.rows_here"
        assert code(bench.run("arms", "-o", str(near))) == "export.rows_here"
        assert not near.exists()
    studies = bench.folder / "studies.csv"
    studies.write_text("study,yi,vi\na,0.1,0.1\nb,0.2,0.1\n")
    pooled = CliRunner().invoke(app, ["desk", "meta", str(studies), "-o", str(bench.rows)])
    assert code(pooled) == "export.rows_here"
    assert bench.report(bench.folder / "elsewhere" / "out" / "report.html").exit_code == 0


@pytest.mark.parametrize("name", ["report.html", pytest.param("report.pdf", marks=pytest.mark.full)])
def test_rows_are_written_to_no_folder_of_something_public(name: str, bench: Bench) -> None:
    out = bench.folder / "out"
    assert bench.report(out / name).exit_code == 0
    for bench.rows in (out, out / "rows", out / "deep" / "rows"):
        assert code(bench.export()) in ("export.public", "export.folder")
    assert [path.name for path in out.iterdir()] == [name]


def test_a_folder_with_other_things_in_it_is_left_alone(bench: Bench) -> None:
    bench.rows.mkdir()
    (bench.rows / "notes.txt").write_text("mine")
    assert code(bench.export()) == "export.folder"
    assert [path.name for path in bench.rows.iterdir()] == ["notes.txt"]
    bench.rows = bench.rows / "notes.txt"
    assert code(bench.export()) == "export.folder"


def test_a_label_that_is_too_long_is_an_error_and_codes_or_a_short_label_the_way_out(bench: Bench) -> None:
    toml = bench.content / "surveys" / "tiny" / "survey.toml"
    long = "How strong should it be, and how long, and how hot, and with how much sugar, honey or milk?"
    texts = toml.read_text(encoding="utf-8").replace("How strong should it be?", long)
    texts = texts.replace("Do you like tea?", f"Do you like tea? {long}")
    toml.write_text(texts, encoding="utf-8")
    refused = bench.export(form="dta").exception
    assert isinstance(refused, Refusal)
    assert [problem.place for problem in refused.problems] == ["likes", "strength"]
    assert all("surveys/tiny/labels/en.toml" in problem.remedy for problem in refused.problems)
    assert not bench.rows.exists()
    assert bench.export(form="sav").exit_code == 0
    assert bench.export("--labels", "codes", form="dta").exit_code == 0
    (toml.parent / "labels").mkdir()
    (toml.parent / "labels" / "en.toml").write_text('[questions]\nlikes = "Tea"\nstrength = "How strong"')
    assert bench.export(form="dta").exit_code == 0
    names = {path.name for path in bench.rows.iterdir()} - {BANNER}
    assert names == {f"exact-tiny-en{end}" for end in (".dta", ".sav", ".sps", "-codebook.csv")}
    whole = {line["column"]: line["asked"] for line in bench.table("exact-tiny-en-codebook.csv")}
    assert whole["strength"] == long


def test_what_cannot_be_exported_is_named(bench: Bench) -> None:
    assert code(bench.export(form="xls")) == "export.form"
    assert code(bench.export("--labels", "none")) == "export.labels"
    assert code(bench.export("--language", "sv")) == "export.language"
    assert code(bench.export("--version", "9")) == "report.unknown_version"
    assert not bench.rows.exists()


def test_nothing_half_written_is_left(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.export()
    before = {path.name: path.read_bytes() for path in bench.rows.iterdir()}
    script = Path(__file__).parents[2] / "src/offramp/desk/templates/rows.R"
    monkeypatch.setattr("offramp.desk.rowfiles._TEMPLATE", script.with_name("gone.R"))
    assert isinstance(bench.export("--language", "en").exception, OSError)
    assert {path.name: path.read_bytes() for path in bench.rows.iterdir()} == before
