"""The law of the house for every number that leaves the desk.

No count under ten is printed (nought included), every count is rounded to five, and nothing is printed at all
below a hundred responses. One mark stands for every suppressed count. What could be had by subtraction is
suppressed too: by the plain rule first, then by attacking the result until no attack succeeds.
Not here: what is counted, or how it looks. The invariant: after `protect`, a reader who knows all rules and all
sums cannot narrow any count under ten to fewer than five whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NewType

from offramp.desk.attack import ANY, Cell, Range, Reader, Sum, remainder
from offramp.desk.implied import GROUP, implied
from offramp.errors import Fault, Problem, Refusal

Rounded = NewType("Rounded", int)
Printed = Mapping[Cell, Rounded | None]


@dataclass(frozen=True, slots=True)
class Law:
    """The limits. `doubt` is how many values a count under `least` must still be able to have for a reader."""

    least: int = 10
    unit: int = 5
    floor: int = 100
    doubt: int = 5

    def __post_init__(self) -> None:
        house = {"least": 10, "unit": 5, "floor": 100, "doubt": 5}
        looser = [name for name, limit in house.items() if getattr(self, name) < limit]
        if looser:
            raise Refusal(
                Problem("law.looser", f"law, {name}", f"{getattr(self, name)} is less strict than the house.",
                        f"Please leave it out, or write {house[name]} or more.")
                for name in looser
            )  # fmt: skip

    def rounded(self, count: int) -> Rounded:
        return Rounded((count + self.unit // 2) // self.unit * self.unit)

    @property
    def noise(self) -> float:
        """The variance of the whole numbers that one printed number may stand for."""
        return (self.unit**2 - 1) / 12

    def behind(self, printed: int) -> Range:
        """Return what a printed number can stand for."""
        low = printed - self.unit // 2
        return Range(max(self.least, low), low + self.unit - 1)


HOUSE = Law()


@dataclass(frozen=True, slots=True)
class Tables:
    """All that is to be printed together: the counts, which of them are to be seen, and how they add up.

    `spare` are those that a report can best do without, such as a finding that a table shows as well; `kept` are
    those without which there is no report.
    """

    counts: Mapping[Cell, int]
    shown: frozenset[Cell]
    sums: Sequence[Sum]
    spare: frozenset[Cell] = frozenset()
    kept: frozenset[Cell] = frozenset()


def protect(tables: Tables, law: Law = HOUSE, before: Tables | None = None) -> Printed:
    """Return what may be printed: for every cell to be shown its rounded count, or None where it is suppressed.

    `before` is the part of the tables that is printed whatever the rest costs: of that part nothing is withheld for the
    sake of the rest.
    """
    for each in tables.sums:
        if tables.counts[each.total] != sum(tables.counts[part] for part in each.parts):
            raise Fault("the parts of a table do not add up to its total")
    hand = _Hand(_seen_through(tables), law)
    if before is not None:
        first = _Hand(_seen_through(before), law)
        first.play()
        hand.follow(first)
    hand.play()
    return {cell: law.rounded(tables.counts[cell]) if cell in hand.open else None for cell in tables.shown}


def _seen_through(tables: Tables) -> Tables:
    """Return the tables with all that their sums imply, and a count for each group that only these name."""
    counts, more = dict(tables.counts), implied(tables.sums)
    for each in more:
        if each.total not in counts:
            counts[each.total] = sum(counts[part] for part in each.parts)
    return replace(tables, counts=counts, sums=(*tables.sums, *more))


@dataclass(frozen=True, slots=True)
class Leak:
    """A count under the least that is known too well, and the sum it is known through, if it is one alone."""

    cell: Cell
    through: Sum | None


class _Hand:
    """What is still open to print while more and more is withheld."""

    def __init__(self, tables: Tables, law: Law) -> None:
        self.tables, self.law, self.n = tables, law, tables.counts
        self.reader = Reader(self.n, tables.sums)
        self.small = {cell for cell, count in self.n.items() if count < law.least and cell.subject != GROUP}
        self.open = {cell for cell in tables.shown if cell not in self.small}
        self.secret = set(self.small)
        # Known to be nought from the questionnaire alone, so no secret.
        self.void = {each.total for each in tables.sums if not each.parts}
        self.settled = set(self.void)
        self.caps: dict[Cell, int] = {}
        # Counts of one and the same responses in several tables: one cannot be suppressed without the others.
        self.twins = {cell for each in tables.sums if len(each.parts) == 1 for cell in each}

    def play(self) -> None:
        """Withhold until no attack succeeds."""
        self.complement()
        while leaks := self.leaks():
            before = set(self.open)
            for leak in leaks:
                # What was withheld for another may have closed this one, too.
                sums = [leak.through] if leak.through else self.reader.through(leak.cell)
                if not any(cell in before and cell not in self.open for each in sums for cell in each):
                    self.withhold(leak)
            self.complement()

    def follow(self, first: _Hand) -> None:
        """Take over what another has decided of a part of these tables, and leave it so."""
        there = first.tables.shown
        self.open = {cell for cell in self.open if cell not in there} | first.open
        self.secret |= first.secret
        self.caps |= first.caps
        self.tables = replace(self.tables, kept=self.tables.kept | first.open)

    def complement(self) -> None:
        """Apply the plain rule: where one secret stands alone in a table, the next smallest joins it."""
        changed = True
        while changed:
            changed = False
            for each in self.tables.sums:
                closed = [cell for cell in each if cell not in self.open and cell not in self.void]
                if each.table and len(closed) == 1 and closed[0] in self.secret:
                    changed |= self._withhold_in(each)

    def withhold(self, leak: Leak) -> None:
        """Suppress one more count: in the sum that leaks, or else in those that the knowledge came through."""
        if leak.through and self._withhold_in(leak.through):
            return
        seen, ring = {leak.cell}, [leak.cell]
        while ring:
            sums = [each for cell in ring for each in self.reader.through(cell)]
            if any(self._withhold_in(each) for each in sums):
                return
            ring = list(dict.fromkeys(cell for each in sums for cell in each if cell not in seen))
            seen.update(ring)
        # No printed number feeds this; it comes from being told which marks are small, which no reader is.
        self.settled.add(leak.cell)

    def _withhold_in(self, each: Sum) -> bool:
        """Suppress one count of a sum: a spare one, else the smallest part that stands nowhere else, else the total."""
        there = [cell for cell in each if cell in self.open and cell not in self.tables.kept]
        spare = [cell for cell in there if cell in self.tables.spare]
        parts = [cell for cell in there if cell != each.total]
        alone = [cell for cell in parts if cell not in self.twins]
        candidates = spare or alone or parts or there
        if not candidates:
            return False
        first, *others = sorted(candidates, key=lambda cell: self.n[cell])
        self.open.remove(first)
        self.secret.add(first)
        if others:
            # Who knows the rule knows that the one withheld was no larger than the next.
            self.caps[first] = self.law.behind(self.law.rounded(self.n[others[0]])).high
        return True

    def leaks(self) -> list[Leak]:
        """Return counts under the least that a reader could narrow too far, by all sums or by one alone."""
        known = self.reader
        known.tell(self._range(cell) for cell in self.n)
        guarded = self.small - self.settled
        found = [Leak(cell, None) for cell in self.n
                 if cell in guarded and known[cell].width < self.law.doubt]  # fmt: skip
        for each in self.tables.sums if not found else ():
            secret = [part for part in each.parts if part in guarded]
            if secret and each.total in self.open:
                # Whoever happens to know the other suppressed parts is left with this much doubt.
                rest = remainder(each, known, (part for part in each.parts if part in self.open))
                if rest.low < self.law.least and rest.width < self.law.doubt:
                    found.append(Leak(secret[0], each))
        return found

    def _range(self, cell: Cell) -> Range:
        """Return what a reader knows of one count before subtracting anything."""
        if cell in self.open:
            return self.law.behind(self.law.rounded(self.n[cell]))
        if cell in self.small:
            # More than a reader has: the mark does not say which suppressed counts are small. A count that is only
            # a difference of others has no mark, and so not even that.
            return Range(0, self.law.least - 1) if cell in self.tables.shown else ANY
        if cell in self.secret:
            return Range(self.law.least, self.caps.get(cell, ANY.high))
        return ANY
