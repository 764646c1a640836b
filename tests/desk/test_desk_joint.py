"""Questions that are looked at together: soundly declared, directly counted, and nothing small comes out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

import lxml.html
import pytest

from offramp.desk import read_findings, read_joint
from offramp.desk.codebook import codebook
from offramp.desk.findings import Finding
from offramp.desk.joint import NOTHING, Crosstab, Joint, Pathway, Trend
from offramp.errors import Refusal
from offramp.language import SOURCE
from offramp.survey import join
from tests.desk.counting import report
from tests.desk.reader import Seen, read_report, twice, works_out
from tests.desk.reader_joint import (
    finding_constraints,
    finding_truth,
    joint_constraints,
    joint_truth,
    read_findings_shown,
    read_joint_tables,
    read_trends,
    trend_constraints,
    trend_truth,
)  # fmt: skip
from tests.desk.studies import CONTENT, bodies, help_us, help_us_study
from tests.desk.test_desk_attack import SIZES, TEMPERS, crowd, rules, survey, truth_of
from tests.questionnaires import FULL, read

TEA = Joint(
    (Pathway("tea", "Tea", ("likes_tea", "which", "shop")), Pathway("out", "Out", ("which", "place"))),
    crosstabs=(
        Crosstab("weeks", "Weeks", "week", ("which", "strength")),
        Crosstab("x", "X", "shop", ("likes_tea",)),
    ),
    trends=(Trend("t", "T", ("strong", "green"), 2),),
)
STRONG = Finding(
    "strong", "strength", "Strong", "", frozenset("345"), frozenset("0"), frozenset(("skipped",))
)
GREEN = Finding("green", "which", "Green", "", frozenset(("green",)), frozenset(), frozenset())


@cache
def declared(name: str) -> Joint:
    return TEA if name == "tiny" else read_joint(CONTENT, help_us())


@cache
def found(name: str) -> Sequence[Finding]:
    return (STRONG, GREEN) if name == "tiny" else read_findings(CONTENT, help_us())


def studies(name: str, temper: int, how_many: int) -> Iterator[tuple[Seen, Counter[str]]]:
    """Yield small studies: what their reports print, and the truth."""
    random, definition, joint = Random(f"joint/{name}/{temper}"), survey(name), declared(name)
    variables, pages = codebook(definition), [page.id for page in definition.pages]
    by_id = {variable.id: variable for variable in variables}
    known = {each.id: each for each in found(name)}
    for _ in range(how_many):
        people = random.sample(crowd(name, temper), random.choice(SIZES))
        study = [body for one in people for body in one]
        html = report(definition, study, {}, found(name), rules=rules(name), joint=joint)
        seen = read_report(html, variables, pages)
        read_joint_tables(html, joint, by_id, definition.catalogues[SOURCE], seen)
        read_trends(html, joint, seen)
        read_findings_shown(html, known, seen)
        responses = join(definition, study)
        told = trend_truth(responses, joint, known) + finding_truth(responses, known)
        yield seen, truth_of(name, responses) + joint_truth(responses, joint, by_id) + told


@pytest.mark.parametrize("temper", range(len(TEMPERS)))
@pytest.mark.parametrize(
    ("name", "how_many"),
    [("tiny", 3), pytest.param("tiny", 100, marks=pytest.mark.full),
     pytest.param("help-us", 6, marks=pytest.mark.full)],
)  # fmt: skip
def test_no_small_count_can_be_worked_out_from_questions_that_stand_together(
    name: str, how_many: int, temper: int
):
    definition, joint = survey(name), declared(name)
    variables, pages = codebook(definition), [page.id for page in definition.pages]
    by_id = {variable.id: variable for variable in variables}
    tried = together = over_time = 0
    for seen, truth in studies(name, temper, how_many):
        for cell, printed in seen.printed.items():
            assert truth[cell] >= 10, cell
            assert printed == (truth[cell] + 2) // 5 * 5, cell
            together += ">" in cell or " and " in cell
            over_time += cell.startswith("over time")
        known = twice(seen, variables, pages) + joint_constraints(joint, by_id)
        told = {each.id: each for each in found(name)}
        known += trend_constraints(joint, told, by_id) + finding_constraints(told, by_id)
        learnt = works_out(seen, truth, known)
        doubt = min((high - low + 1 for low, high in learnt.values()), default=10)
        assert doubt >= 5, f"a count under ten is known to within {doubt} values"
        tried += len(learnt)
    assert tried > 100
    assert together > 0, "nothing was printed that could have given anything away"
    assert over_time > 0


def test_each_printed_row_is_the_direct_count_rounded_and_its_share_is_of_its_row():
    definition = read(FULL)
    by_id = {variable.id: variable for variable in codebook(definition)}
    study = bodies(definition, 4, 600)
    html = report(definition, study, {}, (), joint=TEA)
    seen = Seen()
    read_joint_tables(html, TEA, by_id, definition.catalogues[SOURCE], seen)
    truth = joint_truth(join(definition, study), TEA, by_id)
    assert len(seen.printed) > 20
    assert {cell: (truth[cell] + 2) // 5 * 5 for cell in seen.printed} == seen.printed
    for group in lxml.html.document_fromstring(html).xpath("//table[@class='crossing']/tbody"):
        of = group.xpath("string(./tr[1]/td[1])")
        for row in group.xpath("./tr[td[2]][position() > 1]"):
            n, share = (cell.text_content() for cell in row[1:])
            # A count can be told where the one that it is a share of cannot.
            assert share == (
                "[c]" if of == "[c]" else f"{int(100 * int(n) / int(of) + 0.5)}\N{NO-BREAK SPACE}%"
            )


def test_both_halves_stand_side_by_side_and_no_test_joins_them():
    made = report(help_us(), help_us_study(1, 300), {}, (), joint=read_joint(CONTENT, help_us()))
    tree = lxml.html.document_fromstring(made)
    rows = tree.xpath("//h3[@id='h-wish']/following::table[1]/tbody/tr")
    assert [row.xpath("string(./th)").strip() for row in rows] == ["Drawn to be asked", "Not drawn"]
    assert rows[1].xpath(".//div[contains(@class, 'second')]") or rows[1][3].text_content() == "[c]"
    assert "nothing here says what these questions do" in tree.text_content().replace("\n", " ").replace(
        "  ", " "
    )


def test_weeks_can_be_put_together_and_versions_arms_and_languages_have_names(tmp_path: Path):
    folder, definition = tmp_path / "surveys" / "tiny", read(FULL)
    folder.mkdir(parents=True)
    others = "".join(
        CROSSTAB.replace('"x"', f'"{by}"').replace("week", by) for by in ("language", "version", "arm")
    )
    (folder / "joint.toml").write_text(RANGES + others, encoding="utf-8")
    study = bodies(definition, 4, 400)
    tree = lxml.html.document_fromstring(
        report(definition, study, {}, (), joint=read_joint(tmp_path, definition))
    )
    read_of = {
        head.get("id"): {row[0].text_content(): row[1].text_content()
                         for row in head.xpath("./following::table[1]/tbody/tr[@class='all']")}
        for head in tree.xpath("//h2[@id='crosstabs']/following::h3[starts-with(@id, 'x-')]")
    }  # fmt: skip
    answered = [r for r in join(definition, study) if isinstance(r.codes["which"], tuple)]  # type: ignore[index]
    first = sum(r.context.week != "2026-W48" for r in answered)
    expected = {"2026-W46 – 2026-W47": first, "2026-W48 – 2026-W50": len(answered) - first}
    found = read_of["x-x"]
    printed = {name: n for name in expected if (n := found[name]) != "[c]"}
    assert printed
    assert printed.items() <= {name: f"{(n + 2) // 5 * 5}" for name, n in expected.items()}.items()
    assert [set(read_of[f"x-{by}"]) for by in ("language", "version", "arm")] == [
        {"All of them", "English"}, {"All of them", "1"}, {"All of them", "no message"},
    ]  # fmt: skip


def test_a_small_study_shows_nothing_of_it():
    made = report(help_us(), help_us_study(1, 300)[:30], {}, (), joint=read_joint(CONTENT, help_us()))
    assert "crossing" not in lxml.html.document_fromstring(made).xpath("string(//main)")
    assert "fewer than 100" in made


def test_a_survey_that_declares_nothing_has_none_of_it(tmp_path: Path):
    assert read_joint(tmp_path, read(FULL)) == NOTHING
    assert 'id="pathways"' not in report(read(FULL), bodies(read(FULL), 1, 120), {}, ())


PATHWAY = '[[pathway]]\nid = "a"\ntitle = "A"\nsteps = ["likes_tea", "which"]\n'
CROSSTAB = '[[crosstab]]\nid = "x"\ntitle = "X"\nby = "week"\nquestions = ["which"]\n'
RANGES = CROSSTAB + 'ranges = ["2026-W46 2026-W47", "2026-W48 2026-W50"]\n'
GREEN_FINDING = """
[[finding]]
id = "green"
question = "which"
title = "Green"
codes = ["green"]
sentence = "Of {base}, {percent} % drink green tea."
"""
TREND = '[[trend]]\nid = "t"\ntitle = "T"\nfindings = ["tea"]\n'
HALVES = '[[halves]]\nid = "h"\ntitle = "H"\nbefore = "{}"\nafter = "{}"\nlow = {}\nhigh = {}\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (PATHWAY * 2, "joint.duplicate"),
        (PATHWAY.replace(', "which"', ""), "joint.steps"),
        (PATHWAY.replace("which", "likes_tea"), "joint.steps"),
        (PATHWAY.replace("which", "cups"), "joint.unknown_question"),
        (PATHWAY.replace("which", "milk"), "joint.unknown_question"),
        (CROSSTAB.replace("week", "cups"), "joint.by"),
        (CROSSTAB.replace("week", "which"), "joint.steps"),
        (CROSSTAB.replace('"which"', ""), "joint.steps"),
        (CROSSTAB.replace('"which"', '"milk"'), "joint.unknown_question"),
        (RANGES.replace("W50", "W47"), "joint.ranges"),
        (RANGES.replace('"week"', '"language"'), "joint.ranges"),
        (RANGES.replace("2026-W46 ", ""), "joint.ranges"),
        (TREND, "joint.unknown_finding"),
        (TREND.replace('"tea"', ""), "joint.steps"),
        (TREND + "span = 0", "joint.span"),
        (CROSSTAB + TREND.replace('"tea"', '"green"'), "joint.twice_by_week"),
        (HALVES.format("strength", "cups", 1, 2), "joint.ratings"),
        (HALVES.format("strength", "strength", 1, 2), "joint.not_drawn"),
    ],
)
def test_an_unsound_declaration_is_refused(tmp_path: Path, text: str, code: str):
    folder = tmp_path / "surveys" / "tiny"
    folder.mkdir(parents=True)
    (folder / "joint.toml").write_text(text, encoding="utf-8")
    (folder / "findings.toml").write_text(GREEN_FINDING, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_joint(tmp_path, read(FULL))
    assert code in caught.value.codes


def test_ratings_that_are_all_or_none_of_the_scale_are_refused(tmp_path: Path):
    folder = tmp_path / "surveys" / "help-us"
    folder.mkdir(parents=True)
    text = HALVES.format("wish_to_stop", "wish_to_stop_after", 0, 10)
    (folder / "joint.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_joint(tmp_path, help_us())
    assert caught.value.codes == ("joint.high",)
