"""Which questions are looked at together: declared once per survey, in joint.toml, before there are any answers.

Reads and checks declarations; counting is done by `pathways` and `halves`. The invariant: a declaration that exists
names only questions that its survey has, and of a kind that can be crossed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from offramp.desk.codebook import Variable, codebook
from offramp.errors import Problem, Refusal
from offramp.survey import Survey
from offramp.tables import Table, read_toml

_CHOICES = ("single", "multiple")


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
class Joint:
    """All that a survey looks at together; nothing where it declares nothing."""

    pathways: tuple[Pathway, ...] = ()
    halves: tuple[Halves, ...] = ()


NOTHING = Joint()


def read_joint(content: Path, survey: Survey) -> Joint:
    """Return what a survey looks at together. Refusal: all that is wrong, at once."""
    folder = content / "surveys" / survey.slug
    aside = folder / "versions" / str(survey.version)
    path = (aside if aside.exists() else folder) / "joint.toml"
    if not path.exists():
        return NOTHING
    variables = {variable.id: variable for variable in codebook(survey)}
    problems: list[Problem] = []
    root = Table(read_toml(path), f"{path.parent.name}/{path.name}", problems)
    pathways = tuple(_pathway(table, variables) for table in root.tables("pathway", "pathway"))
    halves = tuple(_halves(table, variables) for table in root.tables("halves", "halves"))
    root.finish()
    ids = [*(pathway.id for pathway in pathways), *(pair.id for pair in halves)]
    for twice in sorted({identity for identity in ids if ids.count(identity) > 1}):
        root.fault("joint.duplicate", f"The id “{twice}” is used twice.", "Please rename one of the two.")
    if problems:
        raise Refusal(problems)
    return Joint(pathways, halves)


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
