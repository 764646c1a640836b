"""Judging the content: which languages would be shown and in what state, and how old what we say about help is.

Not here: reading content, and the rule by which a language is shown (the web's). The invariant: each language that
any text exists in is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from offramp.doctor.findings import Finding, fine, refused, warn
from offramp.errors import Problem
from offramp.language import State, Tag

OLD = timedelta(days=180)
_NAMED = 5


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """An entry of the help directory, and the day on which it was read at its source, as it is written there."""

    id: str
    read: str

    @property
    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.read)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ContentSeen:
    """Content as the server would read it: what it refuses, and per language the state of each kind of text.

    `kinds` are all kinds of text; a language that lacks one of them cannot be shown. `gone` has what is wrong with
    versions that were answered, if any were.
    """

    problems: tuple[Problem, ...] = ()
    kinds: tuple[str, ...] = ()
    states: Mapping[Tag, Mapping[str, State]] | None = None
    shown: tuple[Tag, ...] = ()
    wanted: State = State.APPROVED
    help: tuple[EntrySeen, ...] = ()
    gone: tuple[Problem, ...] | None = None


def versions(seen: ContentSeen) -> Iterator[Finding]:
    """Judge whether every version that somebody answered here is still in the content."""
    yield from (refused(problem) for problem in seen.gone or ())
    if seen.gone == ():
        yield fine("content.versions", "content", "It holds every version that was answered here.")


def languages(seen: ContentSeen) -> Iterator[Finding]:
    """Judge which languages are shown."""
    yield from (refused(problem) for problem in seen.problems)
    for tag, states in (seen.states or {}).items():
        missing = [kind for kind in seen.kinds if kind not in states]
        least = min(states.values())
        behind = ", ".join(kind for kind, state in states.items() if state < seen.wanted)
        if tag in seen.shown and least >= seen.wanted:
            yield fine("texts.shown", tag, f"Shown; all its texts are {least.name.lower()}.")
        elif tag in seen.shown:
            yield warn("texts.draft", tag, f"Shown, although these texts are not {seen.wanted.name.lower()}: {behind}.",
                       "Please have them reviewed and approved, by native readers and a clinician.")  # fmt: skip
        elif missing:
            yield fine("texts.hidden", tag, f"Not shown; it has no {', no '.join(missing)}.")
        else:
            yield fine("texts.hidden", tag, f"Not shown; not {seen.wanted.name.lower()} are: {behind}.")


def help_entries(entries: tuple[EntrySeen, ...], today: date) -> Iterator[Finding]:
    """Judge how long ago each entry of the help directory was looked up."""
    old = [entry for entry in entries if entry.day is None or today - entry.day > OLD]
    if old:
        names = ", ".join(entry.id for entry in old[:_NAMED]) + (" and others" if len(old) > _NAMED else "")
        yield warn("texts.help", "help.toml", f"{len(old)} of {len(entries)} entries were read more than "
                   f"{OLD.days} days ago, or on no day that is one: {names}.",
                   "Please look each of them up again, as docs/how-to/content-sources.md says.")  # fmt: skip
    elif entries:
        yield fine("texts.help", "help.toml", f"All {len(entries)} entries were read within {OLD.days} days.")
