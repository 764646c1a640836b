"""What may be odd about a query: look-alikes, leet, repeated letters, signs and spaces inside a word.

Here: which letters a character may stand for, the shape of a text (disguised and plain spellings have one shape),
and the sentinels that tell a glance that a query is odd. Not here: taking a query apart (reveal). The invariant: if a
character may stand for a letter, both have one shape, so looking a shape up never misses; whether what was found
really fits is asked afterwards, letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from string import ascii_lowercase
from unicodedata import category

from offramp.gate.fold import LETTER_SIGN, SIGN, plain
from offramp.gate.lookalikes import LOOKALIKES

LEET: Mapping[str, str] = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "bg", "7": "t", "8": "b", "9": "gq",
    "@": "a", "$": "s", "!": "il", "|": "il", "+": "t", "(": "c", "<": "c", "€": "e", "£": "l", "¢": "c", "¥": "y",
}  # fmt: skip
SIGNS = "".join(sign for sign in LEET if not sign.isdigit())
"""Signs that may stand for a letter; any sign may stand between letters."""

_LIKE = {like: plain_letter for plain_letter, likes in LOOKALIKES.items() for like in likes}
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяђѓєѕіїјљњћќўџґ"
_SPACE, _MARK, _APOSTROPHE = " ", "-", "'"
_AGAIN = re.compile(r"(.)(?=\1)", re.DOTALL)  # three times as fast as putting one for the run
_BYTE_AGAIN = re.compile(rb"(.)(?=\1)", re.DOTALL)


def meanings(character: str) -> str:
    """Return the letters that a character of a query may stand for, its own first."""
    like = _LIKE.get(character, "")
    own = plain(character) if character.isalnum() or not character.isascii() else character
    return own + LEET.get(character, "") + like + LEET.get(like, "")


def looks(letter: str) -> str:
    """Return how a letter of a term may look: itself, and the Latin letter that it looks like in either case."""
    return letter + _LIKE.get(letter, "") + _LIKE.get(letter.upper(), "")


def _one_shape() -> dict[str, str]:
    """Return for each character the one that stands for all that it may be mistaken for."""
    shape = {letter: letter for letter in ascii_lowercase}

    def join(letters: str) -> None:
        groups = {shape[letter] for letter in letters if letter in shape}
        shape.update({letter: min(groups) for letter, group in shape.items() if group in groups})

    for letters in LEET.values():
        join(letters)
    for small in _GREEK + _CYRILLIC:  # a capital may look like another letter than its small form does
        join("".join(LEET.get(look, look) for look in looks(small)))
    for character in (*LEET, *_LIKE, *_GREEK, *_CYRILLIC):
        letters = "".join(LEET.get(look, look) for look in (LEET.get(character, ""), *looks(character)[1:]))
        shape[character] = shape.get(letters[:1], character)
    return shape


_ONE = _one_shape()
KEEP_CASE = frozenset(like for like in _LIKE if len(plain(like)) == 1)


class _Table(dict[int, str]):
    """A table for `str.translate` that grows by the characters that it meets."""

    def __init__(self, of: object) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, code: int) -> str:
        self[code] = found = self._of(chr(code))  # type: ignore[operator]
        return found  # type: ignore[no-any-return]


def _kept(character: str) -> str:
    if character in KEEP_CASE or character in LEET:
        return character
    folded = plain(character)
    if folded in (SIGN, LETTER_SIGN) or (
        folded == " " and not character.isspace() and category(character)[0] in "PS"
    ):
        return character if character not in (SIGN, LETTER_SIGN) else _MARK
    return folded.replace(SIGN, _MARK).replace(LETTER_SIGN, _MARK)


def _shape_of(character: str) -> str:
    if character in SIGNS:
        return character
    if character.isspace():
        return _SPACE
    if character in "'’‘":
        return _APOSTROPHE
    if character.isalnum() or category(character)[0] == "M":
        return _ONE.get(character, character)
    return _MARK


KEPT = _Table(_kept)
"""Translates a query to what is kept of it: folded, but for signs and for the case of look-alikes."""
SHAPE = _Table(_shape_of)
"""Translates what is kept to its shape, character by character."""
ASCII_SHAPE = bytes(ord(chr(code).lower().translate(SHAPE)) if code < 0x80 else code for code in range(0x100))
"""Does the same to the bytes of an ASCII query, case and all."""
AS_LETTERS = {ord(x): None for x in (_SPACE, _MARK, _APOSTROPHE)} | {ord(x): _ONE.get(x, x) for x in SIGNS}
LETTER_BYTES = bytes(ord(AS_LETTERS.get(one) or chr(one)) if one < 0x80 else one for one in ASCII_SHAPE)
"""The shape of bytes, signs read as letters."""
NO_LETTERS = bytes(code for code in range(0x80) if chr(ASCII_SHAPE[code]) in (_SPACE, _MARK, _APOSTROPHE))
"""ASCII bytes that never stand for a letter."""
AS_SEPARATORS = {ord(x): None for x in (_SPACE, _MARK, _APOSTROPHE, *SIGNS)}


def collapse(text: str) -> str:
    """Return a text with one letter where it repeats one."""
    return _AGAIN.sub("", text)


def collapse_view(view: bytes) -> bytes:
    """Return a folded view with one letter where it repeats one."""
    return _BYTE_AGAIN.sub(b"", view) if view.isascii() else collapse(view.decode()).encode()


def key(word: str) -> str:
    """Return the collapsed shape of a folded word: what all its disguises have in common."""
    return collapse(word.translate(SHAPE))


def key_of_view(word: bytes) -> bytes:
    """Return the same of a word of a view."""
    if word.isascii():
        return _BYTE_AGAIN.sub(b"", word.translate(ASCII_SHAPE))
    return key(word.decode()).encode()


# -- sentinels ----------------------------------------------------------------------------------------------

_PLANE_14 = b"\xf3\xa0"  # how its characters begin: tags and variation selectors, all invisible
_DIGITS = "0123456789"
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگء"
_HEBREW = "אבגדהוזחטיכלמנסעפצקרשתךםןףץ"
_KANA = "".join(chr(code) for code in range(0x30A1, 0x30FD))
_ALPHABETS = (ascii_lowercase, _GREEK, _CYRILLIC, _ARABIC, _HEBREW)
DOUBLED = frozenset("".join(_ALPHABETS))
"""Letters of which one too many is looked for (telltales)."""


def sentinels() -> tuple[list[bytes], ...]:
    """Return what tells a glance that a query is odd, but for telltales of a doubled letter.

    By kind: a sign that may be a letter, any other sign, a space too many, letters with digits or with letters of
    another script, letters by themselves.
    """
    spaces = (
        f"  {letter}" for letter in "".join((*_ALPHABETS, _KANA, _DIGITS))
    )  # a phrase may have one in it
    kinds = ((LETTER_SIGN,), (SIGN,), spaces, _mixed(), _gaps())
    letter_sign, sign, space, mixed, gaps = (sorted({text.encode() for text in kind}) for kind in kinds)
    return letter_sign, sign, space, [*mixed, _PLANE_14], gaps


def _mixed() -> Iterator[str]:
    yield from (letter * 3 for letter in _KANA)
    for letter, number in product("".join(_ALPHABETS), _DIGITS):
        yield from (letter + number, number + letter)
    for letter, like in product(
        ascii_lowercase + _DIGITS, {plain(like) for like in _LIKE} | {*_GREEK, *_CYRILLIC}
    ):
        if len(like) == 1 and not like.isascii():
            yield from (letter + like, like + letter)


def _gaps() -> Iterator[str]:
    yield from (f" {letter * number} " for letter in "".join(_ALPHABETS) for number in (2, 3))
    for alphabet in (*_ALPHABETS, _KANA):
        yield from (f" {one} {other} " for one, other in product(alphabet, alphabet))
    for letter, other in product("".join(_ALPHABETS), _DIGITS):
        yield from (f" {letter} {other} ", f" {other} {letter} ")
    for letter, like in product(ascii_lowercase, {plain(like) for like in _LIKE}):
        if len(like) == 1 and not like.isascii():
            yield from (f" {letter} {like} ", f" {like} {letter} ")
