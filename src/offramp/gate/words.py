"""The words whose disguises are looked for: from a shape to the words that have it.

Here: a table of whole words, one of words that may go on, and the spellings that are words of their own. Not here:
phrases and rules (compiled). The invariant: every word of a term that may be disguised is found under its shape, and
no word shorter than SHORTEST is ever found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from offramp.gate.oddity import collapse_view, key, key_of_view

SHORTEST = 4
"""Letters of a word that may be disguised; a shorter one stands for too much else."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words by what their disguises have in common; several of one shape stand together, parted by spaces.

    `stems` may go on in a query; `stem_lengths` are the lengths of their shapes. `ordinary` is never a disguise.
    """

    shapes: Mapping[bytes, bytes] = field(repr=False)
    stems: Mapping[bytes, bytes] = field(repr=False)
    ordinary: frozenset[bytes] = field(repr=False)
    stem_lengths: tuple[int, ...]
    longest: int

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str], ordinary: Iterable[str]) -> Self:
        """Return the tables of these words; `stems` may go on in a query."""
        whole, begun = (sorted(w for w in part if len(w) >= SHORTEST) for part in (words, stems))
        spared = frozenset(word.encode() for word in ordinary)
        lengths = tuple(sorted({len(key(stem)) for stem in begun}))
        longest = max((len(key(word)) for word in (*whole, *begun)), default=0)
        return cls(_by(whole), _by(begun), spared, lengths, longest)

    def spelt(self) -> tuple[list[str], list[str]]:
        """Return the words, and those that may go on, as they are spelt in terms."""
        whole, begun = (b" ".join(table.values()).decode().split() for table in (self.shapes, self.stems))
        return whole, begun

    def is_disguised(self, word: bytes) -> bool:
        """Tell whether a word may be one of these with letters too many."""
        shape = key_of_view(word)
        if self.stems and self._is_begun(shape.decode()):
            return True
        if (known := self.shapes.get(shape)) is None:
            return False
        single = collapse_view(word)
        alike = [each for each in known.split() if collapse_view(each) == single]
        if not alike or word in alike or word in self.ordinary:
            return False
        return len(word) > min(map(len, alike))

    def has_disguised(self, view: bytes) -> bool:
        """Tell whether a view may have a word with letters too many."""
        pairs = zip(view.split(), collapse_view(view).split(), strict=True)
        return any(word != single and self.is_disguised(word) for word, single in pairs)

    def has_shape(self, shape: bytes) -> bool:
        """Tell whether a word of a term has this shape, or begins with one."""
        return shape in self.shapes or (bool(self.stems) and self._is_begun(shape.decode()))

    def _is_begun(self, shape: str) -> bool:
        return any(shape[:length].encode() in self.stems for length in self.stem_lengths)

    def pack(self) -> bytes:
        """Return the tables as bytes: lines of texts parted by zero bytes, keys before values."""
        numbers = " ".join(map(str, (self.longest, *self.stem_lengths))).encode()
        tables = (*_sides(self.shapes), *_sides(self.stems))
        return b"\n".join((numbers, *tables, b"\0".join(sorted(self.ordinary))))

    @classmethod
    def unpack(cls, body: bytes) -> Self:
        """Return the tables of packed words."""
        numbers, *lines = body.split(b"\n")
        sides = [line.split(b"\0") if line else [] for line in lines]
        longest, *lengths = map(int, numbers.split())
        shapes, stems = (dict(zip(sides[i], sides[i + 1], strict=True)) for i in (0, 2))
        return cls(shapes, stems, frozenset(sides[4]), tuple(lengths), longest)


def _sides(table: Mapping[bytes, bytes]) -> tuple[bytes, bytes]:
    return b"\0".join(table), b"\0".join(table.values())


def _by(words: Iterable[str]) -> dict[bytes, bytes]:
    table: dict[bytes, bytes] = {}
    for word in words:
        shape, spelt = key(word).encode(), word.encode()
        table[shape] = table[shape] + b" " + spelt if shape in table else spelt
    return table
