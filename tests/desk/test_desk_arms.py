"""What is said of the arms: what was planted is found, and the law is kept."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import NormalDist

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from offramp.cli.desk import app
from offramp.desk import Desk, arms_report, armspage
from offramp.desk.arms import ArmsReport, Clicks, Part
from offramp.desk.bursts import bursts
from offramp.desk.estimate import Counts, difference, holm, interval, p_value, student
from offramp.desk.folder import Server
from offramp.desk.resample import Share, Spread, spreads
from offramp.errors import Refusal
from offramp.store import Tally
from tests.desk.traffic import BEGIN, TARGETS, Plan, add, traffic

Totals = dict[Tally, int]


def part(report: ArmsReport, place: str = "en", flagged: bool = True) -> Part:
    return next(p for p in report.parts if (p.place, p.flagged) == (place, flagged))


def clicks(report: ArmsReport, arm: str, target: str, place: str = "en", flagged: bool = True) -> Clicks:
    line = next(line for line in part(report, place, flagged).lines if line.arm == arm)
    return next(each for each in line.clicks if each.target == target)


def total(totals: Totals, name: str, arm: str, language: str = "en") -> int:
    return sum(n for tally, n in totals.items() if tally[:3] == (name, arm, language))


def rounded(n: int) -> int:
    return (n + 2) // 5 * 5


# -- what is counted ----------------------------------------------------------------------------------------


def test_shares_are_of_rounded_counts():
    totals = traffic(Plan(), 1)
    found = clicks(arms_report(totals), "harm-negative", "help").counts
    assert found == Counts(rounded(total(totals, "go_help", "harm-negative")),
                           rounded(total(totals, "message_shown", "harm-negative")))  # fmt: skip


def test_a_difference_that_was_planted_is_found_and_none_where_there_is_none():
    plan = Plan(rates={"neutral": 0.08, "harm-negative": 0.16, "control-positive": 0.08}, uneven=0.05)
    told = {(c.arm, c.target) for c in part(arms_report(traffic(plan, 3))).comparisons if c.adjusted < 0.05}
    assert told == {("harm-negative", target) for target in TARGETS}


def test_of_many_pages_without_any_difference_hardly_one_shows_one():
    plan = Plan(days=30, rates=dict.fromkeys(("neutral", "a", "b", "c"), 0.1), uneven=0.1)
    wrong = sum(
        any(c.adjusted < 0.05 for c in part(arms_report(traffic(plan, seed), replicates=200)).comparisons)
        for seed in range(40)
    )
    assert wrong <= 6  # of 40, where 2 are expected at the most


def test_all_languages_together_are_the_sum_of_those_that_are_shown():
    totals = traffic(Plan(languages={"en": 30, "ar": 10, "de": 0.2}), 1)
    report = arms_report(totals)
    assert {p.place for p in report.parts} == {"all", "en", "ar"}, "no arm has 100 displays in German"
    there = total(totals, "message_shown", "neutral") + total(totals, "message_shown", "neutral", "ar")
    assert next(line.displays for line in part(report, "all").lines if line.arm == "neutral") == rounded(
        there
    )


def test_the_programme_is_a_column_only_where_something_was_counted_for_it():
    assert "programme" not in arms_report(traffic(Plan(), 1)).targets
    assert "programme" in arms_report(traffic(Plan(targets=(*TARGETS, "programme")), 1)).targets


def test_below_a_hundred_displays_nothing_is_said():
    totals = traffic(Plan(days=3, languages={"en": 20}), 1)
    with pytest.raises(Refusal) as caught:
        arms_report(totals)
    assert caught.value.codes == ("arms.too_few",)


def test_an_arm_with_few_displays_beside_others_has_no_figures():
    totals = traffic(Plan(), 1)
    for day in range(9):
        add(totals, "message_shown", "new", "en", (BEGIN + timedelta(days=day)).isoformat(), 10)
        add(totals, "go_help", "new", "en", (BEGIN + timedelta(days=day)).isoformat(), 4)
    line = next(line for line in part(arms_report(totals)).lines if line.arm == "new")
    assert line.displays is None
    assert all(each.counts is None for each in line.clicks)


def test_without_its_neutral_arm_nothing_is_compared():
    with pytest.raises(Refusal) as caught:
        arms_report(traffic(Plan(), 1), neutral="calm")
    assert caught.value.codes == ("arms.no_neutral",)
    assert "harm-negative, neutral" in str(caught.value)


def test_below_fourteen_days_there_is_no_interval_and_from_fourteen_on_there_is():
    for days in (13, 14):
        report = arms_report(traffic(Plan(days=days), 1))
        assert (clicks(report, "neutral", "help").interval is not None) == (days == 14)
        assert bool(part(report).comparisons) == (days == 14)


def test_an_arm_is_compared_over_the_weeks_in_which_both_ran():
    """The neutral arm was clicked twice as often in weeks in which the other did not run yet: that is no difference."""
    totals = traffic(Plan(days=56, rates={"neutral": 0.1}), 1)
    begin, late = BEGIN.isoformat(), (BEGIN + timedelta(days=28)).isoformat()
    early = {t: n * (1 + (t.name != "message_shown" and t.period < late)) for t, n in totals.items()}
    late_arm = {t._replace(subject="late"): n for t, n in totals.items() if t.period >= late}
    report = arms_report({**early, **late_arm})
    for each in part(report).comparisons:
        assert each.counts == each.neutral
        assert abs(each.difference.value) < 1e-9
    assert clicks(report, "neutral", "help").counts != clicks(report, "late", "help").counts
    assert begin < late


def test_a_click_after_the_last_week_of_an_arm_is_left_out():
    totals = traffic(Plan(days=14), 1)
    before = arms_report(totals)
    add(totals, "go_help", "harm-negative", "en", (BEGIN + timedelta(days=60)).isoformat(), 40)
    assert clicks(arms_report(totals), "harm-negative", "help") == clicks(before, "harm-negative", "help")


def test_the_same_seed_gives_the_same_page_and_another_hardly_another():
    totals = traffic(Plan(uneven=0.1), 1)
    one, again, other = (armspage.as_html(arms_report(totals, seed=seed), False) for seed in (1, 1, 2))
    assert one == again
    assert "seed 1." in one
    assert "seed 2." in other


# -- flagged days -------------------------------------------------------------------------------------------


def series(*counts: int) -> dict[date, int]:
    return {BEGIN + timedelta(days=place): n for place, n in enumerate(counts) if n}


@pytest.mark.parametrize(
    ("counts", "flagged"),
    [
        ([40] * 10 + [400] + [40] * 10, [10]),
        ([40] * 10 + [110] + [40] * 10, []),  # not three times as many
        ([2] * 10 + [49] + [2] * 10, []),  # too few to speak of
        ([2] * 10 + [50] + [2] * 10, [10]),
        (([40] * 5 + [110] * 2) * 5, []),  # weekends
        ([40] * 3 + [400] + [40] * 3, []),  # too few days around
        ([40] * 14 + [400] * 20, []),  # it became more, and stayed so
        ([0] * 10 + [90] + [0] * 9 + [1], [10]),
    ],
)
def test_a_day_is_flagged_by_its_counts_alone(counts: list[int], flagged: list[int]):
    assert bursts(series(*counts)) == {BEGIN + timedelta(days=place) for place in flagged}


def test_ordinary_traffic_is_not_flagged():
    for seed in range(5):
        assert arms_report(traffic(Plan(days=200, busy=0.05), seed), replicates=2).bursts == ()


def test_a_burst_is_flagged_in_its_language_and_shown_with_and_without():
    totals = traffic(Plan(languages={"en": 30, "ar": 30}), 1)
    day = BEGIN + timedelta(days=20)
    quiet = dict(totals)
    for arm in ("neutral", "harm-negative"):
        add(totals, "message_shown", arm, "en", day.isoformat(), 900)
    report = arms_report(totals)
    assert report.bursts == (("en", day),)
    assert [(p.place, p.flagged) for p in report.parts] == [
        ("all", True), ("ar", True), ("en", True), ("en", False),
    ]  # fmt: skip
    rates = {
        flagged: clicks(report, "neutral", "help", flagged=flagged).counts.rate for flagged in (True, False)
    }
    true = clicks(arms_report(quiet), "neutral", "help").counts.rate
    assert rates[True] < 0.75 * true
    assert abs(rates[False] - true) < 0.1 * true
    assert clicks(report, "neutral", "help", "ar") == clicks(arms_report(quiet), "neutral", "help", "ar")


def test_a_burst_of_clicks_alone_is_flagged_too():
    totals = traffic(Plan(), 1)
    day = (BEGIN + timedelta(days=20)).isoformat()
    add(totals, "go_help", "neutral", "en", day, 500)
    assert [str(day) for _, day in arms_report(totals).bursts] == [day]


# -- the arithmetic -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("freedom", "t"), [(13, 2.1604), (20, 2.0860), (27, 2.0518), (60, 2.0003), (364, 1.9665)]
)
def test_student_is_that_of_the_tables(freedom: int, t: float):
    assert abs(student(freedom) - t) < 0.001
    assert abs(p_value(t, freedom) - 0.05) < 0.0002
    assert p_value(-t, freedom) == p_value(t, freedom)


def test_holm_is_that_of_its_paper():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_makes_nothing_smaller(ps: list[float]):
    adjusted = holm(ps)
    assert all(p <= a <= 1 for p, a in zip(ps, adjusted, strict=True))
    for (p, a), (q, b) in itertools.combinations(zip(ps, adjusted, strict=True), 2):
        assert (p <= q) <= (a <= b)
        assert (q <= p) <= (b <= a)


def test_where_days_are_alike_the_spread_is_that_of_chance_and_where_not_it_is_wider():
    alike, unlike = ([list(row) for row in rows] for rows in _days())
    (one,), _ = spreads(alike, [Share(1, 0)], [], seed=1)
    (two,), _ = spreads(unlike, [Share(1, 0)], [], seed=1)
    assert one.times == pytest.approx(1, abs=0.2)
    assert two.times > 2


def _days() -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    random = Random(1)
    alike = [(400, sum(random.random() < 0.05 for _ in range(400))) for _ in range(120)]
    unlike = [(400, sum(random.random() < 0.05 * 2 * (day % 2) for _ in range(400))) for day in range(120)]
    return alike, unlike


def test_what_arms_share_on_a_day_does_not_widen_their_difference():
    random = Random(2)
    rows = []
    for _ in range(120):
        mood = random.gammavariate(4, 0.25)
        rows.append([300, sum(random.random() < 0.1 * mood for _ in range(300)),
                     300, sum(random.random() < 0.1 * mood for _ in range(300))])  # fmt: skip
    (share,), (apart,) = spreads(rows, [Share(1, 0)], [(Share(1, 0), Share(3, 2))], seed=1)
    assert share.times > 2
    assert apart.times < 1.3


def test_intervals_come_from_rounded_counts_and_a_coarse_step_alone():
    """As the types say: an exact count could not even be handed in unnoticed, since rounded ones go in 5 apart."""
    counts = Counts(100, 1000)
    found = interval(counts, Spread(0), 30)
    assert found is not None
    assert found.low < 0.1 < found.high
    wider = interval(counts, Spread(7), 30)
    assert wider is not None
    assert wider.high - wider.low > 1.8 * (found.high - found.low)
    less = difference(counts, Counts(200, 1000), Spread(0), 30)
    assert less is not None
    assert less.value == pytest.approx(-0.1)
    z = NormalDist().inv_cdf(0.975)
    assert less.interval.high - less.interval.low == pytest.approx(2 * z * (0.0003) ** 0.5, rel=0.06)


# -- how it looks -------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    home = Desk(tmp_path / "desk")
    home.remember(Server("a-tiny-service", True))
    inbox = home.inbox()
    inbox.replace_totals(traffic(Plan(languages={"en": 30, "ar": 12}), 1))
    inbox.close()
    return home.path


def run(desk: Path, *more: str) -> str:
    result = CliRunner().invoke(app, ["arms", "--desk", str(desk), *more])
    assert result.exit_code == 0, result.exception
    return result.output


def test_page_json_and_lines_say_the_same(desk: Path, tmp_path: Path):
    output = tmp_path / "arms.html"
    assert "is written" in run(desk, "-o", str(output))
    tree = lxml.html.fromstring(output.read_text(encoding="utf-8"))
    plain = json.loads(run(desk, "--json"))
    lines = run(desk)
    assert plain["synthetic"] is True
    assert lines.startswith("SYNTHETIC")
    assert "SYNTHETIC" in tree.xpath("string(//p[@class='banner'])")
    for each in plain["parts"]:
        (table,) = tree.xpath(f"//table[caption/@id='{each['language']}-all-shares']")
        for row, arm in zip(table.xpath("./tbody/tr"), each["arms"], strict=True):
            assert row[1].text_content() == f"{arm['displays']:,}"
            for field, share in zip(row[2:], arm["targets"].values(), strict=True):
                assert field.xpath("string(b)") == f"{share['percent']} %"
                assert field.xpath("string(span)") == " to ".join(share["interval"])
                assert f"{share['percent']} % ({' to '.join(share['interval'])})" in lines


def test_the_page_says_what_it_cannot_say_and_asks_for_nothing(desk: Path, tmp_path: Path):
    run(desk, "-o", str(tmp_path / "arms.html"))
    page = (tmp_path / "arms.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", lxml.html.fromstring(page).text_content())
    for said in ("A click is not a change of behaviour", "Displays are not people", "Holm", "seed 1",
                 "has no figures", "flagged"):  # fmt: skip
        assert said in text
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=[\"'](?!#|data:)", page)


def test_before_a_pull_there_is_nothing_to_report(tmp_path: Path):
    result = CliRunner().invoke(app, ["arms", "--desk", str(tmp_path)])
    assert result.exception.codes == ("desk.not_pulled",)  # type: ignore[union-attr]
