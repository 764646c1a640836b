"""One query in, folded bytes out: what the automaton sees, for terms and for queries alike.

Here: case, compatibility forms, ligatures, optional marks, invisible characters, Arabic and Persian forms of a
letter, kana, digits, punctuation. Not here: what only an odd query needs (leet, look-alikes, separators inside a
word, repeated letters); that is a second view (reveal).
The invariant: words stand between single spaces, the first and the last too, so a word boundary is a plain byte.

Every character goes through one dense table, built once, which ends after plane 1. Of what lies beyond it, NFC
folds the compatibility ideographs, and plane 14 (tags, variation selectors; all invisible) is dropped by itself.
"""

from __future__ import annotations

import re
from codecs import charmap_build, charmap_decode, charmap_encode
from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Any, NamedTuple
from unicodedata import category, combining, digit, is_normalized, name, normalize

FOLDING = 2
"""Raise it whenever the same text folds to other bytes: compiled lists name the folding that they were made with."""

MAX_QUERY = 4096
"""Characters of a query that are read. A door hands its search engine no more than the gate has read."""

_TABLE_END = 0x20000
_OPTIONAL_MARKS = ("COMBINING ", "HEBREW ", "ARABIC ", "SYRIAC ", "VARIATION ", "MONGOLIAN FREE VARIATION ")
_VOICING = "\u3099\u309a"  # marks by name, but they make another kana of the one before them
_INVISIBLE = "\u0640\u115f\u1160\u17b4\u17b5"  # tatweel, the Hangul fillers, Khmer's inherent vowels
_LETTERS = {
    **dict.fromkeys("\u0671\u0672\u0673\u0675", "\u0627"),  # alef forms that do not decompose
    **dict.fromkeys("\u06a9\u06aa", "\u0643"),  # Persian kaf
    **dict.fromkeys("\u06cc\u0649\u06d2", "\u064a"),  # Persian yeh, alef maksura, yeh barree
    **dict.fromkeys("\u0629\u06c1\u06be\u06d5\u06c3", "\u0647"),  # teh marbuta and the forms of heh
    "\u037a": "\u03b9",  # an iota below the line, on a space of its own
    **{"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"},
    **{chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)},  # hiragana reads as katakana
}
_ON_BLACK = re.compile(
    "NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER (.)"
)  # NFKC leaves these as they are
SIGN = "\x1f"
"""In a glance: a sign that may stand inside a word, as a separator. `fold` makes a space of it."""
LETTER_SIGN = "\x1e"
"""In a glance: a sign that may stand for a letter as well, or begins a code for one."""
_LETTER_SIGNS = frozenset("@$!|+(<€£¢¥&%")
_SIGNS = frozenset(["Pd", "Pc", "Sm", "Sc", "Sk", "So"])
_SIGNS_TOO = frozenset("!#%&'()*,./:;@[\\]{}·•‧・’‘´")
_SIGNS_TO_SPACES = bytes.maketrans((SIGN + LETTER_SIGN).encode(), b"  ")
_SCRIPTS = (
    ("GREEK ", 0x370, 0x3FF),
    ("CYRILLIC ", 0x400, 0x4FF),
    ("HEBREW ", 0x5D0, 0x5EA),
    ("ARABIC ", 0x620, 0x6FF),
)
_PLANE_14 = re.compile("[\U000e0000-\U000e0fff]")


def _fold_part(character: str) -> str:
    """Return what is left of one character that has no decomposition: itself, a space, or nothing."""
    kind = category(character)
    if kind == "So" and (letter := _ON_BLACK.fullmatch(name(character, ""))):
        return letter[1].lower()
    if character in _LETTER_SIGNS or character == LETTER_SIGN:
        return LETTER_SIGN
    if kind in _SIGNS or character in _SIGNS_TOO or character == SIGN:
        return SIGN
    if kind[0] in "PSZ" or kind in ("Cc", "Cs"):
        return " "
    if kind == "Nd":
        return str(digit(character))
    if kind == "Cf" or character in _INVISIBLE:
        return ""
    if kind in ("Mn", "Me") and character not in _VOICING and name(character, "").startswith(_OPTIONAL_MARKS):
        return ""  # elsewhere (Thai, Devanagari) a mark is a vowel, and without it the word is another word
    return _LETTERS.get(character, character)


def _fold_character(character: str) -> str:
    parts = "".join(map(_fold_part, normalize("NFKD", _LETTERS.get(character, character))))
    return normalize("NFC", "".join(map(_fold_part, normalize("NFKD", parts.casefold()))))


def _dense() -> list[int | str | None]:
    """Return the table as `str.translate` likes it best: a list, with a number where one character is left."""
    folded = map(_fold_character, map(chr, range(_TABLE_END)))
    return [ord(text) if len(text) == 1 else text or None for text in folded]


_TABLE = _dense()
GLANCE = bytes(ord(chr(code).translate(_TABLE)) if code < 0x80 else code for code in range(0x100))
"""What a glance makes of each byte of an ASCII query."""
_STACKED = "".join(mark for mark in map(chr, range(_TABLE_END)) if combining(mark) and mark.translate(_TABLE))
_PILE = re.compile(f"([{_STACKED}]{{3}})[{_STACKED}]+")


class Charmap(NamedTuple):
    """The table again for 256 characters that one query is likely to be made of.

    By way of bytes, Python's charmap codecs take a third of the time of `str.translate`.
    """

    to_byte: Any
    """What Python makes of such a map: from character to byte."""
    folded: str
    """From byte to the one character that it is folded to."""
    longer: tuple[tuple[str, str], ...]
    """What is folded to another number of characters than one; these bytes stand for themselves."""


_NO_CHARACTER = "\ufffe"  # to a charmap: this byte stands for nothing
_USUAL = "".join(map(chr, (*b"\t\n\r", *range(0x20, 0x7F)))) + "’‘“”„«»–—\xa0"


def _charmap(letters: str, longer: str = "") -> Charmap:
    each = [one for one in dict.fromkeys(_USUAL + letters) if len(one.translate(_TABLE)) == 1]
    coded = "".join((*longer, *each)[:255])
    folded = "".join(one if one in longer else one.translate(_TABLE) for one in coded)
    to_byte = charmap_build(f"\0{coded}".ljust(256, _NO_CHARACTER))
    return Charmap(to_byte, f" {folded}", tuple((one, one.translate(_TABLE)) for one in longer))


def _between(*ends: int) -> str:
    spans = list(pairwise(ends))[::2]
    return "".join(chr(code) for first, last in spans for code in range(first, last + 1))


_ACCENTED = _between(0xC0, 0xFF) + "ąĄćĆęĘłŁńŃśŚźŹżŻčČďĎěĚňŇřŘšŠťŤůŮžŽľĽőŐűŰăĂșȘțȚşŞţŢğĞıāĀēĒģīĪķļņūŪėįųĺŕĹŔ"
LATIN = _charmap(_ACCENTED)
LATIN_LONGER = _charmap(_ACCENTED, "ßæœ")
CYRILLIC = _charmap(_between(0x400, 0x45F, 0x490, 0x491, 0x391, 0x3CE) + "άΆέΈήΉίΊόΌύΎώΏϊϋΐΰ")
ARABIC = _charmap(
    _between(0x621, 0x63A, 0x641, 0x64A, 0x660, 0x669, 0x6F0, 0x6F9, 0x5D0, 0x5EA) + "،؛؟پچژگکیہھےەٱ",
    "\u200c\u200d\u0640",
)


def _to_ascii(charmap: Charmap) -> tuple[bytes, str]:
    """Return a table from the bytes of a charmap to ASCII, and from the bytes left over back to characters."""
    others = sorted(one for one in {*charmap.folded} if not one.isascii())
    table = (ord(one) if one.isascii() else 0x80 + others.index(one) for one in charmap.folded)
    return bytes(table).ljust(256, b" "), "".join((*map(chr, range(0x80)), *others))


_LATIN_TO_ASCII, _ASCII_AND_OTHERS = _to_ascii(LATIN)


_FROM_LATIN: tuple[Charmap, ...] = (LATIN_LONGER, CYRILLIC, ARABIC)
_FROM_CYRILLIC: tuple[Charmap, ...] = (CYRILLIC,)
_FROM_ARABIC: tuple[Charmap, ...] = (ARABIC,)
_TO_LATIN = LATIN.to_byte
AFTER_LATIN = "\u0370"
"""What begins with a letter of another alphabet than Latin stands behind this."""


def glance(query: str) -> bytes:
    """Return the view of a query that is right for most: as `fold` gives it, unless it holds a sentinel.

    The automaton looks for sentinels while it looks for terms, so that only odd queries pay for being odd.
    """
    if len(query) > MAX_QUERY:
        query = query[:MAX_QUERY]
    padded = f" {query} "
    if query.isascii():
        return padded.encode().translate(GLANCE)
    # By the first character; what comes later is seen by what does not fit.
    if query < AFTER_LATIN:
        coded, size = charmap_encode(padded, "ignore", _TO_LATIN)
        if len(coded) == size:
            view = coded.translate(_LATIN_TO_ASCII)
            if view.isascii():
                return view
            return charmap_decode(view, "strict", _ASCII_AND_OTHERS)[0].encode()
        charmaps = _FROM_LATIN
    else:
        charmaps = _FROM_CYRILLIC if query < "\u0590" else _FROM_ARABIC
    for to_byte, table, longer in charmaps:
        coded, size = charmap_encode(padded, "ignore", to_byte)
        if len(coded) == size:
            text = charmap_decode(coded, "strict", table)[0]
            for one, folded in longer:
                if one in text:
                    text = text.replace(one, folded)
            return text.encode()
    return _whole(padded)


def _whole(padded: str) -> bytes:
    text = padded.translate(_TABLE)
    if not is_normalized("NFC", text):
        text = normalize("NFC", thin(text))
    return text.encode()


def foreign(letters: Collection[str]) -> Callable[[str], object]:
    """Return what tells whether a query is written in nothing but letters of a script of which no term has a letter.

    `letters` are those of all terms. No term is in such a query, and no disguise of one, since for that scripts would
    have to be mixed.
    """
    kinds = []
    for script, first, last in _SCRIPTS:
        own = [
            one
            for one in map(chr, range(first, last + 1))
            if name(one, "").startswith(script) and one.isalpha()
        ]
        folded = {*"".join(map(plain, own))}
        if folded.isdisjoint(letters):
            kinds.append(
                "[ {}]{{1,{}}}".format("".join(one for one in own if plain(one).isalpha()), MAX_QUERY)
            )
    return re.compile("|".join(kinds) or "(?!)").fullmatch


def is_of_one_script(query: str) -> bool:
    """Tell whether a glance goes the short way: what it sees then is letter by letter what stands there."""
    size = len(query)
    return (
        len(charmap_encode(query, "ignore", LATIN_LONGER.to_byte)[0]) == size
        or len(charmap_encode(query, "ignore", CYRILLIC.to_byte)[0]) == size
        or len(charmap_encode(query, "ignore", ARABIC.to_byte)[0]) == size
    )


def fold(query: str) -> bytes:
    """Return the folded view of the first MAX_QUERY characters of any string, lone surrogates included."""
    return tidy(glance(_PLANE_14.sub("", query[:MAX_QUERY])))


def tidy(view: bytes) -> bytes:
    """Return what a glance saw with single spaces for signs and spaces."""
    view = view.translate(_SIGNS_TO_SPACES)
    return b" ".join((b"", *view.split(), b"")) if b"  " in view else view


def thin(text: str) -> str:
    """Return `text` without the rest of a pile of marks.

    Putting marks in order takes time quadratic in their number, and no writing piles up more than three.
    """
    return _PILE.sub(r"\1", text)


def plain(character: str) -> str:
    """Return what one character is folded to: letters, a space, a SIGN, or nothing."""
    return "" if _PLANE_14.match(character) else character.translate(_TABLE)
