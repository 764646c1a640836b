"""Bit planes: for each code of each question one bit a response, in blocks; and how such bits are put together.

With numpy the bits are words of an array, without it one long number: the counts are the same, and a report is made
either way. Not here: which counts (sheet), the file (countstore). The invariant: the bits behind the last response of a
block are nought in every plane, so that none of them is ever counted.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from offramp.desk.members import Key
from offramp.survey import Missing, Response, together

EVERYBODY: Key = ("responses", "")
NO_PAGE = "none"
LAST_PAGE = "last page"
MARKED = "marked words"
FLAG = "flag"
# A plane of so many responses is 32 KiB: several of them fit into the innermost caches at once.
BLOCK = 1 << 18
_WORD = 8
# So many bytes are looked at first, as most sets that do not lie inside each other differ there.
_HEAD = 256
# A number, or an array of numpy.
Mask = Any
# What all masks with the same bits have in common.
Name = Any


@dataclass(frozen=True, slots=True)
class Block:
    """Some responses, one behind another: how many, and the plane of each code that occurs among them."""

    n: int
    planes: Mapping[Key, bytes | memoryview]


class Arithmetic(Protocol):
    """What can be done with the bits of one block."""

    def mask(self, plane: bytes | memoryview) -> Mask: ...
    def both(self, one: Mask, other: Mask) -> Mask: ...
    def less(self, one: Mask, other: Mask) -> Mask: ...
    def either(self, masks: Sequence[Mask]) -> Mask: ...
    def size(self, mask: Mask) -> int: ...
    def inside(self, one: Mask, other: Mask) -> bool: ...
    def name(self, mask: Mask) -> bytes | int: ...
    def named(self, name: Name) -> Mask: ...
    def head(self, mask: Mask) -> int: ...


class Numbers:
    """Bits as one number."""

    def mask(self, plane: bytes | memoryview) -> int:
        return int.from_bytes(plane, "little")

    def both(self, one: int, other: int) -> int:
        return one & other

    def less(self, one: int, other: int) -> int:
        return one & ~other

    def either(self, masks: Sequence[int]) -> int:
        union = 0
        for mask in masks:
            union |= mask
        return union

    def size(self, mask: int) -> int:
        return mask.bit_count()

    def inside(self, one: int, other: int) -> bool:
        return one & other == one

    def name(self, mask: int) -> int:
        return mask

    def named(self, name: int) -> int:
        return name

    def head(self, mask: int) -> int:
        return mask & ((1 << 8 * _HEAD) - 1)


class Words:
    """Bits as an array of words of 64."""

    def __init__(self, numpy: ModuleType) -> None:
        self._numpy, self._count, self._sum = numpy, numpy.bitwise_count, numpy.add.reduce

    def mask(self, plane: bytes | memoryview) -> Mask:
        return self._numpy.frombuffer(plane, dtype="<u8")

    def both(self, one: Mask, other: Mask) -> Mask:
        return one & other

    def less(self, one: Mask, other: Mask) -> Mask:
        return one & ~other

    def either(self, masks: Sequence[Mask]) -> Mask:
        union = masks[0] | masks[1]
        for mask in masks[2:]:
            self._numpy.bitwise_or(union, mask, out=union)
        return union

    def size(self, mask: Mask) -> int:
        return int(self._sum(self._count(mask), dtype=self._numpy.uint32))

    def inside(self, one: Mask, other: Mask) -> bool:
        return not (one & ~other).any()

    def name(self, mask: Mask) -> bytes:
        return bytes(mask.data)

    def named(self, name: bytes) -> Mask:
        return self.mask(name)

    def head(self, mask: Mask) -> int:
        return int.from_bytes(mask[: _HEAD // _WORD].data, "little")


@cache
def arithmetic() -> Arithmetic:
    """Return the faster of the two that is here."""
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        return Numbers()
    return Words(numpy) if hasattr(numpy, "bitwise_count") else Numbers()


def row_bytes(n: int) -> int:
    """Return how long a plane of so many responses is: whole words."""
    return -(-n // (8 * _WORD)) * _WORD


class Filling:
    """A block that is being filled, one response after another."""

    def __init__(self, size: int = BLOCK) -> None:
        self.n, self._size = 0, size
        self._planes: dict[Key, bytearray] = {}

    def take(self, keys: Iterable[Key]) -> Block | None:
        """Lay out what one response has; return the block where it is full."""
        byte, bit = self.n >> 3, 1 << (self.n & 7)
        for key in keys:
            plane = self._planes.get(key)
            if plane is None:
                plane = self._planes[key] = bytearray(row_bytes(self._size))
            plane[byte] |= bit
        self.n += 1
        return self.block() if self.n == self._size else None

    def block(self) -> Block:
        """Return what there is, and begin anew."""
        length = row_bytes(self.n)
        made = Block(self.n, {key: bytes(plane[:length]) for key, plane in self._planes.items()})
        self.n, self._planes = 0, {}
        return made


def keys(response: Response) -> Iterator[Key]:
    """Yield every code that a response has, of every subject but flags."""
    yield EVERYBODY
    yield "language", response.context.language
    yield "week", response.context.week
    yield "structure", response.context.structure
    yield "arm", response.context.arm
    yield LAST_PAGE, response.pages[-1] if response.pages else NO_PAGE
    for mark in together(response.marks.values()):
        yield MARKED, mark
    for question, codes in response.codes.items():
        for code in (codes.value,) if isinstance(codes, Missing) else codes:
            yield question, code
