"""Translations in step with their English: what is new, changed or gone, and how far each text has come.

Not here: which texts there are (`source`), sheets (`sheet`). The invariant: `update` loses no word that a translator
wrote; a text whose English changed keeps its translation, marked as stale, with the English that it was made from.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from offramp.errors import refuse
from offramp.language import State, Tag, entry_state
from offramp.translation.source import Source


@dataclass(frozen=True, slots=True)
class Status:
    """How many texts of one source in one language are missing, stale, or in each state."""

    missing: int
    stale: int
    states: dict[State, int]


@dataclass(frozen=True, slots=True)
class Update:
    """What `update` did: how many texts are new, how many are stale now, how many are no longer asked for."""

    new: int
    changed: int
    gone: int


def open_po(path: Path) -> polib.POFile:
    """Return a PO file, or an empty one of that language where there is none. Refusal language.unreadable."""
    if not path.exists():
        po = polib.POFile(encoding="utf-8", wrapwidth=110)
        po.metadata = {
            "Project-Id-Version": "offramp", "Language": path.stem, "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit",
        }  # fmt: skip
        return po
    try:
        return polib.pofile(str(path), encoding="utf-8", wrapwidth=110)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise refuse("language.unreadable", str(path), f"This is no readable PO file ({error}).",
                     "Please restore it, or export it again from the translation program.") from None  # fmt: skip


def template(source: Source) -> polib.POFile:
    """Return a POT file: every English text with its context, untranslated."""
    po = open_po(source.folder / "no such file.pot")
    po.metadata["Language"] = ""
    po.extend(_entry(source, key) for key in source.texts)
    return po


def update(source: Source, tag: Tag) -> tuple[polib.POFile, Update]:
    """Return the PO file of a language as it should be, in the order of the English, and what changed in it."""
    old = open_po(source.file(tag))
    before = {entry.msgctxt: entry for entry in old if not entry.obsolete}
    new = polib.POFile(encoding="utf-8", wrapwidth=110)
    new.metadata, new.header = old.metadata, old.header
    added = changed = 0
    for key, text in source.texts.items():
        entry = _entry(source, key)
        if (had := before.pop(key, None)) is None:
            added += 1
        else:
            changed += had.msgid != text
            _carry(had, entry)
        new.append(entry)
    for entry in (*(e for e in old if e.obsolete), *before.values()):
        entry.obsolete = True
        new.append(entry)
    return new, Update(added, changed, len(before))


def _entry(source: Source, key: str) -> polib.POEntry:
    return polib.POEntry(
        msgctxt=key, msgid=source.texts[key], comment=source.contexts[key], tcomment="state: draft"
    )


def _carry(old: polib.POEntry, new: polib.POEntry) -> None:
    """Take over a translation and all that was said of it; where the English changed, it is stale and a draft."""
    new.msgstr, new.tcomment = old.msgstr, old.tcomment or new.tcomment
    new.flags = [flag for flag in old.flags if flag != "fuzzy"]
    new.previous_msgid = old.previous_msgid if old.fuzzy else None
    if old.msgid != new.msgid and old.msgstr.strip():
        # Of several changes in a row, what counts is the English that was translated.
        new.previous_msgid = old.previous_msgid if old.fuzzy and old.previous_msgid else old.msgid
        set_state(new, "draft")
    if new.previous_msgid == new.msgid:
        new.previous_msgid = None
    if new.previous_msgid or (old.fuzzy and old.msgid == new.msgid):
        new.flags.append("fuzzy")


def set_state(entry: polib.POEntry, state: str) -> None:
    """Write the state of a text, who said so and when, in place of what stood there."""
    rest = [line for line in entry.tcomment.splitlines() if not line.startswith("state:")]
    entry.tcomment = "\n".join([f"state: {state}", *rest])


def status(source: Source, tag: Tag) -> Status:
    """Return how far a language has come, counted against the English as it is now."""
    entries = {entry.msgctxt: entry for entry in open_po(source.file(tag)) if not entry.obsolete}
    missing = stale = 0
    states = dict.fromkeys(State, 0)
    for key, text in source.texts.items():
        entry = entries.get(key)
        if entry is None or not entry.msgstr.strip():
            missing += 1
        elif entry.fuzzy or entry.msgid != text:
            stale += 1
        else:
            states[entry_state(entry, f"{tag}.po, {key}")] += 1
    return Status(missing, stale, states)


def changes(source: Source, tag: Tag) -> Iterator[tuple[str, str, str]]:
    """Yield for each stale text its key, the change of the English word by word, and the translation so far."""
    entries = {entry.msgctxt: entry for entry in open_po(source.file(tag)) if not entry.obsolete}
    for key, text in source.texts.items():
        entry = entries.get(key)
        if entry is not None and entry.msgstr.strip() and (entry.fuzzy or entry.msgid != text):
            translated = entry.msgid if entry.msgid != text else entry.previous_msgid or entry.msgid
            yield key, marked(translated, text), entry.msgstr


def marked(old: str, new: str) -> str:
    """Return the new text with what was taken out as [-words-] and what was put in as {+words+}."""
    before, after = old.split(), new.split()
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(" ".join(after[c:d]))
            continue
        parts += [f"[-{' '.join(before[a:b])}-]"] if b > a else []
        parts += [f"{{+{' '.join(after[c:d])}+}}"] if d > c else []
    return " ".join(parts)
