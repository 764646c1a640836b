"""A finding as it is printed: one sentence, one bar, one row, and by which rule it was counted.

All from the one declaration in findings.toml and from counts that were let through. Not here: counting (count), the
law (disclose). The invariant: a finding is printed with its count, its base and its rule, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from offramp.desk import wording
from offramp.desk.codebook import Category, Variable
from offramp.desk.disclose import Rounded
from offramp.desk.findings import Finding
from offramp.desk.frame import Frame
from offramp.language import Catalogue
from offramp.survey import Missing


@dataclass(frozen=True, slots=True)
class Said:
    """One finding as it is printed. `counted` and `outside` are labels of answers; `inside` those of missing codes."""

    id: str
    title: str
    sentence: str
    n: int
    base: int
    share: int
    counted: tuple[str, ...]
    outside: tuple[str, ...]
    inside: tuple[str, ...]
    ours: bool


def percent(part: int, whole: int) -> int:
    """Return a percentage from two rounded counts, itself rounded to a whole number (halves go up)."""
    return (200 * part + whole) // (2 * whole)


def said(
    finding: Finding,
    variable: Variable,
    texts: Catalogue,
    n: Rounded | None,
    base: Rounded | None,
    frame: Frame,
) -> Said | None:
    """Return a finding as it is printed; nothing where a count behind it is suppressed."""
    if n is None or not base:
        return None
    share = percent(n, base)
    # A percentage stays together with its sign at the end of a line.
    sentence = finding.sentence.replace("} %", "}\u00a0%").format(percent=share, base=frame.number(base))
    return Said(
        finding.id, finding.title, sentence, n, base, share,
        tuple(_labels(variable, finding.codes, texts, frame)), tuple(_labels(variable, finding.outside, texts, frame)),
        tuple(frame(wording.missing(Missing(code), variable)) for code in sorted(finding.inside)),
        any(category.text_key for category in variable.categories),
    )  # fmt: skip


def _labels(variable: Variable, codes: Iterable[str], texts: Catalogue, frame: Frame) -> Iterator[str]:
    """Yield the labels of these codes in the order of the question; a run of numbers as one, from first to last."""
    chosen = frozenset(codes)
    if variable.categories and all(
        category.name and not category.text_key for category in variable.categories
    ):
        yield from _runs(variable.categories, chosen)
        return
    for category in variable.categories:
        if category.codes <= chosen:
            yield wording.label(category, texts, frame)[0]


def _runs(categories: Sequence[Category], chosen: frozenset[str]) -> Iterator[str]:
    for inside, run in groupby(categories, lambda category: category.codes <= chosen):
        names = [category.name for category in run]
        if inside:
            yield names[0] if len(names) == 1 else f"{names[0].split('–')[0]}–{names[-1].split('–')[-1]}"
