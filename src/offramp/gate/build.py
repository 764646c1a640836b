"""From list files to a sealed file: read, compile, weigh against a benign sample, compile again with what to spare.

Not here: any of these steps. The invariant: what is sealed has been weighed where a sample was given, and the
warnings that come with it are about exactly these lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from offramp.errors import Problem
from offramp.gate.compiled import PURPOSE, Compiled, compile_terms, pack
from offramp.gate.match import Gate
from offramp.gate.rows import Reading, read_lists
from offramp.gate.sample import Weighed, risks, weigh
from offramp.sealing import seal_file


@dataclass(frozen=True, slots=True)
class Draft:
    """Lists that are ready to be sealed, and what is risky about them."""

    compiled: Compiled = field(repr=False)
    terms: int
    weighed: Weighed | None = field(repr=False)
    warnings: tuple[Problem, ...]

    def sealed(self, key: bytes) -> bytes:
        """Return the lists sealed under `key` (32 bytes), ready to be written."""
        return seal_file(pack(self.compiled), key, PURPOSE)


def draft(
    paths: Iterable[Path], reading: Reading | None = None, sample: Iterable[tuple[str, int]] | None = None
) -> Draft:
    """Return the lists in these files compiled; `sample` holds harmless lines, each with how often it occurs."""
    lists = read_lists(paths, reading)
    compiled = compile_terms(lists)
    weighed = None
    if sample is not None:
        weighed = weigh(Gate(compiled), sample)
        compiled = compile_terms(lists, weighed.ordinary, weighed.usual, weighed.doubled)
    terms = sum(len(known.terms) + len(known.pairs) for known in lists)
    return Draft(compiled, terms, weighed, tuple(risks(lists, weighed)))
