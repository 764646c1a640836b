"""Whoever reads a report and subtracts learns no small count: tried on hundreds of small studies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

import pytest

from offramp.desk import read_rules
from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.codebook import Variable, codebook
from offramp.desk.wording import MARKS
from offramp.rules import parse
from offramp.survey import Body, Response, Survey, join, together
from tests.desk.counting import clean, report
from tests.desk.reader import FLAGGED, KEPT, N, Seen, read_report, twice, works_out
from tests.desk.studies import CONTENT, bodies, help_us
from tests.questionnaires import FULL, read

SIZES = (100, 101, 104, 110, 125, 150, 200, 260, 320, 400)
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


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """Return the rules that flag: of the tiny survey, also one that a single question decides."""
    if name == "help-us":
        return read_rules(CONTENT, help_us())
    weak, odd = parse("${strength} = 0", "test"), parse("${likes_tea} = 'no' and ${strength} > 3", "test")
    return (*EVERYWHERE, Rule("weak", "Weak tea", "", weak), Rule("odd", "No tea, and strong", "", odd))


def truth_of(name: str, responses: list[Response]) -> Counter[str]:
    """Count all, those without a flag, and those with one, each directly."""
    definition = survey(name)
    cleaning, variables = clean(definition, responses, rules(name)), codebook(definition)
    pages = [page.id for page in definition.pages]
    counts = counted(responses, variables, pages)
    for which, flagged in ((KEPT, False), (FLAGGED, True)):
        half = [r for r, flags in zip(responses, cleaning.flags, strict=True) if bool(flags) is flagged]
        counts.update({f"{which}{cell}": n for cell, n in counted(half, variables, pages).items()})
    for flags in cleaning.flags:
        counts.update(f"flag {rule.title}" for rule in cleaning.rules if rule.id in flags)
        counts["flag Any of these"] += bool(flags)
    return counts


def counted(responses: list[Response], variables: Sequence[Variable], pages: Sequence[str]) -> Counter[str]:
    """Count directly, one response after another."""
    counts: Counter[str] = Counter({N: len(responses)})
    for response in responses:
        counts[f"language {response.context.language}"] += 1
        counts[f"week {response.context.week}"] += 1
        counts[f"last {response.pages[-1] if response.pages else 'none'}"] += 1
        for mark in together(response.marks.values()):
            counts[f"marked {MARKS[mark]}"] += 1
        module = next((v.module for v in variables if response.pages and v.page == response.pages[-1]), "")
        counts[f"ended in offer_{module}"] += bool(module)
        for variable in variables:
            codes = response.codes[variable.id]
            if isinstance(codes, tuple):
                counts[f"{variable.id} base"] += 1
                for category in variable.categories:
                    counts[f"{variable.id} {category.id}"] += bool(category.codes & set(codes))
            else:
                counts[f"{variable.id} {codes.value}"] += 1
    return counts


def studies(name: str, temper: int, how_many: int) -> Iterator[tuple[Seen, Counter[str]]]:
    """Yield small studies: what their reports print, and the truth."""
    random, definition = Random(f"{name}/{temper}"), survey(name)
    variables, pages = codebook(definition), [page.id for page in definition.pages]
    for _ in range(how_many):
        people = random.sample(crowd(name, temper), random.choice(SIZES))
        study = [body for one in people for body in one]
        seen = read_report(report(definition, study, {}, (), rules=rules(name)), variables, pages)
        yield seen, truth_of(name, join(definition, study))


def least_doubt(seen: Seen, truth: Counter[str], name: str) -> tuple[int, int]:
    """Return how many small counts the reader tried, and how few values the best known of them can still have."""
    definition = survey(name)
    known = twice(seen, codebook(definition), [page.id for page in definition.pages])
    learnt = works_out(seen, truth, known)
    return len(learnt), min((high - low + 1 for low, high in learnt.values()), default=10)


@pytest.mark.parametrize("temper", range(len(TEMPERS)))
@pytest.mark.parametrize(
    ("name", "how_many"), [("tiny", 30), ("help-us", 2), pytest.param("help-us", 40, marks=pytest.mark.full)]
)
def test_no_small_count_can_be_worked_out_from_a_report(name: str, how_many: int, temper: int):
    tried = 0
    for seen, truth in studies(name, temper, how_many):
        for cell, printed in seen.printed.items():
            assert truth[cell] >= 10
            assert printed == (truth[cell] + 2) // 5 * 5
        cells, doubt = least_doubt(seen, truth, name)
        assert doubt >= 5, f"a count under ten is known to within {doubt} values"
        tried += cells
    assert tried > 1000


def test_the_same_reader_learns_more_where_only_the_small_counts_themselves_are_suppressed():
    learnt = 0
    for seen, truth in studies("tiny", 3, 60):
        naive = Seen(
            {name: (truth[name] + 2) // 5 * 5 for name in seen.names if truth[name] >= 10},
            {name for name in seen.names if truth[name] < 10},
        )
        learnt += least_doubt(naive, truth, "tiny")[1] < 5
    assert learnt > 5
