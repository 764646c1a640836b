"""Nobody reads an exact count, or a small one, out of what is said of the arms, whatever is added and subtracted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random

import pytest

from offramp.desk import arms_report
from offramp.desk.arms import ArmsReport
from offramp.store import Tally
from tests.desk.test_desk_arms import Totals, clicks, part, rounded, total
from tests.desk.traffic import BEGIN, Plan, add, traffic

Key = tuple[str, str, str, bool]
Ranges = dict[Key, tuple[int, int]]


def printed(totals: Mapping[Tally, int]) -> ArmsReport:
    """Return all that leaves: pages, JSON and lines are made from it, and from nothing else."""
    return arms_report(totals, replicates=60)


def variations(totals: Totals, name: str, arm: str, wanted: int) -> Iterator[Totals]:
    """Yield studies in which one exact total is as wanted: more or less on some days, or laid on other days."""
    own = [Tally(name, arm, "en", day) for day in sorted({tally.period for tally in totals})]
    now = total(totals, name, arm)
    random = Random(f"{name}/{arm}/{wanted}")
    for attempt in range(300):
        changed = dict(totals)
        moves = [1 if wanted > now else -1] * abs(wanted - now) + [1, -1] * random.randrange(
            1 + attempt // 30
        )
        for move in moves:
            tally = random.choice([tally for tally in own if changed.get(tally, 0) + move >= 0])
            changed[tally] = changed.get(tally, 0) + move
        yield changed


@pytest.mark.parametrize("seed", range(4))
def test_every_exact_count_that_rounding_leaves_open_is_left_open_by_the_whole_page(seed: int):
    """For each value that a printed count can stand for there is a study that has it, and prints the same figures.

    So nobody, not even with this program and the seed, can read the exact count out of shares and intervals.
    """
    plan = Plan(days=21, languages={"en": 12}, rates={"neutral": 0.07, "harm-negative": 0.14}, uneven=0.1,
                targets=("survey", "help"))  # fmt: skip
    totals = traffic(plan, seed)
    page, tried = printed(totals), 0
    for name, arm in itertools.product(("message_shown", "go_help", "go_survey"), plan.rates):
        exact = total(totals, name, arm)
        shown = rounded(exact)
        for value in range(max(10, shown - 2), shown + 3):
            if exact >= 10:
                assert any(printed(other) == page for other in variations(totals, name, arm, value)), (
                    f"{name} of {arm} cannot be {value} with this page: it gives away that it is {exact}"
                )
                tried += 1
    assert tried >= 25


def test_the_same_attack_reads_exact_counts_out_of_a_page_that_reckons_with_these():
    """The control: shares from exact counts, as a bootstrap gives them, leave hardly a count open."""

    def careless(totals: Totals) -> str:
        n, k = total(totals, "message_shown", "neutral"), total(totals, "go_help", "neutral")
        return f"{100 * k / n:.4f}"

    totals = traffic(Plan(days=21, languages={"en": 12}), 1)
    page, exact = careless(totals), total(totals, "go_help", "neutral")
    shown = rounded(exact)
    others = {value: variations(totals, "go_help", "neutral", value) for value in range(shown - 2, shown + 3)}
    left = [value for value, studies in others.items() if any(careless(other) == page for other in studies)]
    assert left == [exact]


def ranges(report: ArmsReport) -> Ranges:
    """Return what a reader knows of each count before adding and subtracting; nothing of those that are not printed."""
    known: Ranges = {}

    def note(key: Key, n: int | None) -> None:
        known[key] = (0, 10**6) if n is None else (max(10, n - 2), n + 2)

    for each in report.parts:
        for line in each.lines:
            note(("shown", line.arm, each.place, each.flagged), line.displays)
            for found in line.clicks:
                note((found.target, line.arm, each.place, each.flagged), found.counts and found.counts.clicks)
    return known


def exactly(totals: Totals, report: ArmsReport) -> dict[Key, int]:
    """Count directly."""
    days = {(language, day.isoformat()) for language, day in report.bursts}
    places = {each.place for each in report.parts} - {"all"}
    found = dict.fromkeys(ranges(report), 0)
    for (name, arm, language, day), n in totals.items():
        measure = "shown" if name == "message_shown" else name.removeprefix("go_")
        for place, flagged in itertools.product((language, "all"), (True, False)):
            key = (measure, arm, place, flagged)
            if key in found and language in places and (flagged or (language, day) not in days):
                found[key] += n
    return found


def narrowed(report: ArmsReport, small: set[Key]) -> Ranges:
    """Subtract languages from their total, and flagged days from all days, until nothing narrows any more.

    Written apart from the desk's own attack. This reader is told which suppressed counts are small.
    """
    known = ranges(report) | dict.fromkeys(small, (0, 9))
    places = sorted({each.place for each in report.parts} - {"all"})
    sums = []
    for measure, arm, place, flagged in list(known):
        parts = [(measure, arm, language, flagged) for language in places]
        # Where no day of a language is flagged, its figures without flagged days are those with all days.
        parts = [key if key in known else (*key[:3], True) for key in parts]
        if place == "all" and (len(places) > 1):
            sums.append(((measure, arm, place, flagged), parts))
        if not flagged:
            rest = (measure, arm, f"{place}, flagged", True)
            known[rest] = (0, 10**6)
            sums.append(((measure, arm, place, True), [(measure, arm, place, False), rest]))
    before = None
    while known != before:
        before = dict(known)
        for whole, parts in sums:
            for key in (whole, *parts):
                others = [p for p in parts if p != key]
                if key == whole:
                    low, high = sum(known[p][0] for p in parts), sum(known[p][1] for p in parts)
                else:
                    low = known[whole][0] - sum(known[p][1] for p in others)
                    high = known[whole][1] - sum(known[p][0] for p in others)
                known[key] = max(known[key][0], low), min(known[key][1], high)
    return known


def studies(how_many: int) -> Iterator[Totals]:
    random = Random(5)
    for seed in range(how_many):
        plan = Plan(
            days=random.choice((10, 30)),
            languages={"en": 14, "ar": random.choice((3, 7, 12)), "cs": random.choice((0.2, 4, 11))},
            rates={"neutral": 0.05, "a": random.choice((0.01, 0.03, 0.1)), "b": 0.04}, targets=("survey", "help"),
        )  # fmt: skip
        totals = traffic(plan, seed)
        for tally in list(totals):
            if (
                tally.language == "en"
                and tally.period == (BEGIN + timedelta(days=8)).isoformat()
                and seed % 2
            ):
                totals[tally] *= 8
        yield totals


def doubt(naive: bool) -> tuple[int, int]:
    """Return how many small counts the reader tried, and how few values the best known of them can still have."""
    tried, least = 0, 10
    for totals in studies(60):
        report = arms_report(totals, replicates=2)
        truth = exactly(totals, report)
        small = {key for key, n in truth.items() if n < 10}
        seen = known_if_naive(report, truth) if naive else narrowed(report, small)
        for key in small:
            assert seen[key][0] <= truth[key] <= seen[key][1]
            if key[0] != "shown":
                least, tried = min(least, seen[key][1] - seen[key][0] + 1), tried + 1
        for key, (low, high) in ranges(report).items():
            if high < 10**6:
                assert truth[key] >= 10
                assert low <= truth[key] <= high
    return tried, least


def known_if_naive(report: ArmsReport, truth: dict[Key, int]) -> Ranges:
    """Return what the reader works out where only small counts themselves are left out."""
    small = {key for key, n in truth.items() if n < 10}
    open_ = {key: (max(10, rounded(n) - 2), rounded(n) + 2) for key, n in truth.items() if n >= 10}
    places = sorted({each.place for each in report.parts} - {"all"})
    known = open_ | dict.fromkeys(small, (0, 9))
    for measure, arm, place, flagged in open_:
        parts = [(measure, arm, language, flagged) for language in places]
        parts = [key if key in known else (*key[:3], True) for key in parts]
        for key in set(parts) & small if place == "all" else ():
            others = [known[p] for p in parts if p != key]
            low = known[measure, arm, place, flagged][0] - sum(high for _, high in others)
            high = known[measure, arm, place, flagged][1] - sum(low for low, _ in others)
            known[key] = max(known[key][0], low), min(known[key][1], high)
    return known


def test_no_small_count_can_be_worked_out_by_subtracting():
    tried, least = doubt(naive=False)
    assert tried > 300
    assert least >= 5, f"a count under ten is known to within {least} values"


def test_the_same_reader_learns_more_where_only_small_counts_themselves_are_left_out():
    assert doubt(naive=True)[1] < 5


@pytest.mark.parametrize("inside", [10, 11, 12, 13, 22, 48, 100])
def test_what_was_clicked_before_a_later_arm_began_is_not_told_by_subtraction(inside: int):
    """The neutral arm is printed over all its weeks, and over those that it shares with the later arm."""
    tried = 0
    for before in range(10):
        totals = {t: n for t, n in traffic(Plan(days=42), 1).items() if t.name == "message_shown"}
        late = (BEGIN + timedelta(days=14)).isoformat()
        totals = {t: n for t, n in totals.items() if t.subject == "neutral" or t.period >= late}
        for number in range(before):
            add(totals, "go_help", "neutral", "en", (BEGIN + timedelta(days=number)).isoformat(), 1)
        for number in range(inside):
            add(totals, "go_help", "neutral", "en", (BEGIN + timedelta(days=14 + number % 28)).isoformat(), 1)
            add(
                totals,
                "go_help",
                "harm-negative",
                "en",
                (BEGIN + timedelta(days=14 + number % 28)).isoformat(),
                2,
            )
        report = arms_report(totals, replicates=20)
        whole = clicks(report, "neutral", "help").counts
        shared = [c.neutral for c in part(report).comparisons if c.target == "help"]
        if whole and shared:
            low, high = (
                whole.clicks - 2 - (shared[0].clicks + 2),
                whole.clicks + 2 - max(10, shared[0].clicks - 2),
            )
            assert max(0, low) <= before <= high
            assert high - max(0, low) + 1 >= 5
            tried += 1
    assert tried >= (5 if inside > 12 else 1)
