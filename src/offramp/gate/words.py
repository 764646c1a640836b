"""The words whose disguises are looked for: from a shape to the words that have it.

Here: one table for a glance at a doubled letter, two for the slow views, and the spellings that are words of their
own. Not here: phrases and rules (compiled). The invariant: every word of a term that may be disguised is found under
its shape, and no word shorter than SHORTEST is ever found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from offramp.gate.oddity import collapse, key

SHORTEST = 4
"""Letters of a word that may be disguised; a shorter one stands for too much else."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words by what their disguises have in common; several of one shape stand in one string, parted by spaces.

    `doubled` leads from a word without its doubled letters to the word, or to nothing where there are several.
    `stems` may go on in a query; `stem_lengths` are the lengths of their shapes. `ordinary` is never a disguise.
    """

    doubled: Mapping[bytes, bytes] = field(repr=False)
    shapes: Mapping[str, str] = field(repr=False)
    stems: Mapping[str, str] = field(repr=False)
    ordinary: frozenset[str] = field(repr=False)
    stem_lengths: tuple[int, ...]
    longest: int

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str], ordinary: Iterable[str]) -> Self:
        """Return the tables of these words; `stems` may go on in a query."""
        whole, begun = (sorted(w for w in part if len(w) >= SHORTEST) for part in (words, stems))
        doubled: dict[bytes, bytes] = {}
        for word in (*whole, *begun):
            spelt, single = word.encode(), collapse(word).encode()
            doubled[single] = spelt if doubled.setdefault(single, spelt) == spelt else b""
        return cls._with(doubled, _by_shape(whole), _by_shape(begun), frozenset(ordinary))

    @classmethod
    def _with(cls, doubled: Mapping[bytes, bytes], shapes: Mapping[str, str], stems: Mapping[str, str],
              ordinary: frozenset[str]) -> Self:  # fmt: skip
        longest = max(map(len, (*shapes, *stems)), default=0)
        return cls(doubled, shapes, stems, ordinary, tuple(sorted(set(map(len, stems)))), longest)

    def pack(self) -> bytes:
        """Return the tables as bytes: seven lines of texts parted by zero bytes, keys before values."""
        lines = (*_sides(self.shapes), *_sides(self.stems), "\0".join(sorted(self.ordinary)))
        doubled = b"\0".join(self.doubled), b"\0".join(self.doubled.values())
        return b"\n".join((*doubled, *(line.encode() for line in lines)))

    @classmethod
    def unpack(cls, body: bytes) -> Self:
        """Return the tables of packed words."""
        singles, spelt, *lines = body.split(b"\n")
        shapes, words, begun, stems, ordinary = (line.decode().split("\0") if line else [] for line in lines)
        doubled = dict(zip(singles.split(b"\0"), spelt.split(b"\0"), strict=True)) if singles else {}
        return cls._with(doubled, dict(zip(shapes, words, strict=True)), dict(zip(begun, stems, strict=True)),
                         frozenset(ordinary))  # fmt: skip


def _sides(table: Mapping[str, str]) -> tuple[str, str]:
    return "\0".join(table), "\0".join(table.values())


def _by_shape(words: Iterable[str]) -> dict[str, str]:
    shapes: dict[str, str] = {}
    for word in words:
        shape = key(word)
        shapes[shape] = f"{shapes[shape]} {word}" if shape in shapes else word
    return shapes
