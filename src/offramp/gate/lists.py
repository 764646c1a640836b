"""Term lists as hotlines and operators write them: TOML read into frozen values, every fault named at once.

Not here: plain text and CSV (rows), the form in which a list is matched (compiled) and the matching (match).
The invariant: a TermList that exists can be compiled, and no message about one quotes a term; faults are
placed by file, number and line, because a list is confidential where its file name is not.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from offramp.errors import Problem, Refusal, refuse
from offramp.gate.fold import fold

SHORTEST_WORD = 2
SHORTEST_BARE = 3
SHORTEST_PREFIX = 4
LONGEST = 200
WIDEST = 20
_BARE_SCRIPTS = ("CJK ", "IDEOGRAPHIC ", "HIRAGANA ", "KATAKANA", "BOPOMOFO ", "HANGUL ",
                 "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ")  # fmt: skip
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_BOOLEAN = re.compile("True|False")
_FIELDS = {
    "text": (str, re.compile(r"(?s).+"), "Please write a word or a phrase between quotation marks."),
    "language": (str, re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"), "Please write a language tag, such as “ar”."),
    "category": (str, _SLUG, "Please use up to 40 of a to z, 0 to 9 and “-”."),
    "match": (str, re.compile(r"word|prefix|bare"),
              "Please write “word”, “prefix”, or “bare” for scripts without spaces."),
    "intent": (str, re.compile(r"help|benign"), "Please write “help” or “benign”."),
    "exact": (bool, _BOOLEAN, "Please write true or false."),
    "minimum_length": (int, re.compile(r"1?\d?\d|200"), "Please write a whole number from 0 to 200."),
    "name": (str, _SLUG, "Please use up to 40 of a to z, 0 to 9 and “-”."),
    "first": (str, _SLUG, "Please write the name of a “[[group]]” of this file."),
    "second": (str, _SLUG, "Please write the name of a “[[group]]” of this file."),
    "within": (int, re.compile(r"1?\d|20"), f"Please write how many words apart they may stand, 1 to {WIDEST}."),
}  # fmt: skip
_TERM = ("text", "language", "category", "match", "exact", "minimum_length")
_EXCEPTION = ("text", "intent", "match")
_GROUP = ("name", "exact")
_PAIR = ("first", "second", "within", "category")
_DEFAULTS = {"match": "word", "exact": False, "minimum_length": 0}
_TABLES = ("term", "exception", "group", "pair")


class Match(StrEnum):
    """How a text stands in a query: as whole words, as the beginning of one, or anywhere (without spaces)."""

    WORD = "word"
    PREFIX = "prefix"
    BARE = "bare"


class Intent(StrEnum):
    """What an exception says of the person: looking for help or reporting, or for something ordinary."""

    HELP = "help"
    BENIGN = "benign"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list; `number` is what may be said of it aloud: its place, in a table its line.

    `exact` asks for this spelling alone, folded but not disguised. What is found must have `minimum_length` letters.
    """

    number: int
    text: str = field(repr=False)
    language: str
    category: str
    match: Match = Match.WORD
    exact: bool = False
    minimum_length: int = 0


@dataclass(frozen=True, slots=True)
class ExceptionPhrase:
    """A phrase that masks the terms inside it, and only those."""

    number: int
    text: str = field(repr=False)
    intent: Intent
    match: Match


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups of words that count only near each other: at most `within` words apart, neighbours being one."""

    number: int
    first: tuple[str, ...] = field(repr=False)
    second: tuple[str, ...] = field(repr=False)
    within: int
    category: str
    exact: bool


@dataclass(frozen=True, slots=True)
class TermList:
    """A checked list: its name is what a Decision says aloud.

    A list may have exceptions alone. They hold for the terms of every list, so that an operator can leave the
    files of a hotline as they came. `twice` counts entries of a table that were left out as repetitions.
    """

    name: str
    terms: tuple[Term, ...]
    exceptions: tuple[ExceptionPhrase, ...] = ()
    pairs: tuple[Pair, ...] = ()
    twice: int = 0


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
    for number, where, entry in _sound(raw, "term", _TERM, source, place, problems):
        terms[where] = make_term(number, entry)
    exceptions: dict[str, ExceptionPhrase] = {}
    for number, where, entry in _sound(raw, "exception", _EXCEPTION, source, place, problems):
        match = Match(entry.get("match", Match.WORD))
        exceptions[where] = ExceptionPhrase(number, entry["text"], Intent(entry["intent"]), match)
    pairs = _pairs(raw, source, place, problems)
    problems.extend(_clashes(terms, exceptions))
    if problems:
        raise Refusal(problems)
    return TermList(raw["name"], tuple(terms.values()), tuple(exceptions.values()), pairs)


def make_term(number: int, entry: Mapping[str, Any]) -> Term:
    """Return the term of an entry that has no fault."""
    return Term(number, entry["text"], entry["language"], entry["category"], Match(entry.get("match", "word")),
                entry.get("exact", False), entry.get("minimum_length", 0))  # fmt: skip


def term_faults(entry: Mapping[str, Any], place: str) -> Iterator[Problem]:
    """Name what is wrong with one term, as a mapping of its fields."""
    return _entry_faults(entry, _TERM, place)


def name_faults(name: object, place: str) -> Iterator[Problem]:
    """Name what is wrong with the name of a list."""
    if not _is_sound(name, "name"):
        yield Problem("gate.field", f"{place}, name", "The list needs a name.", _FIELDS["name"][2])


def heart(text: str) -> bytes:
    """Return what two texts have in common when the gate cannot tell them apart."""
    return fold(text).strip()


def _head_faults(raw: Mapping[str, Any], place: str) -> Iterator[Problem]:
    yield from name_faults(raw.get("name"), place)
    if raw.keys() - {"name", *_TABLES}:
        yield _unknown(place, ("name", *(f"[[{key}]]" for key in _TABLES)))
    for key in _TABLES:
        if not _is_tables(raw.get(key, [])):
            yield Problem("gate.field", f"{place}, {key}", "This is no row of tables.",
                          f"Please begin each entry with a line “[[{key}]]”.")  # fmt: skip
    if not any(raw.get(key) for key in ("term", "exception", "pair")):
        yield Problem("gate.empty", place, "The list has no term, no pair and no exception.",
                      "Please add a “[[term]]”, or leave the list out.")  # fmt: skip


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _entries(
    raw: Mapping[str, Any], key: str, source: str, place: str
) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """Give each entry with its number and its place: the line too, where the headers can be counted."""
    entries = raw.get(key, [])
    if not _is_tables(entries):
        return
    headers = [match.start() for match in re.finditer(rf"(?m)^[ \t]*\[\[[ \t]*{key}[ \t]*\]\]", source)]
    line, last = 1, 0
    for number, entry in enumerate(entries, 1):
        where = f"{place}, {key} {number}"
        if len(headers) == len(entries):
            line, last = line + source.count("\n", last, headers[number - 1]), headers[number - 1]
            where += f", line {line}"
        yield number, where, entry


def _sound(
    raw: Mapping[str, Any],
    key: str,
    fields: tuple[str, ...],
    source: str,
    place: str,
    problems: list[Problem],
) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """Give the entries that have no fault; the faults of the others join `problems`."""
    for number, where, entry in _entries(raw, key, source, place):
        if faults := list(_entry_faults(entry, fields, where)):
            problems.extend(faults)
        else:
            yield number, where, entry


def _unknown(place: str, known: Sequence[str]) -> Problem:
    # The key itself is not quoted: a term that was written in the wrong place looks just like one.
    return Problem("gate.unknown_key", place, "A key here is none that a list knows.",
                   f"Please correct or remove it; known are {', '.join(known)}.")  # fmt: skip


def _is_sound(value: object, field_name: str) -> bool:
    kind, wanted, _ = _FIELDS[field_name]
    return type(value) is kind and bool(wanted.fullmatch(str(value)))


def _entry_faults(entry: Mapping[str, Any], known: tuple[str, ...], place: str) -> Iterator[Problem]:
    extra = {"words"} if known is _GROUP else set()
    if entry.keys() - {*known, *extra}:
        yield _unknown(place, (*known, *extra))
    sound = True
    for name in known:
        value = entry.get(name, _DEFAULTS.get(name))
        if not _is_sound(value, name):
            sound = False
            what = f"“{name}” is missing." if value is None else f"“{name}” is not as it should be."
            yield Problem("gate.field", place, what, _FIELDS[name][2])
    if sound and "text" in known:
        yield from _text_faults(entry["text"], Match(entry.get("match", "word")), place)


def _text_faults(text: str, match: Match, place: str) -> Iterator[Problem]:
    folded = fold(text[: LONGEST + 1]).decode().strip()
    letters = folded.replace(" ", "")
    if len(text) > LONGEST:
        yield Problem("gate.long", place, f"The text is longer than {LONGEST} characters.",
                      "Please keep only the words that matter.")  # fmt: skip
    elif not letters:
        yield Problem("gate.nothing_left", place, "Nothing is left of the text but signs and spaces.",
                      "Please write at least one word.")  # fmt: skip
    elif match is Match.WORD and len(letters) < SHORTEST_WORD:
        yield Problem("gate.short", place, "A single character would turn ordinary searches away.",
                      "Please write a longer text, or remove the entry.")  # fmt: skip
    elif match is Match.PREFIX and len(folded.split()[-1]) < SHORTEST_PREFIX:
        yield Problem("gate.short", place, "So short a beginning is that of many ordinary words.",
                      f"Please write at least {SHORTEST_PREFIX} letters, or set “match” to “word”.")  # fmt: skip
    elif match is Match.BARE and not all(unicodedata.name(c, "").startswith(_BARE_SCRIPTS) for c in letters):
        yield Problem("gate.bare_script", place, "Its script puts spaces between words, so it would also be "
                      "found inside ordinary words.", "Please remove “match”, or set it to “word”.")  # fmt: skip
    elif match is Match.BARE and len(letters) < SHORTEST_BARE:
        yield Problem("gate.short", place, "It is so short that it would be found inside ordinary words.",
                      f"Please write at least {SHORTEST_BARE} characters, or set “match” to “word”.")  # fmt: skip


def _pairs(raw: Mapping[str, Any], source: str, place: str, problems: list[Problem]) -> tuple[Pair, ...]:
    groups: dict[str, tuple[tuple[str, ...], bool]] = {}
    for _, where, entry in _sound(raw, "group", _GROUP, source, place, problems):
        words = entry.get("words")
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            problems.append(Problem("gate.field", where, "The group has no row of words.",
                                    'Please write words = ["one", "another"].'))  # fmt: skip
            continue
        for number, word in enumerate(words, 1):
            problems.extend(_text_faults(word, Match.WORD, f"{where}, word {number}"))
        if entry["name"] in groups:
            problems.append(Problem("gate.group_name", where, "Another group has the same name.",
                                    "Please give each group a name of its own."))  # fmt: skip
        groups[entry["name"]] = tuple(words), entry.get("exact", False)
    pairs: list[Pair] = []
    for number, where, entry in _sound(raw, "pair", _PAIR, source, place, problems):
        if missing := [key for key in ("first", "second") if entry[key] not in groups]:
            problems.extend(Problem("gate.no_group", where, f"“{key}” names no sound group of this file.",
                                    _FIELDS[key][2]) for key in missing)  # fmt: skip
            continue
        (first, one), (second, other) = groups[entry["first"]], groups[entry["second"]]
        pairs.append(Pair(number, first, second, entry["within"], entry["category"], one or other))
    return tuple(pairs)


def _clashes(terms: Mapping[str, Term], exceptions: Mapping[str, ExceptionPhrase]) -> Iterator[Problem]:
    seen: dict[bytes, str] = {}
    for place, term in terms.items():
        first = seen.setdefault(heart(term.text), place)
        if first != place:
            yield Problem("gate.twice", place, f"To the gate this is the same text as {first}.",
                          "Please remove one of the two.")  # fmt: skip
    phrases: dict[bytes, str] = {}
    for place, phrase in exceptions.items():
        first = phrases.setdefault(heart(phrase.text), place)
        if first != place:
            yield Problem("gate.twice", place, f"To the gate this is the same text as {first}.",
                          "Please remove one of the two.")  # fmt: skip
        elif heart(phrase.text) in seen:
            yield Problem("gate.masks_term", place, "This phrase is the whole of a term, which would never count: "
                          f"{seen[heart(phrase.text)]}.",
                          "Please write a longer phrase, or remove the term.")  # fmt: skip
