"""`offramp desk report`: which survey, which version, which language, and where the page goes.

Everything else is the desk's. The invariant: nothing is written before the whole report is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from offramp.cli.printing import write_page
from offramp.desk import (
    Archive,
    Counterpart,
    Declared,
    SealedCounts,
    in_words,
    read_findings,
    read_frame,
    read_joint,
    read_published,
    read_rules,
    report,
    shown,
    spoken,
)
from offramp.errors import refuse
from offramp.language import Tag
from offramp.store import Tally
from offramp.survey import Survey, read_every


def write_report(
    content: Path,
    archive: Archive,
    counts: SealedCounts,
    survey: Survey,
    totals: Mapping[Tally, int],
    tag: Tag,
    output: Path,
    tell: Callable[[int, float], None],
    frame: Tag | None = None,
) -> None:
    """Write the report of a survey in a language; the words around its figures are in the same, or in that of `frame`.

    Refusal report.check_in.
    """
    if not (content / "surveys" / survey.slug).exists():
        # Two reports that suppress apart from each other could be subtracted from one another.
        raise refuse("report.check_in", "report", f"“{survey.slug}” are the check-ins of a programme.",
                     "Please use “offramp desk programme”, which reports them.")  # fmt: skip
    spoken(survey, tag)
    words = read_frame(content, frame or tag)
    declared = Declared(
        read_findings(content, survey), read_joint(content, survey), read_rules(content, survey)
    )
    own = in_words(content, survey, declared, words)
    published = read_published(content, survey.slug, own.findings)
    others = _others(content, archive, counts, survey, totals) if own.joint.by_survey else ()
    store = counts.store(archive, survey, declared.rules, tell)
    page = report(
        survey, store, totals, own.findings, tag, rules=own.rules, joint=own.joint, published=published, others=others,
        frame=words,
    )  # fmt: skip
    write_page(page, output)


def _others(
    content: Path, archive: Archive, counts: SealedCounts, survey: Survey, totals: Mapping[Tally, int]
) -> tuple[Counterpart, ...]:
    """Return what the reports of the other surveys print: counted as those reports count them, and protected so."""
    every = read_every(content)
    others = [every[slug] for slug in counts.surveys(archive)
              if slug != survey.slug and slug in every and (content / "surveys" / slug).exists()]  # fmt: skip
    found = []
    for other in others:
        rules = read_rules(content, other)
        findings, joint = read_findings(content, other), read_joint(content, other)
        found.append(
            shown(other, counts.store(archive, other, rules), totals, findings, rules=rules, joint=joint)
        )
    return tuple(each for each in found if each)


def chosen(slug: str, there: tuple[str, ...], surveys: dict[str, Survey], version: int) -> Survey:
    """Return the survey to report, in all its versions, or in one where a number is given."""
    survey = _chosen(slug, there, surveys)
    return _of_version(survey, version) if version else survey


def _chosen(slug: str, there: tuple[str, ...], surveys: dict[str, Survey]) -> Survey:
    """Return the survey to report. Refusals: report.nothing, report.which, report.unknown_survey."""
    if not there:
        raise refuse(
            "report.nothing", "archive", "Nothing was opened yet.", "Please begin with “offramp desk open”."
        )
    if not slug and len(there) > 1:
        raise refuse("report.which", "report", "The archive holds several surveys.",
                     f"Please choose one with --survey: {', '.join(there)}.")  # fmt: skip
    slug = slug or there[0]
    if slug not in there or slug not in surveys:
        common = ", ".join(sorted(surveys.keys() & set(there))) or "there is none"
        raise refuse("report.unknown_survey", "report", f"Archive and content have no survey “{slug}” in common.",
                     f"Please use one that they have: {common}.")  # fmt: skip
    return surveys[slug]


def _of_version(survey: Survey, number: int) -> Survey:
    """Return one version by itself. Refusal report.unknown_version."""
    for version in survey.versions:
        if version.version == number:
            return replace(version, earlier=())
    there = ", ".join(str(version.version) for version in survey.versions)
    raise refuse("report.unknown_version", "report", f"The content has no version {number} of “{survey.slug}”.",
                 f"Please use one of: {there}.")  # fmt: skip
