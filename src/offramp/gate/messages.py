"""What is said in place of results: the arms of an experiment, in every language that has a translation.

Here: reading and checking arms and their texts, and choosing one. Not here: the page around a message (web),
and counting it. The invariant: a Messages that exists can be shown whole in each of its languages, and no text of
it claims that anybody is traced, watched, logged, identified or reported.

All arms begin with the same opening, so that what differs between two arms is what the experiment compares.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

from offramp.errors import Problem, Refusal, refuse
from offramp.gate.claims import UNTRUE
from offramp.gate.fold import fold
from offramp.language import SOURCE, Catalogue, State, Tag, parse_state, read_translation, source_catalogue

THEMES = ("harm", "control", "legality", "distress", "neutral")
TONES = ("negative", "positive")
LONGEST_HEADING = 80
LONGEST_PARAGRAPH = 400
PARAGRAPHS = 3
_OPENING = "opening"
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,23}")
_KEYS = ("id", "theme", "tone", "weight", "heading", "paragraphs")


class Randomness(Protocol):
    """Where chance comes from: `random.Random`, `random.SystemRandom`, or a list of numbers in a test."""

    def random(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: where it stands on the two axes, how often it is drawn, and the keys of its texts."""

    id: str
    theme: str
    tone: str | None
    weight: int
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

    def choose(self, random: Randomness) -> Arm:
        """Draw an arm for one display, each in proportion to its weight."""
        return choose(self.arms, random)

    def message(self, arm: Arm, tag: Tag) -> Message:
        """Return the text of `arm` in a language that `catalogues` has."""
        texts = self.catalogues[tag]
        return Message(texts[arm.heading], tuple(texts[key] for key in (_OPENING, *arm.paragraphs)))


def choose(arms: tuple[Arm, ...], random: Randomness) -> Arm:
    """Draw one of `arms`, each in proportion to its weight; an arm of weight 0 rests."""
    ends = list(accumulate(arm.weight for arm in arms))
    point = random.random() * ends[-1]
    return next(arm for arm, end in zip(arms, ends, strict=True) if point < end)


def load_messages(directory: Path) -> Messages:
    """Read `messages.toml` and `locale/*.po` in `directory`; refuse them with everything that is wrong."""
    path = directory / "messages.toml"
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise refuse("messages.unreadable", path.name, "The messages cannot be read as UTF-8 text.",
                     "Please restore the file, or save it again as UTF-8.") from None  # fmt: skip
    arms, state, texts = parse_messages(source, path.name)
    catalogues = {SOURCE: source_catalogue(texts, state)}
    problems: list[Problem] = []
    for translation in sorted((directory / "locale").glob("*.po")):
        if translation.stem == SOURCE:
            problems.append(Problem("messages.source", translation.name, "English is the source, not a translation.",
                                    "Please change messages.toml, and remove this file."))  # fmt: skip
            continue
        try:
            catalogue = read_translation(translation, texts)
            catalogues[catalogue.language.tag] = catalogue
            problems.extend(untrue_claims(catalogue, translation.name))
        except Refusal as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise Refusal(problems)
    return Messages(arms, catalogues)


def parse_messages(source: str, place: str) -> tuple[tuple[Arm, ...], State, Mapping[str, str]]:
    """Return the arms, the state of their English texts, and these texts by key."""
    try:
        raw = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        raise refuse("messages.syntax", place, f"This is not valid TOML ({error}).",
                     "Please correct the file there.") from None  # fmt: skip
    entries = raw.get("arm")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries) or not entries:
        raise refuse("messages.no_arm", place, "There is no arm.", "Please write at least one “[[arm]]”.")
    problems = list(_head_faults(raw, place))
    for number, entry in enumerate(entries, 1):
        problems.extend(_arm_faults(entry, f"{place}, arm {number}"))
    if problems:
        raise Refusal(problems)
    arms = tuple(_arm(entry) for entry in entries)
    texts = {_OPENING: raw[_OPENING]}
    for arm, entry in zip(arms, entries, strict=True):
        texts[arm.heading] = entry["heading"]
        texts.update(zip(arm.paragraphs, entry["paragraphs"], strict=True))
    state = parse_state(raw["state"], f"{place}, state")
    problems = [*_set_faults(arms, place), *untrue_claims(source_catalogue(texts, state), place)]
    if problems:
        raise Refusal(problems)
    return arms, state, texts


def _arm(entry: Mapping[str, Any]) -> Arm:
    name = entry["id"]
    keys = tuple(f"{name}.{number}" for number, _ in enumerate(entry["paragraphs"], 1))
    return Arm(name, entry["theme"], entry.get("tone"), entry.get("weight", 1), f"{name}.heading", keys)


def _head_faults(raw: Mapping[str, Any], place: str) -> Iterator[Problem]:
    if not _is_text(raw.get("state"), 20):
        yield Problem("messages.state", f"{place}, state", "The English texts have no state.",
                      "Please write draft, reviewed or approved.")  # fmt: skip
    if not _is_text(raw.get(_OPENING), LONGEST_PARAGRAPH):
        yield Problem("messages.text", f"{place}, {_OPENING}", "The opening that all arms share is missing or long.",
                      f"Please write one paragraph of at most {LONGEST_PARAGRAPH} characters.")  # fmt: skip
    for key in raw.keys() - {"state", _OPENING, "arm"}:
        yield Problem("messages.unknown_key", place, f"Nothing here is called “{key}”.",
                      f"Please remove it, or use one of: state, {_OPENING}, [[arm]].")  # fmt: skip


def _arm_faults(entry: Mapping[str, Any], place: str) -> Iterator[Problem]:
    for key in entry.keys() - set(_KEYS):
        yield Problem("messages.unknown_key", place, f"Nothing here is called “{key}”.",
                      f"Please remove it, or use one of: {', '.join(_KEYS)}.")  # fmt: skip
    if not isinstance(entry.get("id"), str) or not _SLUG.fullmatch(entry["id"]):
        yield Problem("messages.id", place, "The arm has no usable id.",
                      "Please use up to 24 of a to z, 0 to 9 and “-”, a letter first.")  # fmt: skip
    theme, tone, weight = entry.get("theme"), entry.get("tone"), entry.get("weight", 1)
    if theme not in THEMES:
        yield Problem("messages.theme", place, "The arm has no known theme.",
                      f"Please use one of: {', '.join(THEMES)}.")  # fmt: skip
    elif tone not in ((None,) if theme == "neutral" else TONES):
        yield Problem("messages.tone", place, "The tone does not go with the theme.",
                      "Please write “negative” or “positive”; a neutral arm has none.")  # fmt: skip
    if type(weight) is not int or not 0 <= weight <= 1000:
        yield Problem("messages.weight", place, "The weight is not a whole number from 0 to 1000.",
                      "Please write how often the arm is drawn beside the others, 0 for never.")  # fmt: skip
    if not _is_text(entry.get("heading"), LONGEST_HEADING):
        yield Problem("messages.text", f"{place}, heading", "The heading is missing or long.",
                      f"Please write at most {LONGEST_HEADING} characters.")  # fmt: skip
    body = entry.get("paragraphs")
    if not isinstance(body, list) or not 1 <= len(body) <= PARAGRAPHS \
            or not all(_is_text(text, LONGEST_PARAGRAPH) for text in body):  # fmt: skip
        yield Problem("messages.text", f"{place}, paragraphs", "These are no one to three short paragraphs.",
                      f"Please write one to {PARAGRAPHS}, each of at most {LONGEST_PARAGRAPH} characters.")  # fmt: skip


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest


def _set_faults(arms: tuple[Arm, ...], place: str) -> Iterator[Problem]:
    ids = [arm.id for arm in arms]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        yield Problem("messages.twice", f"{place}, {twice}", "Two arms have this id.",
                      "Please give each arm an id of its own.")  # fmt: skip
    if not any(arm.weight for arm in arms):
        yield Problem("messages.weight", place, "Every arm rests, so none could be shown.",
                      "Please give at least one arm a weight above 0.")  # fmt: skip


def untrue_claims(catalogue: Catalogue, place: str) -> Iterator[Problem]:
    """Name each claim in these texts that is untrue here; without a row of claims nobody can tell."""
    tag = catalogue.language.tag
    if tag not in UNTRUE:
        yield Problem("messages.unchecked", place, f"There is no list of untrue claims for “{tag}”.",
                      "Please have one written for this language in claims.py.")  # fmt: skip
    for key, text in catalogue.texts.items():
        view = fold(text)
        for claim in UNTRUE.get(tag, ()):
            if _pattern(claim) in view:
                yield Problem("messages.untrue", f"{place}, {key}",
                              f"“{claim}” speaks of tracing, watching, logging, identifying or reporting, of "
                              "which nothing can be promised here.",
                              "Please leave that out, or use another word.")  # fmt: skip


def _pattern(claim: str) -> bytes:
    before = b"" if claim.startswith("*") else b" "
    after = b"" if claim.endswith("*") else b" "
    return before + fold(claim).strip() + after
