"""What is said in place of results: the arms of an experiment, in every language that has a translation.

Here: the arms, reading them with their texts, and drawing one. Not here: what no text may claim (honesty), the page
around a message and counting it (web). The invariant: a Messages that exists can be shown whole in each of its
languages, in every week some arm runs, and no text of it makes an untrue claim.

All arms begin with the same opening, so that what differs between two arms is what the experiment compares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from offramp.errors import Problem, Refusal
from offramp.gate.honesty import untrue_claims
from offramp.gate.weeks import Run, gap, is_week
from offramp.language import SOURCE, Catalogue, State, Tag, parse_state, read_translations, source_catalogue
from offramp.tables import Table, read_toml

THEMES = ("harm", "control", "legality", "distress", "neutral")
TONES = ("negative", "positive")
LONGEST_HEADING = 80
LONGEST_PARAGRAPH = 400
PARAGRAPHS = 3
HEAVIEST = 1000
_OPENING = "opening"
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,23}")


class Randomness(Protocol):
    """Where chance comes from: `random.Random`, `random.SystemRandom`, or a list of numbers in a test."""

    def random(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: where it stands on the two axes, how often and when it is drawn, and the keys of its texts."""

    id: str
    theme: str
    tone: str
    weight: int
    run: Run
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """An arm in one language, ready to be shown."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Messages:
    """All arms and their texts; every catalogue has every text."""

    arms: tuple[Arm, ...]
    catalogues: Mapping[Tag, Catalogue]

    @property
    def texts(self) -> Mapping[str, str]:
        """The English texts by key, as a translator needs them."""
        return self.catalogues[SOURCE].texts

    def choose(self, week: str, random: Randomness) -> Arm:
        """Draw an arm for one display, each that runs in this week in proportion to its weight."""
        return choose([arm for arm in self.arms if week in arm.run], random)

    def message(self, arm: Arm, tag: Tag) -> Message:
        """Return the text of `arm` in a language that `catalogues` has."""
        texts = self.catalogues[tag]
        return Message(texts[arm.heading], tuple(texts[key] for key in (_OPENING, *arm.paragraphs)))


def choose(arms: Sequence[Arm], random: Randomness) -> Arm:
    """Draw one of `arms`, each in proportion to its weight; an arm of weight 0 rests."""
    ends = list(accumulate(arm.weight for arm in arms))
    point = random.random() * ends[-1]
    return next(arm for arm, end in zip(arms, ends, strict=True) if point < end)


def load_messages(directory: Path, translated: bool = True) -> Messages:
    """Read `messages.toml` and `locale/*.po` in `directory`, the latter if `translated`; refuse all that is wrong."""
    problems: list[Problem] = []
    root = Table(read_toml(directory / "messages.toml"), "messages.toml", problems)
    arms, source = read_messages(root)
    # A fault of the source would show again in every language, so the languages wait until there is none.
    if problems:
        raise Refusal(problems)
    catalogues = read_translations(directory / "locale", source, problems) if translated else {SOURCE: source}
    for tag, catalogue in catalogues.items():
        if tag != SOURCE:
            problems += untrue_claims(catalogue, f"{tag}.po")
    if problems:
        raise Refusal(problems)
    return Messages(arms, catalogues)


def read_messages(root: Table) -> tuple[tuple[Arm, ...], Catalogue]:
    """Return the arms and their English texts; what is wrong joins the problems of `root`."""
    texts: dict[str, str] = {}
    try:
        state = parse_state(root.text("state"), f"{root.place}, state")
    except Refusal as refusal:
        root.problems.extend(refusal.problems)
        state = State.DRAFT
    _take(root, _OPENING, root.text(_OPENING), LONGEST_PARAGRAPH, texts, _OPENING)
    arms = tuple(_arm(entry, texts) for entry in root.tables("arm", "arm"))
    root.finish()
    _check_set(root, arms)
    source = source_catalogue(texts, state)
    root.problems += untrue_claims(source, root.place)
    return arms, source


def _arm(entry: Table, texts: dict[str, str]) -> Arm:
    name = entry.text("id")
    if name and not _SLUG.fullmatch(name):
        entry.fault("messages.id", f"“{name}” is no id of an arm.",
                    "Please use up to 24 of a to z, 0 to 9 and “-”, a letter first.")  # fmt: skip
    theme, tone = _axes(entry)
    weight = entry.integer("weight", 1)
    if not 0 <= weight <= HEAVIEST:
        entry.fault("messages.weight", f"The weight {weight} is not from 0 to {HEAVIEST}.",
                    "Please write how often the arm is drawn beside the others, 0 for never.")  # fmt: skip
    run = _run(entry)
    _take(entry, "heading", entry.text("heading"), LONGEST_HEADING, texts, heading := f"{name}.heading")
    paragraphs = entry.texts("paragraphs")
    if not 1 <= len(paragraphs) <= PARAGRAPHS:
        entry.fault("messages.text", f"There are {len(paragraphs)} paragraphs.",
                    f"Please write one to {PARAGRAPHS} under paragraphs.")  # fmt: skip
    keys = tuple(f"{name}.{number}" for number, _ in enumerate(paragraphs, 1))
    for key, text in zip(keys, paragraphs, strict=True):
        _take(entry, "paragraphs", text, LONGEST_PARAGRAPH, texts, key)
    entry.finish()
    return Arm(name, theme, tone, weight, run, heading, keys)


def _axes(entry: Table) -> tuple[str, str]:
    theme, tone = entry.text("theme"), entry.text("tone", "")
    if theme and theme not in THEMES:
        entry.fault("messages.theme", f"“{theme}” is no theme.", f"Please use one of: {', '.join(THEMES)}.")
    elif tone not in (("",) if theme == "neutral" else TONES):
        entry.fault("messages.tone", f"The tone “{tone}” does not go with the theme “{theme}”.",
                    "Please write “negative” or “positive”; a neutral arm has none.")  # fmt: skip
    return theme, tone


def _run(entry: Table) -> Run:
    run = Run(entry.text("from", ""), entry.text("to", ""))
    for week in filter(None, (run.first, run.last)):
        if not is_week(week):
            entry.fault("messages.week", f"“{week}” is no ISO week.",
                        "Please write one such as 2026-W48, or leave it out.")  # fmt: skip
    if run.last and run.first > run.last:
        entry.fault("messages.week", f"The arm ends ({run.last}) before it begins ({run.first}).",
                    "Please exchange the two, or correct one.")  # fmt: skip
    return run


def _take(place: Table, key: str, text: str, longest: int, texts: dict[str, str], name: str) -> None:
    """Note a text under its name; its length is checked in English alone, translations need room."""
    if len(text) > longest:
        place.fault("messages.text", f"A text under {key} has {len(text)} characters.",
                    f"Please shorten it to {longest}.")  # fmt: skip
    if not text.strip() and key == "paragraphs":
        place.fault("table.blank", "A paragraph is blank.", "Please write it, or remove it.")
    texts[name] = text


def _check_set(root: Table, arms: Sequence[Arm]) -> None:
    """Look at all arms together: ids that occur twice, and weeks in which nothing could be shown."""
    ids = [arm.id for arm in arms]
    for twice in sorted({name for name in ids if name and ids.count(name) > 1}):
        root.fault(
            "messages.twice", f"Two arms have the id “{twice}”.", "Please give each arm an id of its own."
        )
    if not any(arm.weight for arm in arms):
        root.fault("messages.no_arm", "There is no arm that could be drawn.",
                   "Please write at least one [[arm]] with a weight above 0.")  # fmt: skip
        return
    runs = [arm.run for arm in arms if arm.weight]
    bounds = [bound for run in runs for bound in (run.first, run.last) if bound]
    if not all(map(is_week, bounds)):
        return
    week = gap(runs)
    if week is not None:
        when = f"In {week}" if week else f"Before {min(bounds)}"
        root.fault("messages.gap", f"{when} no arm runs, so nothing could be shown.",
                   "Please close the gap, or let one arm run without “from” and “to”.")  # fmt: skip
