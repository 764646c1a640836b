"""Before and after: a rating that chance had half of the responses give twice, and the other half only at the end.

How ratings changed says nothing by itself: whoever rates twice may rate otherwise because of the first time. So the
last ratings of both halves stand side by side. Not here: which questions (joint). The invariant: both halves are
counted among the same responses, those with a rating at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk.attack import Cell
from offramp.desk.codebook import Variable
from offramp.desk.joint import Halves
from offramp.desk.members import Members, either
from offramp.desk.pathways import Sets
from offramp.survey import Missing

LOWER, SAME, HIGHER = "lower", "same", "higher"


@dataclass(frozen=True, slots=True)
class Compared:
    """Where the counts of a comparison stand. A half is its base and those of it with a high rating at the end."""

    halves: Halves
    asked: tuple[Cell, Cell]
    not_asked: tuple[Cell, Cell]
    both: Cell
    high_before: Cell
    changes: tuple[tuple[str, Cell], ...]


def count_halves(
    sets: Sets, declared: Iterable[Halves], variables: Mapping[str, Variable]
) -> tuple[Compared, ...]:
    """Count each comparison."""
    return tuple(
        _compare(sets, halves, sorted(map(int, variables[halves.after].codes))) for halves in declared
    )


def _compare(sets: Sets, halves: Halves, scale: Sequence[int]) -> Compared:
    subject = f"{halves.before} and {halves.after}"
    codes = frozenset(map(str, scale))
    after, high = sets.of(halves.after, codes), sets.of(halves.after, halves.high)
    undrawn = sets.of(halves.before, (Missing.NOT_DRAWN.value,))

    def half(name: str, members: Members) -> tuple[Cell, Cell]:
        base = sets.note(Cell(subject, frozenset((name,))), after & members, show=True)
        part = sets.note(Cell(subject, frozenset((name, "high"))), high & members, show=True)
        sets.inside(base, part)
        return base, part

    asked, not_asked = half("asked", after - undrawn), half("not asked", undrawn)
    sets.add(sets.single(halves.after, codes), (asked[0], not_asked[0]), table=False)
    sets.add(_any(sets, halves.after, halves.high), (asked[1], not_asked[1]), table=False)
    both = sets.note(Cell(subject, frozenset(("both",))), sets.of(halves.before, codes) & after, show=True)
    sets.inside(asked[0], both)
    sets.inside(sets.single(halves.before, codes), both)
    first = sets.of(halves.before, halves.high) & after
    high_before = sets.note(Cell(subject, frozenset(("both", "high"))), first, show=True)
    sets.inside(both, high_before)
    sets.inside(_any(sets, halves.before, halves.high), high_before)
    changes = dict(_changes(sets, halves, scale, both))
    last = high & sets.of(halves.before, codes)
    _crossed(sets, first, last, high_before, asked[1], changes)
    return Compared(halves, asked, not_asked, both, high_before, tuple(changes.items()))


def _crossed(
    sets: Sets, first: Members, last: Members, before: Cell, after: Cell, changes: Mapping[str, Cell]
) -> None:
    """State that high ratings before and who rose to one are high ratings after and who fell from one."""
    named = {
        "rose": last - first,
        "fell": first - last,
        "high at last": last,
        "ever high": either((first, last)),
    }
    rose, fell, stayed, ever = (
        sets.note(Cell(before.subject, frozenset((name,))), members) for name, members in named.items()
    )
    sets.inside(changes[HIGHER], rose)
    sets.inside(changes[LOWER], fell)
    sets.inside(after, stayed)
    sets.add(ever, (before, rose), table=False)
    sets.add(ever, (stayed, fell), table=False)


def _changes(sets: Sets, halves: Halves, scale: Sequence[int], both: Cell) -> tuple[tuple[str, Cell], ...]:
    """Count who rated lower, the same and higher. Whoever began at the end of the scale cannot go beyond it."""
    members: dict[str, list[Members]] = {LOWER: [], SAME: [], HIGHER: []}
    for one in scale:
        for other in scale:
            found = sets.of(halves.before, (str(one),)) & sets.of(halves.after, (str(other),))
            members[SAME if one == other else HIGHER if other > one else LOWER].append(found)
    cells = {name: sets.note(Cell(both.subject, frozenset((name,))), either(found), show=True)
             for name, found in members.items()}  # fmt: skip
    sets.add(both, tuple(cells.values()))
    for name, question, end in (
        (LOWER, halves.before, scale[0]), (HIGHER, halves.before, scale[-1]),
        (LOWER, halves.after, scale[-1]), (HIGHER, halves.after, scale[0]),
    ):  # fmt: skip
        sets.inside(_any(sets, question, [str(number) for number in scale if number != end]), cells[name])
    return tuple(cells.items())


def _any(sets: Sets, question: str, codes: Iterable[str]) -> Cell:
    """Return the count of several ratings together, which is the sum of each."""
    cell = sets.single(question, codes)
    sets.add(cell, [sets.single(question, (code,)) for code in sorted(cell.codes)], table=False)
    return cell
