"""The code of a journal: eight words, of which seven are drawn and the eighth says whether they were typed right.

A language without a list of words has eight groups of four digits. What is typed is read forgivingly: case, accents,
signs and numbers between words do not matter, and in which list the words stand is found from them. Not here: what
opens under a code (sealing), pages that show it. The invariant: seven drawn words carry at least 90 bits, and what
was typed wrong is told before anything costly is done with it, save one time in as many as the list has words.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offramp.errors import Problem, Refusal, refuse
from offramp.sealing import Random

DRAWN, WORDS = 7, 8
LEAST_BITS = 90
DIGITS = ""
_GROUP = 4
# Far more than a code has; what is longer is not looked at.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class CodeList:
    """The words that codes in one language are drawn from; DIGITS is the language of the groups of digits."""

    language: str
    words: tuple[str, ...]
    place_of: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place_of", {fold(word): place for place, word in enumerate(self.words)})

    def bits(self) -> float:
        """Return how many bits a code drawn from this list carries."""
        return DRAWN * math.log2(len(self.words))

    def last(self, drawn: Sequence[str]) -> str:
        """Return the eighth word of seven."""
        digest = hashlib.sha256(b"offramp/code/" + material(drawn)).digest()
        return self.words[int.from_bytes(digest[:16], "big") % len(self.words)]

    def whole(self, words: Sequence[str]) -> bool:
        """Tell whether eight folded words are a code of this list."""
        return all(word in self.place_of for word in words) and fold(self.last(words[:DRAWN])) == words[DRAWN]


@dataclass(frozen=True, slots=True)
class Codes:
    """All lists: new codes are drawn from one, and what is typed is looked for in each."""

    lists: Mapping[str, CodeList]

    def list_for(self, language: str) -> CodeList:
        """Return the list of a language, and the digits for one that has none."""
        return self.lists.get(language, self.lists[DIGITS])

    def new(self, language: str, random: Random) -> tuple[str, ...]:
        """Draw a code: eight words as they are shown."""
        words = self.list_for(language).words
        # Sixteen bytes for each, so that what one word is likelier than another is far below notice.
        drawn = tuple(words[int.from_bytes(random(16), "big") % len(words)] for _ in range(DRAWN))
        return (*drawn, self.list_for(language).last(drawn))

    def read(self, typed: str) -> bytes:
        """Return the bytes of a code that was typed, for `sealing.locker_from_code`.

        Refusals: code.length (not eight words), code.word (one for each that is in no list, by its place),
        code.checksum (eight words of ours that do not belong together).
        """
        words = _words(typed)
        if len(words) != WORDS:
            raise refuse("code.length", "code", f"A code has {WORDS} words or groups of digits; here are {len(words)}.",
                         "Please compare it with what you kept.")  # fmt: skip
        if any(known.whole(words) for known in self.lists.values()):
            return material(words[:DRAWN])
        nearest = max(self.lists.values(), key=lambda known: sum(word in known.place_of for word in words))
        unknown = [place for place, word in enumerate(words, 1) if word not in nearest.place_of]
        if unknown:
            raise Refusal(
                Problem("code.word", f"word {place}", "This word is in none of our codes.",
                        "Please compare it with what you kept.") for place in unknown
            )  # fmt: skip
        raise refuse("code.checksum", "code", "These words are no code together.",
                     "Please look whether two have changed places, or whether one is another word.")  # fmt: skip


def material(drawn: Sequence[str]) -> bytes:
    """Return what a locker is made of: the seven drawn words, folded, with single spaces."""
    return " ".join(fold(word) for word in drawn).encode()


def fold(word: str) -> str:
    """Return a word without its accents and capitals."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Cf"))


def _words(typed: str) -> list[str]:
    if len(typed) > _LONGEST:
        return []
    folded = fold(typed)
    if any(c.isalpha() for c in folded):
        # Numbers before words are those of a list on paper.
        return "".join(c if c.isalpha() else " " for c in folded).split()
    digits = "".join(str(unicodedata.decimal(c)) for c in folded if c.isdecimal())
    return [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]


def read_codes(folder: Path) -> Codes:
    """Return the lists in a folder, one file for each language, and the digits. Refusal: all that is wrong in any."""
    lists = {DIGITS: CodeList(DIGITS, tuple(f"{number:0{_GROUP}}" for number in range(10**_GROUP)))}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        known = CodeList(path.stem, tuple(line for line in lines if line and not line.startswith("#")))
        problems += _wrong(known, path.name)
        lists[path.stem] = known
    if problems:
        raise Refusal(problems)
    return Codes(lists)


def _wrong(known: CodeList, place: str) -> list[Problem]:
    found = []
    if not known.words or known.bits() < LEAST_BITS:
        found.append(Problem("code.few", place, f"Seven of {len(known.words)} words carry less than {LEAST_BITS} bits.",
                             "Please use a list of at least 7420 words."))  # fmt: skip
    if len(known.place_of) != len(known.words):
        found.append(Problem("code.alike", place, "Two words are the same once accents and capitals are gone.",
                             "Please leave one of them out."))  # fmt: skip
    if any(not fold(word).isalpha() for word in known.words):
        found.append(Problem("code.letters", place, "A word has other signs than letters.",
                             "Please leave it out."))  # fmt: skip
    return found
