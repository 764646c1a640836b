"""Claims that no message may make: what they are about, and the words of each language that make them.

Untrue here is that somebody is traced, watched, logged, identified or reported; its denial cannot be promised for
every search engine that shows a message, and no more can secrecy, a cure, or what a court will do. So a message says
nothing about these either way. It calls nobody names, for it knows nobody. Not here: the check itself (honesty).

The words are data: `untrue/<tag>.toml`, a list for each kind of claim. A word is written as in the language; "*"
stands where it may go on, "…" for up to four words between. The lists err on the side of refusing: whoever
translates can always choose another word. `honest` are phrases that say nothing untrue although a claim is part of
them; they are taken out before the claims are sought. A language with a kind left out passes no text at all until
somebody who speaks it has listed that kind too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files

from offramp.errors import Problem, Refusal
from offramp.language import Tag
from offramp.tables import Table, read_toml

_HONEST = "honest"


class Concern(StrEnum):
    """What an untrue claim is about."""

    TRACED = "traced"
    SECRECY = "secrecy"
    CURE = "cure"
    COURT = "court"
    NAMES = "names"


CONCERNS: Mapping[Concern, str] = {
    Concern.TRACED: "that somebody is traced, watched, logged, identified or reported, or is not",
    Concern.SECRECY: "that nobody will ever know, or that nothing is kept",
    Concern.CURE: "that something treats, cures, or is sure to work",
    Concern.COURT: "what the law or other people will do to this person, or will not",
    Concern.NAMES: "what kind of person this is",
}


@dataclass(frozen=True, slots=True)
class Claims:
    """The words of one language: what each kind of claim is made with, and honest phrases that look like one."""

    untrue: Mapping[Concern, tuple[str, ...]]
    honest: tuple[str, ...]


@cache
def claims(tag: Tag) -> Claims:
    """Return what is listed for a language. Refusal: its file, with everything that is wrong in it."""
    problems: list[Problem] = []
    with as_file(files("offramp.gate") / "untrue" / f"{tag}.toml") as path:
        table = Table(read_toml(path), f"untrue/{path.name}", problems)
    untrue = {concern: table.texts(concern) for concern in Concern if table.has(concern)}
    honest = table.texts(_HONEST)
    table.finish()
    if problems:
        raise Refusal(problems)
    return Claims(untrue, honest)
