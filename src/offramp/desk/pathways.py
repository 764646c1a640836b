"""Pathways: of the responses with one answer to a step, how many gave which answer to the next.

Counts two questions together, and states every sum that joins these counts to each other and to the counts of each
question by itself. Not here: which questions (joint), what may be seen (disclose). The invariant: whatever a reader
knows by adding up answers, where several can be ticked as well, is stated as a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from offramp.desk.attack import Cell, Sum
from offramp.desk.codebook import Variable
from offramp.desk.count import bits_of
from offramp.desk.disclose import Tables
from offramp.desk.joint import Pathway
from offramp.survey import Missing, Response


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


class Sets:
    """Counts as sets of responses, each held as the bits of a number, and the sums between them."""

    def __init__(self, responses: Sequence[Response]) -> None:
        self.counts: dict[Cell, int] = {}
        self.shown: list[Cell] = []
        self.sums: dict[tuple[Cell, frozenset[Cell]], Sum] = {}
        self.bits: dict[tuple[str, str], int] = {}
        self.n = len(responses)
        members: dict[tuple[str, str], list[int]] = {}
        for place, response in enumerate(responses):
            for question, codes in response.codes.items():
                for code in (codes.value,) if isinstance(codes, Missing) else codes:
                    members.setdefault((question, code), []).append(place)
        self._take(members)

    def note_codes(self, subject: str, codes: Sequence[str]) -> None:
        """Take in what each response has once, in the order of the responses."""
        members: dict[tuple[str, str], list[int]] = {}
        for place, code in enumerate(codes):
            members.setdefault((subject, code), []).append(place)
        self._take(members)

    def _take(self, members: Mapping[tuple[str, str], Iterable[int]]) -> None:
        # All places of one code at once: a bit put into a long number by itself copies the whole number.
        self.bits |= {key: bits_of(places, self.n) for key, places in members.items()}

    def of(self, question: str, codes: Iterable[str]) -> int:
        """Return which responses have any of these codes."""
        union = 0
        for code in codes:
            union |= self.bits.get((question, code), 0)
        return union

    def note(self, cell: Cell, members: int, show: bool = False) -> Cell:
        self.counts[cell] = members.bit_count()
        if show:
            self.shown.append(cell)
        return cell

    def single(self, question: str, codes: Iterable[str]) -> Cell:
        """Return the count of one question's codes, as its own table has it."""
        codes = frozenset(codes)
        return self.note(Cell(question, codes), self.of(question, codes))

    def inside(self, total: Cell, part: Cell) -> None:
        """State that one count lies inside another."""
        outside = f"outside, of {total.subject} {' '.join(sorted(total.codes))}"
        rest = Cell(part.subject, frozenset((*part.codes, outside)))
        self.counts[rest] = self.counts[total] - self.counts[part]
        self.add(total, (part, rest), table=False)

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
        self.counts[ticks] = sum(self.counts[part] for part in parts)
        self.counts[more] = self.counts[ticks] - self.counts[base]
        self.add(ticks, parts, table=False)
        self.add(ticks, (base, more), table=False)

    def add(self, total: Cell, parts: Sequence[Cell], table: bool = True) -> None:
        if tuple(parts) != (total,):
            self.sums.setdefault((total, frozenset(parts)), Sum(total, tuple(parts), table))

    def tables(self) -> Tables:
        """Return everything, spare: a report can do without it sooner than without the questions by themselves."""
        shown = frozenset(self.shown)
        return Tables(self.counts, shown, tuple(self.sums.values()), spare=shown)


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
    whole = one.kind == "group" or any(need.question == one.id for need in other.needs)
    if whole and sets.counts[base] == sets.counts[every := sets.single(other.id, other.codes)]:
        sets.add(every, [base])
        for category, column in zip(other.categories, columns, strict=True):
            sets.add(sets.single(other.id, category.codes), [column])


def _never(
    sets: Sets, leading: Variable, led: Variable, bases: Sequence[Cell], cells: Sequence[Sequence[Cell]]
) -> None:
    """State that nobody who gave other answers than those that lead to a question answered it."""
    for need in led.needs if not leading.multiple else ():
        for category, base, own in zip(leading.categories, bases, cells, strict=True):
            if need.question == leading.id and not category.codes & need.codes and not sets.counts[base]:
                for cell in (base, *own):
                    sets.sums[cell, frozenset()] = Sum(cell, (), table=False)


def together(tables: Tables, more: Tables) -> Tables:
    """Return two sets of tables as one, so that the attack sees both."""
    return replace(
        tables,
        counts={**tables.counts, **more.counts},
        shown=tables.shown | more.shown,
        sums=[*tables.sums, *more.sums],
        spare=tables.spare | (more.spare - tables.shown),
    )
