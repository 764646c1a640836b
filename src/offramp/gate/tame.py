"""An odd query that holds no term and no disguise after all, told without taking it apart.

Here: what people write without a second thought: "don't", "well-known", "example.com", "4th", "vitamin b c", a question
mark. Not here: disguises (reveal); what is not told here is looked at there. The invariant: a query is called tame only
where the slow views would find nothing: each of its words, its words with a sign left out, and its words with a sign
or a digit for a letter is looked up, and no shape of a term is among them.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable

from offramp.gate.compiled import Compiled
from offramp.gate.fold import MAX_QUERY, is_of_one_script, tidy
from offramp.gate.oddity import AS_LETTERS, LETTER_BYTES, NO_LETTERS, SHAPE, collapse, collapse_view
from offramp.gate.reveal import keep
from offramp.gate.words import Words

Found = list[tuple[int, int, int]]
Finder = Callable[[bytes], Found]
IsTame = Callable[[str, bytes, Found], bool]
_RULED, _LETTER_SIGN, _SIGN, _SPACE, _MIXED, _GAP, _TELLTALE = (1 << kind for kind in range(7))
_TO_SPACE = _LETTER_SIGN | _SIGN | _SPACE
_CYRILLIC = bytes(range(0x80, 0xC0)) + b"\xd0\xd1"
"""What the letters from U+0400 to U+047F are made of."""


def tamer(compiled: Compiled, find: Finder) -> IsTame:
    """Return what tells whether a query that looks odd at a glance holds nothing; if it may hold something, it says no.

    It is a closure as `Gate.decide` is one, for the same reason: one query in twenty comes here.
    """
    firsts, words = compiled.firsts, compiled.words

    def kinds_of(found: Found) -> int:
        kinds = 0
        for _, _, number in found:
            kinds |= 1 << bisect(firsts, number)
        return kinds

    def is_tame(query: str, view: bytes, found: Found) -> bool:
        kinds = 1 << bisect(firsts, found[0][2]) if len(found) == 1 else kinds_of(found)
        if kinds & _RULED or not (query.isascii() or is_of_one_script(query[:MAX_QUERY])):
            return False
        if kinds & _TO_SPACE:
            if kinds & _LETTER_SIGN:
                if view.count(b"\x1e") > 1 or not _are_signs_tame(query[:MAX_QUERY], words):
                    return False
                view = view.replace(b"\x1e", b"\x1f")
            if not (view := _spaced(view)):
                return False
            if not (found := find(view)):
                return True
            kinds = kinds_of(found)
        if kinds & _TELLTALE and _has_letters_too_many(view, found, firsts[-1], words):
            return False
        if kinds & _GAP and _has_letters_in_a_row(view, bool(kinds & _TELLTALE)):
            return False
        if kinds & _MIXED and _has_odd_shape(view, words):
            return False
        return not kinds & _RULED

    return is_tame


def _spaced(view: bytes) -> bytes:
    """Return a view without signs, or nothing where there are too many: a sign is a space, and it is left out.

    Both ways to read the one sign inside a word stand one after the other. A sign at the end of a word joins nothing.
    """
    before, sign, after = view.partition(b"\x1f")
    if sign and b"\x1f" not in after:
        at_end = before[-1] == 0x20 or after[0] == 0x20
        view = before + after if at_end else b"".join((before, b" ", after, before[1:], after))
    elif sign:
        view = view.replace(b"\x1f ", b" ").replace(b" \x1f", b" ")
        if signs := view.count(b"\x1f"):
            if signs > 1:
                return b""
            view = view.replace(b"\x1f", b" ") + view[1:].replace(b"\x1f", b"")
    return tidy(view) if b"  " in view else view


def _are_signs_tame(query: str, words: Words) -> bool:
    """Tell whether no chunk with a sign that may be a letter is a term once it is read as one."""
    if "&" in query or "%" in query:
        return False  # it may be a code
    for chunk in query.split() if query.isascii() else keep(query).split():
        if not chunk.isalnum() and words.has_shape(_as_letters(chunk)):
            return False
    return True


def _as_letters(chunk: str) -> bytes:
    if chunk.isascii():
        return collapse_view(chunk.encode().translate(LETTER_BYTES, NO_LETTERS))
    return collapse(chunk.translate(SHAPE).translate(AS_LETTERS)).encode("utf-8", "ignore")


def _has_letters_too_many(view: bytes, found: Found, first_telltale: int, words: Words) -> bool:
    """Tell whether a word that has a telltale may be one of these words."""
    for start, _, number in found:
        if number >= first_telltale:
            begin = start + 1 if view[start] == 0x20 else view.rfind(b" ", 0, start) + 1
            if words.is_disguised(view[begin : view.find(b" ", start + 1)]):
                return True
    return False


def _has_letters_in_a_row(view: bytes, triple: bool) -> bool:
    """Tell whether more than two letters stand by themselves, repeated or not; `triple`: one may be so three times."""
    if view.isascii() and not triple:
        lengths = [*map(len, view.split())]
        if lengths.count(1) + lengths.count(2) < 3:
            return False
    return [*map(len, collapse(view.decode()).split())].count(1) > 2


def _has_odd_shape(view: bytes, words: Words) -> bool:
    """Tell whether a word that is not written in plain letters of one script has the shape of a term."""
    for token in view.split():
        if token.isalpha() or token.isdigit():
            continue
        if token.isascii():
            shape = collapse_view(token.translate(LETTER_BYTES))
        elif token.strip(_CYRILLIC):
            shape = collapse(token.decode().translate(SHAPE)).encode()
        else:
            continue
        if words.has_shape(shape):
            return True
    return False
