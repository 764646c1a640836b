"""Counting: what a codebook says can be counted, that counts are exact, and that findings are declared soundly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from offramp.desk.codebook import Need, codebook
from offramp.desk.count import Counted
from offramp.desk.findings import read_findings
from offramp.desk.sheet import ALL
from offramp.desk.totals import count_totals, of_survey, weeks_between
from offramp.errors import Refusal
from offramp.store import Tally
from offramp.survey import Missing, Response, Survey, join, read_surveys
from tests.desk import counting
from tests.desk.studies import CONTENT, WEEKS, bodies, written
from tests.questionnaires import FULL, PLATFORMS, read

NAMES = ["likes_tea", "cups", "which", "strength", "take_places", "place", "shop", "last_word"]


def study(survey: Survey, seed: int, responses: int = 140, **rates: float) -> list[Response]:
    return join(survey, bodies(survey, seed, responses, **rates))


def counted(survey: Survey, responses: list[Response]) -> Counted:
    pages = [page.id for page in survey.pages]
    return counting.counted(codebook(survey), pages, list(survey.catalogues), WEEKS, responses)


def test_a_codebook_has_every_question_but_statements_in_the_order_of_asking():
    assert [variable.id for variable in codebook(read(FULL))] == NAMES


def test_long_ranges_of_numbers_are_counted_in_ten_bands_that_cover_them():
    cups = codebook(read(FULL))[1]
    assert len(cups.categories) == 10
    assert cups.codes == frozenset(map(str, range(41)))
    assert cups.categories[0].name == "0–3"


def test_ways_of_missing_that_cannot_occur_are_known_from_the_definition():
    by_id = {variable.id: set(variable.possible) for variable in codebook(read(FULL))}
    assert Missing.DONT_KNOW in by_id["which"]
    assert Missing.DONT_KNOW not in by_id["likes_tea"]
    assert Missing.NOT_DRAWN in by_id["place"]
    assert Missing.NOT_DRAWN not in by_id["which"]
    assert Missing.NOT_REACHED not in by_id["likes_tea"]
    assert Missing.SKIPPED not in by_id["take_places"]


def test_a_question_asked_on_condition_names_the_answers_that_lead_to_it():
    by_id = {variable.id: variable.needs for variable in codebook(read(FULL))}
    assert by_id["shop"] == (Need("which", frozenset(("green",))),)
    assert by_id["which"] == (), "either of two questions is enough"
    assert by_id["likes_tea"] == ()


@pytest.mark.parametrize("seed", range(8))
def test_counts_equal_those_of_a_direct_count(seed: int):
    survey = read(FULL)
    responses = study(survey, seed, leave=0.1, skip=0.15)
    found = counted(survey, responses)
    n = found.tables.counts
    assert n[ALL] == len(responses)
    for question in found.questions:
        q = question.variable.id
        direct = Counter(code for r in responses for code in _codes(r, q))
        answered = sum(isinstance(r.codes[q], tuple) for r in responses)  # type: ignore[index]
        assert n[question.base] == answered
        for category, cell in zip(question.variable.categories, question.rows, strict=True):
            assert n[cell] == sum(direct[code] for code in category.codes)
        for code, cell in question.missing:
            assert n[cell] == direct[code.value]
        assert all(direct[code.value] == 0 for code in question.impossible)
    for kind, cells in (("language", found.languages), ("week", found.weeks)):
        direct = Counter(getattr(response.context, kind) for response in responses)
        assert {name: n[cell] for name, cell in cells} == {name: direct[name] for name, _ in cells}
    assert sum(n[cell] for _, cell in found.last_pages) == len(responses)


def _codes(response: Response, question: str) -> tuple[str, ...]:
    codes = response.codes[question]  # type: ignore[index]
    return (codes.value,) if isinstance(codes, Missing) else codes


@pytest.mark.parametrize("seed", range(8))
def test_every_stated_sum_holds(seed: int):
    survey = read(FULL)
    tables = counted(survey, study(survey, seed, leave=0.1)).tables
    assert len(tables.sums) > 30
    for each in tables.sums:
        assert tables.counts[each.total] == sum(tables.counts[part] for part in each.parts)


def test_no_response_at_all_can_be_counted():
    assert counted(read(FULL), []).tables.counts[ALL] == 0


# -- findings -----------------------------------------------------------------------------------------------


def declared(folder: Path, *findings: str) -> Path:
    content = written(folder, FULL, PLATFORMS)
    text = "\n".join(f"[[finding]]\n{finding}" for finding in findings)
    (content / "surveys" / "tiny" / "findings.toml").write_text(text, encoding="utf-8")
    return content


def finding(question: str, more: str, sentence: str = "Of {base} responses, {percent} %.") -> str:
    return f'id = "f"\nquestion = "{question}"\ntitle = "A finding"\nsentence = "{sentence}"\n{more}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (finding("nowhere", 'codes = ["a"]'), "findings.unknown_question"),
        (finding("likes_tea", 'codes = ["perhaps"]'), "findings.unknown_code"),
        (finding("likes_tea", 'codes = ["yes"]\noutside = ["perhaps"]'), "findings.unknown_code"),
        (finding("likes_tea", 'codes = ["yes"]\ninside = ["lost"]'), "findings.unknown_missing"),
        (finding("likes_tea", ""), "findings.numerator"),
        (finding("likes_tea", 'codes = ["yes", "no"]'), "findings.numerator"),
        (finding("likes_tea", 'codes = ["yes"]\noutside = ["yes"]'), "findings.numerator"),
        (finding("strength", 'low = 5\nhigh = 10\ncodes = ["1"]'), "findings.numerator"),
        (finding("which", 'codes = ["green", "black"]'), "findings.overlap"),
        (finding("which", 'codes = ["green"]\noutside = ["black"]'), "findings.overlap"),
        (finding("cups", "low = 1\nhigh = 40"), "findings.band"),
        (finding("likes_tea", 'codes = ["yes"]', "Many of {base}."), "findings.placeholder"),
        (finding("likes_tea", 'codes = ["yes"]\nnumerater = 1'), "table.unknown_key"),
    ],
)
def test_a_finding_that_makes_no_sense_is_refused(tmp_path: Path, text: str, code: str):
    content = declared(tmp_path, text)
    with pytest.raises(Refusal) as caught:
        read_findings(content, read_surveys(content)["tiny"])
    assert code in caught.value.codes


def test_all_that_is_wrong_comes_back_at_once(tmp_path: Path):
    content = declared(tmp_path, finding("nowhere", 'codes = ["a"]'), finding("likes_tea", ""))
    with pytest.raises(Refusal) as caught:
        read_findings(content, read_surveys(content)["tiny"])
    assert {"findings.unknown_question", "findings.numerator", "findings.duplicate"} <= set(
        caught.value.codes
    )


@pytest.mark.parametrize(
    ("text", "share", "base"),
    [
        (finding("strength", "low = 1\nhigh = 10"), "1-10", "answered"),
        (finding("which", 'codes = ["green"]\noutside = ["none"]'), "green", "answered but none"),
        (finding("likes_tea", 'codes = ["yes"]\ninside = ["skipped"]'), "yes", "answered or skipped"),
    ],
)
def test_a_finding_is_counted_as_it_is_declared(tmp_path: Path, text: str, share: str, base: str):
    content = declared(tmp_path, text)
    survey = read_surveys(content)["tiny"]
    findings = read_findings(content, survey)
    responses = study(survey, 3)
    found = counting.counted(
        codebook(survey), [p.id for p in survey.pages], ["en"], WEEKS, responses, findings
    )
    q = findings[0].question
    codes = [_codes(response, q) for response in responses]
    answered = [c for c in codes if c[0] not in tuple(Missing)]
    direct = {
        "1-10": sum(c[0] in map(str, range(1, 11)) for c in answered),
        "green": sum("green" in c for c in codes),
        "yes": sum(c == ("yes",) for c in codes),
        "answered": len(answered),
        "answered but none": sum("none" not in c for c in answered),
        "answered or skipped": len(answered) + codes.count(("skipped",)),
    }
    cells = found.findings["f"]
    assert [found.tables.counts[cell] for cell in cells] == [direct[share], direct[base]]


def test_the_findings_of_every_survey_in_the_content_are_sound():
    for survey in read_surveys(CONTENT).values():
        assert read_findings(CONTENT, survey)


def test_a_survey_without_findings_has_none(tmp_path: Path):
    content = written(tmp_path, FULL, PLATFORMS)
    assert read_findings(content, read_surveys(content)["tiny"]) == ()


# -- totals -------------------------------------------------------------------------------------------------


def test_weeks_are_laid_out_from_the_first_to_the_last_over_the_turn_of_a_year():
    assert weeks_between(["2027-W02", "2026-W52"]) == ("2026-W52", "2026-W53", "2027-W01", "2027-W02")
    assert weeks_between([]) == ()


def test_message_totals_are_summed_over_arms_and_days():
    totals = {
        Tally("message_shown", "one-arm", "en", "2026-11-22"): 3,
        Tally("message_shown", "another", "en", "2026-11-16"): 4,
        Tally("message_shown", "another", "en", "2026-11-23"): 5,
        Tally("go_help", "another", "en", "2026-11-23"): 6,
        Tally("agreed", "tiny", "en", "2026-W47"): 7,
        Tally("agreed", "elsewhere", "en", "2026-W47"): 8,
    }
    assert of_survey(totals, "tiny") == {
        Tally("message_shown", "", "en", "2026-W47"): 7,
        Tally("message_shown", "", "en", "2026-W48"): 5,
        Tally("agreed", "tiny", "en", "2026-W47"): 7,
    }


def test_totals_add_up_by_language_and_by_week():
    random = Random(1)
    totals = {
        Tally(name, "tiny", tag, week): random.randrange(99)
        for name in ("agreed", "finished") for tag in ("en", "ar") for week in WEEKS
    }  # fmt: skip
    tables, stages = count_totals(totals, ["en", "ar"], WEEKS)
    n = tables.counts
    for stage in stages:
        direct = [k for tally, k in totals.items() if tally.name == stage.name]
        assert (
            n[stage.total]
            == sum(direct)
            == sum(n[c] for c in stage.languages)
            == sum(n[c] for c in stage.weeks)
        )
