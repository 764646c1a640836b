"""The gate: one query in, a Decision or nothing out.

Here: the glance that most queries get, and the look that an odd one gets. Not here: folding (fold), taking
disguises off (reveal), weighing hits (verdict), lists (lists, compiled), what is shown (messages). The invariant:
nothing that leaves this file holds any part of a query, and no query is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Self

from offramp.gate.compiled import PURPOSE, Compiled, compile_terms, read_sealed, unpack
from offramp.gate.fold import GLANCE, MAX_QUERY, glance
from offramp.gate.reveal import View, reveal
from offramp.gate.rows import read_lists
from offramp.gate.verdict import Decision, judge
from offramp.sealing import open_file

Sink = Callable[[Decision], object]
Found = list[tuple[int, int, int]]


class Gate:
    """Compiled lists, ready to decide. It is never changed, so any number of threads may share one.

    `counts` is called with each Decision, before it is returned; it is the caller's, and sees no query.
    """

    __slots__ = ("_compiled", "_find", "decide")

    longest_query: ClassVar[int] = MAX_QUERY
    """Characters that are read; a door lets its search engine have no more than these."""

    decide: Callable[[str], Decision | None]
    """Tell why a message should be shown in place of results, or None. Any string will do; nothing is kept."""

    def __init__(self, compiled: Compiled, counts: Sink | None = None) -> None:
        self._compiled = compiled
        self._find: Callable[[bytes], Found] = compiled.automaton.find_overlapping
        self.decide = self._decider(counts)

    @classmethod
    def from_lists(cls, paths: Iterable[Path], counts: Sink | None = None) -> Self:
        """Return a gate over lists compiled in memory (for demonstrations and for trying a list)."""
        return cls(compile_terms(read_lists(paths)), counts)

    def _decider(self, counts: Sink | None) -> Callable[[str], Decision | None]:
        """Return `decide`. It is a closure, because each look-up of an attribute is a tenth of a bare scan."""
        find, table, longest, look = self._find, GLANCE, MAX_QUERY, self._look

        def decide(query: str) -> Decision | None:
            if query.isascii() and len(query) <= longest:
                view = f" {query} ".encode().translate(table)
            else:
                view = glance(query)
            if found := find(view):
                decision = look(query, view, found)
                if decision and counts:
                    counts(decision)
                return decision
            return None

        return decide

    def explain(self, query: str) -> Iterator[tuple[View, Decision | None]]:
        """Give each view of a query with what it leads to; for the operator's own machine, as views hold the query."""
        for view in reveal(query, self._compiled.words):
            yield view, judge(self._compiled, view.text, self._find(view.text), view.odd)

    def _look(self, query: str, view: bytes, found: Found) -> Decision | None:
        """Look at a query in which something was found: a term, or a sentinel that asks for another look."""
        first_double = self._compiled.first_double
        if found[0][2] >= first_double and all(number >= first_double for _, _, number in found):
            if not self._is_doubled(view, found):
                return None
        elif all(number < self._compiled.first_sentinel for _, _, number in found):
            return judge(self._compiled, view, found)
        asks = None
        for _, decision in self.explain(query):
            if decision and decision.intent == "search":
                return decision
            asks = asks or decision
        return asks

    def _is_doubled(self, view: bytes, found: Found) -> bool:
        """Tell whether a word with a doubled letter may be a term with one letter too many.

        This is asked of every third query, so it comes before everything that costs more than a microsecond.
        """
        words = self._compiled.words
        if len(found) > 2:  # "zz oo rr": letters pulled apart as well, perhaps
            return True
        single = view
        for start, end, _ in found:
            single = single.replace(view[start:end], view[start : (start + end) // 2])
        doubled = words.doubled
        if words.stem_lengths:
            return True
        if doubled.keys().isdisjoint(tokens := single.split()):
            return False
        return any(doubled.get(token, spelt) != spelt for token, spelt in zip(tokens, view.split(), strict=True))


def load(path: Path, key: bytes, counts: Sink | None = None) -> Gate:
    """Return the gate over the compiled lists in a sealed file; `key` has 32 bytes."""
    return Gate(unpack(open_file(read_sealed(path), key, PURPOSE)), counts)
