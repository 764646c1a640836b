"""Counts that doors in operators' own search engines keep on disk, read so that the arms report can be made of them.

A door keeps one small table a day (`<folder>/2026-11-29.csv`); one folder is one door. Here they are read, checked,
and put under the names that a server's totals have. Not here: what may be said of them (arms). The invariant: what
comes out is every count of every table, once, or nothing at all.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from offramp.desk.displays import week_of
from offramp.errors import Problem, Refusal
from offramp.language import LANGUAGES, Tag
from offramp.store import Tally

HEAD = ["arm", "language", "target", "n"]
NAMES: Mapping[str, str] = {
    "shown": "message_shown", "help": "go_help", "survey": "go_survey", "programme": "go_programme",
    "exit": "go_exit", "not_meant": "go_not-looking", "shadow": "",
}  # fmt: skip
"""What a door counts, and what a server calls the same. In shadow mode nothing was shown, so no arm is compared."""
HELP_SEEKING = "help-seeking"
LONGEST = 1024 * 1024
"""Bytes of one day's table; nine arms in twelve languages take 20 KiB."""
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,23}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_ALIKE = 100
"""Two tables of one day that agree in this many counts are one table that was copied."""


@dataclass(slots=True)
class DoorCounts:
    """What was read: totals as of a server, door by door, and how much of it belongs to no arm."""

    doors: dict[str, Counter[Tally]] = field(default_factory=dict)
    greeted: int = 0
    shadow: int = 0


def read_door_counts(places: Sequence[Path]) -> DoorCounts:
    """Read folders of doors, or single tables of theirs. Refusal: all that does not fit, at once (counts.…)."""
    problems: list[Problem] = []
    found = DoorCounts()
    seen: dict[Path, Path] = {}
    texts: dict[tuple[date, str], Path] = {}
    for path in (path for place in places for path in _tables(place, problems)):
        if seen.setdefault(path.resolve(), path) is not path:
            problems.append(Problem("counts.twice", str(path), "This table is named twice, and would count twice.",
                                    "Please name it once, or its folder alone."))  # fmt: skip
            continue
        day, text = _day(path, problems), _text(path, problems)
        if day is None or text is None:
            continue
        rows = list(_rows(path, text, problems))
        other = texts.setdefault((day, text), path)
        if other is not path and sum(n for *_, n in rows) >= _ALIKE:
            problems.append(Problem("counts.copy", str(path), f"It is the same as {other}, number by number.",
                                    "Please leave the copy out, or, if both doors did count the same, "
                                    "add the numbers up in one of them."))  # fmt: skip
        _add(found, str(path.parent), day, rows)
    if problems:
        raise Refusal(problems)
    return found


def _tables(place: Path, problems: list[Problem]) -> list[Path]:
    if place.is_file():
        return [place]
    tables = sorted(place.glob("*.csv")) if place.is_dir() else []
    if not tables:
        what = "There is no table of a day in it." if place.is_dir() else "There is no such file or folder."
        problems.append(Problem("counts.none", str(place), what,
                                "Please name the folder that the door was given for its counts, or wait for a "
                                "first count."))  # fmt: skip
    return tables


def _day(path: Path, problems: list[Problem]) -> date | None:
    day = None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.csv", path.name):
        with contextlib.suppress(ValueError):
            day = date.fromisoformat(path.stem)
    if day is None:
        problems.append(Problem("counts.day", str(path), "Its name is not that of a day.",
                                "Please give it the name that the door gave it, such as 2026-11-29.csv, or take it "
                                "out of the folder."))  # fmt: skip
    return day


def _text(path: Path, problems: list[Problem]) -> str | None:
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode("utf-8")
        if len(text) <= LONGEST:
            return text
        what = f"It is longer than {LONGEST // 1024} KiB, which no day's table is."
    except (OSError, UnicodeDecodeError):
        what = "It cannot be read as text."
    problems.append(Problem("counts.unreadable", str(path), what,
                            "Please fetch it from the door again, or take it out of the folder."))  # fmt: skip
    return None


Row = tuple[str, str, str, int]


def _rows(path: Path, text: str, problems: list[Problem]) -> Iterator[Row]:
    """Yield the rows that fit; each of the others is a problem with its line."""
    read = csv.reader(io.StringIO(text))
    remedy = "Please fetch the table from the door again, or leave this day out."
    known: set[tuple[str, ...]] = set()
    try:
        if next(read, None) != HEAD:
            problems.append(
                Problem("counts.head", f"{path}, line 1", f"It does not say {','.join(HEAD)}.", remedy)
            )
            return
        for cells in read:
            what = _fault(cells)
            if not what and tuple(cells[:3]) in known:
                what = "This arm, language and target stood there before."
            if what:
                problems.append(Problem("counts.row", f"{path}, line {read.line_num}", what, remedy))
                continue
            known.add(tuple(cells[:3]))
            yield cells[0], cells[1], cells[2], int(cells[3])
    except csv.Error:
        problems.append(
            Problem("counts.row", f"{path}, line {read.line_num}", "It is no row of a table.", remedy)
        )


def _fault(cells: Sequence[str]) -> str:
    if len(cells) != len(HEAD):
        return f"It has {len(cells)} fields, and not {len(HEAD)}."
    arm, language, target, n = cells
    if target not in NAMES:
        return f"“{target[:24]}” is nothing that a door counts."
    if bool(arm) is (target == "shadow") or (arm and not _SLUG.fullmatch(arm)):
        return f"“{arm[:24]}” cannot be the arm of “{target}”."
    if Tag(language) not in LANGUAGES:
        return f"“{language[:24]}” is no language of ours."
    return "" if _NUMBER.fullmatch(n) else f"“{n[:24]}” is no count."


def _add(found: DoorCounts, door: str, day: date, rows: Iterable[Row]) -> None:
    totals = found.doors.setdefault(door, Counter())
    for arm, language, target, n in rows:
        if target == "shadow":
            found.shadow += n
        elif arm == HELP_SEEKING:
            found.greeted += n
        else:
            totals[Tally(NAMES[target], arm, language, day.isoformat())] += n


def drawn_apart(doors: Iterable[Mapping[Tally, int]]) -> bool:
    """Tell whether doors showed arms in other proportions within one week, more than chance explains.

    Where they did, an arm's clicks are also those of the door that showed it more often, and a difference between arms
    is partly one between doors.
    """
    weeks: dict[str, list[Counter[str]]] = {}
    for door in doors:
        own: dict[str, Counter[str]] = {}
        for tally, n in door.items():
            if tally.name == NAMES["shown"]:
                own.setdefault(week_of(date.fromisoformat(tally.period)), Counter())[tally.subject] += n
        for week, shown in own.items():
            weeks.setdefault(week, []).append(shown)
    square, freedom = 0.0, 0
    for several in weeks.values():
        together: Counter[str] = sum(several, Counter())
        everything = together.total()
        square += sum((shown[arm] - (mean := n * shown.total() / everything)) ** 2 / mean
                      for shown in several for arm, n in together.items())  # fmt: skip
        freedom += (len(several) - 1) * (len(together) - 1)
    if not freedom:
        return False
    # Wilson and Hilferty: the cube root of a chi-square is nearly normal. Five deviations are one in three million.
    spread = 2 / (9 * freedom)
    return bool(((square / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5 > 5)


def told_of_doors(found: DoorCounts, together: Sequence[Mapping[Tally, int]]) -> Iterator[str]:
    """Yield what whoever reads the report should know of where its counts come from; no exact count is among it."""
    if found.greeted:
        yield "Displays to people who asked for help are in no arm, and left out."
    if found.shadow:
        yield "Counts of shadow mode are left out: nothing was shown."
    if drawn_apart(together):
        yield ("Within one week these places showed arms in other proportions, so that differences between arms are "
               "partly differences between places. Please report them apart, one folder at a time.")  # fmt: skip
