"""Whoever reads a report and subtracts learns no small count: tried on hundreds of small studies."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import pytest

from offramp.desk import report
from offramp.desk.codebook import Variable, codebook
from offramp.survey import Body, Response, Survey, join
from tests.desk.reader import N, Seen, constraints, read_report, works_out
from tests.desk.studies import bodies, help_us
from tests.questionnaires import FULL, read

STUDIES = 120
SIZES = (100, 101, 104, 110, 125, 150, 200, 260)
# How fast made-up respondents leave, and how often they skip: some studies are full, some are mostly gaps.
TEMPERS = ((0.01, 0.02), (0.04, 0.1), (0.12, 0.05), (0.05, 0.3))


@cache
def survey(name: str) -> Survey:
    return read(FULL) if name == "tiny" else help_us()


@cache
def crowd(name: str, temper: int) -> list[list[Body]]:
    """Several hundred made-up responses, each as its pages."""
    leave, skip = TEMPERS[temper]
    by_response: dict[str, list[Body]] = {}
    for body in bodies(survey(name), temper, 450, leave=leave, skip=skip):
        by_response.setdefault(body.context.response, []).append(body)
    return list(by_response.values())


def truth_of(responses: list[Response], variables: list[Variable], pages: list[str]) -> Counter[str]:
    """Count directly, one response after another."""
    counts: Counter[str] = Counter({N: len(responses)})
    for response in responses:
        counts[f"language {response.context.language}"] += 1
        counts[f"week {response.context.week}"] += 1
        counts[f"last {response.pages[-1] if response.pages else 'none'}"] += 1
        for variable in variables:
            codes = response.codes[variable.id]
            if isinstance(codes, tuple):
                counts[f"{variable.id} base"] += 1
                for category in variable.categories:
                    counts[f"{variable.id} {category.id}"] += bool(category.codes & set(codes))
            else:
                counts[f"{variable.id} {codes.value}"] += 1
    return counts


@pytest.mark.parametrize("temper", range(len(TEMPERS)))
@pytest.mark.parametrize("name", ["tiny", "help-us"])
def test_no_small_count_can_be_worked_out_from_a_report(name: str, temper: int):
    random = Random(f"{name}/{temper}")
    definition = survey(name)
    variables, pages = list(codebook(definition)), [page.id for page in definition.pages]
    tried = 0
    for _ in range(STUDIES if name == "tiny" else STUDIES // 4):
        people = random.sample(crowd(name, temper), random.choice(SIZES))
        study = [body for pages_of_one in people for body in pages_of_one]
        seen = read_report(report(definition, study, {}, ()), variables, pages)
        truth = truth_of(join(definition, study), variables, pages)
        for known, printed in seen.printed.items():
            assert truth[known] >= 10
            assert printed == (truth[known] + 2) // 5 * 5
        learnt = works_out(seen, truth, constraints(seen, variables, pages))
        exact = [cell for cell, (low, high) in learnt.items() if low == high]
        assert not exact, f"{exact} can be worked out"
        tried += len(learnt)
    assert tried > 1000


def naive(truth: Counter[str], names: set[str]) -> Seen:
    """What would be printed if only the small counts themselves were suppressed."""
    return Seen(
        {name: (truth[name] + 2) // 5 * 5 for name in names if truth[name] >= 10},
        {name for name in names if truth[name] < 10},
    )


def test_the_same_reader_does_work_small_counts_out_where_only_they_are_suppressed():
    random, found = Random("naive"), 0
    definition = survey("tiny")
    variables, pages = list(codebook(definition)), [page.id for page in definition.pages]
    for _ in range(STUDIES):
        people = random.sample(crowd("tiny", 1), random.choice(SIZES))
        study = [body for pages_of_one in people for body in pages_of_one]
        truth = truth_of(join(definition, study), variables, pages)
        seen = naive(truth, read_report(report(definition, study, {}, ()), variables, pages).names)
        learnt = works_out(seen, truth, constraints(seen, variables, pages))
        found += sum(low == high for low, high in learnt.values())
    assert found > 0
