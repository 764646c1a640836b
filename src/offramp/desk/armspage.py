"""How what may be said of the arms looks: as a static page, as JSON, and as lines for a terminal.

Words and layout alone; every number comes from `arms`, printed as it is there or as a percentage of it.
The invariant: the three say the same, and none says more than the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from offramp import __version__
from offramp.desk import wording
from offramp.desk.arms import ArmsReport, Clicks, Comparison, Part
from offramp.desk.bursts import RULE
from offramp.desk.disclose import HOUSE, Law
from offramp.desk.estimate import LEAST_DAYS, Interval
from offramp.desk.press import printed
from offramp.desk.resample import STEP
from offramp.desk.slots import ALL
from offramp.language import LANGUAGES, Tag

ALPHA = 0.05
TARGET_NAMES = {
    "survey": "Survey", "other-survey": "Other survey", "help": "Help", "programme": "Programme",
    "not-looking": "Not looking for this", "exit": "Left quickly",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table: a number, its interval, what stands beside it, and whether it stands out."""

    main: str
    interval: str = ""
    beside: str = ""
    marked: bool = False


def place_name(place: str) -> str:
    if place == ALL:
        return "All languages together"
    known = LANGUAGES.get(Tag(place))
    return f"{known.name} ({place})" if known else place


def as_html(report: ArmsReport, synthetic: bool, law: Law = HOUSE) -> str:
    """Return the page."""
    compared = [arm for arm in report.arms if arm != report.neutral]
    return printed("arms.html",
        report=report, synthetic=synthetic, law=law, mark=wording.SUPPRESSED, rule=RULE,
        targets=[TARGET_NAMES[target] for target in report.targets], least_days=LEAST_DAYS, step=STEP, alpha=ALPHA,
        parts=[
            {
                "id": f"{part.place}-{'all' if part.flagged else 'without'}", "name": place_name(part.place),
                "flagged": part.flagged, "days": part.days,
                "shares": [(line.arm, _displays(line.displays, law), [_clicks(c) for c in line.clicks])
                           for line in part.lines],
                "differences": [(arm, [_compared(part, arm, target) for target in report.targets])
                                for arm in compared] if part.comparisons else [],
            }
            for part in report.parts
        ],
        bursts=[(place_name(language), day.isoformat()) for language, day in report.bursts],
        how_many={flagged: sum(len(p.comparisons) for p in report.parts if p.flagged == flagged)
                  for flagged in (True, False)},
    )  # fmt: skip


def _displays(displays: int | None, law: Law) -> str:
    return f"{displays:,}" if displays is not None else f"{wording.SUPPRESSED} or under {law.floor}"


def _clicks(clicks: Clicks) -> Field:
    if clicks.counts is None:
        return Field(wording.SUPPRESSED)
    return Field(
        f"{percent(clicks.counts.rate)} %", between(clicks.interval), f"n = {clicks.counts.clicks:,}"
    )


def _compared(part: Part, arm: str, target: str) -> Field:
    for each in part.comparisons:
        if (each.arm, each.target) == (arm, target):
            beside = f"{percent(each.counts.rate)} % and {percent(each.neutral.rate)} %; {probability(each.adjusted)}"
            value = signed(each.difference.value)
            return Field(value, between(each.difference.interval, sign=True), beside, each.adjusted < ALPHA)
    return Field(wording.SUPPRESSED)


def percent(rate: float) -> str:
    """Return a share in per cent with one decimal, below one per cent with two."""
    return f"{100 * rate:.1f}" if abs(rate) >= 0.01 else f"{100 * rate:.2f}"


def signed(rate: float) -> str:
    return ("−" if rate < 0 else "+") + percent(abs(rate))


def between(interval: Interval | None, sign: bool = False) -> str:
    if interval is None:
        return ""
    write = signed if sign else percent
    return f"{write(interval.low)} to {write(interval.high)}"


def probability(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def as_json(report: ArmsReport, synthetic: bool, law: Law = HOUSE) -> dict[str, Any]:
    """Return the same as an object for programs; null is a count that is not printed."""
    return {
        "v": 1, "synthetic": synthetic, "version": __version__, "weeks": [report.first_week, report.last_week],
        "neutral": report.neutral, "seed": report.seed, "replicates": report.replicates,
        "law": {"least": law.least, "unit": law.unit, "floor": law.floor}, "level": 0.95, "correction": "holm",
        "flagged": [{"language": language, "day": day.isoformat()} for language, day in report.bursts],
        "parts": [
            {
                "language": part.place, "flagged_days": "with" if part.flagged else "without", "days": part.days,
                "arms": [
                    {"arm": line.arm, "displays": line.displays, "targets": {c.target: _share(c) for c in line.clicks}}
                    for line in part.lines
                ],
                "differences": [_difference(comparison) for comparison in part.comparisons],
            }
            for part in report.parts
        ],
    }  # fmt: skip


def _share(clicks: Clicks) -> dict[str, Any] | None:
    if clicks.counts is None:
        return None
    return {
        "clicks": clicks.counts.clicks,
        "percent": percent(clicks.counts.rate),
        "interval": _ends(clicks.interval),
    }


def _ends(interval: Interval | None) -> list[str] | None:
    return [percent(interval.low), percent(interval.high)] if interval else None


def _difference(each: Comparison) -> dict[str, Any]:
    return {
        "arm": each.arm, "target": each.target, "percent": percent(each.counts.rate),
        "neutral_percent": percent(each.neutral.rate), "difference": percent(each.difference.value),
        "interval": _ends(each.difference.interval), "p_holm": f"{each.adjusted:.4f}",
    }  # fmt: skip


def as_lines(report: ArmsReport, law: Law = HOUSE) -> Iterator[str]:
    """Yield the same for a terminal."""
    for part in report.parts:
        days = "" if part.flagged else ", without flagged days"
        yield f"{place_name(part.place)}, {part.days} days{days}"
        for line in part.lines:
            fields = [(c.target, _clicks(c)) for c in line.clicks]
            shares = "; ".join(
                f"{target} {f.main}" + (f" ({f.interval})" if f.interval else "") for target, f in fields
            )
            yield f"  {line.arm:<24} {_displays(line.displays, law):>8} displays: {shares}"
        for each in part.comparisons:
            if each.adjusted < ALPHA:
                ends = between(each.difference.interval, sign=True)
                yield (f"  {each.arm} beside {report.neutral}, {each.target}: {signed(each.difference.value)} points "
                       f"({ends}), {probability(each.adjusted)} after Holm")  # fmt: skip
    yield f"Bootstrap of days: {report.replicates} replicates, seed {report.seed}. A click is not a change of"
    yield "behaviour, and displays are not people: the page (-o) says what else these figures cannot say."
