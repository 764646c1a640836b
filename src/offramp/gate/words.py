"""The words whose disguises are looked for: from a shape to the words that have it.

Here: one table for a doubled letter, two for the slow views, and the spellings that are words of their
own. Not here: phrases and rules (compiled). The invariant: every word of a term that may be disguised is found under
its shape, and no word shorter than SHORTEST is ever found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from offramp.gate.oddity import collapse, key

SHORTEST = 4
"""Letters of a word that may be disguised; a shorter one stands for too much else."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words by what their disguises have in common; several of one shape stand together, parted by spaces.

    `doubled` leads from words without their doubled letters, `shapes` from what every disguise has in common.
    `stems` may go on in a query; `stem_lengths` are the lengths of their shapes. `ordinary` is never a disguise.
    """

    doubled: Mapping[bytes, bytes] = field(repr=False)
    shapes: Mapping[bytes, bytes] = field(repr=False)
    stems: Mapping[bytes, bytes] = field(repr=False)
    ordinary: frozenset[bytes] = field(repr=False)
    stem_lengths: tuple[int, ...]
    longest: int
    begun_lengths: tuple[int, ...]
    """The lengths in bytes of stems without their doubled letters."""

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str], ordinary: Iterable[str]) -> Self:
        """Return the tables of these words; `stems` may go on in a query."""
        whole, begun = (sorted(w for w in part if len(w) >= SHORTEST) for part in (words, stems))
        spared = frozenset(word.encode() for word in ordinary)
        lengths = tuple(sorted({len(key(stem)) for stem in begun}))
        longest = max((len(key(word)) for word in (*whole, *begun)), default=0)
        doubled = _by((*whole, *begun), collapse)
        return cls(doubled, _by(whole, key), _by(begun, key), spared, lengths, longest, _begun_lengths(begun))

    def spelt(self) -> tuple[list[str], list[str]]:
        """Return the words, and those that may go on, as they are spelt in terms."""
        whole, begun = (b" ".join(table.values()).decode().split() for table in (self.shapes, self.stems))
        return whole, begun

    def is_disguised(self, word: bytes, single: bytes) -> bool:
        """Tell whether a word has letters too many, `single` being what is left when each is written once."""
        spelt = self.doubled.get(single)
        if spelt is None or spelt == word or word in self.ordinary:
            return False
        known = spelt.split()
        return word not in known and len(word) > min(map(len, known))

    def has_disguised(self, view: bytes, single: bytes) -> bool:
        """Tell whether a view has a word with letters too many, `single` being the view with each letter once."""
        tokens = single.split()
        for word, token in zip(view.split(), tokens, strict=True):
            if word != token and self.is_disguised(word, token):
                return True
        return any(token[:length] in self.doubled for length in self.begun_lengths for token in tokens)

    def has_shape(self, shape: bytes) -> bool:
        """Tell whether a word of a term has this shape, or begins with one."""
        if shape in self.shapes:
            return True
        if not self.stem_lengths:
            return False
        text = shape.decode()
        return any(text[:length].encode() in self.stems for length in self.stem_lengths)

    def pack(self) -> bytes:
        """Return the tables as bytes: lines of texts parted by zero bytes, keys before values."""
        numbers = " ".join(map(str, (self.longest, *self.stem_lengths))).encode()
        tables = (*_sides(self.doubled), *_sides(self.shapes), *_sides(self.stems))
        return b"\n".join((numbers, *tables, b"\0".join(sorted(self.ordinary))))

    @classmethod
    def unpack(cls, body: bytes) -> Self:
        """Return the tables of packed words."""
        numbers, *lines = body.split(b"\n")
        sides = [line.split(b"\0") if line else [] for line in lines]
        longest, *lengths = map(int, numbers.split())
        doubled, shapes, stems = (dict(zip(sides[i], sides[i + 1], strict=True)) for i in (0, 2, 4))
        begun = b" ".join(stems.values()).decode().split()
        spared = frozenset(sides[6])
        return cls(doubled, shapes, stems, spared, tuple(lengths), longest, _begun_lengths(begun))


def _begun_lengths(stems: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({len(collapse(stem).encode()) for stem in stems}))


def _sides(table: Mapping[bytes, bytes]) -> tuple[bytes, bytes]:
    return b"\0".join(table), b"\0".join(table.values())


def _by(words: Iterable[str], shape_of: Callable[[str], str]) -> dict[bytes, bytes]:
    table: dict[bytes, bytes] = {}
    for word in words:
        shape, spelt = shape_of(word).encode(), word.encode()
        table[shape] = table[shape] + b" " + spelt if shape in table else spelt
    return table
