"""A sheet: what is to be counted together, how the counts hang together, and what a reader may know of them.

First all is laid out, then the responses are gone through once (reckoning), then the sheet is filled in. Some sums
hold only as the responses happen to be; they are laid out with their condition. Not here: what of it may be seen
(disclose). The invariant: the counts are exact, and every sum that is stated holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from offramp.desk.attack import Cell, Sum
from offramp.desk.disclose import Tables
from offramp.desk.members import Having, Less, Members
from offramp.desk.planes import EVERYBODY
from offramp.desk.reckoning import Asked, Found, Pair

ALL = Cell("responses")


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sum; where it needs that, `pairs` of sets must lie inside each other, or the counts must `fit`."""

    sum: Sum
    pairs: tuple[Pair, ...] = ()
    fit: bool = False


class Sheet:
    """Counts as they are laid out: each cell with who is counted in it, and the sums between cells."""

    def __init__(self) -> None:
        self.members: dict[Cell, Members] = {}
        # Counts that follow from others: what is added up, and what is taken away.
        self.reckoned: dict[Cell, tuple[tuple[Cell, ...], tuple[Cell, ...]]] = {}
        self.shown: dict[Cell, None] = {}
        self.spare: set[Cell] = set()
        self.path: dict[Cell, None] = {}
        self.statements: list[_Statement] = []

    def everybody(self) -> Cell:
        return self.note(ALL, Having(EVERYBODY[0], frozenset((EVERYBODY[1],))), path=True)

    def cell(self, subject: str, *codes: str, path: bool = False) -> Cell:
        """Return the count of responses with any of these codes; `path` if the way through the pages decides it."""
        return self.note(Cell(subject, frozenset(codes)), Having(subject, frozenset(codes)), path=path)

    def note(self, cell: Cell, members: Members, show: bool = False, path: bool = False) -> Cell:
        self.members[cell] = members
        if show:
            self.show(cell)
        if path:
            self.path[cell] = None
        return cell

    def show(self, *cells: Cell) -> None:
        self.shown.update(dict.fromkeys(cells))

    def without(self, base: Cell, part: Cell) -> Cell:
        """Return the count of what is in a base and not in its part; it is not for printing."""
        return self.note(_rest(base, part), Less(self.members[base], self.members[part]))

    def rest(self, base: Cell, part: Cell) -> Cell:
        """Return the same where the part lies wholly in the base: it needs no counting."""
        return self.difference(_rest(base, part), base, part)

    def difference(self, cell: Cell, base: Cell, part: Cell) -> Cell:
        self.reckoned[cell] = ((base,), (part,))
        return cell

    def total(self, cell: Cell, parts: Sequence[Cell]) -> Cell:
        """Return the count that others add up to, though some responses may be in several of them."""
        self.reckoned[cell] = (tuple(parts), ())
        return cell

    def add(
        self, total: Cell, parts: Sequence[Cell], table: bool = True, pairs: Iterable[Pair] = (), fit: bool = False
    ) -> None:  # fmt: skip
        if list(parts) != [total]:
            self.statements.append(_Statement(Sum(total, tuple(parts), table), tuple(pairs), fit))

    def inside(self, total: Cell, part: Cell, pairs: Iterable[Pair] = ()) -> None:
        """State that one count lies inside another."""
        self.add(total, [part, self.rest(total, part)], table=False, pairs=pairs)

    def asked(self) -> Asked:
        """Return what has to be found out."""
        pairs = [pair for statement in self.statements for pair in statement.pairs]
        return Asked(list(self.members.values()), pairs, [self.members[cell] for cell in self.path])

    def tables(self, found: Found, kept: Iterable[Cell] = ()) -> Tables:
        """Return the counts, and every sum that holds."""
        counts = {cell: found.sizes[members] for cell, members in self.members.items()}
        sums: dict[tuple[Cell, frozenset[Cell]], Sum] = {}
        for statement in self.statements:
            if found.apart.isdisjoint(statement.pairs):
                self._state(sums, statement.sum, counts, statement.fit)
        for each in self._nested(found, counts):
            self._state(sums, each, counts)
        stated = tuple(sums.values())
        return Tables(counts, frozenset(self.shown), stated, frozenset(self.spare), frozenset(kept))

    def _state(
        self, sums: dict[tuple[Cell, frozenset[Cell]], Sum], each: Sum, counts: dict[Cell, int], fit: bool = False
    ) -> None:  # fmt: skip
        for cell in each:
            if cell not in counts:
                more, less = self.reckoned[cell]
                counts[cell] = sum(counts[part] for part in more) - sum(counts[part] for part in less)
        if not fit or counts[each.total] == sum(counts[part] for part in each.parts):
            sums.setdefault((each.total, frozenset(each.parts)), each)

    def _nested(self, found: Found, counts: dict[Cell, int]) -> Iterator[Sum]:
        """Yield which of the counts that the path decides lie inside which, and which are the same."""
        first: dict[tuple[int, ...], Cell] = {}
        for cell in self.path:
            other = first.setdefault(found.same(self.members[cell]), cell)
            if other != cell and counts[cell] and ALL not in (other, cell):
                yield Sum(other, (cell,))
        ordered = sorted((cell for cell in first.values() if counts[cell]), key=lambda cell: counts[cell])
        around = self._around(found, ordered)
        by_count: dict[int, list[Cell]] = {}
        for cell in ordered:
            by_count.setdefault(counts[cell], []).append(cell)
        for part in ordered:
            for total in ordered:
                if total in around[part]:
                    others = by_count.get(counts[total] - counts[part], ())
                    exact = (
                        cell for cell in others
                        if total in around[cell] and found.disjoint(self.members[cell], self.members[part])
                    )  # fmt: skip
                    yield Sum(total, (part, next(exact, None) or self.rest(total, part)), table=False)

    def _around(self, found: Found, ordered: Sequence[Cell]) -> dict[Cell, set[Cell]]:
        """Return which sets each lies inside of. What lies inside one is inside all that this one is inside of."""
        around: dict[Cell, set[Cell]] = {}
        for place in range(len(ordered) - 1, -1, -1):
            part, outer = ordered[place], set[Cell]()
            for total in ordered[place + 1 :]:
                if total not in outer and found.inside(self.members[part], self.members[total]):
                    outer |= {total} | around[total]
            around[part] = outer
        return around


def _rest(base: Cell, part: Cell) -> Cell:
    codes = (*(f"in {code}" for code in base.codes), *(f"not {part.subject}/{code}" for code in part.codes))
    return Cell(base.subject, frozenset(codes))
