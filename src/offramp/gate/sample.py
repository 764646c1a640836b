"""What a list does to ordinary searches: the share that each entry would turn away, and the words to spare.

Here: weighing a benign sample (words or queries that nobody should be stopped for), and what is risky about an
entry. Not here: reading files or printing. The invariant: a sample is used while a list is built and then gone; of
it only those words are kept in a compiled list that would otherwise pass for a disguise of a term.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from offramp.errors import Problem
from offramp.gate.fold import fold
from offramp.gate.lists import Match, TermList
from offramp.gate.match import Gate
from offramp.gate.words import SHORTEST

RISKY_SHARE = 1e-5
MOST_USUAL = 400_000
"""Beginnings of words that an automaton is laid out for."""
_BEGINNING = 8
"""Bytes of a beginning: nearly all ordinary words have left the terms behind by then. Whole words, where they are much
like the terms, would let an automaton take minutes."""
MOST_DOUBLED = 500_000
"""Words with a doubled letter that are collected: enough for the dictionaries of eight languages."""
_DOUBLED = re.compile(r"(.)\1")
Entry = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A weighed sample: how much it weighs, how much each rule of each list hits, and the words to spare.

    `spared` are the hits that the words to spare would have been; they are not in `hits`. `usual` are the
    beginnings of its words: what queries are like. `doubled` are its words with a doubled letter.
    """

    total: int
    hits: Mapping[Entry, int]
    spared: int
    ordinary: frozenset[str]
    usual: frozenset[str] = field(repr=False)
    doubled: frozenset[str] = field(repr=False)


def weigh(gate: Gate, sample: Iterable[tuple[str, int]]) -> Weighed:
    """Weigh lines, each with how often it occurs.

    A list's phrases hold ordinary words; what looks like a disguise of one of these is spared as well.
    """
    hits: Counter[Entry] = Counter()
    ordinary: set[str] = set()
    doubled: set[str] = set()
    usual: set[str] = set()
    total = spared = 0
    for line, often in sample:
        total += often
        folded = fold(line).decode().split()
        if len(usual) < MOST_USUAL:
            usual.update(f" {word} "[: 1 + _BEGINNING] for word in folded)
        if len(doubled) < MOST_DOUBLED:
            doubled.update(word for word in folded if _DOUBLED.search(word))
        ordinary |= gate.spellings(line)
        if gate.decide(line) is not None:
            view, decision = next((view, found) for view, found in gate.explain(line) if found)
            if view.spellings:
                spared += often
            elif decision:
                hits[decision.list, decision.rule] += often
    return Weighed(total, hits, spared, frozenset(ordinary), frozenset(usual), frozenset(doubled))


def risks(lists: Sequence[TermList], weighed: Weighed | None) -> Iterator[Problem]:
    """Name the entries that may turn ordinary searches away. None of it stops a list from being built."""
    for term_list in lists:
        if term_list.twice:
            yield Problem("gate.risk_twice", term_list.name, f"{term_list.twice:,} entries repeat another one and "
                          "are left out.", "Please remove them, or leave it so.")  # fmt: skip
        for term in term_list.terms:
            letters = len(fold(term.text).decode().replace(" ", ""))
            if term.match is Match.WORD and letters < SHORTEST:
                yield Problem("gate.risk_short", f"{term_list.name}, term {term.number}",
                              f"It is shorter than {SHORTEST} letters, so it is found only as it is spelt, and may "
                              "well be a word of another language.",
                              "Please make sure that it means nothing else, or write a longer phrase.")  # fmt: skip
    if weighed is None:
        yield Problem("gate.no_sample", "benign sample", "Without one nobody can tell which entries are common words.",
                      "Please give one with --benign, such as a word list or your own harmless queries.")  # fmt: skip
        return
    for (name, rule), often in sorted(weighed.hits.items(), key=lambda hit: (-hit[1], hit[0])):
        if often / weighed.total >= RISKY_SHARE:
            yield Problem("gate.risk_common", f"{name}, {rule}",
                          f"It would turn away {often / weighed.total:.4%} of the benign sample.",
                          "Please make it a longer phrase, a pair, or add an exception.")  # fmt: skip
