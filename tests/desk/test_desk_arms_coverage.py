"""How often intervals of the arms hold the truth, measured on made-up traffic of uneven days. See bench_arms."""

from __future__ import annotations

import pytest

from offramp.desk import arms_report
from tests.bench.bench_arms import coverage, false_pages, largest, plans

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
STUDIES = 600


@pytest.mark.parametrize(("name", "plan"), list(plans()))
def test_intervals_hold_the_truth_as_often_as_they_say(name: str, plan):
    found = coverage(plan, STUDIES, seed=1)
    print(f"{name}: {found}")
    for held, of in (found.share, found.difference):
        assert of >= 2 * STUDIES
        assert 0.93 <= held / of <= 0.97
    assert found.false[0] / found.false[1] <= 0.07


@pytest.mark.parametrize(("days", "mean"), [(16, 12), (28, 40)])
def test_where_no_arm_differs_few_pages_tell_a_difference(days: int, mean: float):
    wrong, of = false_pages(days, mean, 300, seed=1)
    print(f"{days} days: a false difference on {wrong} of {of} pages")
    assert wrong <= 0.08 * of  # 5 % at the most, and what chance adds to three hundred pages


def test_two_years_of_nine_arms_in_sixteen_languages_are_reckoned():
    report = arms_report(largest())
    assert len(report.parts) >= 17
    assert sum(len(part.comparisons) for part in report.parts if part.flagged) == 17 * 8 * 5
