"""Every count twice: of all responses, and of those without a flag. What is flagged is the difference of the two.

That difference is guarded like anything printed: it stands in the sums as a count of its own, with all that is known of
how its parts hang together, so that `protect` finds out what subtracting one column from the other would tell.
Not here: the rules (clean), counting (count). The invariant: all is what is kept and what is flagged, count by count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from offramp.desk.attack import Cell, Sum
from offramp.desk.clean import Rule
from offramp.desk.codebook import Variable
from offramp.desk.count import Counted, Layout
from offramp.desk.countstore import CountStore
from offramp.desk.disclose import Law, Tables
from offramp.desk.members import Key
from offramp.desk.planes import FLAG
from offramp.desk.reckoning import Asked, Found, reckon
from offramp.desk.sheet import ALL

Counting = Callable[[Collection[Key], Sequence[Variable], Sequence[Rule]], Layout]


@dataclass(frozen=True, slots=True)
class Twofold:
    """All that is counted; `before` are the tables without flags: for the sake of these nothing of them is withheld.
    `found` is what was found of all responses.
    """

    found: Found
    counted: Counted
    before: Tables
    tables: Tables
    both: bool


def kept(cell: Cell) -> Cell:
    """Return where the count of responses without a flag stands."""
    return Cell(f"kept/{cell.subject}", cell.codes)


def _flagged(cell: Cell) -> Cell:
    return Cell(f"flagged/{cell.subject}", cell.codes)


def twofold(
    counting: Counting, variables: Sequence[Variable], store: CountStore, rules: Sequence[Rule], law: Law,
    beside: Asked,
) -> Twofold:  # fmt: skip
    """Count all responses, and those without a flag; find what is asked `beside` of all.

    Where those without a flag are too few, or the others are, only all: every difference between the two columns would
    be a small count.
    """
    # They decide a flag by themselves, so that nobody who is kept gave that answer.
    alone = frozenset(rule.alone for rule in rules)
    rest = [variable for variable in variables if variable.id not in alone]
    both = store.clear.n >= law.floor and store.flagged.n >= law.least
    layout = counting(store.occurring, variables, rules)
    halves = (
        (counting(store.clear.occurring, rest, ()), counting(store.flagged.occurring, rest, rules))
        if both
        else ()
    )
    asked = [layout.sheet.asked() + beside, *(half.sheet.asked() for half in halves)]
    # One and the same question is asked of both, so that what is found of all is the sum.
    clear, flagged = (reckon(half.blocks(), sum(asked, Asked())) for half in (store.clear, store.flagged))
    found = clear + flagged
    everything = layout.counted(found)
    before = _without_flags(everything.tables)
    if not halves:
        return Twofold(found, everything, before, everything.tables, False)
    counted = (halves[0].counted(clear), halves[1].counted(flagged))
    without_flag = _renamed(counted[0].tables, kept)
    with_flag = _renamed(counted[1].tables, _flagged)
    with_flag = replace(with_flag, shown=frozenset(), kept=frozenset(), spare=frozenset())
    return Twofold(found, everything, before, _joined(everything, counted, (without_flag, with_flag)), True)


def _without_flags(tables: Tables) -> Tables:
    shown = frozenset(cell for cell in tables.shown if cell.subject != FLAG)
    sums = [each for each in tables.sums if all(cell.subject != FLAG for cell in each)]
    return replace(tables, shown=shown, sums=sums)


def _renamed(tables: Tables, name: Callable[[Cell], Cell]) -> Tables:
    shown = frozenset(name(cell) for cell in tables.shown)
    return Tables(
        {name(cell): n for cell, n in tables.counts.items()}, shown,
        [Sum(name(each.total), tuple(name(part) for part in each.parts), each.table) for each in tables.sums],
        # A report can do without them sooner than without the counts of all.
        shown, frozenset((name(ALL),)),
    )  # fmt: skip


def _joined(everything: Counted, halves: Sequence[Counted], renamed: Sequence[Tables]) -> Tables:
    first, tables = everything.tables, (everything.tables, *renamed)
    return Tables(
        {cell: n for each in tables for cell, n in each.counts.items()},
        frozenset().union(*(each.shown for each in tables)),
        [*(each for table in tables for each in table.sums), *_links(everything, halves)],
        first.spare.union(*(each.spare for each in renamed)),
        first.kept.union(*(each.kept for each in renamed)),
    )


def _links(everything: Counted, halves: Sequence[Counted]) -> Iterator[Sum]:
    """Yield what joins the three: all is kept and flagged, and whatever a rule flags is flagged."""
    without, flagged = (half.tables.counts for half in halves)
    for cell in everything.tables.counts:
        if cell in without and cell in flagged:
            yield Sum(cell, (kept(cell), _flagged(cell)), table=False)
    for question in everything.questions:
        for _, cell in question.missing:
            # What cannot occur and does is a flag, so that one of the halves has none of it, and no line for it.
            if (cell in without) is not (cell in flagged):
                yield Sum(cell, (kept(cell) if cell in without else _flagged(cell),), table=False)
    for _, cell in everything.flags:
        yield Sum(cell, (_flagged(cell),), table=False)
    if everything.flagged is not None:
        yield Sum(everything.flagged, (_flagged(ALL),), table=False)
