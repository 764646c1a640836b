"""Disguises, machine-made: what somebody may do to a word so that a filter does not see it.

Written from Unicode's own data and a leet table of its own; it imports nothing of the program that it tests.
Each family takes a word and chance, and returns the word disguised.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from urllib.parse import quote

from confusable_homoglyphs import confusables

Family = Callable[[str, Random], str]
LEET_DIGITS = dict(zip("abegiloqstz", ("4", "8", "3", "69", "1", "1", "0", "9", "5", "7", "2"), strict=True))
LEET_SIGNS = {"a": "@", "s": "$", "i": "!|", "l": "|£", "t": "+", "c": "(¢", "e": "€", "y": "¥"}
SEPARATORS = ".-_*~/·•:;=,"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069\u180e"
MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0323\u0327\u0331\u0336\u035c\u20dd"
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")


def verbatim(word: str, random: Random) -> str:
    return word


def case(word: str, random: Random) -> str:
    return "".join(random.choice((letter.upper(), letter)) for letter in word)


@cache
def _compatible() -> Mapping[str, str]:
    """Return for each letter the characters that Unicode calls another form of it."""
    forms: dict[str, str] = {}
    for code in range(0x80, 0x1F200):
        letter = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(letter) == 1 and letter.isascii() and letter.isalpha():
            forms[letter] = forms.get(letter, "") + chr(code)
    return forms


def compatibility(word: str, random: Random) -> str:
    forms = _compatible()
    return "".join(random.choice(forms.get(c, c)) if random.random() < 0.7 else c for c in word)


def invisible(word: str, random: Random) -> str:
    return "".join(c + "".join(random.choices(INVISIBLE, k=random.randint(0, 2))) for c in word)


def marks(word: str, random: Random) -> str:
    return "".join(c + "".join(random.choices(MARKS, k=random.randint(0, 3))) for c in word)


@cache
def _alike(letter: str) -> str:
    """Return the Greek, Cyrillic and rare Latin letters that Unicode says look like a letter, in either case."""
    found = [entry["c"] for one in {letter, letter.upper()} if len(one) == 1
             for known in (confusables.is_confusable(one, greedy=True) or ())
             for entry in known["homoglyphs"]]  # fmt: skip
    return "".join(c for c in found if len(c) == 1 and not c.isascii() and unicodedata.category(c)[0] == "L"
                   and unicodedata.name(c).split()[0] in _SCRIPTS)  # fmt: skip


def lookalikes(word: str, random: Random) -> str:
    """Replace some letters and leave at least one: a whole word of another script is another word."""
    places = [place for place, letter in enumerate(word) if _alike(letter)]
    chosen = set(random.sample(places, random.randint(1, max(1, min(len(places), len(word) - 1)))))
    return "".join(random.choice(_alike(c)) if place in chosen else c for place, c in enumerate(word))


def _leet(word: str, random: Random, table: Mapping[str, str]) -> str:
    """Replace some letters and leave at least one: digits and signs alone are no word to a reader either."""
    places = [place for place, letter in enumerate(word) if letter in table]
    most = min(len(places), sum(map(str.isalpha, word)) - 1)
    if most < 1:
        return word
    chosen = set(random.sample(places, random.randint(1, most)))
    return "".join(random.choice(table[c]) if place in chosen else c for place, c in enumerate(word))


def leet_digits(word: str, random: Random) -> str:
    return _leet(word, random, LEET_DIGITS)


def leet_signs(word: str, random: Random) -> str:
    return _leet(word, random, LEET_SIGNS)


def doubled(word: str, random: Random) -> str:
    places = set(random.sample(range(len(word)), random.randint(1, min(3, len(word)))))
    return "".join(c * 2 if place in places else c for place, c in enumerate(word))


def repeated(word: str, random: Random) -> str:
    places = set(random.sample(range(len(word)), random.randint(1, min(3, len(word)))))
    return "".join(c * random.randint(2, 6) if place in places else c for place, c in enumerate(word))


def separated(word: str, random: Random) -> str:
    return random.choice(SEPARATORS).join(word)


def separated_freely(word: str, random: Random) -> str:
    parts = [
        c + (random.choice(SEPARATORS) * random.randint(1, 2) if random.random() < 0.6 else "")
        for c in word[:-1]
    ]
    text = "".join(parts) + word[-1]
    return text if text != word else separated(word, random)


def spaced(word: str, random: Random) -> str:
    return (" " * random.choice((1, 1, 2))).join(word)


def sentence(word: str, random: Random) -> str:
    before, after = (
        random.choice(("", "“", "(", "«", "[", "…", '"', "*")),
        random.choice(("?", "!", ".", ",", "”", ")", "?!", "…", ";", "*")),
    )
    return before + word + after


def entities(word: str, random: Random) -> str:
    return "".join(random.choice((c, f"&#{ord(c)};", f"&#x{ord(c):x};", f"&#{ord(c):05};")) for c in word)


def percent(word: str, random: Random) -> str:
    text = "".join(random.choice((c, "".join(f"%{byte:02X}" for byte in c.encode()))) for c in word)
    return quote(text) if random.random() < 0.2 else text


def tatweel(word: str, random: Random) -> str:
    return "".join(c + "\u0640" * random.randint(0, 3) for c in word)


def harakat(word: str, random: Random) -> str:
    return "".join(
        c
        + "".join(random.choices("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652", k=random.randint(0, 2)))
        for c in word
    )


def arabic_forms(word: str, random: Random) -> str:
    """Write alef, hamza, kaf and yeh as somebody with another keyboard would."""
    forms = {
        "ا": "اأإآٱ",
        "أ": "أاإ",
        "إ": "إاأ",
        "ؤ": "ؤو",
        "ئ": "ئيی",
        "ك": "كک",
        "ي": "يیى",
        "ة": "ةه",
        "ه": "هہ",
    }
    return "".join(random.choice(forms.get(c, c)) for c in word)


def hiragana(word: str, random: Random) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" and random.random() < 0.6 else c for c in word)


@cache
def _halves() -> Mapping[str, str]:
    return {unicodedata.normalize("NFKC", text): text for text in (
        *(chr(code) for code in range(0xFF65, 0xFFA0)),
        *(chr(code) + mark for code in range(0xFF65, 0xFFA0) for mark in "ﾞﾟ"),
    )}  # fmt: skip


def half_width(word: str, random: Random) -> str:
    return "".join(_halves().get(c, c) if random.random() < 0.7 else c for c in word)


def ligatures(word: str, random: Random) -> str:
    for plain, joined in (
        ("ss", "ß"),
        ("ffl", "ﬄ"),
        ("fi", "ﬁ"),
        ("fl", "ﬂ"),
        ("ff", "ﬀ"),
        ("ae", "æ"),
        ("oe", "œ"),
        ("st", "ﬆ"),
        ("ß", "ss"),
        ("ij", "ĳ"),
    ):
        if random.random() < 0.9:
            word = word.replace(plain, joined)
    return word


LATIN: Mapping[str, Family] = {
    "verbatim": verbatim, "case": case, "compatibility forms": compatibility, "invisible": invisible,
    "marks": marks, "look-alikes": lookalikes, "leet digits": leet_digits, "leet signs": leet_signs,
    "doubled letters": doubled, "repeated letters": repeated, "separated": separated,
    "separated freely": separated_freely, "spaced": spaced, "sentence punctuation": sentence,
    "ligatures": ligatures, "entities": entities, "percent-encoded": percent,
}  # fmt: skip
ARABIC: Mapping[str, Family] = {"tatweel": tatweel, "harakat": harakat, "arabic forms": arabic_forms,
                                "separated": separated, "spaced": spaced, "invisible": invisible}  # fmt: skip
KANA: Mapping[str, Family] = {"hiragana": hiragana, "half width": half_width, "invisible": invisible,
                              "separated": separated, "spaced": spaced}  # fmt: skip
CYRILLIC: Mapping[str, Family] = {"case": case, "marks": marks, "invisible": invisible, "doubled letters": doubled,
                                  "repeated letters": repeated, "separated": separated, "spaced": spaced}  # fmt: skip
