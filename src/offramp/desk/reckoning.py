"""Reckoning: going through blocks of planes once, and finding out all that was asked about them together.

Memory holds one block, and of the sets that are compared with each other what differs. Not here: what is asked and what
follows (sheet), the bits (planes). The invariant: what is found of two groups of responses, put together, is what is
found of both at once.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from offramp.desk.members import Both, Having, Key, Less, Members, operands
from offramp.desk.planes import Arithmetic, Block, Mask, arithmetic

Pair = tuple[Members, Members]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be found: sizes, whether the first of two lies inside the second, and sets kept for comparison."""

    sizes: Sequence[Members] = ()
    pairs: Sequence[Pair] = ()
    compared: Sequence[Members] = ()

    def __add__(self, other: Asked) -> Asked:
        return Asked(
            [*self.sizes, *other.sizes],
            [*self.pairs, *other.pairs],
            [*self.compared, *other.compared],
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of some responses. A piece is what one block has of a set; None is nobody."""

    bits: Arithmetic
    sizes: dict[Members, int] = field(default_factory=dict)
    apart: frozenset[Pair] = frozenset()
    pieces: dict[Members, list[Mask | None]] = field(default_factory=dict)
    heads: dict[Members, int] = field(default_factory=dict)

    def __add__(self, other: Found) -> Found:
        """Return what is found of both groups, which have no response in common."""
        sizes = {members: n + other.sizes.get(members, 0) for members, n in self.sizes.items()}
        pieces = {members: [*own, *other.pieces[members]] for members, own in self.pieces.items()}
        heads = self.heads if any(self.heads.values()) else other.heads
        return Found(self.bits, sizes, self.apart | other.apart, pieces, heads)

    def same(self, members: Members) -> tuple[int, ...]:
        """Return what only those sets have in common that are the same."""
        return tuple(map(id, self.pieces[members]))

    def inside(self, one: Members, other: Members) -> bool:
        """Tell whether one compared set lies inside another."""
        if self.heads[one] & self.heads[other] != self.heads[one]:
            return False
        inside = self.bits.inside
        return all(
            mine is None or mine is theirs or (theirs is not None and inside(mine, theirs))
            for mine, theirs in zip(self.pieces[one], self.pieces[other], strict=True)
        )

    def disjoint(self, one: Members, other: Members) -> bool:
        """Tell whether two compared sets have nobody in common."""
        return not any(
            mine is not None and theirs is not None and self.bits.size(self.bits.both(mine, theirs))
            for mine, theirs in zip(self.pieces[one], self.pieces[other], strict=True)
        )


def reckon(blocks: Iterable[Block], asked: Asked, bits: Arithmetic | None = None) -> Found:
    """Go through the blocks once."""
    bits = bits or arithmetic()
    with _no_collecting():
        program = _Program(asked)
        for block in blocks:
            program.run(block, bits)
        return program.found(bits)


@contextlib.contextmanager
def _no_collecting() -> Iterator[None]:
    """Hold back the search for cycles: none are made here, and it would go through all that is asked each time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Program:
    """What is asked, each set once and behind those that it is made of."""

    def __init__(self, asked: Asked) -> None:
        self.places: dict[Members, int] = {}
        self.steps: list[tuple[Members, tuple[int, ...], tuple[Key, ...]]] = []
        compared, pairs = dict.fromkeys(asked.compared), dict.fromkeys(asked.pairs)
        for members in (*asked.sizes, *compared, *(each for pair in pairs for each in pair)):
            self._lay(members)
        self.compared = [self.places[members] for members in compared]
        self.pairs = [(self.places[one], self.places[other]) for one, other in pairs]
        self.alive = list(self.pairs)
        self.counted = {self.places[members] for members in (*asked.sizes, *compared)}
        # What nothing else is made of is forgotten as soon as it is counted.
        self.needed = {place for _, before, _ in self.steps for place in before}
        self.needed.update(self.compared, *self.pairs)
        self.sizes = [0] * len(self.steps)
        self.pieces: dict[int, list[Mask | None]] = {place: [] for place in self.compared}

    def _lay(self, members: Members) -> int:
        if members not in self.places:
            before = tuple(self._lay(each) for each in operands(members))
            planes = (
                tuple((members.subject, code) for code in sorted(members.codes))
                if isinstance(members, Having)
                else ()
            )
            self.places[members] = len(self.steps)
            self.steps.append((members, before, planes))
        return self.places[members]

    def run(self, block: Block, bits: Arithmetic) -> None:
        """Count one block."""
        values: list[Mask | None] = []
        masks = {key: bits.mask(plane) for key, plane in block.planes.items()}
        for place, (members, before, planes) in enumerate(self.steps):
            parts = [values[each] for each in before] if before else [masks.get(key) for key in planes]
            value = _put_together(members, parts, bits)
            if value is not None and place in self.counted:
                size = bits.size(value)
                self.sizes[place] += size
                value = value if size else None
            values.append(value if place in self.needed else None)
        self.alive = [(one, other) for one, other in self.alive if _inside(values[one], values[other], bits)]
        alike: dict[bytes | int, Mask] = {}
        for place, pieces in self.pieces.items():
            value = values[place]
            if value is not None:
                name = bits.name(value)
                # Made anew from its name: the value may be a view of all the block's bytes, and would keep them.
                value = alike[name] if name in alike else alike.setdefault(name, bits.named(name))
            pieces.append(value)

    def found(self, bits: Arithmetic) -> Found:
        names = [members for members, _, _ in self.steps]
        sizes = {names[place]: self.sizes[place] for place in self.counted}
        apart = frozenset((names[one], names[other]) for one, other in set(self.pairs) - set(self.alive))
        pieces = {names[place]: own for place, own in self.pieces.items()}
        heads = {
            members: bits.head(own[0]) if own and own[0] is not None else 0 for members, own in pieces.items()
        }
        return Found(bits, sizes, apart, pieces, heads)


def _put_together(members: Members, parts: Sequence[Mask | None], bits: Arithmetic) -> Mask | None:
    match members:
        case Both():
            one, other = parts
            return None if one is None or other is None else bits.both(one, other)
        case Less():
            one, other = parts
            return one if one is None or other is None else bits.less(one, other)
    there = [part for part in parts if part is not None]
    if len(there) > 1:
        return bits.either(there)
    return there[0] if there else None


def _inside(one: Mask | None, other: Mask | None, bits: Arithmetic) -> bool:
    if one is None:
        return True
    return bits.inside(one, other) if other is not None else bits.size(one) == 0
