"""How hard a text is to read, by two published formulas; a rule of thumb for whoever writes, and no judge of a text.

English: the grade of Flesch and Kincaid (Kincaid, Fishburne, Rogers, Chissom 1975, Derivation of New Readability
Formulas for Navy Enlisted Personnel, Research Branch Report 8-75): 0.39 words a sentence + 11.8 syllables a word
- 15.59. Spanish: the ease of Fernández Huerta (1959, Medidas sencillas de lecturabilidad, Consigna 214), in the form
that Law corrected (2011): 206.84 - 60 syllables a word - 1.02 words a sentence. Other languages are not measured.
Pure. The invariant: a text that is too short to be measured is never called hard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from offramp.language import Tag

# A few sentences say nothing: their figure would change by whole grades with one word.
FEWEST_WORDS = 50
_SENTENCE = re.compile(r"[.!?…]+(?=\s|$|[»”\")])")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, where it ends to be easy enough, and on which side of that a text is hard."""

    name: str
    limit: float
    syllables: Callable[[str], int]
    measure: Callable[[float, float], float]
    hard_above: bool

    def hard(self, figure: float) -> bool:
        return figure > self.limit if self.hard_above else figure < self.limit


def measured(tag: Tag, texts: Iterable[str]) -> float | None:
    """Return the figure of a language's formula over texts of which each ends a sentence; nothing where none fits."""
    formula = FORMULAS.get(tag)
    sentences = words = syllables = 0
    for text in texts:
        for sentence in _SENTENCE.split(text):
            found = _WORD.findall(sentence.lower())
            sentences, words = sentences + bool(found), words + len(found)
            syllables += sum(formula.syllables(word) for word in found) if formula else 0
    if formula is None or words < FEWEST_WORDS:
        return None
    return round(formula.measure(words / sentences, syllables / words), 1)


_ENGLISH_GROUP = re.compile(r"[aeiouy]+")
# Two vowels beside each other that are two syllables, and endings whose vowel is silent.
_ENGLISH_APART = re.compile(
    r"[aeouy]ing|(?<![tscgq])(?<!ll)i[aou](?!us$)|(?<=r)iou|ie(?:r|st)$|(?<!q)ua(?!r|g)|eo(?!us|n$|u|p)|crea|(?<=[dr])ea(?=s?$)|eal?(?=ity)"
    r"|(?<!fr)ie[nt]|yon(?=d)"
)
_ENGLISH_SILENT = re.compile(
    r"(?<![aeiouy])e(?:ly|liness|less|ness|ful|ments?)?$|(?<![tdaeiouy])ed$|(?<![scxzgaeiouy])(?<!ch)(?<!sh)es$"
)
_ENGLISH_LE = re.compile(r"[^aeiouyl]les?$")
# A silent e in the middle of a word that is made of two.
_ENGLISH_JOINED = re.compile(r"^(?:every|some|one|else|where|there|fore|home)(?=[a-z])")


def english_syllables(word: str) -> int:
    """Return about how many syllables an English word has."""
    word = word.replace("’", "'").partition("'")[0]
    count = len(_ENGLISH_GROUP.findall(word)) + len(_ENGLISH_APART.findall(word))
    if _ENGLISH_SILENT.search(word) and not _ENGLISH_LE.search(word):
        count -= 1
    if _ENGLISH_JOINED.search(word):
        count -= 1
    return max(count, 1)


_SPANISH_VOWELS = re.compile(r"[aeiouáéíóúüy]+")
_SPANISH_STRONG = re.compile(r"[aeoáéóíú]")


def spanish_syllables(word: str) -> int:
    """Return how many syllables a Spanish word has: strong vowels are one each, weak ones join what is beside them."""
    word = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word)
    word = re.sub(r"y(?=[aeiouáéíóú])", "j", word)
    groups = _SPANISH_VOWELS.findall(word)
    return max(sum(max(len(_SPANISH_STRONG.findall(group)), 1) for group in groups), 1)


FORMULAS: Mapping[Tag, Formula] = {
    Tag("en"): Formula("the grade of Flesch and Kincaid", 9.0, english_syllables,
                       lambda sentence, word: 0.39 * sentence + 11.8 * word - 15.59, True),
    Tag("es"): Formula("the ease of Fernández Huerta", 60.0, spanish_syllables,
                       lambda sentence, word: 206.84 - 60 * word - 1.02 * sentence, False),
}  # fmt: skip
