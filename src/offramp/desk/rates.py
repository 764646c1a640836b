"""How often made-up respondents do what. Everything in this table is invented.

No figure here is taken from any study or says anything about anybody. Services are all equally likely, so that a
made-up report suggests nothing about any of them. Only the table lives here; who reads it is `dummy`.
The invariant: a question that is not named here is still answered, all its answers being equally likely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances of one respondent, per page or per question."""

    arabic: float = 0.3
    through_search: float = 0.35
    patient: float = 0.6
    leaves_if_patient: float = 0.012
    leaves_if_not: float = 0.16
    leaves_at_first: float = 0.05
    skips: float = 0.06
    rather_not: float = 0.05
    dont_know: float = 0.04
    takes_module: float = 0.55
    back: float = 0.05
    stale_tab: float = 0.03
    twice: float = 0.04
    switches: float = 0.015
    clashes: float = 0.03
    words_alone: float = 0.25
    words_beside: float = 0.03
    forgets_words: float = 0.04
    deletes: float = 0.02
    # Of those who only pass by, for each respondent who begins; what they click on is in `appeal`.
    passers_by: float = 0.8
    under_18: float = 0.12


@dataclass(frozen=True, slots=True)
class Leaning:
    """How answers weigh for somebody without and for somebody with a strong wish to stop, by the answer's place.

    `alone` are places of answers that stand alone; `more` is the chance of each further tick in a multiple choice.
    """

    without: tuple[float, ...]
    strong: tuple[float, ...]
    alone: frozenset[int] = field(default_factory=frozenset)
    more: float = 0.35

    def weights(self, wish: float) -> list[float]:
        return [(1 - wish) * a + wish * b for a, b in zip(self.without, self.strong, strict=True)]


def _lean(without: str, strong: str, alone: str = "") -> Leaning:
    return Leaning(
        tuple(map(float, without.split())),
        tuple(map(float, strong.split())),
        frozenset(map(int, alone.split())),
    )


# By page and place of the question among all (its name in a form); used where the number of answers still agrees.
LEANINGS: Mapping[tuple[str, str], Leaning] = {
    ("stopping", "q000"): _lean("22 14 12 10 9 14 7 5 3 2 2", "1 1 2 3 4 11 9 13 17 15 24"),
    ("stopping", "q001"): _lean("60 18 12 4 6", "14 22 38 22 4"),
    ("beginning", "q002"): _lean("10 22 25 15 16 7 3 2", "14 27 25 13 12 5 2 2"),
    ("beginning", "q003"): _lean("24 9 3 22 22 12 3 2 3", "30 14 5 20 17 8 2 2 2"),
    ("beginning", "q004"): _lean("12 17 21 20 20 10", "20 20 20 18 15 7"),
    ("beginning", "q005"): _lean("60 22 18", "55 25 20"),
    ("contact", "q006"): _lean("62 20 12 3 3", "58 26 11 3 2"),
    ("contact", "q007"): _lean("45 20 18 8 4 5", "14 17 32 22 11 4"),
    ("contact", "q008"): _lean("2 1 4 1 1 1 12 1 2 72 3", "9 4 9 10 5 2 14 2 3 40 2", "9 10"),
    ("help", "q009"): _lean("60 18 8 4 6 4", "16 34 20 10 14 6"),
    ("help", "q010"): _lean(
        "14 14 10 10 8 4 3 4 3 8 3 10 2 3 4", "20 17 14 8 12 5 4 6 5 5 5 4 2 2 1", "13 14"
    ),
    ("help", "q011"): _lean("16 10 5 6 4 3 3 8 6 9 2 28", "24 16 9 12 10 7 5 12 11 11 2 2", "11"),
    ("tech_web", "q013"): _lean("70 30", "78 22"),
    ("tech_ways", "q015"): _lean("18 16 14 12 3 10 7 9 5 1 5", "18 16 14 12 3 10 7 9 5 1 5", "10"),
    ("closing", "q022"): _lean("20 12 12 10 9 15 8 6 4 2 2", "1 1 2 2 3 10 9 13 18 16 25"),
}


def leaning_of(page: str, name: str, answers: int) -> Leaning:
    """Return how the answers of a question weigh; all the same where the table does not know it, or not any more."""
    known = LEANINGS.get((page, name))
    if known is None or len(known.strong) != answers:
        return Leaning((1.0,) * answers, (1.0,) * answers)
    return known


WORDS = (
    "amber",
    "birch",
    "cedar",
    "dune",
    "ember",
    "fern",
    "grove",
    "heath",
    "iris",
    "juniper",
    "kelp",
    "lichen",
)
BENIGN = ("tea", "mountain", "pottery", "a recipe for bread")
