"""A set of numbers of 64 bits in 16 to 32 bytes each, where Python's own takes 100.

For what has to be remembered of every envelope of a study. The invariant: what was added is found. That something else
is taken for it happens once in 10^19 for each number that is in it.
"""

from __future__ import annotations

import hashlib
from array import array

_BITS = 16


def fingerprint(text: str, key: bytes) -> int:
    """Return the fingerprint of a text under a key, without which nobody can make two that are alike; never nought."""
    made = hashlib.blake2b(text.encode(), digest_size=8, key=key).digest()
    return int.from_bytes(made, "little") or 1


class Fingerprints:
    """A set of fingerprints."""

    def __init__(self, bits: int = _BITS) -> None:
        self._table, self._mask, self._n = array("Q", bytes(8 << bits)), (1 << bits) - 1, 0

    def __len__(self) -> int:
        return self._n

    def __contains__(self, number: int) -> bool:
        return self._table[self._place(number)] == number

    def add(self, number: int) -> None:
        place = self._place(number)
        if self._table[place] == number:
            return
        self._table[place] = number
        self._n += 1
        if self._n * 2 > self._mask:
            old = self._table
            self._mask = 2 * self._mask + 1
            self._table = array("Q", bytes(8 * (self._mask + 1)))
            for each in old:
                if each:
                    self._table[self._place(each)] = each

    def _place(self, number: int) -> int:
        table, mask = self._table, self._mask
        place = number & mask
        while (there := table[place]) and there != number:
            place = (place + 1) & mask
        return place
