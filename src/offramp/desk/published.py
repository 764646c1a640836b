"""Published figures beside ours: what others have reported, each with its source, base and date.

Read from content/evidence/published.toml; nothing is computed from them. Not here: our own figures (sentences).
The invariant: a published figure stands only where it has a source, and only beside a finding that the survey declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offramp.desk.findings import Finding
from offramp.desk.sentences import Said
from offramp.errors import Problem, Refusal
from offramp.tables import Table, read_toml


@dataclass(frozen=True, slots=True)
class Published:
    """One figure of others. `share` is a text, as it is printed there."""

    id: str
    finding: str
    says: str
    share: str
    base: str
    date: str
    source: str
    differs: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A finding and what others have published of the same; `ours` is nothing where a count behind it is suppressed."""

    title: str
    ours: Said | None
    theirs: tuple[Published, ...]


def read_published(content: Path, slug: str, findings: Sequence[Finding]) -> tuple[Published, ...]:
    """Return the published figures for a survey's findings. Refusal: all that is wrong, at once."""
    path = content / "evidence" / "published.toml"
    if not path.exists():
        return ()
    problems: list[Problem] = []
    root = Table(read_toml(path), f"evidence/{path.name}", problems)
    known = {finding.id for finding in findings}
    figures = []
    for table in root.tables("figure", "figure"):
        survey, figure = table.text("survey"), _figure(table)
        if survey == slug:
            figures.append(figure)
            if figure.finding not in known:
                table.fault("published.unknown_finding", f"“{slug}” declares no finding “{figure.finding}”.",
                            "Please correct its name, or take the figure out.")  # fmt: skip
    root.finish()
    if problems:
        raise Refusal(problems)
    return tuple(figures)


def _figure(table: Table) -> Published:
    figure = Published(
        *(table.text(key) for key in ("id", "finding", "says", "share", "base", "date", "source", "differs"))
    )
    table.finish()
    for key in ("share", "base", "date", "source", "differs"):
        if not getattr(figure, key).strip():
            table.fault("published.unsaid", f"“{key}” is empty.",
                        "Please fill it in from the source, or take the figure out.")  # fmt: skip
    return figure


def beside(
    published: Iterable[Published], findings: Iterable[Finding], said: Mapping[str, Said]
) -> tuple[Beside, ...]:
    """Return findings with what others have published of the same, in the order of the findings."""
    theirs: dict[str, list[Published]] = {}
    for figure in published:
        theirs.setdefault(figure.finding, []).append(figure)
    return tuple(
        Beside(finding.title, said.get(finding.id), tuple(theirs[finding.id]))
        for finding in findings
        if finding.id in theirs
    )
