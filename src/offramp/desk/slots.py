"""Which counts of displays and clicks a page about arms could print, and how they add up.

A slot is such a count: of an arm, in a language or in all together, over some pieces of the time. Not here: what is
printed in the end (disclose). The invariant: every way in which one slot follows from others by adding is stated as a
sum, also through counts that are never printed, such as those of flagged days alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from offramp.desk.attack import Cell, Sum
from offramp.desk.disclose import Law, Printed, Tables, protect
from offramp.desk.displays import SHOWN, Displays, Piece

ALL = "all"
EVERY_ARM = "*"


@dataclass(frozen=True, slots=True)
class Slot:
    """One count. `place` is a language, or ALL."""

    measure: str
    arm: str
    place: str
    pieces: frozenset[Piece]

    @property
    def cell(self) -> Cell:
        pieces = (f"piece {piece.stretch}{'!' * piece.flagged}" for piece in self.pieces)
        return Cell(self.measure, frozenset((f"arm {self.arm}", f"language {self.place}", *pieces)))

    def order(self) -> tuple[str, str, str, list[Piece]]:
        """Return what sorts slots the same way on every machine."""
        return self.measure, self.arm, self.place, sorted(self.pieces)

    def of(self, measure: str) -> Slot:
        """Return the count of something else over the same."""
        return Slot(measure, self.arm, self.place, self.pieces)


class Slots:
    """All slots of one study."""

    def __init__(self, displays: Displays, neutral: str) -> None:
        self.displays, self.neutral = displays, neutral
        self._counts: dict[tuple[str, str, str, Piece], int] = {}
        self._pieces = {
            language: frozenset(displays.pieces[language].values()) for language in displays.languages
        }
        self._days: dict[tuple[str, frozenset[Piece]], int] = {}
        for count, n in displays.counts.items():
            key = (count.measure, count.arm, count.language, displays.pieces[count.language][count.day])
            self._counts[key] = self._counts.get(key, 0) + n

    @property
    def places(self) -> tuple[str, ...]:
        """The languages, and all of them together where there are several."""
        languages = self.displays.languages
        return (ALL, *languages) if len(languages) > 1 else languages

    def languages(self, place: str) -> tuple[str, ...]:
        return self.displays.languages if place == ALL else (place,)

    def slot(self, measure: str, arm: str, place: str, flagged: bool, beside: str = "") -> Slot:
        """Return a count of an arm with or without flagged days; over shared weeks alone if `beside` another arm."""
        stretches = self.displays.stretches(arm)
        if beside:
            stretches &= self.displays.stretches(beside)
        there = frozenset().union(*(self._pieces[language] for language in self.languages(place)))
        return Slot(measure, arm, place, frozenset(
            piece for piece in there if piece.stretch in stretches and (flagged or not piece.flagged)
        ))  # fmt: skip

    def everything(self, place: str, flagged: bool) -> Slot:
        """Return the displays of all arms, with or without flagged days."""
        pieces = frozenset(
            p for arm in self.displays.arms for p in self.slot(SHOWN, arm, place, flagged).pieces
        )
        return Slot(SHOWN, EVERY_ARM, place, pieces)

    def days(self, slot: Slot) -> int:
        """Return on how many days of a slot's time anything was counted, whatever the arm."""
        key = (slot.place, slot.pieces)
        if key not in self._days:
            found: set[date] = set()
            for language in self.languages(slot.place):
                found |= {
                    day for day, piece in self.displays.pieces[language].items() if piece in slot.pieces
                }
            self._days[key] = len(found)
        return self._days[key]

    def exact(self, slot: Slot) -> int:
        return sum(
            self._counts.get((slot.measure, slot.arm, language, piece), 0)
            for language in self.languages(slot.place)
            for piece in slot.pieces
        )

    def protected(self, law: Law) -> Printed:
        """Return what may be printed. Displays and the clicks on each target do not add up to each other."""
        printed: Printed = {}
        for measure in (SHOWN, *self.displays.targets):
            sheet = _Sheet(self, law)
            for slot in self._printable(measure):
                sheet.show(slot)
            if measure == SHOWN:
                sheet.show_every_arm()
            printed = {**printed, **protect(sheet.tables(), law)}
        return printed

    def variants(self) -> list[tuple[str, bool]]:
        """Return what is printed: each place with all days, and each language that has flagged days without these.

        All languages together stay as they are: a second difference between with and without would narrow what was
        clicked on flagged days so far that much else had to be withheld.
        """
        some = [(place, False) for place in self.places if place != ALL and self.displays.flagged(place)]
        return [*((place, True) for place in self.places), *some]

    def _printable(self, measure: str) -> Iterator[Slot]:
        for place, flagged in self.variants():
            for arm in self.displays.arms:
                yield self.slot(measure, arm, place, flagged)
                yield self.slot(measure, arm, place, flagged, self.neutral)
                yield self.slot(measure, self.neutral, place, flagged, arm)

    def split(self, slot: Slot) -> list[Slot]:
        """Return a count of all languages as those of each, or nothing."""
        if slot.place != ALL:
            return []
        pieces = {language: slot.pieces & self._pieces[language] for language in self.displays.languages}
        return [Slot(slot.measure, slot.arm, language, own) for language, own in pieces.items() if own]


class _Sheet:
    """The counts of one measure as they are gathered, with their sums."""

    def __init__(self, slots: Slots, law: Law) -> None:
        self.slots, self.law = slots, law
        self.counts: dict[Cell, int] = {}
        self.shown: set[Cell] = set()
        self.kept: set[Cell] = set()
        self.sums: dict[tuple[Cell, frozenset[Cell]], Sum] = {}

    def show(self, slot: Slot) -> None:
        """Note a count that could be printed, with what it is made of."""
        cell = self._note(slot)
        # A small count is told to the attack as small even where its row is left out: no reader knows more.
        enough = self.slots.exact(slot.of(SHOWN)) >= self.law.floor
        if enough or self.counts[cell] < self.law.least:
            self.shown.add(cell)
        self._divide(slot)
        pieces = [
            Slot(slot.measure, slot.arm, slot.place, frozenset((piece,))) for piece in sorted(slot.pieces)
        ]
        for piece in pieces:
            self._divide(piece)
        self._add(cell, [self._note(piece) for piece in pieces], table=False)

    def show_every_arm(self) -> None:
        """Note the displays of all arms by language: the report of the survey prints them."""
        for place in self.slots.places:
            arms = [self.slots.slot(SHOWN, arm, place, True) for arm in self.slots.displays.arms]
            total = Slot(SHOWN, EVERY_ARM, place, frozenset()).cell
            self.counts[total] = sum(self.slots.exact(slot) for slot in arms)
            self.shown.add(total)
            self.kept.add(total)
            self._add(total, [self._note(slot) for slot in arms], table=True)

    def tables(self) -> Tables:
        return Tables(
            self.counts, frozenset(self.shown), tuple(self.sums.values()), kept=frozenset(self.kept)
        )

    def _divide(self, slot: Slot) -> None:
        parts = self.slots.split(slot)
        if parts:
            self._add(self._note(slot), [self._note(part) for part in parts], table=True)

    def _note(self, slot: Slot) -> Cell:
        self.counts.setdefault(slot.cell, self.slots.exact(slot))
        return slot.cell

    def _add(self, total: Cell, parts: Iterable[Cell], table: bool) -> None:
        parts = tuple(parts)
        if parts and parts != (total,):
            self.sums.setdefault((total, frozenset(parts)), Sum(total, parts, table))
