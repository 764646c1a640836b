"""Counting as slowly and as plainly as can be: every set of responses as a set of their numbers, one after another.

What the bit planes find must be what is found here. It stays for ever, and nothing of it is made fast.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from offramp.desk.attack import Cell, Sum
from offramp.desk.disclose import Tables
from offramp.desk.members import Both, Either, Having, Less, Members
from offramp.desk.sheet import ALL, Sheet
from offramp.survey import Missing, Response, together

Study = Sequence[tuple[Response, Collection[str]]]


def has(response: Response, flags: Collection[str], subject: str, code: str) -> bool:
    context = response.context
    match subject:
        case "responses":
            return True
        case "language" | "week" | "structure" | "arm":
            return bool(getattr(context, subject) == code)
        case "last page":
            return code == (response.pages[-1] if response.pages else "none")
        case "marked words":
            return code in together(response.marks.values())
        case "flag":
            return code in flags
    codes = response.codes[subject]  # type: ignore[index]
    return codes.value == code if isinstance(codes, Missing) else code in codes


def who(members: Members, study: Study) -> frozenset[int]:
    match members:
        case Having(subject, codes):
            return frozenset(
                number for number, (response, flags) in enumerate(study)
                if any(has(response, flags, subject, code) for code in codes)
            )  # fmt: skip
        case Both(one, other):
            return who(one, study) & who(other, study)
        case Less(one, other):
            return who(one, study) - who(other, study)
        case Either(parts):
            return frozenset().union(*(who(part, study) for part in parts))
    raise AssertionError(members)


def reference(sheet: Sheet, study: Study) -> Tables:
    """Fill a sheet in."""
    sets = {cell: who(members, study) for cell, members in sheet.members.items()}
    counts = {cell: len(own) for cell, own in sets.items()}
    sums: dict[tuple[Cell, frozenset[Cell]], Sum] = {}

    def state(each: Sum, fit: bool = False) -> None:
        for cell in each:
            if cell not in counts:
                more, less = sheet.reckoned[cell]
                counts[cell] = sum(counts[part] for part in more) - sum(counts[part] for part in less)
        if not fit or counts[each.total] == sum(counts[part] for part in each.parts):
            sums.setdefault((each.total, frozenset(each.parts)), each)

    for statement in sheet.statements:
        if all(who(one, study) <= who(other, study) for one, other in statement.pairs):
            state(statement.sum, statement.fit)
    first: dict[frozenset[int], Cell] = {}
    for cell in sheet.path:
        if sets[cell] not in first:
            first[sets[cell]] = cell
        elif sets[cell] and ALL not in (first[sets[cell]], cell):
            state(Sum(first[sets[cell]], (cell,)))
    for inner, part in first.items():
        for outer, total in first.items():
            if inner and inner < outer:
                state(Sum(total, (part, first.get(outer - inner) or sheet.rest(total, part)), table=False))
    return Tables(counts, frozenset(sheet.shown), tuple(sums.values()), frozenset(sheet.spare))
