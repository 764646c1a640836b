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
from offramp.gate.fold import AFTER_LATIN, GLANCE, MAX_QUERY, fold, foreign, glance
from offramp.gate.reveal import View, reveal
from offramp.gate.rows import read_lists
from offramp.gate.tame import Found, tamer
from offramp.gate.verdict import Decision, judge
from offramp.sealing import open_file

Sink = Callable[[Decision], object]


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
        is_tame = tamer(self._compiled, find)
        after_latin, is_foreign = AFTER_LATIN, foreign(self._compiled.letters)

        def decide(query: str) -> Decision | None:
            if query.isascii() and len(query) <= longest:
                view = f" {query} ".encode().translate(table)
            elif query > after_latin and is_foreign(query):
                return None
            else:
                view = glance(query)
            if not (found := find(view)):
                return None
            if is_tame(query, view, found):
                return None
            decision = look(query[:longest])
            if decision and counts:
                counts(decision)
            return decision

        return decide

    def explain(self, query: str) -> Iterator[tuple[View, Decision | None]]:
        """Give each view of a query with what it leads to; for the operator's own machine, as views hold the query."""
        for view in (View(fold(query)), *reveal(query, self._compiled.words)):
            yield view, self._judge(view)

    def spellings(self, query: str) -> set[str]:
        """Return what would pass for a disguise of a term's word in a query; for weighing a benign sample."""
        if not self._find(glance(query)):
            return set()
        return {spelling for view in reveal(query, self._compiled.words) for spelling in view.spellings}

    def _judge(self, view: View) -> Decision | None:
        return judge(self._compiled, view.text, self._find(view.text), view.odd)

    def _look(self, query: str) -> Decision | None:
        """Look at a query in which something was found: a term, or a sentinel that asks for another look."""
        asks = self._judge(View(fold(query)))
        if asks and asks.intent == "search":
            return asks
        for odd in reveal(query, self._compiled.words):
            decision = self._judge(odd)
            if decision and decision.intent == "search":
                return decision
            asks = asks or decision
        return asks


def load(path: Path, key: bytes, counts: Sink | None = None) -> Gate:
    """Return the gate over the compiled lists in a sealed file; `key` has 32 bytes."""
    return Gate(unpack(open_file(read_sealed(path), key, PURPOSE)), counts)
