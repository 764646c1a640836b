"""Signatures of those who reviewed a language: initials, a day, and the hash of the very texts that were read.

A signature stands in the head of the PO file, so that it goes wherever the texts go. Not here: who may sign. The
invariant: a signature says nothing of a text that was changed after it.
"""

from __future__ import annotations

import hashlib
import json
import re

import polib

from offramp.errors import refuse
from offramp.language import Tag
from offramp.translation.source import Source
from offramp.translation.step import open_po, set_state, status

_HEAD = "X-Offramp-Signed"
_INITIALS = re.compile(r"[^\W\d_]{1,4}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
STATES = ("reviewed", "approved")


def text_hash(source: Source, po: polib.POFile) -> str:
    """Return the hash (64 hex digits) of every English text beside its translation."""
    entries = {entry.msgctxt: entry.msgstr for entry in po if not entry.obsolete}
    pairs = sorted((key, text, entries.get(key, "")) for key, text in source.texts.items())
    return hashlib.sha256(json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def signature(place: str, state: str, initials: str, day: str) -> str:
    """Return "approved AB 2026-11-29". Refusals: translation.initials, translation.day, translation.state."""
    if not _INITIALS.fullmatch(initials):
        raise refuse("translation.initials", place, f"“{initials}” are no initials.",
                     "Please write one to four letters.")  # fmt: skip
    if not _DAY.fullmatch(day):
        raise refuse("translation.day", place, f"“{day}” is no day.", "Please write it as 2026-11-29.")
    if state not in STATES:
        raise refuse("translation.state", place, f"Nobody signs for “{state}”.",
                     "Please sign for “reviewed” or “approved”.")  # fmt: skip
    return f"{state} {initials} {day}"


def sign(source: Source, tag: Tag, state: str, initials: str, day: str) -> polib.POFile:
    """Return the PO file with every text in `state` and a signature over all of them.

    Refusals: translation.initials, translation.day, translation.state, translation.unfinished.
    """
    place = str(source.file(tag))
    said = signature(place, state, initials, day)
    now = status(source, tag)
    if now.missing or now.stale:
        raise refuse("translation.unfinished", place, f"{now.missing} texts are missing and {now.stale} are stale.",
                     "Please finish them first: a signature is for the whole.")  # fmt: skip
    po = open_po(source.file(tag))
    for entry in (entry for entry in po if not entry.obsolete):
        set_state(entry, said)
    po.metadata[_HEAD] = f"{said} {text_hash(source, po)}"
    return po


def standing(source: Source, tag: Tag) -> str:
    """Return what a language's signature is worth: "", "approved AB 2026-11-29", or that the texts changed since."""
    po = open_po(source.file(tag))
    said, _, digest = po.metadata.get(_HEAD, "").rpartition(" ")
    if not said:
        return ""
    return said if digest == text_hash(source, po) else f"{said}, but the texts have changed since"
