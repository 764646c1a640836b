"""Which questions are looked at together: declared once per survey, in joint.toml, before there are any answers.

Reads and checks declarations; counting is done by `pathways` and `halves`. The invariant: a declaration that exists
names only questions that its survey has, and of a kind that can be crossed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from offramp.desk.codebook import Variable, codebook
from offramp.desk.findings import read_findings
from offramp.errors import Problem, Refusal
from offramp.survey import Survey
from offramp.tables import Table, read_toml

_CHOICES = ("single", "multiple")
_WEEK = re.compile(r"\d{4}-W\d\d")
GROUPS = ("language", "week", "version", "arm", "survey")


@dataclass(frozen=True, slots=True)
class Pathway:
    """Questions in the order in which things happened."""

    id: str
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Halves:
    """A rating asked of a random part before, and of all after; `high` are the codes that are counted."""

    id: str
    title: str
    before: str
    after: str
    high: frozenset[str]


@dataclass(frozen=True, slots=True)
class Crosstab:
    """Questions by language, week, version, arm, survey, or by another question; `ranges` are first and last weeks."""

    id: str
    title: str
    by: str
    questions: tuple[str, ...]
    ranges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """Findings over time, `span` weeks put together."""

    id: str
    title: str
    findings: tuple[str, ...]
    span: int = 4


@dataclass(frozen=True, slots=True)
class Joint:
    """All that a survey looks at together; nothing where it declares nothing."""

    pathways: tuple[Pathway, ...] = ()
    halves: tuple[Halves, ...] = ()
    crosstabs: tuple[Crosstab, ...] = ()
    trends: tuple[Trend, ...] = ()

    @property
    def by_survey(self) -> bool:
        """Whether other surveys have to be counted as well."""
        return any(each.by == "survey" for each in self.crosstabs)


NOTHING = Joint()


def read_joint(content: Path, survey: Survey) -> Joint:
    """Return what a survey looks at together. Refusal: all that is wrong, at once."""
    folder = content / "surveys" / survey.slug
    aside = folder / "versions" / str(survey.version)
    path = (aside if aside.exists() else folder) / "joint.toml"
    if not path.exists():
        return NOTHING
    variables = {variable.id: variable for variable in codebook(survey)}
    findings = {finding.id: finding.question for finding in read_findings(content, survey)}
    problems: list[Problem] = []
    root = Table(read_toml(path), f"{path.parent.name}/{path.name}", problems)
    pathways = tuple(_pathway(table, variables) for table in root.tables("pathway", "pathway"))
    halves = tuple(_halves(table, variables) for table in root.tables("halves", "halves"))
    crosstabs = tuple(_crosstab(table, variables) for table in root.tables("crosstab", "crosstab"))
    trends = tuple(_trend(table, findings) for table in root.tables("trend", "trend"))
    by_week = [name for each in crosstabs if each.by == "week" for name in each.questions]
    by_week += [findings[name] for trend in trends for name in trend.findings if name in findings]
    for twice in sorted({name for name in by_week if by_week.count(name) > 1}):
        # The one could be taken from the other, week by week.
        root.fault("joint.twice_by_week", f"“{twice}” is followed over weeks twice.",
                   "Please keep one trend of one of its findings, or its cross-tabulation by week.")  # fmt: skip
    root.finish()
    ids = [each.id for kind in (pathways, halves, crosstabs, trends) for each in kind]
    for twice in sorted({identity for identity in ids if ids.count(identity) > 1}):
        root.fault("joint.duplicate", f"The id “{twice}” is used twice.", "Please rename one of the two.")
    if problems:
        raise Refusal(problems)
    return Joint(pathways, halves, crosstabs, trends)


def _pathway(table: Table, variables: Mapping[str, Variable]) -> Pathway:
    pathway = Pathway(table.text("id"), table.text("title"), table.texts("steps"))
    table.finish()
    if len(set(pathway.steps)) < 2 or len(set(pathway.steps)) < len(pathway.steps):
        table.fault("joint.steps", "A pathway needs two or more different questions.",
                    "Please name each step once, in order.")  # fmt: skip
    for step in pathway.steps:
        if step not in variables or variables[step].kind not in _CHOICES:
            table.fault("joint.unknown_question", f"“{step}” is no single or multiple choice of this survey.",
                        "Please correct its name, or leave it out.")  # fmt: skip
    return pathway


def _halves(table: Table, variables: Mapping[str, Variable]) -> Halves:
    high = frozenset(map(str, range(table.integer("low"), table.integer("high") + 1)))
    halves = Halves(table.text("id"), table.text("title"), table.text("before"), table.text("after"), high)
    table.finish()
    before, after = variables.get(halves.before), variables.get(halves.after)
    if before is None or after is None or before.kind != "scale" or before.codes != after.codes:
        table.fault("joint.ratings", "Before and after are not two ratings on the same scale.",
                    "Please name two scales of this survey with the same lowest and highest number.")  # fmt: skip
    elif before.drawn == 100 or after.drawn < 100 or before.module or after.module:
        table.fault("joint.not_drawn", "Not: before of a random part only, and after of all.",
                    "Please give the first of the two a sample, the second none, and neither a module.")  # fmt: skip
    elif not high < after.codes or not high:
        table.fault("joint.high", "Low to high is nothing or all of the scale, or goes beyond it.",
                    "Please name some of its numbers.")  # fmt: skip
    return halves


def _trend(table: Table, findings: Mapping[str, str]) -> Trend:
    trend = Trend(table.text("id"), table.text("title"), table.texts("findings"), table.integer("span", 4))
    table.finish()
    if not trend.findings or len(set(trend.findings)) < len(trend.findings):
        table.fault("joint.steps", "A trend needs findings, each once.", "Please name each finding once.")
    for name in trend.findings:
        if name not in findings:
            table.fault("joint.unknown_finding", f"The survey declares no finding “{name}”.",
                        "Please correct its name, or leave it out.")  # fmt: skip
    if not 1 <= trend.span <= 52:
        table.fault(
            "joint.span", "The span is no number of weeks from 1 to 52.", "Please write for example 4."
        )
    return trend


def _crosstab(table: Table, variables: Mapping[str, Variable]) -> Crosstab:
    ranges = tuple(table.texts("ranges"))
    crosstab = Crosstab(
        table.text("id"), table.text("title"), table.text("by"), table.texts("questions"),
        tuple((each.partition(" ")[0], each.partition(" ")[2]) for each in ranges),
    )  # fmt: skip
    table.finish()
    if crosstab.by not in GROUPS and (
        crosstab.by not in variables or variables[crosstab.by].kind not in _CHOICES
    ):
        table.fault("joint.by", f"“{crosstab.by}” is no single or multiple choice of this survey.",
                    f"Please name one, or one of: {', '.join(GROUPS)}.")  # fmt: skip
    if not crosstab.questions or len({*crosstab.questions, crosstab.by}) <= len(crosstab.questions):
        table.fault("joint.steps", "A cross-tabulation needs questions, each once and none by itself.",
                    "Please name each question once.")  # fmt: skip
    for name in crosstab.questions:
        if name not in variables or variables[name].kind == "text":
            table.fault("joint.unknown_question", f"“{name}” is no closed question of this survey.",
                        "Please correct its name, or leave it out.")  # fmt: skip
    edges = [week for each in crosstab.ranges for week in each]
    if edges and (
        crosstab.by != "week" or edges != sorted(set(edges)) or not all(map(_WEEK.fullmatch, edges))
    ):
        table.fault("joint.ranges", "Ranges are of weeks, one after another.",
                    "Please write each as two weeks, such as “2026-W40 2026-W44”, and by = “week”.")  # fmt: skip
    return crosstab
