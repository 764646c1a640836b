"""`python -m tests.bench.bench_arms`: how often the intervals of `offramp desk arms` hold the true share, and its time.

Made-up traffic of days that differ in how busy they are and in how readily is clicked, through the whole of
`arms_report`; the truth is what was asked for. Also counted: how often Holm's correction lets any false difference
through. Last, the processor time for two years of nine arms in sixteen languages.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from random import Random

from offramp.desk import arms_report
from offramp.store import Tally
from tests.desk.traffic import BEGIN, Plan, traffic

LANGUAGES = ("en", "ar", "cs", "de", "es", "et", "fi", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "tl")
STUDIES = 500


@dataclass(frozen=True)
class Coverage:
    """Of how many intervals how many held the truth; of how many pages how many told a difference that is none."""

    share: tuple[int, int]
    difference: tuple[int, int]
    false: tuple[int, int]


def plans() -> Iterator[tuple[str, Plan]]:
    """Yield plans: with few and many days, rare and frequent clicks, even and very uneven days."""
    for days, mean, rate, uneven in ((28, 40, 0.08, 0.1), (28, 60, 0.02, 0.0), (90, 30, 0.15, 0.3), (90, 20, 0.03, 0.1),
                                     (180, 25, 0.08, 0.5)):  # fmt: skip
        rates = {"neutral": rate, "more": 1.5 * rate, "same": rate}
        name = f"{days} days, {mean} displays of an arm a day, {100 * rate:g} %, days differ by {uneven:g}"
        yield name, Plan(days, {"en": mean}, rates, uneven, 0.1, ("help",))


def coverage(plan: Plan, studies: int, seed: int) -> Coverage:
    """Count over made-up studies of one plan."""
    shares, differences, false = [0, 0], [0, 0], [0, 0]
    for number in range(studies):
        (part,) = (p for p in arms_report(traffic(plan, seed + number), replicates=300).parts if p.flagged)
        for line in part.lines:
            found = next(each for each in line.clicks if each.target == "help")
            if found.interval:
                shares[0] += found.interval.low <= plan.rates[line.arm] <= found.interval.high
                shares[1] += 1
        for each in part.comparisons:
            true = plan.rates[each.arm] - plan.rates["neutral"]
            differences[0] += each.difference.interval.low <= true <= each.difference.interval.high
            differences[1] += 1
        false[0] += any(c.arm == "same" and c.adjusted < 0.05 for c in part.comparisons)
        false[1] += 1
    return Coverage((shares[0], shares[1]), (differences[0], differences[1]), (false[0], false[1]))


def false_pages(days: int, mean: float, pages: int, seed: int) -> tuple[int, int]:
    """Return how many pages tell a difference though all eight arms are like the neutral one, and of how many pages."""
    rates = {"neutral": 0.1, **{f"arm-{number}": 0.1 for number in range(8)}}
    plan = Plan(days, {"en": mean}, rates, 0.05, 0.1, ("survey", "help", "not-looking"))
    wrong = 0
    for number in range(pages):
        report = arms_report(traffic(plan, seed + number), replicates=400)
        wrong += any(c.adjusted < 0.05 for part in report.parts if part.flagged for c in part.comparisons)
    return wrong, pages


def largest() -> dict[Tally, int]:
    """Return two years of nine arms in sixteen languages, every day of every arm with clicks on every target."""
    random, targets = Random(1), ("survey", "help", "programme", "not-looking", "exit")
    arms = ("neutral", *(f"arm-{number}" for number in range(8)))
    days = [(BEGIN + timedelta(days=number)).isoformat() for number in range(730)]
    totals = {}
    for day, language, arm in product(days, LANGUAGES, arms):
        totals[Tally("message_shown", arm, language, day)] = random.randrange(20, 90)
        totals.update(
            {Tally(f"go_{target}", arm, language, day): random.randrange(1, 9) for target in targets}
        )
    return totals


def percent(of: tuple[int, int]) -> str:
    return f"{100 * of[0] / of[1]:.1f} % of {of[1]:,}"


def main() -> None:
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    for name, plan in plans():
        found = coverage(plan, studies, seed=1)
        print(f"{name}: shares {percent(found.share)}, differences {percent(found.difference)}, "
              f"a false difference in {percent(found.false)} pages")  # fmt: skip
    for days, mean in ((16, 12), (28, 40), (90, 12)):
        print(f"eight arms like the neutral one, three targets, {days} days, {mean} displays a day: "
              f"any difference in {percent(false_pages(days, mean, studies // 2, seed=1))} pages")  # fmt: skip
    totals = largest()
    begin = time.process_time()
    arms_report(totals)
    seconds = time.process_time() - begin
    print(f"{len(totals):,} totals of two years, 9 arms, 16 languages: {seconds:.1f} s of processor time")


if __name__ == "__main__":
    main()
