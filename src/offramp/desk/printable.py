"""All counts of one report that may be printed: counted once, and passed through the law of the house together.

Not here: how they look (report). The invariant: what another report lays beside its own comes from here as well, so
that it is what the survey's own report prints.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.codebook import Variable, codebook, parts
from offramp.desk.count import Layout, count
from offramp.desk.counterparts import Counterpart, counterpart
from offramp.desk.countstore import CountStore
from offramp.desk.disclose import HOUSE, Law, Printed, protect
from offramp.desk.findings import Finding
from offramp.desk.joint import NOTHING, Joint
from offramp.desk.jointpage import JointCounts
from offramp.desk.members import Key
from offramp.desk.pathways import together
from offramp.desk.totals import Stage, count_totals, of_survey, weeks_between
from offramp.desk.twofold import Counting, Twofold, twofold
from offramp.store import Tally
from offramp.survey import Survey


@dataclass(frozen=True, slots=True)
class Printable:
    """Where the counts of a report stand, and which of them may be printed."""

    survey: Survey
    law: Law
    joint: Joint
    weeks: tuple[str, ...]
    languages: list[str]
    elsewhere: bool
    two: Twofold
    stages: tuple[Stage, ...]
    joined: JointCounts
    printed: Printed

    def own(self) -> Counterpart:
        """Return what is printed of each question."""
        return counterpart(self.survey, self.two.counted.questions, self.printed)


def printable(
    survey: Survey, store: CountStore, totals: Mapping[Tally, int], findings: Sequence[Finding], law: Law,
    rules: Sequence[Rule], joint: Joint,
) -> Printable:  # fmt: skip
    """Count all that the report has, and find out what of it may be printed."""
    weeks = weeks_between([tally.period for tally in totals] + store.codes("week"))
    languages = list(dict.fromkeys(
        [*survey.catalogues, *(tally.language for tally in totals), *store.codes("language")]
    ))  # fmt: skip
    counting, variables = _counting(survey, languages, weeks, findings), codebook(survey)
    joined = JointCounts(store.occurring, joint, variables, survey, findings)
    two = twofold(counting, variables, store, rules, law, joined.sheet.asked())
    stage_tables, stages = count_totals(totals, languages, weeks)
    more = joined.sheet.tables(two.found)
    tables, before = together(two.tables, more), together(two.before, more)
    may = {**protect(tables, law, before), **protect(stage_tables, law)}
    return Printable(survey, law, joint, weeks, languages, store.elsewhere, two, stages, joined, may)


def shown(
    survey: Survey, store: CountStore, totals: Mapping[Tally, int], findings: Sequence[Finding],
    law: Law = HOUSE, rules: Sequence[Rule] = EVERYWHERE, joint: Joint = NOTHING,
) -> Counterpart | None:  # fmt: skip
    """Return what the report of these would print of each question; nothing where there are too few responses."""
    if store.n < law.floor:
        return None
    return printable(survey, store, of_survey(totals, survey.slug), findings, law, rules, joint).own()


def _counting(
    survey: Survey, languages: Sequence[str], weeks: Sequence[str], findings: Sequence[Finding]
) -> Counting:
    """Return how responses are counted for this report, whichever of them."""
    places = list(dict.fromkeys(page.id for version in survey.versions for page in version.pages))
    structures = [version.structure for version in survey.versions]
    # Few leave inside any one module, so that only all its pages together may be shown.
    modules = {part: own for part, own in parts(survey).items() if part.startswith("module-")}

    def counting(occurring: Collection[Key], variables: Sequence[Variable], rules: Sequence[Rule]) -> Layout:
        there = {variable.id for variable in variables}
        own = [finding for finding in findings if finding.question in there]
        return count(variables, places, languages, weeks, occurring, own, structures, modules, rules)

    return counting
