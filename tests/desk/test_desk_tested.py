"""Tests and intervals in a report: from printed counts alone, named as what they are, left out where they must be."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import lxml.html
import numpy as np
import pytest

from offramp.desk import read_findings
from offramp.desk.joint import Crosstab, Joint
from offramp.desk.statistics import association, benjamini_hochberg, wilson
from offramp.desk.tested import (
    FEW,
    LANGUAGES,
    SEVERAL,
    TREND,
    Outcome,
    adjusted,
    apart,
    halves,
    interval,
    outcome,
    steady,
    whole,
)
from offramp.language import State
from offramp.survey import Survey, read_surveys
from tests.desk.counting import report
from tests.desk.studies import FINDINGS, TINY, bodies, written
from tests.questionnaires import FULL, read

LOOKS = Joint(crosstabs=(
    Crosstab("weeks", "Weeks", "week", ("likes_tea", "which")),
    Crosstab("shops", "Shops", "likes_tea", ("strength",)),
    Crosstab("tongues", "Tongues", "language", ("likes_tea",)),
))  # fmt: skip
COUNT = re.compile(
    r"from the ([\d,]+) responses of printed counts: chi-square ([\d.]+), degrees of freedom: (\d+); "
    r"p: (below 0\.001|\d\.\d+); p after all tests of this report: (below 0\.001|\d\.\d+)"
)


def as_reviewed(survey: Survey) -> Survey:
    texts = {tag: replace(each, state=State.REVIEWED) for tag, each in survey.catalogues.items()}
    return replace(survey, catalogues=texts)


@cache
def told(reviewed: bool) -> lxml.html.HtmlElement:
    survey = as_reviewed(read(FULL)) if reviewed else read(FULL)
    return lxml.html.document_fromstring(report(survey, bodies(survey, 4, 900), {}, (), joint=LOOKS))


def lines(tree: lxml.html.HtmlElement) -> list[str]:
    return [" ".join(each.text_content().split()) for each in tree.xpath("//p[contains(@class, 'test')]")]


def grid_of(table: lxml.html.HtmlElement) -> list[list[int | None]]:
    """Read the counts of a cross-tabulation back from the page, by group and answer."""
    every, *groups = table.xpath("./tbody")
    ends = [row[0].text_content().strip() for row in every.xpath("./tr[td[2]][position() > 1]")]
    found = []
    for group in groups:
        rows = group.xpath("./tr[td[2]][position() > 1]")
        counts = {row[0].text_content().strip(): int(row[1].text_content()) for row in rows}
        found.append([counts.get(end) for end in ends])
    return found


def test_a_test_can_be_made_anew_by_whoever_reads_the_table():
    tree = told(reviewed=True)
    tables = tree.xpath("//h2[@id='crosstabs']/following::table[@class='crossing']")
    remade = []
    for table, line in zip(tables, lines(tree), strict=True):
        if not (said := COUNT.search(line)):
            continue
        grid = grid_of(table)
        rows, columns = whole(grid)
        again = association([[grid[row][column] or 0 for column in columns] for row in rows], noise=2)
        assert again is not None
        assert (f"{again.n:,}", f"{again.chi_square:.1f}", str(again.df)) == said.groups()[:3]
        remade.append((again.p, said[4], said[5]))
    assert len(remade) > 1
    for (p, own, after), bounded in zip(remade, benjamini_hochberg([p for p, _, _ in remade]), strict=True):
        assert own == ("below 0.001" if p < 0.001 else f"{p:.3f}")
        assert after == ("below 0.001" if bounded < 0.001 else f"{bounded:.3f}")


def test_no_test_crosses_languages_while_one_of_them_is_a_draft():
    assert lines(told(reviewed=False))[-1].startswith("No test: a language in which there are answers")
    assert outcome([[20, 30], [30, 20]], drafts=True) == Outcome(LANGUAGES)
    assert lines(told(reviewed=True))[-1].startswith("No test: too few groups")


def test_where_several_answers_are_possible_no_test_takes_them_for_exclusive():
    assert lines(told(reviewed=True))[1].startswith("No test: several answers are possible")
    assert outcome([[20, 30], [30, 20]], several=True) == Outcome(SEVERAL)


def test_what_a_test_leaves_out_is_named():
    found = outcome([[20, 30, None], [30, 25, 40], [None, None, 15]])
    assert (found.rows, found.columns, found.n) == ((2,), (2,), 105)
    assert outcome([[20, None], [None, 40]]) == Outcome(FEW)
    assert outcome([]) == Outcome(FEW)
    joined = " ".join(lines(told(reviewed=True)))
    assert "Not in the test, because a count is suppressed: " in joined


def test_rounding_makes_no_more_false_finds_than_chance_does():
    random = np.random.default_rng(7)
    tables = (random.multinomial(300, [1 / 20] * 20, size=1500).reshape(-1, 4, 5) + 2) // 5 * 5
    found = [(outcome(table.tolist()).p < 0.05, association(table.tolist()).p < 0.05) for table in tables]
    allowed, plain = np.mean(found, axis=0)
    assert 0.035 < allowed < 0.065
    assert plain > 0.08, "the plain test would do as well"


def test_all_tests_of_a_report_are_bounded_together():
    tests = {"a": outcome([[40, 20], [20, 40]]), "b": outcome([[40, 35], [35, 40]]), "c": Outcome(FEW)}
    after = adjusted(tests)
    assert [after["a"].adjusted, after["b"].adjusted] == benjamini_hochberg([tests["a"].p, tests["b"].p])
    assert after["c"] == Outcome(FEW)
    assert adjusted({"c": Outcome(FEW)}) == {"c": Outcome(FEW)}


def test_an_interval_holds_that_of_every_count_behind_the_printed_ones():
    for n, base in ((10, 100), (40, 40), (55, 120), (400, 2000)):
        low, high = interval(n, base) or (0, 0)
        for hits in range(max(10, n - 2), n + 3):
            for of in range(max(base - 2, hits), base + 3):
                exact = wilson(hits, of)
                assert low <= 100 * exact.low
                assert 100 * exact.high <= high


def test_intervals_stand_apart_from_headlines_and_say_what_they_are(tmp_path: Path):
    content = written(tmp_path, TINY, findings=FINDINGS)
    survey = read_surveys(content)["tiny"]
    made = report(survey, bodies(survey, 1, 400), {}, read_findings(content, survey))
    tree = lxml.html.document_fromstring(made)
    rows = tree.xpath("//table[contains(@class, 'intervals')]/tbody/tr")
    assert {row.xpath("string(.//a/@href)")[3:] for row in rows} == {
        row.get("id")[2:] for row in tree.xpath("//tr[starts-with(@id, 'f-')]")
    }
    assert rows
    for row in rows:
        share = int(row[2].text_content().split()[0])
        low, high = map(int, re.findall(r"\d+", row[3].text_content()))
        assert low <= share <= high
    text = " ".join(tree.xpath("string(//h2[@id='intervals']/following::p[1])").split())
    assert "by chance alone, as if responses were independent" in text
    headlines = tree.xpath("string((//table[@class='findings'])[1])")
    assert not re.search(r"\d to \d+\s%", headlines)


def test_without_the_statistics_a_report_says_so_and_has_neither(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    survey = read(FULL)
    made = lxml.html.document_fromstring(report(survey, bodies(survey, 4, 300), {}, (), joint=LOOKS))
    assert any("numpy and scipy were not installed" in line for line in lines(made))
    assert not made.xpath("//h2[@id='intervals']")
    assert "No test was made." in " ".join(made.text_content().split())


def test_rounding_makes_no_trend_where_there_is_none():
    random = np.random.default_rng(3)
    found = []
    for _ in range(1500):
        hits = random.binomial(60, 0.3, size=8)
        found.append(steady([(int(n + 2) // 5 * 5, 60) for n in hits]).p < 0.05)
    assert 0.03 < np.mean(found) < 0.065


def test_a_trend_is_told_with_its_direction_and_what_it_leaves_out():
    found = steady([(20, 100), (None, 100), (40, 100), (60, 100), (80, None)])
    assert (found.kind, found.n, found.rows) == (TREND, 300, (1, 4))
    assert found.p < 0.001
    assert found.slope == pytest.approx(0.13, abs=0.01)
    assert steady([(20, 100), (40, 100)]) == Outcome(FEW)
    assert steady([(0, 100)] * 4) == Outcome(FEW)


def test_two_halves_are_compared_from_what_is_printed():
    assert halves((40, 100), (80, 100)).p < 0.001
    assert halves((95, 100), (80, 100)) == Outcome(FEW), "five are left, and no such count is printed"
    assert halves((None, 100), (80, 100)) == Outcome(FEW)
    assert apart((80, 100), (40, 100)) == (40, 26, 54)
    assert apart((None, 100), (40, 100)) is None


def test_the_interval_between_halves_holds_the_true_difference_as_often_as_it_says():
    random = np.random.default_rng(5)
    held = 0
    for _ in range(2000):
        one, other = random.binomial(203, 0.4), random.binomial(188, 0.5)
        _, low, high = apart(((one + 2) // 5 * 5, 205), ((other + 2) // 5 * 5, 190)) or (0, 0, 0)
        held += low <= -10 <= high
    # Whole per cent are rounded outwards.
    assert 0.94 < held / 2000 < 0.985
