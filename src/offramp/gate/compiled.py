"""Term lists in the form in which they are matched, and that form as a sealed file.

Here: patterns into one automaton with a rule for each, the words whose disguises are looked for, all of it written
to bytes and read back. Not here: reading lists (lists, rows) and judging what was found (match). The invariant:
nothing of a file is looked at before it has been authenticated, and what was compiled for another folding or another
automaton is refused, never guessed at.

The automaton is daachorse's. Its own format is unversioned and its reader ignores what comes after the end, so the
file names the release that wrote it. Where there is no wheel of it (Linux on arm64, for one) pip needs a Rust
compiler. Patterns are bytes, any bytes; equal patterns are allowed, and each is reported under its own number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from importlib.metadata import version
from itertools import accumulate, chain
from pathlib import Path
from struct import Struct

from daachorse import DoubleArrayAhoCorasick

from offramp.errors import refuse
from offramp.gate.fold import FOLDING, fold
from offramp.gate.lists import Intent, Match, TermList
from offramp.gate.oddity import DOUBLED, sentinels
from offramp.gate.telltales import telltales
from offramp.gate.words import Words

PURPOSE = "gate-list"
_ROW = Struct("<BBBBIII")
_STAMP = {"format": 7, "folding": FOLDING, "automaton": f"daachorse {version('daachorse')}"}


class Kind(IntEnum):
    """What a pattern stands for; the numbers are in files."""

    TERM = 0
    BENIGN = 1
    HELP = 2
    FIRST = 3
    SECOND = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """What one pattern means.

    `left` and `right` are the widths of its word boundaries. `measure` is the minimum length of a term and the
    distance of a pair.
    """

    kind: Kind
    left: int
    right: int
    exact: bool
    measure: int
    list: str
    category: str
    number: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """One automaton and its rules: a row for each pattern, read only after a hit, so that a million cost little.

    After the patterns with a rule come the sentinels. `firsts` are the numbers of the first of each kind: the kinds of
    `sentinels`, and telltales.
    """

    automaton: DoubleArrayAhoCorasick = field(repr=False)
    names: tuple[str, ...]
    rows: bytes = field(repr=False)
    firsts: tuple[int, ...]
    words: Words = field(repr=False)
    letters: str = field(repr=False)
    """The letters of all patterns that have a rule."""

    @property
    def first_sentinel(self) -> int:
        """The number after the last pattern that has a rule."""
        return self.firsts[0]

    def rule(self, number: int) -> Rule:
        """Return the rule of the pattern that the automaton calls `number`."""
        kind, edges, exact, measure, list_name, category, entry = _ROW.unpack_from(
            self.rows, number * _ROW.size
        )
        return Rule(Kind(kind), edges >> 1, edges & 1, bool(exact), measure,
                    self.names[list_name], self.names[category], entry)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One pattern on its way into the automaton."""

    kind: Kind
    text: bytes
    match: Match
    exact: bool
    measure: int
    category: str
    number: int


def compile_terms(
    lists: Sequence[TermList],
    ordinary: Iterable[str] = (),
    usual: Iterable[str] = (),
    doubled: Iterable[str] = (),
) -> Compiled:
    """Return checked lists as one automaton with its rules.

    `ordinary` holds spellings that would pass for a disguise of a term and are words of their own: they never do.
    `usual` holds how the words of most queries begin: the automaton lays near each other what they pass through, so
    that it stays in a processor's cache. `doubled` holds ordinary words with a doubled letter, which shall not be
    looked at twice. With these two what is found is the same, and found sooner.
    """
    patterns: list[bytes] = []
    rows: list[bytes] = []
    names: dict[str, int] = {"": 0}
    words: set[str] = set()
    stems: set[str] = set()
    for term_list in lists:
        of_list = names.setdefault(term_list.name, len(names))
        for found in _patterns(term_list):
            of_category = names.setdefault(found.category, len(names))
            edges = {Match.WORD: 3, Match.PREFIX: 2, Match.BARE: 0}[found.match]
            folded = found.text.strip()
            patterns.append(b" " * (edges >> 1) + folded + b" " * (edges & 1))
            rows.append(
                _ROW.pack(found.kind, edges, found.exact, found.measure, of_list, of_category, found.number)
            )
            if not found.exact and found.match is not Match.BARE:
                *whole, last = folded.decode().split()
                words.update(whole)
                (stems if found.match is Match.PREFIX else words).add(last)
    disguised = Words.of(words, stems, ordinary)
    kinds = (patterns, *sentinels(), _telling(disguised, doubled))
    corpus = [beginning.encode() for beginning in sorted(usual)]
    # Its prefilter looks for the beginning of a pattern, and here nearly every place is one.
    automaton = DoubleArrayAhoCorasick([*chain(*kinds)], corpus=corpus or None, use_prefilter=False)
    letters = "".join(sorted({*b"".join(patterns).decode()}))
    *firsts, _ = accumulate(map(len, kinds))
    return Compiled(automaton, tuple(names), b"".join(rows), tuple(firsts), disguised, letters)


def _telling(words: Words, doubled: Iterable[str]) -> list[bytes]:
    """Return the telltales of these words, without what is a spared word letter for letter and so tells nothing."""
    found = telltales(*words.spelt(), DOUBLED, sorted(doubled))
    return [text for text in found if text.strip() not in words.ordinary]


def _patterns(term_list: TermList) -> Iterator[_Pattern]:
    for term in term_list.terms:
        yield _Pattern(Kind.TERM, fold(term.text), term.match, term.exact, term.minimum_length,
                       term.category, term.number)  # fmt: skip
    for phrase in term_list.exceptions:
        kind = Kind.HELP if phrase.intent is Intent.HELP else Kind.BENIGN
        yield _Pattern(kind, fold(phrase.text), phrase.match, False, 0, "", phrase.number)
    for pair in term_list.pairs:
        for kind, group in ((Kind.FIRST, pair.first), (Kind.SECOND, pair.second)):
            for word in group:
                yield _Pattern(
                    kind, fold(word), Match.WORD, pair.exact, pair.within, pair.category, pair.number
                )


def pack(compiled: Compiled) -> bytes:
    """Return the bytes of a compiled list: one line of JSON, the rules, the words, the automaton."""
    words = compiled.words.pack()
    head = {**_STAMP, "names": compiled.names, "rows": len(compiled.rows), "words": len(words),
            "firsts": compiled.firsts, "letters": compiled.letters}  # fmt: skip
    return b"".join((json.dumps(head).encode(), b"\n", compiled.rows, words, compiled.automaton.serialize()))


def unpack(body: bytes) -> Compiled:
    """Return the compiled list in `body`, which must have been authenticated."""
    line, _, rest = body.partition(b"\n")
    try:
        head = json.loads(line)
        if {key: head[key] for key in _STAMP} == _STAMP:
            after_rows = head["rows"]
            after_words = after_rows + head["words"]
            words = Words.unpack(rest[after_rows:after_words])
            automaton = DoubleArrayAhoCorasick.deserialize(rest[after_words:])
            firsts = tuple(map(int, head["firsts"]))
            return Compiled(
                automaton, tuple(head["names"]), rest[:after_rows], firsts, words, str(head["letters"])
            )
    except (ValueError, KeyError, TypeError, IndexError):
        pass  # the same remedy as for another release: it is authentic, so one of ours wrote it
    raise refuse("gate.other_release", "compiled list", "Another release of Offramp or of daachorse compiled it.",
                 "Please build the lists again with this one.")  # fmt: skip


def read_sealed(path: Path) -> bytes:
    """Return what is in a sealed file, still sealed."""
    try:
        return path.read_bytes()
    except OSError:
        raise refuse("gate.compiled_unreadable", path.name, "The compiled list cannot be read.",
                     "Please check its path and permissions, or build it again.") from None  # fmt: skip
