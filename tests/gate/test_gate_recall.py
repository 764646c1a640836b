"""What the gate sees through: machine-made disguises of harmless words, at least 2,000 of each family.

The words and the disguises know nothing of the program (`harmless`, `disguises`, `late_disguises`). Each control is
the same text with another word in it, which must not be found.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from random import Random

import pytest

from offramp.gate import Gate
from offramp.gate.compiled import compile_terms
from offramp.gate.lists import Match, Term, TermList
from tests.gate import disguises, harmless, late_disguises

NUMBER = 2000
CARRIERS = ("{}", "{}", "where to find {}", "{} pictures", "buy a {} now", "the {} i saw", "cheap {} 2026")
LATIN = tuple(word for word in harmless.MINERALS + harmless.PLANTS if len(word) >= 4)
ALPHABETS: Mapping[str, tuple[tuple[str, ...], Mapping[str, disguises.Family]]] = {
    "": (LATIN, disguises.LATIN),
    "Arabic ": (harmless.ARABIC, disguises.ARABIC),
    "Cyrillic ": (harmless.CYRILLIC, disguises.CYRILLIC),
    "kana ": (harmless.KANA, disguises.KANA),
    "German ": (harmless.GERMAN, {"ligatures": disguises.ligatures, "case": disguises.case}),
    "late: ": (LATIN, late_disguises.LATE),
}
FAMILIES = {f"{alphabet}{name}": (words, [family]) for alphabet, (words, families) in ALPHABETS.items()
            for name, family in families.items()}  # fmt: skip
# In which order two families are put together: first what needs the letters as they are (a capital of a look-alike
# is another look-alike; a doubled letter of which one became a digit at the end of a word is a word with a number),
# then what repeats letters, then what goes between and around them, then codes.
ORDER = (("ligatures", "case"), ("look-alikes", "leet digits", "leet signs"), ("doubled letters", "repeated letters"),
         ("compatibility forms", "marks", "invisible", "separated", "separated freely", "spaced"),
         ("sentence punctuation",), ("entities", "percent-encoded"))  # fmt: skip


def term_list(words: Sequence[str]) -> TermList:
    return TermList("harmless", tuple(
        Term(number, word, "en", "harmless", Match.BARE if word in harmless.KANA else Match.WORD)
        for number, word in enumerate(words, 1)
    ))  # fmt: skip


ALL = (*LATIN, *harmless.ARABIC, *harmless.CYRILLIC, *harmless.KANA, *harmless.GERMAN)


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(compile_terms([term_list(ALL)]))


def found(gate: Gate, words: Sequence[str], families: Sequence[disguises.Family], seed: str) -> float:
    """Return the share of disguises that are decided to be the term that they disguise."""
    random, seen = Random(zlib.crc32(seed.encode())), 0
    for _ in range(NUMBER):
        word = text = random.choice(words)
        for family in families:
            text = family(text, random)
        decision = gate.decide(random.choice(CARRIERS).format(text))
        seen += decision is not None and decision.rule == f"term {ALL.index(word) + 1}"
    return seen / NUMBER


@pytest.mark.full
@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_of_disguises_is_seen_through(gate: Gate, name: str) -> None:
    words, families = FAMILIES[name]
    share = found(gate, words, families, name)
    print(f"{name}: {share:.2%}")
    assert share >= (1 if name == "verbatim" else late_disguises.EXPECTED.get(name, 0.99))


def pairs() -> list[tuple[str, str]]:
    place = {name: number for number, names in enumerate(ORDER) for name in names}
    assert place.keys() == disguises.LATIN.keys() - {"verbatim"}
    return [(one, other) for one in place for other in place if one != other and place[one] <= place[other]]


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_pairs_of_families_are_seen_through(gate: Gate) -> None:
    shares = {
        pair: found(gate, LATIN, [disguises.LATIN[name] for name in pair], " ".join(pair)) for pair in pairs()
    }
    for (one, other), share in sorted(shares.items(), key=lambda item: item[1])[:25]:
        print(f"{one} + {other}: {share:.2%}")
    assert {pair: share for pair, share in shares.items() if share < 0.97} == {}


def test_a_disguise_of_another_word_is_not_found(gate: Gate) -> None:
    random = Random(4)
    for name, family in disguises.LATIN.items():
        for other in ("window", "kettle", "bridge", "carpet", "quarter"):
            assert gate.decide(family(other, random)) is None, name


def test_some_disguises_of_each_family_are_seen_through(gate: Gate) -> None:
    """The quick form of the test above, for every change."""
    random = Random(5)
    for words, families in ALPHABETS.values():
        for family in families.values():
            if family not in late_disguises.LATE.values():
                decided = [gate.decide(family(random.choice(words), random)) is not None for _ in range(40)]
                assert sum(decided) >= 38, family.__name__
