"""The rates that `make demo-report` prints as true are those that made-up respondents answer by."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from offramp.desk import read_findings
from offramp.desk.codebook import codebook
from offramp.desk.dummy import BOTH_DOORS
from offramp.desk.findings import Finding
from offramp.desk.rates import NEVER, leaning_of
from tests.desk.studies import CONTENT, help_us

SCRIPT = Path(__file__).parents[2] / "ops/demonstration/report.py"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demonstration_report", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def drawn(finding: Finding, ids: list[str], random: Random, how_many: int) -> float:
    """Return the share among answers that are drawn one after the other, as the walks draw them."""
    leaning, counted, based = leaning_of(finding.question, ids), 0, 0
    for _ in range(how_many):
        wish = 0.0
        while wish < BOTH_DOORS.needs_none:
            wish = random.betavariate(1.5, 1.3)
        never = [name for name in ids if name in NEVER]
        rest = [name for name in ids if name not in NEVER]
        if never and random.random() < BOTH_DOORS.never_used:
            answer = never[0]
        else:
            (answer,) = random.choices(rest, [leaning.weight(name, wish) for name in rest])
        counted += answer in finding.codes
        based += answer not in finding.outside
    return counted / based


@pytest.mark.parametrize(
    "name", ["tried_to_stop", "wish_to_stop", "got_help", "knows_no_service", "bad_mood"]
)
def test_a_true_rate_is_what_drawing_answers_comes_to(name: str):
    variables = {variable.id: variable for variable in codebook(help_us())}
    finding = next(finding for finding in read_findings(CONTENT, help_us()) if finding.id == name)
    variable = variables[finding.question]
    rate = script().true_rate(finding, variable)
    ids = [category.id for category in variable.categories]
    assert rate == pytest.approx(drawn(finding, ids, Random(name), 20_000), abs=0.02)


def test_where_earlier_answers_or_several_ticks_decide_no_rate_is_claimed():
    variables = {variable.id: variable for variable in codebook(help_us())}
    findings = {finding.id: finding for finding in read_findings(CONTENT, help_us())}
    for name in ("treated_badly", "alone", "nothing_helped"):
        finding = findings[name]
        assert script().true_rate(finding, variables[finding.question]) is None
