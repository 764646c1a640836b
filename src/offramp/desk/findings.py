"""Key findings: each declared once, in findings.toml, as numerator, base and sentence.

Reads and checks declarations; counting is `count`'s, printing `report`'s. The invariant: a finding that exists
names only codes that its question has, and its parts can be added up without counting a response twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from offramp.desk.codebook import Variable, codebook
from offramp.errors import Problem, Refusal
from offramp.language import PLACEHOLDER
from offramp.survey import Missing, Survey
from offramp.tables import Table, read_toml

_MISSING = frozenset(code.value for code in Missing)
_PLACEHOLDERS = {"base", "percent"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: of the responses with a code in `base`, the share with a code in `codes`."""

    id: str
    question: str
    title: str
    sentence: str
    codes: frozenset[str]
    outside: frozenset[str]
    inside: frozenset[str]

    def base(self, codes: frozenset[str]) -> frozenset[str]:
        """Return, of a question with these codes and one answer, the codes that a response in the base has one of."""
        return (codes - self.outside) | self.inside


def declared(content: Path, survey: Survey) -> Path:
    """Return where the findings and the flags of a survey are declared, if they are."""
    folder = content / "surveys" / survey.slug
    aside = folder / "versions" / str(survey.version)
    return (aside if aside.exists() else folder) / "findings.toml"


def read_findings(content: Path, survey: Survey) -> tuple[Finding, ...]:
    """Return the findings of a survey, none where it declares none. Refusal: all that is wrong, at once."""
    path = declared(content, survey)
    if not path.exists():
        return ()
    variables = {variable.id: variable for variable in codebook(survey)}
    problems: list[Problem] = []
    root = Table(read_toml(path), f"{path.parent.name}/{path.name}", problems)
    tables = root.tables("finding", "finding")
    root.knows("flag")  # read by clean
    root.finish()
    findings = tuple(_finding(table, variables) for table in tables)
    ids = [finding.id for finding in findings]
    for twice in sorted({identity for identity in ids if ids.count(identity) > 1}):
        root.fault("findings.duplicate", f"The id “{twice}” is used twice.", "Please rename one of the two.")
    if problems:
        raise Refusal(problems)
    return findings


def _finding(table: Table, variables: Mapping[str, Variable]) -> Finding:
    question = table.text("question")
    variable = variables.get(question)
    codes, outside, inside = (frozenset(table.texts(key)) for key in ("codes", "outside", "inside"))
    if table.has("low") or table.has("high"):
        if codes:
            table.fault("findings.numerator", "Both a list of codes and a range are given.",
                        "Please keep either codes, or low and high.")  # fmt: skip
        codes = frozenset(map(str, range(table.integer("low"), table.integer("high") + 1)))
    finding = Finding(
        table.text("id"), question, table.text("title"), table.text("sentence"), codes, outside, inside
    )
    table.finish()
    if variable is None:
        table.fault("findings.unknown_question", f"The survey has no question “{question}”.",
                    "Please correct its name.")  # fmt: skip
    else:
        _check(table, finding, variable)
    if set(PLACEHOLDER.findall(finding.sentence)) != _PLACEHOLDERS:
        table.fault("findings.placeholder", "The sentence does not tell both percentage and base.",
                    "Please write {percent} and {base} in it, and no other braces.")  # fmt: skip
    return finding


def _check(table: Table, finding: Finding, variable: Variable) -> None:
    for code in sorted((finding.codes | finding.outside) - variable.codes):
        table.fault("findings.unknown_code", f"“{variable.id}” has no code “{code}”.",
                    f"Please use one of: {', '.join(sorted(variable.codes))}.")  # fmt: skip
    for code in sorted(finding.inside - _MISSING):
        table.fault("findings.unknown_missing", f"“{code}” is no missing code.",
                    f"Please use one of: {', '.join(sorted(_MISSING))}.")  # fmt: skip
    if not finding.codes or finding.codes & finding.outside:
        table.fault("findings.numerator", "The numerator is empty, or partly outside the base.",
                    "Please name the codes that count, and none of them under outside.")  # fmt: skip
    if finding.codes >= finding.base(variable.codes):
        table.fault("findings.numerator", "The numerator is all of the base.",
                    "Please leave a code for the rest.")  # fmt: skip
    if variable.multiple and len(finding.codes) > 1:
        # A response can have several of them, and would be counted more than once.
        table.fault("findings.overlap", "A question with several answers takes one code as its numerator.",
                    "Please declare one finding for each code.")  # fmt: skip
    exclusive = {category.id for category in variable.categories if category.exclusive}
    if variable.multiple and not finding.outside <= exclusive:
        table.fault("findings.overlap", "A response may have other answers beside the one that is left out.",
                    "Please leave out only answers that stand alone (exclusive).")  # fmt: skip
    for category in variable.categories:
        if len(category.codes) > 1 and any(
            0 < len(category.codes & some) < len(category.codes) for some in (finding.codes, finding.outside)
        ):
            table.fault("findings.band", f"The numbers from {category.name} are counted together.",
                        "Please let the range begin and end where the bands do.")  # fmt: skip
