"""Term lists in the form in which they are matched, and that form as a sealed file.

Here: patterns into one automaton with a rule for each, written to bytes and read back. Not here: reading lists
(lists) and judging what was found (match). The invariant: nothing of a file is looked at before it has been
authenticated, and what was compiled for another folding or another automaton is refused, never guessed at.

The automaton is daachorse's. Its own format is unversioned and its reader ignores what comes after the end, so the
file names the release that wrote it. Where there is no wheel of it (Linux on arm64, for one) pip needs a Rust
compiler. Patterns are bytes, any bytes; equal patterns are allowed, and each is reported under its own number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path
from struct import Struct

from daachorse import DoubleArrayAhoCorasick

from offramp.errors import refuse
from offramp.gate.fold import FOLDING, SENTINELS
from offramp.gate.lists import ExceptionPhrase, Intent, Match, Term, TermList, pattern, read_lists
from offramp.sealing import open_file, seal_file

PURPOSE = "gate-list"
_ROW = Struct("<BBIII")
_STAMP = {"format": 1, "folding": FOLDING, "automaton": f"daachorse {version('daachorse')}"}


class Kind(IntEnum):
    """What a pattern stands for; the numbers are in files."""

    TERM = 0
    BENIGN = 1
    HELP = 2
    SENTINEL = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """What one pattern means; `edge` is the width of the word boundary at each of its ends."""

    kind: Kind
    edge: int
    list: str
    category: str
    number: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """One automaton and its rules: a row for each pattern, read only after a hit, so that a million cost little."""

    automaton: DoubleArrayAhoCorasick = field(repr=False)
    names: tuple[str, ...]
    rows: bytes = field(repr=False)

    def rule(self, number: int) -> Rule:
        """Return the rule of the pattern that the automaton calls `number`."""
        kind, edge, list_name, category, entry = _ROW.unpack_from(self.rows, number * _ROW.size)
        return Rule(Kind(kind), edge, self.names[list_name], self.names[category], entry)


def compile_terms(lists: Sequence[TermList]) -> Compiled:
    """Return checked lists as one automaton with its rules."""
    patterns: list[bytes] = []
    rows: list[bytes] = []
    names: dict[str, int] = {"": 0}
    for term_list in lists:
        of_list = names.setdefault(term_list.name, len(names))
        entries: tuple[Term | ExceptionPhrase, ...] = (*term_list.terms, *term_list.exceptions)
        for entry in entries:
            kind, category = _sense(entry)
            of_category = names.setdefault(category, len(names))
            edge = int(entry.match is Match.WORD)
            patterns.append(pattern(entry))
            rows.append(_ROW.pack(kind, edge, of_list, of_category, entry.number))
    for number, sentinel in enumerate(SENTINELS, 1):
        patterns.append(sentinel)
        rows.append(_ROW.pack(Kind.SENTINEL, 0, 0, 0, number))
    return Compiled(DoubleArrayAhoCorasick(patterns), tuple(names), b"".join(rows))


def _sense(entry: Term | ExceptionPhrase) -> tuple[Kind, str]:
    match entry:
        case Term():
            return Kind.TERM, entry.category
        case ExceptionPhrase(intent=Intent.HELP):
            return Kind.HELP, ""
        case ExceptionPhrase():
            return Kind.BENIGN, ""


def pack(compiled: Compiled) -> bytes:
    """Return the bytes of a compiled list: one line of JSON, the rules, the automaton."""
    head = {**_STAMP, "names": compiled.names, "rows": len(compiled.rows)}
    return json.dumps(head).encode() + b"\n" + compiled.rows + compiled.automaton.serialize()


def unpack(body: bytes) -> Compiled:
    """Return the compiled list in `body`, which must have been authenticated."""
    line, _, rest = body.partition(b"\n")
    try:
        head = json.loads(line)
        if {key: head[key] for key in _STAMP} == _STAMP:
            rows = rest[: head["rows"]]
            automaton = DoubleArrayAhoCorasick.deserialize(rest[head["rows"] :])
            return Compiled(automaton, tuple(head["names"]), rows)
    except (ValueError, KeyError, TypeError):
        pass  # the same remedy as for another release: it is authentic, so one of ours wrote it
    raise refuse("gate.other_release", "compiled list", "Another release of Offramp or of daachorse compiled it.",
                 "Please compile the lists again with this one.")  # fmt: skip


def compile_lists(paths: Iterable[Path], key: bytes) -> bytes:
    """Return the lists in these files compiled and sealed under `key` (32 bytes), ready to be written."""
    return seal_file(pack(compile_terms(read_lists(paths))), key, PURPOSE)


def open_lists(path: Path, key: bytes) -> Compiled:
    """Return the compiled lists in a sealed file."""
    try:
        sealed = path.read_bytes()
    except OSError:
        raise refuse("gate.compiled_unreadable", path.name, "The compiled list cannot be read.",
                     "Please check its path and permissions, or compile it again.") from None  # fmt: skip
    return unpack(open_file(sealed, key, PURPOSE))
