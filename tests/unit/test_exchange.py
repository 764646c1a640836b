"""Questionnaires in the forms of other programs: what goes out comes back, and what cannot come in is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyxform.xls2xform import convert

from offramp import exchange
from offramp.cli.exchange import write
from offramp.errors import Refusal
from offramp.exchange import Labels
from offramp.exchange.ddi import NAMESPACE
from offramp.exchange.workbook import Form
from offramp.language import Tag
from offramp.survey import Missing, Survey, read_surveys, read_version
from offramp.survey.answers import Chosen, ChosenMany, Number, Written, to_plain
from offramp.survey.definition import Kind
from offramp.web import read_interface
from tests.questionnaires import FULL, PLATFORMS

CONTENT = Path(__file__).resolve().parents[2] / "content"
XML = "http://www.w3.org/XML/1998/namespace"
SURVEYS = read_surveys(CONTENT)
LABELS = Labels({tag: texts.texts for tag, texts in read_interface(CONTENT / "interface").items()})


@pytest.fixture
def tiny(tmp_path: Path) -> Survey:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "survey.toml").write_text(FULL, encoding="utf-8")
    (tmp_path / "tiny" / "platforms.toml").write_text(PLATFORMS, encoding="utf-8")
    return read_version(tmp_path / "tiny")


def back(survey: Survey, folder: Path) -> tuple[Survey, list[str]]:
    """Send a survey out as a workbook, take it in again, and read what was written."""
    folder.mkdir(exist_ok=True)
    exchange.write_workbook(exchange.outgoing(survey, LABELS), folder / "form.xlsx")
    made = exchange.incoming(exchange.read_workbook(folder / "form.xlsx"), survey.slug)
    write(made, folder / survey.slug)
    return read_version(folder / survey.slug), made.losses


# -- XLSForm out and in


@pytest.mark.parametrize("slug", SURVEYS)
def test_an_instrument_comes_back_from_an_xlsform_as_it_was(slug: str, tmp_path: Path) -> None:
    survey = SURVEYS[slug]
    again, losses = back(survey, tmp_path / "out")
    assert losses == []
    assert again.structure == survey.structure
    assert again.catalogues.keys() == survey.catalogues.keys()
    for tag, texts in survey.catalogues.items():
        # Options of a shared list come back as the question's own.
        own = {key: text for key, text in texts.texts.items() if not key.startswith("platforms/")}
        assert {key: again.catalogues[tag].texts.get(key) for key in own} == own
        for before, after in zip(survey.questions, again.questions, strict=True):
            for option, same in zip(before.options, after.options, strict=True):
                if option.text_key:
                    assert again.catalogues[tag][same.text_key] == texts[option.text_key]


def test_every_kind_comes_back(tiny: Survey, tmp_path: Path) -> None:
    again, losses = back(tiny, tmp_path / "out")
    assert losses == []
    assert again.structure == tiny.structure


@pytest.mark.parametrize("slug", SURVEYS)
def test_other_programs_take_the_xlsform_without_a_warning(slug: str, tmp_path: Path) -> None:
    exchange.write_workbook(exchange.outgoing(SURVEYS[slug], LABELS), tmp_path / "form.xlsx")
    made = convert(xlsform=str(tmp_path / "form.xlsx"), validate=False)
    assert made.warnings == []
    root = etree.fromstring(made.xform.encode())
    shown = {bind.get("nodeset").rsplit("/", 1)[-1]: bind.get("relevant") for bind in root.iter("{*}bind")}
    for question in SURVEYS[slug].questions:
        assert str(question.id) in shown
        assert bool(shown[str(question.id)]) == bool(question.relevant_text)
    for page in SURVEYS[slug].pages:
        if page.part.value == "module":
            assert f"take_{page.module}" in shown[str(page.id)]


def test_every_way_of_not_answering_is_an_answer_of_its_own(tiny: Survey) -> None:
    form = exchange.outgoing(tiny, LABELS)
    lists: dict[str, list[str]] = {}
    for choice in form.choices:
        lists.setdefault(choice["list_name"], []).append(choice["name"])
    for question in tiny.questions:
        if question.kind is Kind.STATEMENT or question.id.startswith("take_"):
            continue
        own = lists.get(question.id) or lists[f"{question.id}_missing"]
        assert own[-1] == "rather_not_say"
        assert ("dont_know" in own) == question.dont_know


# -- forms of others

FOREIGN = Form(
    survey=(
        {"type": "start", "name": "start"},
        {"type": "begin group", "name": "Household Data", "label": "Household", "relevant": "${Consent} = 'yes'"},
        {"type": "select_one yes_no", "name": "Consent", "label": "May we ask?", "required": "yes"},
        {"type": "integer", "name": "people", "label": "How many?", "constraint": ". > 0 and . < 40"},
        {"type": "begin repeat", "name": "member", "label": "Member"},
        {"type": "text", "name": "first-name", "label": "Name", "relevant": "string-length(${people}) > 1"},
        {"type": "end repeat"},
        {"type": "geopoint", "name": "place", "label": "Where?"},
        {"type": "decimal", "name": "weight", "label": "Weight", "constraint": "regex(., '^[0-9]')"},
        {"type": "select_multiple colours or_other", "name": "colours", "label": "Colours",
         "relevant": "${people} >= 2"},
        {"type": "end group"},
        {"type": "range", "name": "liking", "label": "Liking", "parameters": "start=1 end=7 step=1"},
        {"type": "calculate", "name": "twice", "calculation": "${people} * 2"},
        {"type": "select_one nowhere", "name": "lost", "label": "Lost"},
        {"type": "select_one_from_file villages.csv", "name": "village", "label": "Village"},
    ),
    choices=(
        {"list_name": "yes_no", "name": "yes", "label": "Yes"}, {"list_name": "yes_no", "name": "no", "label": "No"},
        {"list_name": "colours", "name": "1", "label": "Red", "media::image": "red.png"},
        {"list_name": "colours", "name": "2", "label": "Blue"},
    ),
    settings=({"form_title": "A household", "form_id": "hh", "version": "2024010101"},),
)  # fmt: skip


def test_of_a_foreign_form_all_that_can_be_asked_is_taken_and_every_loss_is_said(tmp_path: Path) -> None:
    made = exchange.incoming(FOREIGN, "household")
    write(made, tmp_path / "household")
    survey = read_version(tmp_path / "household")
    asked = {str(question.id): question for question in survey.questions}
    assert list(asked) == ["consent", "people", "first_name", "weight", "colours", "liking"]
    assert (asked["people"].low, asked["people"].high) == (1, 39)
    assert (asked["liking"].kind, asked["liking"].low, asked["liking"].high) == (Kind.SCALE, 1, 7)
    assert [option.id for option in asked["colours"].options] == ["o_1", "o_2", "other"]
    lost = "\n".join(made.losses)
    for what in (
        "start: “start” is not recorded", "member: what may be answered several times", "place: “geopoint”",
        "Consent: “required” = “yes”: nothing is ever forced", "first-name: the condition", "weight: numbers are whole",
        "weight: the constraint", "1: the column “media::image”", "twice: “calculate”", "lost: its list of answers",
        "village: “select_one_from_file villages.csv”", "consent: the form says nothing of its purpose",
    ):  # fmt: skip
        assert what in lost, (what, lost)


def test_a_long_text_is_cut_with_a_loss_and_never_in_silence() -> None:
    form = Form(({"type": "note", "name": "n", "label": "x" * 700}, FOREIGN.survey[2]), FOREIGN.choices)
    made = exchange.incoming(form, "tiny")
    assert len(made.table["page"][0]["question"][0]["text"]) == 600
    assert any("700 characters is cut" in loss for loss in made.losses)


CELLS = st.sampled_from(
    (
        "",
        "x",
        "7",
        "-1",
        "a=b",
        "x=200",
        "yes",
        "offer",
        "module",
        "closing",
        "consent",
        "matrix",
        "scale",
        "number",
        "single",
        "select_one l",
        "select_multiple l or_other",
        "rank l",
        "integer",
        "range",
        "text",
        "note",
        "begin_group",
        "end_group",
        "begin repeat",
        "end repeat",
        "${x} = 'yes'",
        "selected(${x}, 'other')",
        "start=1 end=99",
        ". > 3",
        "other",
        "Ü b",
    )
)
COLUMNS = (
    "type",
    "name",
    "label",
    "label::Suomi (fi)",
    "hint",
    "relevant",
    "constraint",
    "parameters",
    "required",
    "list_name",
    "offramp_kind",
    "offramp_part",
    "offramp_module",
    "offramp_matrix",
    "offramp_low",
    "offramp_high",
    "offramp_sample",
    "offramp_max_length",
    "offramp_same_as",
    "offramp_random_order",
    "offramp_samples",
    "offramp_minutes",
    "version",
)
ROWS = st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELLS, max_size=8), max_size=12).map(tuple)


@settings(max_examples=300, deadline=None)
@given(survey=ROWS, choices=ROWS, named=ROWS)
def test_no_form_whatever_is_in_it_is_more_than_can_be_taken_in(
    survey: tuple[dict[str, str], ...], choices: tuple[dict[str, str], ...], named: tuple[dict[str, str], ...]
) -> None:
    made = exchange.incoming(Form(survey, choices, named), "any")
    assert made.table["slug"] == "any"


@pytest.mark.parametrize(("content", "code"), [
    (b"no workbook", "exchange.unreadable"), (None, "exchange.no_survey"),
])  # fmt: skip
def test_what_is_no_form_is_refused_in_words(content: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    if content is None:
        exchange.write_workbook(Form(()), path)
    else:
        path.write_bytes(content)
    with pytest.raises(Refusal) as caught:
        exchange.read_workbook(path)
    assert caught.value.codes == (code,)


# -- DDI

# The order in which DDI Codebook 2.5 wants what stands in a variable; others may not be there.
IN_A_VARIABLE = ("labl", "qstn", "valrng", "universe", "catgry", "varFormat")


@pytest.mark.parametrize("slug", SURVEYS)
def test_a_codebook_has_every_question_in_every_language(slug: str) -> None:
    survey = SURVEYS[slug]
    root = etree.fromstring(exchange.ddi(survey, LABELS))
    of = {"d": NAMESPACE}
    assert [etree.QName(part).localname for part in root] == ["docDscr", "stdyDscr", "dataDscr"]
    variables = {variable.get("name"): variable for variable in root.findall("d:dataDscr/d:var", of)}
    columns = exchange.columns(survey)
    assert list(variables) == [column.name for column in columns]
    assert len({variable.get("ID") for variable in variables.values()}) == len(columns)
    for column in columns:
        variable = variables[column.name]
        order = [IN_A_VARIABLE.index(etree.QName(part).localname) for part in variable]
        assert order == sorted(order)
        spoken = [asked.get(f"{{{XML}}}lang") for asked in variable.findall("d:qstn", of)]
        assert spoken == list(survey.catalogues)
        missing = [
            int(c.findtext("d:catValu", "", of)) for c in variable.findall("d:catgry[@missing='Y']", of)
        ]
        assert missing == [exchange.MISSING[code] for code in column.missing]
        answers = {
            c.findtext("d:txt", None, of): int(c.findtext("d:catValu", "", of))
            for c in variable.findall("d:catgry", of)
            if c.get("missing") is None
        }
        if column.question.options and not column.option:
            assert answers == dict(column.numbers)
        if column.option:
            assert list(answers.values()) == [1]
            assert len(variable.findall("d:catgry", of)) == 2 + len(column.missing)
    groups = root.findall("d:dataDscr/d:varGrp", of)
    assert len(groups) == sum(question.kind is Kind.MULTIPLE for question in survey.questions)
    together = " ".join(group.get("var") for group in groups).split()
    assert together == [f"V_{column.name}" for column in columns if column.option]


# -- JSON Schema


def test_the_schema_takes_what_a_person_can_answer_and_nothing_else(tiny: Survey) -> None:
    schema = exchange.answer_schema(tiny)
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema).is_valid
    for question in tiny.questions:
        given = {
            Kind.SINGLE: [Chosen(option.id) for option in question.options],
            Kind.MULTIPLE: [ChosenMany((option.id,)) for option in question.options],
            Kind.SCALE: [Number(question.low), Number(question.high)],
            Kind.NUMBER: [Number(question.low), Number(question.high)],
            Kind.TEXT: [Written()], Kind.STATEMENT: [],
        }[question.kind]  # fmt: skip
        for answer in (*given, Missing.SKIPPED, Missing.REFUSED, Missing.INVALID):
            assert valid({question.id: to_plain(answer)}) == (question.kind is not Kind.STATEMENT), answer
        for wrong in (
            "no_such_code",
            ["no_such_code"],
            question.high + 1,
            True,
            None,
            {"missing": "because"},
            {"written": False},
        ):
            assert not valid({question.id: wrong}), wrong
    assert not valid({"which": ["green", "none"]})
    assert not valid({"which": []})
    assert not valid({"else": "yes"})


# -- paper


@pytest.mark.parametrize("slug", SURVEYS)
def test_paper_has_every_text_and_every_code(slug: str) -> None:
    survey = SURVEYS[slug]
    for tag in survey.catalogues:
        page = etree.HTML(exchange.paper(survey, tag, LABELS))
        words = " ".join(" ".join(page.itertext()).split())
        for key, text in survey.catalogues[tag].texts.items():
            assert key.startswith("door/") or " ".join(text.split()) in words, key
        codes = [code.text for code in page.iter("code")]
        assert all(option.id in codes for question in survey.questions for option in question.options)
        assert page.get("dir") == ("rtl" if tag == Tag("ar") else "ltr")
        assert not page.xpath("//@src | //link | //script")


def test_a_language_that_is_not_there_is_not_made_up(tiny: Survey) -> None:
    with pytest.raises(KeyError):
        exchange.paper(replace(tiny), Tag("fi"), LABELS)


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(exchange.answer_schema(SURVEYS["help-us"])))["additionalProperties"] is False
