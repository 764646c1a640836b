"""Language tags, direction and catalogues of text.

Every text has a key; English is the source, translations are gettext PO files with the key as `msgctxt`.
Knows nothing of surveys or pages. The invariant: a catalogue that exists is complete. A text that is missing,
stale or has other placeholders is refused at load, all at once, and nothing falls back while serving.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NewType

import polib

from offramp.errors import Problem, Refusal, refuse
from offramp.tables import Table, read_toml

Tag = NewType("Tag", str)
SOURCE = Tag("en")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the house can speak: its tag, its own name for itself, and its direction."""

    tag: Tag
    name: str
    direction: str = "ltr"


LANGUAGES: Mapping[Tag, Language] = {
    language.tag: language
    for language in (
        Language(Tag("en"), "English"),
        Language(Tag("ar"), "العربية", "rtl"),
        Language(Tag("cs"), "Čeština"),
        Language(Tag("de"), "Deutsch"),
        Language(Tag("es"), "Español"),
        Language(Tag("et"), "Eesti"),
        Language(Tag("fi"), "Suomi"),
        Language(Tag("fr"), "Français"),
        Language(Tag("it"), "Italiano"),
        Language(Tag("ja"), "日本語"),
        Language(Tag("nl"), "Nederlands"),
        Language(Tag("pl"), "Polski"),
        Language(Tag("pt"), "Português"),
        Language(Tag("ru"), "Русский"),
        Language(Tag("sv"), "Svenska"),
        Language(Tag("tl"), "Tagalog"),
    )
}


class State(IntEnum):
    """How far a text has come, in the sense of TRAPD; a later state includes the earlier ones."""

    DRAFT = 0
    REVIEWED = 1
    APPROVED = 2


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of one source in one language; `state` is that of its least finished text."""

    language: Language
    texts: Mapping[str, str]
    state: State

    def __getitem__(self, key: str) -> str:
        return self.texts[key]

    def digest(self) -> str:
        """Return the text hash: 64 hex digits over keys and texts, whatever their order."""
        canonical = json.dumps(dict(self.texts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def language(tag: str, place: str) -> Language:
    """Return the language of `tag`; a tag that the house does not know is refused."""
    try:
        return LANGUAGES[Tag(tag)]
    except KeyError:
        known = ", ".join(LANGUAGES)
        raise refuse("language.unknown", place, f"“{tag}” is no language known here.",
                     f"Please use one of: {known}.") from None  # fmt: skip


def parse_state(name: str, place: str) -> State:
    """Return the state called `name` (draft, reviewed, approved)."""
    try:
        return State[name.upper()]
    except KeyError:
        raise refuse("language.state", place, f"“{name}” is no state of a text.",
                     "Please write draft, reviewed or approved.") from None  # fmt: skip


def source_catalogue(texts: Mapping[str, str], state: State) -> Catalogue:
    """Return the English source as a catalogue like any other."""
    return Catalogue(LANGUAGES[SOURCE], dict(texts), state)


def read_english(path: Path, problems: list[Problem]) -> Catalogue:
    """Return the English of a file that has a table of texts and their state; what is wrong joins `problems`."""
    root = Table(read_toml(path), path.name, problems)
    table = root.table("texts")
    texts = {key: table.text(key) for key in table.values}
    state = parse_state(root.text("state"), root.place)
    root.finish()
    return source_catalogue(texts, state)


# What else is asked of a translation: of its language, and of the texts that are there and not stale.
Look = Callable[[Language, Mapping[str, str]], Iterable[Problem]]


def read_translation(path: Path, source: Mapping[str, str], look: Look = lambda *_: ()) -> Catalogue:
    """Read the translation of `source` in `path` (`<tag>.po`); refuse it with everything that is wrong at once."""
    tongue = language(path.stem, str(path))
    if not path.exists():
        raise refuse("language.unreadable", str(path), f"There is no translation into {tongue.name}.",
                     f"Please begin it (offramp survey messages update {tongue.tag}), "
                     "or take the language out of languages.")  # fmt: skip
    try:
        # Two entries for one text are told below, with their key; polib would look through all for each.
        po = polib.pofile(str(path), encoding="utf-8")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise refuse("language.unreadable", str(path), f"This is no readable PO file ({error}).",
                     "Please restore it, or export it again from the translation program.") from None  # fmt: skip
    entries: dict[str, polib.POEntry] = {}
    problems: list[Problem] = []
    for entry in (entry for entry in po if not entry.obsolete):
        key = entry.msgctxt or "no msgctxt"
        if key in entries:
            problems.append(Problem("language.twice", f"{path.name}, {key}", "This text is translated twice.",
                                    "Please remove one of the two entries."))  # fmt: skip
        entries[key] = entry
    problems.extend(_faults(path.name, entries, source))
    here = {key: entry.msgstr for key, entry in entries.items() if _in_step(entry, source.get(key))}
    problems.extend(look(tongue, here))
    states = []
    for key, entry in entries.items():
        try:
            states.append(entry_state(entry, f"{path.name}, {key}"))
        except Refusal as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise Refusal(problems)
    return Catalogue(tongue, {key: entries[key].msgstr for key in source}, min(states, default=State.DRAFT))


def read_translations(folder: Path, source: Catalogue, problems: list[Problem]) -> dict[Tag, Catalogue]:
    """Return the source and all translations of it in `folder` (`<tag>.po`); what is wrong joins `problems`."""
    catalogues = {SOURCE: source}
    for path in sorted(folder.glob("*.po")):
        if path.stem == source.language.tag:
            what = f"{source.language.name} is the source, not a translation."
            remedy = "Please change the source itself, and remove this file."
            problems.append(Problem("language.source", path.name, what, remedy))
            continue
        try:
            catalogue = read_translation(path, source.texts)
            catalogues[catalogue.language.tag] = catalogue
        except Refusal as refusal:
            problems.extend(refusal.problems)
    return catalogues


def _faults(place: str, entries: Mapping[str, polib.POEntry], source: Mapping[str, str]) -> Iterator[Problem]:
    for key, text in source.items():
        entry = entries.get(key)
        where = f"{place}, {key}"
        if entry is None or not entry.msgstr.strip():
            yield Problem("language.missing", where, "This text has no translation.",
                          f"Please translate “{text}”.")  # fmt: skip
        elif entry.msgid != text or entry.fuzzy:
            yield Problem("language.stale", where, "The English text has changed since it was translated.",
                          f"Please look at the translation again; the English now reads “{text}”.")  # fmt: skip
        elif set(PLACEHOLDER.findall(entry.msgstr)) != set(PLACEHOLDER.findall(text)):
            wanted = ", ".join(sorted(set(PLACEHOLDER.findall(text)))) or "none"
            yield Problem("language.placeholder", where, "The placeholders in braces differ from the English.",
                          f"Please use these and no others: {wanted}.")  # fmt: skip
    for key in sorted(entries.keys() - source.keys()):
        yield Problem("language.unknown_key", f"{place}, {key}", "No English text has this key.",
                      "Please remove the entry, or correct its msgctxt.")  # fmt: skip


def _in_step(entry: polib.POEntry, text: str | None) -> bool:
    return bool(entry.msgstr.strip()) and entry.msgid == text and not entry.fuzzy


def entry_state(entry: polib.POEntry, place: str) -> State:
    """Return the state that an entry's comment names (`state: reviewed AB 2026-11-29`); a draft where none does."""
    for line in entry.tcomment.splitlines():
        if line.startswith("state:"):
            return parse_state(line.removeprefix("state:").strip().partition(" ")[0], place)
    return State.DRAFT


def preferred(accept_language: str, offered: tuple[Tag, ...]) -> Tag:
    """Return the offered language that a browser asks for first, or the first offered; nothing is kept of it."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:200].split(",")):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        wishes.append((-weight, place, tag.strip().split("-")[0].lower()))
    for weight, _, tag in sorted(wishes):
        if weight < 0 and tag in offered:
            return Tag(tag)
    return offered[0]
