"""The gate: one query in, a Decision or nothing out.

Here: the scan, and what is weighed after a hit. Not here: folding (fold), lists (lists, compiled), what is shown
(messages). The invariant: nothing that leaves this file holds any part of a query, and no query is kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import ClassVar, Literal, Self

from offramp.gate.compiled import Compiled, Kind, Rule, compile_terms, open_lists
from offramp.gate.fold import MAX_QUERY, fold, glance
from offramp.gate.lists import read_lists

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a message is shown: the list, the category and the rule ("term 3" of that list), never the query.

    `intent` is "help" when the words around the term ask for help or want to report, so that the page can say so.
    """

    list: str
    category: str
    rule: str
    intent: Literal["search", "help"]


class Gate:
    """Compiled lists, ready to decide. It is never changed, so any number of threads may share one."""

    __slots__ = ("_compiled", "_find")

    longest_query: ClassVar[int] = MAX_QUERY
    """Characters that are read; a door lets its search engine have no more than these."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._find = compiled.automaton.find_overlapping

    @classmethod
    def from_lists(cls, paths: Iterable[Path]) -> Self:
        """Return a gate over lists compiled in memory (for demonstrations and for trying a list)."""
        return cls(compile_terms(read_lists(paths)))

    def decide(self, query: str) -> Decision | None:
        """Tell why a message should be shown in place of results, or None. Any string will do; nothing is kept."""
        if self._find(glance(query)) and (found := self._find(fold(query))):
            return self._judge(found)
        return None

    def _judge(self, found: Sequence[tuple[int, int, int]]) -> Decision | None:
        spans: dict[Kind, list[Span]] = {kind: [] for kind in Kind}
        rules: list[Rule] = []
        for start, end, number in found:
            rule = self._compiled.rule(number)
            spans[rule.kind].append((start + rule.edge, end - rule.edge))
            if rule.kind is Kind.TERM:
                rules.append(rule)
        hits = spans[Kind.TERM]
        benign = _inside(hits, spans[Kind.BENIGN])
        helped = _asks_for_help(hits, spans[Kind.HELP])
        live = [(helped[i], start, -end, i) for i, (start, end) in enumerate(hits) if not benign[i]]
        if not live:
            return None
        asks, _, _, chosen = min(live)  # a hit that nothing explains counts before one that asks for help
        rule = rules[chosen]
        return Decision(rule.list, rule.category, f"term {rule.number}", "help" if asks else "search")


def load(path: Path, key: bytes) -> Gate:
    """Return the gate over the compiled lists in a sealed file; `key` has 32 bytes."""
    return Gate(open_lists(path, key))


def _asks_for_help(hits: Sequence[Span], phrases: Sequence[Span]) -> list[bool]:
    """Tell for each hit whether it asks for help.

    A phrase that contains a hit ("help with x") speaks for that hit alone; one that contains none ("how to stop")
    speaks for the whole query.
    """
    holds_one = _inside([(-start, -end) for start, end in phrases], [(-start, -end) for start, end in hits])
    return [True] * len(hits) if not all(holds_one) else _inside(hits, phrases)


def _inside(inner: Sequence[Span], outer: Sequence[Span]) -> list[bool]:
    """Tell for each inner span whether some single outer span covers it, in about linear time.

    Turn all signs round, and it tells for each "inner" one whether it covers some "outer" one.
    """
    ordered = sorted(outer)
    reach = list(accumulate((end for _, end in ordered), max))
    starts = [start for start, _ in ordered]
    found = (bisect_right(starts, start) for start, _ in inner)
    return [i > 0 and reach[i - 1] >= end for i, (_, end) in zip(found, inner, strict=True)]
