"""Families that were written after the code was frozen, so that it could not be made to fit them.

In the first run, 2,000 of each, the gate saw through 99.2 % of emoji, 77.5 % of small letters, 99.5 % of dots and
spaces, 13.1 % of several for one, 0.0 % of regional and white on black, 80.1 % of across lines. Since then it knows
small capitals and white letters on black. EXPECTED holds what is asked where that is not 99 %: drawings with several
signs a letter and the symbols of flags (which stand after ordinary words) are not looked through, nor is a word that
a line break cuts into pieces of several letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from random import Random

from tests.gate.disguises import Family

EMOJI = "😀🔥💎🌿✨❤🍀👀⭐🌸"
SEVERAL = {
    "k": "|<",
    "v": "\\/",
    "w": "\\/\\/",
    "o": "()",
    "h": "|-|",
    "d": "|)",
    "n": "|\\|",
    "m": "|\\/|",
    "u": "|_|",
}


def emoji(word: str, random: Random) -> str:
    """Put a picture between the letters."""
    return "".join(letter + random.choice(EMOJI) for letter in word[:-1]) + word[-1]


@cache
def _small() -> Mapping[str, str]:
    """Return small capitals, superscripts and subscripts by their names."""
    found: dict[str, str] = {}
    for code in range(0x80, 0x1E000):
        name = unicodedata.name(chr(code), "")
        for begin in (
            "LATIN LETTER SMALL CAPITAL ",
            "MODIFIER LETTER SMALL ",
            "LATIN SUBSCRIPT SMALL LETTER ",
        ):
            if name.startswith(begin) and len(letter := name.removeprefix(begin)) == 1:
                found[letter.lower()] = found.get(letter.lower(), "") + chr(code)
    return found


def small(word: str, random: Random) -> str:
    return "".join(random.choice(_small().get(letter, letter)) for letter in word)


def dots_and_spaces(word: str, random: Random) -> str:
    return random.choice((". ", " - ", " . ", ", ", " / ")).join(word)


def several_for_one(word: str, random: Random) -> str:
    """Draw letters with several signs each."""
    return "".join(SEVERAL.get(letter, letter) for letter in word)


def regional(word: str, random: Random) -> str:
    """Write with the symbols that flags are made of, or with white letters on black."""
    first = random.choice((0x1F1E6, 0x1F150, 0x1F170))
    return "".join(chr(first + ord(letter) - ord("a")) for letter in word)


def across_lines(word: str, random: Random) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + random.choice(("\u00ad\n", "\u2010\u200b", "-\u200b", "\\", "__")) + word[place:]


LATE: Mapping[str, Family] = {
    "emoji": emoji, "small letters": small, "dots and spaces": dots_and_spaces, "several for one": several_for_one,
    "regional and white on black": regional, "across lines": across_lines,
}  # fmt: skip
EXPECTED: Mapping[str, float] = {
    "late: several for one": 0.1, "late: regional and white on black": 0.6, "late: across lines": 0.75,
}  # fmt: skip
