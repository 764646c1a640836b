"""How a translation has to be like its English: in length, numbers, direction, script, and answers that differ.

Rules of thumb for whoever translates, so `offramp survey check` asks for them and no server does at its start. The
bounds stand well outside of what any of the translations here needs. Pure; what is wrong comes back as problems.
The invariant: a text is compared with the English that it was made from, and the place names language and key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from offramp.errors import Problem
from offramp.language import Language
from offramp.survey.definition import Page, Question

Texts = Mapping[str, str]
# A translation may be as many times longer and this many characters besides; short words need a lot of room.
LONGEST_TIMES, LONGEST_MORE = 2.5, 40
# From this length on, a translation is not shorter than this part of the English; Japanese needs fewer characters.
LONG_ENOUGH, SHORTEST, SHORTEST_JAPANESE = 60, 0.3, 0.15
# Words that may be the same in another language ("Online", "Chat") come in shorter texts than this.
MOST_WORDS_ALIKE = 3
# Numbers up to twelve are words in one language and digits in another.
SPELLED_OUT = frozenset(("10", "11", "12"))
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "ar": ("ARABIC",),
    "ja": ("HIRAGANA", "KATAKANA", "CJK"),
    "ru": ("CYRILLIC",),
}
_LATIN = ("LATIN",)
_NUMBER = re.compile(r"\d+")
_GROUPED = re.compile(r"(?<=\d)[\s.,\u00a0\u202f](?=\d{3}(?!\d))")
_EMBEDDING = frozenset("\u202a\u202b\u202c\u202d\u202e")
_OPEN, _CLOSE = frozenset("\u2066\u2067\u2068"), "\u2069"


def unlike_english(
    file: str, language: Language, texts: Texts, english: Texts, names: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Yield what makes translated texts unlike; `names` are proper names, which may stand there as they are."""
    for key, text in texts.items():
        source = english[key]
        found = (
            _length(language, text, source) or _numbers(text, source) or _alike(text, source)
            or _direction(language, text) or _script(language, text, source, names)
        )  # fmt: skip
        if found:
            yield Problem(found[0], f"{file}, {key}", found[1], found[2])


Found = tuple[str, str, str] | None


def _length(language: Language, text: str, source: str) -> Found:
    longest = LONGEST_TIMES * len(source) + LONGEST_MORE
    if len(text) > longest:
        return ("survey.too_long", f"The text has {len(text)} characters, and the English only {len(source)}.",
                "Please shorten it, or look whether two texts were run together.")  # fmt: skip
    part = SHORTEST_JAPANESE if language.tag == "ja" else SHORTEST
    if len(source) >= LONG_ENOUGH and len(text) < part * len(source):
        return ("survey.too_short", f"The text has {len(text)} characters, and the English {len(source)}.",
                "Please look whether a part of it is missing.")  # fmt: skip
    return None


def _numbers(text: str, source: str) -> Found:
    """Ages and spans of time are what is counted, so they must not change on the way."""
    own, wanted = _digits(text), _digits(source)
    if wanted - own or own - wanted - SPELLED_OUT:
        said = ", ".join(sorted(wanted)) or "none"
        return ("survey.other_numbers", f"The numbers differ from those of the English ({said}).",
                "Please write the same numbers, in digits.")  # fmt: skip
    return None


def _digits(text: str) -> set[str]:
    """Return the numbers of two digits and more, in whatever script's digits they are written."""
    return {str(int(number)) for number in _NUMBER.findall(_GROUPED.sub("", text)) if len(number) > 1}


def _alike(text: str, source: str) -> Found:
    if text.strip() == source.strip() and len(source.split()) > MOST_WORDS_ALIKE:
        return "survey.untranslated", "The text is still the English one.", "Please translate it."
    return None


def _direction(language: Language, text: str) -> Found:
    if any(sign in text for sign in _EMBEDDING):
        return ("survey.direction", "An invisible sign in the text turns what follows it round.",
                "Please remove U+202A to U+202E; what stands by itself goes between U+2066 and U+2069.")  # fmt: skip
    depth = 0
    for sign in text:
        depth += (sign in _OPEN) - (sign == _CLOSE)
        if depth < 0:
            break
    if depth:
        return ("survey.direction", "The invisible signs around a piece of text do not come in pairs.",
                "Please close each U+2066 to U+2068 with U+2069.")  # fmt: skip
    directions = [unicodedata.bidirectional(sign) for sign in text]
    to_left, to_right = sum(d in ("R", "AL") for d in directions), directions.count("L")
    if to_left > to_right if language.direction == "ltr" else to_right > to_left > 0:
        return ("survey.direction", f"Most letters do not run in the direction of {language.name}.",
                "Please look whether this is the right language.")  # fmt: skip
    return None


def _script(language: Language, text: str, source: str, names: frozenset[str]) -> Found:
    wanted = SCRIPTS.get(language.tag, _LATIN)
    letters = [unicodedata.name(sign, "") for sign in text if sign.isalpha()]
    own = sum(name.startswith(wanted) for name in letters)
    if letters and not own and source.strip() not in names:
        return ("survey.script", f"No letter of the text is one of those that {language.name} is written in.",
                "Please look whether this is the right language.")  # fmt: skip
    return None


def alike_answers(file: str, texts: Texts, pages: tuple[Page, ...]) -> Iterator[Problem]:
    """Yield answers of one question that nobody can tell apart, and ends of a scale that are the same."""
    for question in (question for page in pages for question in page.questions):
        for first, second in _twins(question, texts):
            yield Problem("survey.equal_options", f"{file}, {second}", f"This answer reads the same as {first}.",
                          "Please word one of the two so that they can be told apart.")  # fmt: skip


def _twins(question: Question, texts: Texts) -> Iterator[tuple[str, str]]:
    labels: dict[str, str] = {}
    shown = [
        (option.text_key or option.id, option.name or texts.get(option.text_key, ""))
        for option in question.options
    ]
    ends = [f"question/{question.id}/{end}" for end in ("low", "high")]
    for key, label in (*shown, *((end, texts.get(end, "")) for end in ends)):
        folded = fold(label)
        if folded and folded in labels:
            yield labels[folded], key
        labels.setdefault(folded, key)


def fold(text: str) -> str:
    """Return a label without what an eye passes over: capitals, spaces, a stop at its end."""
    return " ".join(text.casefold().split()).rstrip(".")
