"""Pathways: of the responses with one answer to a step, how many gave which answer to the next.

Counts two questions together, and states every sum that joins these counts to each other and to the counts of each
question by itself. Not here: which questions (joint), what may be seen (disclose). The invariant: whatever a reader
knows by adding up answers, where several can be ticked as well, is stated as a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from offramp.desk.attack import Cell
from offramp.desk.codebook import Variable
from offramp.desk.disclose import Tables
from offramp.desk.joint import Pathway
from offramp.desk.members import Having, either
from offramp.desk.reckoning import Found
from offramp.desk.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the counts of two steps stand: responses with an answer to both, by the first answer, and by both."""

    one: Variable
    other: Variable
    base: Cell
    rows: tuple[Cell, ...]
    columns: tuple[Cell, ...]
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A pathway as it is counted."""

    pathway: Pathway
    crossings: tuple[Crossing, ...]


class Sets(Sheet):
    """Counts of questions that are looked at together."""

    def of(self, question: str, codes: Iterable[str]) -> Having:
        """Return which responses have any of these codes."""
        return Having(question, frozenset(codes))

    def single(self, question: str, codes: Iterable[str]) -> Cell:
        """Return the count of one question's codes, as its own table has it."""
        codes = frozenset(codes)
        return self.note(Cell(question, codes), self.of(question, codes))

    def rest(self, base: Cell, part: Cell) -> Cell:
        outside = f"outside, of {base.subject} {' '.join(sorted(base.codes))}"
        return self.difference(Cell(part.subject, frozenset((*part.codes, outside))), base, part)

    def cover(self, base: Cell, parts: Sequence[Cell], several: bool) -> None:
        """State that all of a base have one of these answers; where `several` can be ticked, at least one."""
        if not several:
            self.add(base, parts)
            return
        for part in parts:
            self.inside(base, part)
        # Named by their first part as well: rows and columns are both ticked.
        first = " ".join(sorted(parts[0].codes))
        ticks, more = (
            Cell(base.subject, base.codes | {f"{what}, {first}"}) for what in ("ticks", "further ticks")
        )
        self.add(self.total(ticks, parts), parts, table=False)
        self.add(ticks, (base, self.difference(more, ticks, base)), table=False)

    def tables(self, found: Found, kept: Iterable[Cell] = ()) -> Tables:
        """Return everything, spare: a report can do without it sooner than without the questions by themselves."""
        self.spare.update(self.shown)
        return super().tables(found, kept)


def count_pathways(
    sets: Sets, pathways: Iterable[Pathway], variables: Mapping[str, Variable]
) -> tuple[Way, ...]:
    """Count each step of each pathway together with the next."""
    return tuple(
        Way(pathway, tuple(cross(sets, variables[one], variables[other]) for one, other in pairwise(pathway.steps)))
        for pathway in pathways
    )  # fmt: skip


def cross(sets: Sets, one: Variable, other: Variable) -> Crossing:
    """Count two variables together, and state every sum that joins these counts."""
    subject = f"{one.id} > {other.id}"
    first, second = sets.of(one.id, one.codes), sets.of(other.id, other.codes)
    base = sets.note(Cell(subject), first & second, show=True)
    rows, columns = (
        tuple(
            sets.note(Cell(subject, frozenset((f"{kind} {category.id}",))), sets.of(variable.id, category.codes) & both,
                      show=True)
            for category in variable.categories
        )
        for kind, variable, both in (("from", one, second), ("to", other, first))
    )  # fmt: skip
    cells = tuple(
        tuple(
            sets.note(Cell(subject, frozenset((f"from {start.id}", f"to {end.id}"))),
                      sets.of(one.id, start.codes) & sets.of(other.id, end.codes), show=True)
            for end in other.categories
        )
        for start in one.categories
    )  # fmt: skip
    for variable, own in ((one, rows), (other, columns)):
        sets.inside(sets.single(variable.id, variable.codes), base)
        for category, cell in zip(variable.categories, own, strict=True):
            sets.inside(sets.single(variable.id, category.codes), cell)
        sets.cover(base, own, variable.multiple)
    _same(sets, one, other, base, columns)
    _same(sets, other, one, base, rows)
    _never(sets, one, other, rows, cells)
    _never(sets, other, one, columns, tuple(zip(*cells, strict=True)))
    for row, across in zip(rows, cells, strict=True):
        sets.cover(row, across, other.multiple)
    for column, down in zip(columns, zip(*cells, strict=True), strict=True):
        sets.cover(column, down, one.multiple)
    return Crossing(one, other, base, rows, columns, cells)


def _same(sets: Sets, one: Variable, other: Variable, base: Cell, columns: Sequence[Cell]) -> None:
    """State where all who answered the second are in one of the groups, so that its own table stands here again."""
    if one.kind == "group" or any(need.question == one.id for need in other.needs):
        every = sets.single(other.id, other.codes)
        pairs = [(sets.members[every], sets.members[base])]
        sets.add(every, [base], pairs=pairs)
        for category, column in zip(other.categories, columns, strict=True):
            sets.add(sets.single(other.id, category.codes), [column], pairs=pairs)


def _never(
    sets: Sets, leading: Variable, led: Variable, bases: Sequence[Cell], cells: Sequence[Sequence[Cell]]
) -> None:
    """State that nobody who gave other answers than those that lead to a question answered it."""
    for need in led.needs if not leading.multiple else ():
        for category, base, own in zip(leading.categories, bases, cells, strict=True):
            if need.question == leading.id and not category.codes & need.codes:
                for cell in (base, *own):
                    sets.add(cell, [], table=False, pairs=[(sets.members[base], either(()))])


def together(tables: Tables, more: Tables) -> Tables:
    """Return two sets of tables as one, so that the attack sees both."""
    return replace(
        tables,
        counts={**tables.counts, **more.counts},
        shown=tables.shown | more.shown,
        sums=[*tables.sums, *more.sums],
        spare=tables.spare | (more.spare - tables.shown),
    )
