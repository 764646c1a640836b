"""The report of a programme: how far it is worked through, and the course of check-ins that people agreed to send.

From totals and from the check-ins' own survey; no journal is ever seen here. Not here: the law (disclose), the layout
(templates/programme.html). The invariants: completers never stand without all who began beside them, and no figure
without saying that there is no control group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.desk import wording
from offramp.desk.attack import Cell, Sum
from offramp.desk.codebook import Variable, codebook
from offramp.desk.countstore import CountStore
from offramp.desk.disclose import HOUSE, Law, Printed, Tables, protect
from offramp.desk.members import Members, either
from offramp.desk.pathways import Sets
from offramp.desk.press import printed
from offramp.desk.sentences import percent
from offramp.language import SOURCE
from offramp.store import Tally
from offramp.survey import Survey

# Of all totals of a programme; a survey's report prints the first and the third as well, so these are never withheld.
_WHOLE = ("programme_shown", "programme_begun", "journal_kept")
_DONE = "step_done"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A module of a programme: its id, its title, and how many of its steps can be done."""

    id: str
    title: str
    steps: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line: counts as they are printed, and the share of a base in per cent."""

    label: str
    n: int | None
    share: int | None = None
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Occasion:
    """One check-in: of all that have it, and of those alone that have the last one."""

    label: str
    everybody: tuple[int | None, int | None]
    completers: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Course:
    """One question over all check-ins; `counted` says which answers are counted."""

    text: str
    counted: str
    occasions: tuple[Occasion, ...]


def programme_report(
    slug: str, title: str, stretches: Sequence[Stretch], check_in: Survey, store: CountStore,
    totals: Mapping[Tally, int], law: Law = HOUSE,
) -> str:  # fmt: skip
    """Return the report as HTML; `store` are the check-ins."""
    counts = _totals(slug, stretches, totals)
    enough = counts[Cell("programme_begun")] >= law.floor
    courses = _courses(check_in, store, law) if store.n >= law.floor else ((), ())
    return printed("programme.html",
        title=title, slug=slug, law=law, mark=wording.SUPPRESSED, synthetic=store.synthetic,
        stages=_stages(counts, stretches, law) if enough else (), reached=courses[0], courses=courses[1],
    )  # fmt: skip


def _totals(slug: str, stretches: Sequence[Stretch], totals: Mapping[Tally, int]) -> dict[Cell, int]:
    counts = dict.fromkeys([*map(Cell, _WHOLE), *(_done(stretch) for stretch in stretches)], 0)
    for tally, n in totals.items():
        cell = Cell(tally.name) if tally.subject == slug else Cell(tally.name, frozenset((tally.subject,)))
        module = (
            cell if tally.name != _DONE else Cell(_DONE, frozenset((tally.subject.removeprefix(f"{slug}/"),)))
        )
        if module in counts:
            counts[module] += n
    return counts


def _done(stretch: Stretch) -> Cell:
    return Cell(_DONE, frozenset((stretch.id,)))


def _stages(counts: dict[Cell, int], stretches: Sequence[Stretch], law: Law) -> tuple[Row, ...]:
    """Return how far people came. Steps are of what they would be if each begun programme had done all of them."""
    modules = [_done(stretch) for stretch in stretches]
    every = Cell(_DONE)
    counts[every] = sum(counts[cell] for cell in modules)
    whole = frozenset(map(Cell, _WHOLE))
    printed = protect(Tables(counts, frozenset(counts), (Sum(every, tuple(modules)),), kept=whole), law)
    begun = printed[Cell("programme_begun")]

    def row(label: str, cell: Cell, steps: int = 1) -> Row:
        n = printed[cell]
        fits = n is not None and begun is not None and n <= begun * steps and cell != Cell("programme_shown")
        return Row(label, n, percent(n, begun * steps) if fits and n is not None and begun else None, steps)

    labels = dict(
        zip(_WHOLE, ("Programme shown", "First step opened", "Journal kept under a code"), strict=True)
    )
    done = (row(stretch.title, _done(stretch), stretch.steps) for stretch in stretches)
    return (*(row(labels[name], Cell(name)) for name in _WHOLE), *done)


def _courses(check_in: Survey, store: CountStore, law: Law) -> tuple[tuple[Row, ...], tuple[Course, ...]]:
    """Return how many have each check-in, and the course of each question; all under one law."""
    sets, texts = Sets(), check_in.catalogues[SOURCE]
    by_page = {
        page.id: [v for v in codebook(check_in) if v.page == page.id and v.categories]
        for page in check_in.pages
    }
    there = {page: _any(sets, variables) for page, variables in by_page.items()}
    last = there[check_in.pages[-1].id]
    began = sets.note(Cell("check-ins"), either(there.values()), show=True)
    for page, members in there.items():
        sets.inside(began, sets.note(Cell("check-in", frozenset((page,))), members, show=True))
    asked = [
        [_occasion(sets, by_page[page.id][place], there[page.id], last) for page in check_in.pages]
        for place in range(min(len(variables) for variables in by_page.values()))
    ]
    printed = protect(sets.tables(store.found(sets.asked())), law)
    titles = {page.id: texts[f"page/{page.id}/title"] for page in check_in.pages}
    of = printed[began]
    reached = tuple(Row(title, n := printed[Cell("check-in", frozenset((page,)))], percent(n, of) if n and of else None)
                    for page, title in titles.items())  # fmt: skip
    first = by_page[check_in.pages[0].id]
    return reached, tuple(
        Course(wording.asked(first[place], texts), _counted(first[place], texts.texts), tuple(
            Occasion(title, *((printed[base], _share(printed, base, high)) for base, high in pairs))
            for title, pairs in zip(titles.values(), occasions, strict=True)
        ))
        for place, occasions in enumerate(asked)
    )  # fmt: skip


def _any(sets: Sets, variables: Iterable[Variable]) -> Members:
    return either(sets.of(variable.id, variable.codes) for variable in variables)


def _high(variable: Variable) -> frozenset[str]:
    """Return which answers are counted: the upper half of a scale, or the first answer of a choice."""
    if variable.kind == "scale":
        return frozenset(code for code in variable.codes if int(code) * 2 >= max(map(int, variable.codes)))
    return variable.categories[0].codes


def _counted(variable: Variable, texts: Mapping[str, str]) -> str:
    if variable.kind == "scale":
        numbers = sorted(map(int, _high(variable)))
        return f"{numbers[0]}–{numbers[-1]}"
    return texts[variable.categories[0].text_key]


def _occasion(sets: Sets, variable: Variable, there: Members, last: Members) -> list[tuple[Cell, Cell]]:
    """Count a question at one check-in: base and counted answers, of all and of completers."""
    answered, high = sets.of(variable.id, variable.codes), sets.of(variable.id, _high(variable))
    page = Cell("check-in", frozenset((variable.page,)))
    pairs = []
    for who, members in (("all", there), ("completers", there & last), ("others", there - last)):
        shown = who != "others"
        base = sets.note(Cell(variable.id, frozenset((who,))), answered & members, show=shown)
        part = sets.note(Cell(variable.id, frozenset((who, "counted"))), high & members, show=shown)
        sets.inside(base, part)
        pairs.append((base, part))
    sets.inside(page, pairs[0][0])
    for place in (0, 1):
        sets.add(pairs[0][place], (pairs[1][place], pairs[2][place]), table=False)
    return pairs[:2]


def _share(printed: Printed, base: Cell, part: Cell) -> int | None:
    n, of = printed[part], printed[base]
    return percent(n, of) if n is not None and of else None
