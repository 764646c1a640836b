"""Sums that follow from others: what somebody knows who uses several sums at once.

Each sum alone knows of its parts only how low and how high each is. Where several parts stand together in two sums, or
where each part of one lies inside a part of the other, what is known of them together says more than that, and has to
be stated before `narrowed` can use it. Not here: using sums (attack). The invariant: what comes out holds wherever
what went in does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from offramp.desk.attack import Cell, Sum

GROUP = "group"
"""The subject of a count that no table has: of parts that stand together in two sums."""


def implied(sums: Sequence[Sum]) -> list[Sum]:
    """Return further sums that follow from these, over further counts where need be."""
    found = _Implied(sums)
    found.shared()
    found.inside()
    found.differences()
    return list(found.sums.values())


class _Implied:
    """What was found, each sum once; `rests` is what of a total is left beside a part, `within` the parts by total."""

    def __init__(self, sums: Sequence[Sum]) -> None:
        self.given = sums
        self.stated = {(each.total, frozenset(each.parts)) for each in sums}
        self.sums: dict[tuple[Cell, frozenset[Cell]], Sum] = {}
        self.groups: dict[frozenset[Cell], Cell] = {
            frozenset(each.parts): each.total for each in sums if len(each.parts) > 1
        }
        self.containing: dict[Cell, list[int]] = {}
        self.rests: dict[tuple[Cell, Cell], tuple[Cell, ...]] = {}
        self.within: dict[Cell, list[Cell]] = {}
        for place, each in enumerate(sums):
            for cell in each.parts if len(each.parts) > 1 else ():
                self.containing.setdefault(cell, []).append(place)
            if len(each.parts) in (1, 2):
                for part, rest in ((each.parts[0], each.parts[1:]), (each.parts[-1], each.parts[:-1])):
                    self.rests[each.total, part] = rest
                    self.within.setdefault(each.total, []).append(part)

    def add(self, total: Cell, parts: Iterable[Cell]) -> None:
        own = tuple(parts)
        key = total, frozenset(own)
        if own != (total,) and key not in self.stated and len(key[1]) == len(own):
            self.sums.setdefault(key, Sum(total, own, table=False))

    def group(self, cells: Sequence[Cell]) -> Cell:
        """Return the count of several parts together, and state what it is if it has no name yet."""
        if len(cells) == 1:
            return cells[0]
        key = frozenset(cells)
        if key not in self.groups:
            self.groups[key] = Cell(
                GROUP, frozenset(f"{c.subject}: {' '.join(sorted(c.codes))}" for c in cells)
            )
            self.add(self.groups[key], cells)
        return self.groups[key]

    def split(self, each: Sum, cells: Sequence[Cell]) -> Cell:
        """State a sum over a group of its parts, and return the group."""
        group, inside = self.group(cells), set(cells)
        self.add(each.total, (group, *(cell for cell in each.parts if cell not in inside)))
        return group

    def shared(self) -> None:
        """Where two sums have parts in common, each is a sum over these together."""
        common = Counter(pair for places in self.containing.values() for pair in combinations(places, 2))
        for pair in (pair for pair, n in common.items() if n > 1):
            one, other = (self.given[place] for place in pair)
            cells = [cell for cell in one.parts if cell in other.parts]
            self.split(one, cells)
            self.split(other, cells)

    def inside(self) -> None:
        """Where each part of a sum has a part of another inside it, so has the total, and what is left over adds up."""
        for large in (each for each in self.given if len(each.parts) > 1):
            for place, cells in self._matched(large.parts, self.within).items():
                if len(set(cells)) == len(cells) and not set(cells) & set(large.parts):
                    group = self.split(self.given[place], cells)
                    left = [
                        cell for pair in zip(large.parts, cells, strict=True) for cell in self.rests[pair]
                    ]
                    known = self.rests.get((large.total, group))
                    if known:
                        self.add(known[0], left)
                    elif known is None and group != large.total:
                        self.add(large.total, (group, *([self.group(left)] if left else [])))

    def differences(self) -> None:
        """Where parts of a sum have all parts of another inside them, the totals differ by what the parts differ by."""
        holders: dict[Cell, list[Cell]] = {}
        for total, part in self.rests:
            holders.setdefault(part, []).append(total)
        for small in (each for each in self.given if len(each.parts) > 1 and each.total in holders):
            for place, parts in self._matched(small.parts, holders).items():
                large, of = self.given[place], dict(zip(parts, small.parts, strict=True))
                rest = self.rests.get((large.total, small.total), ())
                if rest and len(of) == len(parts) and small.total not in large.parts:
                    apart = (self.rests[part, of[part]] if part in of else (part,) for part in large.parts)
                    self.add(rest[0], (cell for some in apart for cell in some))

    def _matched(
        self, cells: Sequence[Cell], partners: Mapping[Cell, Sequence[Cell]]
    ) -> dict[int, list[Cell]]:
        """Return the sums that have a partner of each of these cells among their parts, and which."""
        found: dict[int, list[Cell]] = {}
        for number, cell in enumerate(cells):
            here: dict[int, list[Cell]] = {}
            for partner in partners.get(cell, ()):
                for place in self.containing.get(partner, ()):
                    if place not in here and (number == 0 or place in found):
                        here[place] = [*found.get(place, ()), partner]
            if not here:
                return {}
            found = here
        return found
