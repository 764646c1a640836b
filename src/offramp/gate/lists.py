"""Term lists as hotlines and operators write them: TOML read into frozen values, every fault named at once.

Not here: the form in which a list is matched (compiled) and the matching (match).
The invariant: a TermList that exists can be compiled, and no message about one quotes a term; faults are
placed by file, number and line, because a list is confidential where its file name is not.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from offramp.errors import Problem, Refusal, refuse
from offramp.gate.fold import fold

SHORTEST_WORD = 2
SHORTEST_BARE = 3
LONGEST = 200
_BARE_SCRIPTS = ("CJK ", "IDEOGRAPHIC ", "HIRAGANA ", "KATAKANA", "BOPOMOFO ", "HANGUL ",
                 "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ")  # fmt: skip
_FIELDS = {
    "text": (re.compile(r"(?s).+"), "Please write a word or a phrase between quotation marks."),
    "language": (re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"), "Please write a language tag, such as “ar”."),
    "category": (re.compile(r"[a-z][a-z0-9-]{0,39}"), "Please use up to 40 of a to z, 0 to 9 and “-”."),
    "match": (re.compile(r"word|bare"), "Please write “word”, or “bare” for scripts without spaces."),
    "intent": (re.compile(r"help|benign"), "Please write “help” or “benign”."),
}
_TERM = ("text", "language", "category", "match")
_EXCEPTION = ("text", "intent", "match")
_DEFAULTS = {"match": "word"}


class Match(StrEnum):
    """How a text stands in a query: as whole words, or anywhere (for scripts that put no spaces)."""

    WORD = "word"
    BARE = "bare"


class Intent(StrEnum):
    """What an exception says of the person: looking for help or reporting, or for something ordinary."""

    HELP = "help"
    BENIGN = "benign"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list; `number` counts from 1 in its file, and is what may be said of it aloud."""

    number: int
    text: str = field(repr=False)
    language: str
    category: str
    match: Match


@dataclass(frozen=True, slots=True)
class ExceptionPhrase:
    """A phrase that masks the terms inside it, and only those."""

    number: int
    text: str = field(repr=False)
    intent: Intent
    match: Match


@dataclass(frozen=True, slots=True)
class TermList:
    """A checked list: its name is what a Decision says aloud.

    A list may have exceptions alone. They hold for the terms of every list, so that an operator can leave the
    files of a hotline as they came.
    """

    name: str
    terms: tuple[Term, ...]
    exceptions: tuple[ExceptionPhrase, ...]


def pattern(entry: Term | ExceptionPhrase) -> bytes:
    """Return what the automaton looks for: a word carries its boundaries, a bare text has none."""
    folded = fold(entry.text)
    return folded.strip() if entry.match is Match.BARE else folded


def read_lists(paths: Iterable[Path]) -> tuple[TermList, ...]:
    """Read lists from their files; refuse them with everything that is wrong in any of them."""
    lists: list[TermList] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            lists.append(parse_list(_text_of(path), path.name))
            if [known.name for known in lists].count(lists[-1].name) > 1:
                problems.append(Problem("gate.list_name", path.name, "Another list has the same name.",
                                        "Please give each list a name of its own."))  # fmt: skip
        except Refusal as refusal:
            problems.extend(refusal.problems)
    if not problems and not any(known.terms for known in lists):
        problems.append(Problem("gate.no_terms", "term lists", "No list with a term was given.",
                                "Please name at least one list file that has terms."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    return tuple(lists)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise refuse("gate.list_unreadable", path.name, "The file cannot be read as UTF-8 text.",
                     "Please check that it exists, or save it again as UTF-8.") from None  # fmt: skip


def parse_list(source: str, place: str) -> TermList:
    """Return the list in `source`; `place` is its file's name, for whoever has to mend it."""
    try:
        raw = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        line = re.search(r"line \d+", str(error))
        raise refuse("gate.list_syntax", f"{place}, {line[0]}" if line else place, "This is not valid TOML.",
                     "Please look there for a missing quotation mark, bracket or comma.") from None  # fmt: skip
    problems = list(_head_faults(raw, place))
    terms: dict[str, Term] = {}
    exceptions: dict[str, ExceptionPhrase] = {}
    for number, (where, entry) in enumerate(_entries(raw, "term", source, place), 1):
        if faults := list(_entry_faults(entry, _TERM, where)):
            problems.extend(faults)
        else:
            match = Match(entry.get("match", Match.WORD))
            terms[where] = Term(number, entry["text"], entry["language"], entry["category"], match)
    for number, (where, entry) in enumerate(_entries(raw, "exception", source, place), 1):
        if faults := list(_entry_faults(entry, _EXCEPTION, where)):
            problems.extend(faults)
        else:
            match = Match(entry.get("match", Match.WORD))
            exceptions[where] = ExceptionPhrase(number, entry["text"], Intent(entry["intent"]), match)
    problems.extend(_clashes(terms, exceptions))
    if problems:
        raise Refusal(problems)
    return TermList(raw["name"], tuple(terms.values()), tuple(exceptions.values()))


def _head_faults(raw: Mapping[str, Any], place: str) -> Iterator[Problem]:
    wanted, remedy = _FIELDS["category"]
    if not isinstance(name := raw.get("name"), str) or not wanted.fullmatch(name):
        yield Problem("gate.field", f"{place}, name", "The list needs a name.", remedy)
    if raw.keys() - {"name", "term", "exception"}:
        yield _unknown(place, ("name", "[[term]]", "[[exception]]"))
    for key in ("term", "exception"):
        if not _is_tables(raw.get(key, [])):
            yield Problem("gate.field", f"{place}, {key}", "This is no row of tables.",
                          f"Please begin each entry with a line “[[{key}]]”.")  # fmt: skip
    if not raw.get("term") and not raw.get("exception"):
        yield Problem("gate.empty", place, "The list has no term and no exception.",
                      "Please add a “[[term]]”, or leave the list out.")  # fmt: skip


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _entries(
    raw: Mapping[str, Any], key: str, source: str, place: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each entry with its place: its number, and its line where the headers can be counted."""
    entries = raw.get(key, [])
    if not _is_tables(entries):
        return
    headers = list(re.finditer(rf"(?m)^[ \t]*\[\[[ \t]*{key}[ \t]*\]\]", source))
    for number, entry in enumerate(entries, 1):
        where = f"{place}, {key} {number}"
        if len(headers) == len(entries):
            where += f", line {source.count(chr(10), 0, headers[number - 1].start()) + 1}"
        yield where, entry


def _unknown(place: str, known: tuple[str, ...]) -> Problem:
    # The key itself is not quoted: a term that was written in the wrong place looks just like one.
    return Problem("gate.unknown_key", place, "A key here is none that a list knows.",
                   f"Please correct or remove it; known are {', '.join(known)}.")  # fmt: skip


def _entry_faults(entry: Mapping[str, Any], known: tuple[str, ...], place: str) -> Iterator[Problem]:
    if entry.keys() - set(known):
        yield _unknown(place, known)
    sound = True
    for key in known:
        wanted, remedy = _FIELDS[key]
        value = entry.get(key, _DEFAULTS.get(key))
        if not isinstance(value, str) or not wanted.fullmatch(value):
            sound = False
            what = f"“{key}” is missing." if value is None else f"“{key}” is not as it should be."
            yield Problem("gate.field", place, what, remedy)
    if sound:
        yield from _text_faults(entry["text"], entry.get("match", "word"), place)


def _text_faults(text: str, match: str, place: str) -> Iterator[Problem]:
    folded = fold(text[: LONGEST + 1]).decode().strip()
    letters = folded.replace(" ", "")
    if len(text) > LONGEST:
        yield Problem("gate.long", place, f"The text is longer than {LONGEST} characters.",
                      "Please keep only the words that matter.")  # fmt: skip
    elif not letters:
        yield Problem("gate.nothing_left", place, "Nothing is left of the text but signs and spaces.",
                      "Please write at least one word.")  # fmt: skip
    elif match == "word" and len(letters) < SHORTEST_WORD:
        yield Problem("gate.short", place, "A single character would turn ordinary searches away.",
                      "Please write a longer text, or remove the entry.")  # fmt: skip
    elif match == "bare" and not all(unicodedata.name(c, "").startswith(_BARE_SCRIPTS) for c in letters):
        yield Problem("gate.bare_script", place, "Its script puts spaces between words, so it would also be "
                      "found inside ordinary words.", "Please remove “match”, or set it to “word”.")  # fmt: skip
    elif match == "bare" and len(letters) < SHORTEST_BARE:
        yield Problem("gate.short", place, "It is so short that it would be found inside ordinary words.",
                      f"Please write at least {SHORTEST_BARE} characters, or set “match” to “word”.")  # fmt: skip


def _clashes(terms: Mapping[str, Term], exceptions: Mapping[str, ExceptionPhrase]) -> Iterator[Problem]:
    seen: dict[bytes, str] = {}
    for place, term in terms.items():
        first = seen.setdefault(_heart(term.text), place)
        if first != place:
            yield Problem("gate.twice", place, f"To the gate this is the same text as {first}.",
                          "Please remove one of the two.")  # fmt: skip
    phrases: dict[bytes, str] = {}
    for place, phrase in exceptions.items():
        first = phrases.setdefault(_heart(phrase.text), place)
        if first != place:
            yield Problem("gate.twice", place, f"To the gate this is the same text as {first}.",
                          "Please remove one of the two.")  # fmt: skip
        elif _heart(phrase.text) in seen:
            yield Problem("gate.masks_term", place, "This phrase is the whole of a term, which would never count: "
                          f"{seen[_heart(phrase.text)]}.",
                          "Please write a longer phrase, or remove the term.")  # fmt: skip


def _heart(text: str) -> bytes:
    return fold(text).strip()
