"""What may be said of the arms of the messages: displays, clicks, and how they differ from the neutral arm.

Slots say which counts there are, `protect` decides which are printed, and only then is anything reckoned: from the
rounded counts that are printed, and from spreads (resample). Not here: how it looks (armspage).
The invariant: an exact count reaches nothing that leaves but through `protect`, or as a spread's coarse step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from offramp.desk.disclose import HOUSE, Law, Printed
from offramp.desk.displays import SHOWN, Piece, lay_out
from offramp.desk.estimate import Counts, Difference, Interval, difference, holm, interval
from offramp.desk.resample import REPLICATES, Share, Spread, spreads
from offramp.desk.slots import Slot, Slots
from offramp.errors import refuse
from offramp.store import Tally

SEED = 1


@dataclass(frozen=True, slots=True)
class Clicks:
    """Clicks of an arm on one target; no counts where one is not printed, no interval where days are too few."""

    target: str
    counts: Counts | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class ArmLine:
    """One arm in one language. `displays` is None where they are too few, or withheld."""

    arm: str
    displays: int | None
    clicks: tuple[Clicks, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm beside the neutral one over the weeks in which both ran; `adjusted` is Holm's p-value."""

    arm: str
    target: str
    counts: Counts
    neutral: Counts
    difference: Difference
    adjusted: float = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One language, or all together, with or without flagged days."""

    place: str
    flagged: bool
    days: int
    lines: tuple[ArmLine, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class ArmsReport:
    """All that may be printed of the arms."""

    neutral: str
    arms: tuple[str, ...]
    targets: tuple[str, ...]
    first_week: str
    last_week: str
    bursts: tuple[tuple[str, date], ...]
    parts: tuple[Part, ...]
    seed: int
    replicates: int


def arms_report(
    totals: Mapping[Tally, int], neutral: str = "neutral", seed: int = SEED, law: Law = HOUSE,
    replicates: int = REPLICATES,
) -> ArmsReport:  # fmt: skip
    """Return what may be said of the arms. Refusals: arms.too_few, arms.no_neutral."""
    displays = lay_out(totals, law.floor)
    if not displays.languages:
        raise refuse("arms.too_few", "arms", f"No arm has {law.floor} displays in any language.",
                     "Please wait for more, and pull again.")  # fmt: skip
    if neutral not in displays.arms:
        raise refuse("arms.no_neutral", "arms", f"No arm “{neutral}” was shown, so nothing can be compared with it.",
                     f"Please name one with --neutral: {', '.join(displays.arms)}.")  # fmt: skip
    slots = Slots(displays, neutral)
    parts = _Reckoning(slots, slots.protected(law), seed, replicates).parts()
    weeks = [week for run in displays.runs.values() for week in run]
    bursts = tuple((language, day) for language in displays.languages for day in displays.flagged(language))
    return ArmsReport(
        neutral, displays.arms, displays.targets, min(weeks), max(weeks), bursts, parts, seed, replicates
    )


@dataclass(frozen=True, slots=True)
class _Ask:
    """A share that can be printed: where its counts stand, and over how many days."""

    clicks: Slot
    counts: Counts
    days: int

    @property
    def displays(self) -> Slot:
        return self.clicks.of(SHOWN)


class _Reckoning:
    """Shares and differences from printed counts, once the spreads of all of them are known."""

    def __init__(self, slots: Slots, printed: Printed, seed: int, replicates: int) -> None:
        self.slots, self.printed = slots, printed
        displays, self.variants = slots.displays, slots.variants()
        self.asks = {
            (*variant, arm, target): self._ask(slots.slot(target, arm, variant[0], variant[1]))
            for variant in self.variants for arm in displays.arms for target in displays.targets
        }  # fmt: skip
        self.pairs = {
            (place, flagged, arm, target): (self._ask(slots.slot(target, arm, place, flagged, slots.neutral)),
                                            self._ask(slots.slot(target, slots.neutral, place, flagged, arm)))
            for place, flagged in self.variants for arm in displays.arms for target in displays.targets
            if arm != slots.neutral
        }  # fmt: skip
        self.spread, self.apart = self._spreads(seed, replicates)

    def _ask(self, slot: Slot) -> _Ask | None:
        clicks, displays = self.printed.get(slot.cell), self.printed.get(slot.of(SHOWN).cell)
        if clicks is None or displays is None:
            return None
        return _Ask(slot, Counts(clicks, displays), self.slots.days(slot))

    def _spreads(
        self, seed: int, replicates: int
    ) -> tuple[dict[Slot, Spread], dict[tuple[Slot, Slot], Spread]]:
        """Return the spread of each share and of each difference, from exact counts by day."""
        asks = list(dict.fromkeys(ask.clicks for ask in self.asks.values() if ask))
        pairs = list(
            dict.fromkeys((one.clicks, other.clicks) for one, other in self.pairs.values() if one and other)
        )
        clicks = [*asks, *(slot for pair in pairs for slot in pair)]
        wanted = sorted({*clicks, *(slot.of(SHOWN) for slot in clicks)}, key=Slot.order)
        place = {slot: number for number, slot in enumerate(wanted)}

        def share(slot: Slot) -> Share:
            return Share(place[slot], place[slot.of(SHOWN)])

        rows = self._rows(wanted)
        widths, apart = spreads(rows, [share(slot) for slot in asks], [(share(a), share(b)) for a, b in pairs],
                                seed, replicates)  # fmt: skip
        return dict(zip(asks, widths, strict=True)), dict(zip(pairs, apart, strict=True))

    def _rows(self, wanted: Sequence[Slot]) -> list[list[int]]:
        """Return for each day how much of it each slot has."""
        displays = self.slots.displays
        into: dict[tuple[str, str, str, Piece], list[int]] = {}
        for number, slot in enumerate(wanted):
            for language in self.slots.languages(slot.place):
                for piece in slot.pieces:
                    into.setdefault((slot.measure, slot.arm, language, piece), []).append(number)
        rows: dict[date, list[int]] = {}
        for (measure, arm, language, day), n in displays.counts.items():
            if day not in rows:
                rows[day] = [0] * len(wanted)
            row = rows[day]
            for number in into.get((measure, arm, language, displays.pieces[language][day]), ()):
                row[number] += n
        return [rows[day] for day in sorted(rows)]

    def parts(self) -> tuple[Part, ...]:
        """Return all parts, their p-values adjusted over all comparisons that are printed for the same days."""
        parts = [self._part(place, flagged) for place, flagged in self.variants]
        for flagged in (True, False):
            everything = [c for part in parts if part.flagged == flagged for c in part.comparisons]
            adjusted = iter(holm([comparison.difference.p for comparison in everything]))
            parts = [
                part if part.flagged != flagged
                else replace(part, comparisons=tuple(replace(c, adjusted=next(adjusted)) for c in part.comparisons))
                for part in parts
            ]  # fmt: skip
        return tuple(parts)

    def _part(self, place: str, flagged: bool) -> Part:
        displays = self.slots.displays
        lines = tuple(
            ArmLine(arm, self.printed.get(self.slots.slot(SHOWN, arm, place, flagged).cell),
                    tuple(self._clicks(self.asks[place, flagged, arm, target], target) for target in displays.targets))
            for arm in displays.arms
        )  # fmt: skip
        comparisons = [
            self._comparison(place, flagged, arm, target)
            for target in displays.targets for arm in displays.arms if arm != self.slots.neutral
        ]  # fmt: skip
        days = self.slots.days(self.slots.everything(place, flagged))
        return Part(place, flagged, days, lines, tuple(filter(None, comparisons)))

    def _clicks(self, ask: _Ask | None, target: str) -> Clicks:
        if ask is None:
            return Clicks(target)
        return Clicks(target, ask.counts, interval(ask.counts, self.spread[ask.clicks], ask.days))

    def _comparison(self, place: str, flagged: bool, arm: str, target: str) -> Comparison | None:
        one, other = self.pairs[place, flagged, arm, target]
        if one is None or other is None:
            return None
        found = difference(one.counts, other.counts, self.apart[one.clicks, other.clicks], one.days)
        return Comparison(arm, target, one.counts, other.counts, found) if found else None
