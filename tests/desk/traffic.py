"""Made-up displays and clicks, day by day, as a server would have counted them.

Everything is invented. The invariant: traffic is a function of its seed, and its true rates are those that were asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from offramp.store import Tally

BEGIN = date(2026, 1, 5)
TARGETS = ("survey", "help", "not-looking", "exit")


@dataclass(frozen=True)
class Plan:
    """How much is shown a day per arm and language, and how often what is clicked; `uneven` is how much days differ."""

    days: int = 60
    languages: Mapping[str, float] = field(default_factory=lambda: {"en": 30.0})
    rates: Mapping[str, float] = field(default_factory=lambda: {"neutral": 0.08, "harm-negative": 0.16})
    uneven: float = 0.0
    busy: float = 0.0
    targets: Sequence[str] = TARGETS


def traffic(plan: Plan, seed: int) -> dict[Tally, int]:
    """Return totals. The rate of an arm holds for every target; a day moves the rates of all arms together."""
    random, totals = Random(seed), {}
    for number in range(plan.days):
        day = (BEGIN + timedelta(days=number)).isoformat()
        for language, mean in plan.languages.items():
            # Both have mean 1, and move independently, so that the rates over all days are those of the plan.
            crowd = gamma(random, plan.busy)
            mood = gamma(random, plan.uneven)
            for arm, rate in plan.rates.items():
                shown = poisson(random, mean * crowd)
                add(totals, "message_shown", arm, language, day, shown)
                for target in plan.targets:
                    add(
                        totals,
                        f"go_{target}",
                        arm,
                        language,
                        day,
                        binomial(random, shown, min(1.0, rate * mood)),
                    )
    return totals


def add(totals: dict[Tally, int], name: str, arm: str, language: str, day: str, n: int) -> None:
    if n:
        tally = Tally(name, arm, language, day)
        totals[tally] = totals.get(tally, 0) + n


def gamma(random: Random, variance: float) -> float:
    return random.gammavariate(1 / variance, variance) if variance else 1.0


def poisson(random: Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, n, product = math.exp(-mean), 0, random.random()
    while product > limit:
        n, product = n + 1, product * random.random()
    return n


def binomial(random: Random, n: int, chance: float) -> int:
    if n * chance > 50 and n * (1 - chance) > 50:
        return min(n, max(0, round(random.gauss(n * chance, math.sqrt(n * chance * (1 - chance))))))
    return sum(random.random() < chance for _ in range(n))
