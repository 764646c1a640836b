"""What the gate leaves alone: ordinary queries made of Debian's dictionaries, at 100,000 terms.

A false hit here is one that an engine of exact spelling (the same terms, each marked `exact`) would not give.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from offramp.gate import Gate
from offramp.gate.compiled import compile_terms
from offramp.gate.lists import Term, TermList
from offramp.gate.sample import weigh
from tests.gate import harmless

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv")
TERMS, QUERIES = 100_000, 56_000
WORDS = harmless.MINERALS + harmless.PLANTS


@pytest.fixture(autouse=True)
def dictionaries() -> None:
    """Where a dictionary is missing, say so; where CI=true, fail."""
    missing = [
        name
        for name in map(harmless.DICTIONARIES.get, LANGUAGES)
        if not (harmless.FOLDER / str(name)).exists()
    ]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"Please run ops/install/dictionaries.sh: {', '.join(map(str, missing))} are missing.")
    if missing:
        pytest.skip("not run: Debian's word lists are missing. Please run ops/install/dictionaries.sh")


def terms() -> list[str]:
    """Return minerals, plants, and words in the letters of the very languages that the queries are in."""
    share = TERMS // len(LANGUAGES) + 500  # the same word may come of two languages
    made = {word for language in LANGUAGES for word in harmless.invented(share, language=language)}
    return sorted({*WORDS, *Random(1).sample(sorted(made), TERMS)})


def compiled(words: list[str], exact: bool = False, ordinary: frozenset[str] = frozenset()) -> Gate:
    listed = tuple(Term(n, word, "en", "harmless", exact=exact) for n, word in enumerate(words, 1))
    return Gate(compile_terms([TermList("harmless", listed)], ordinary))


def queries() -> Iterator[str]:
    """Yield queries of one to three dictionary words, and all words that are two letters away from a term."""
    random = Random(11)
    for language in LANGUAGES:
        dictionary = harmless.dictionary(language)
        for _ in range(QUERIES // len(LANGUAGES)):
            yield " ".join(random.choices(dictionary, k=random.randint(1, 3)))
    yield from neighbours()


def neighbours() -> list[str]:
    """Return the dictionary words that become a mineral or a plant by changing, adding or dropping two letters."""
    near = {key for word in WORDS for key in without_two(word)}
    words = {word for language in LANGUAGES for word in harmless.dictionary(language)}
    others = (word for word in words if 3 <= len(word) <= 15 and word.lower() not in WORDS)
    return sorted(word for word in others if not near.isdisjoint(without_two(word.lower())))


def without_two(word: str) -> set[str]:
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    return {word} | once | {short[:i] + short[i + 1 :] for short in once for i in range(len(short))}


def sample(known: float = 1.0, seed: int = 3) -> Iterator[tuple[str, int]]:
    """Yield the dictionaries as a benign sample, or a share of their words."""
    random = Random(seed)
    for language in LANGUAGES:
        yield from ((word, 1) for word in harmless.dictionary(language) if random.random() < known)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_ordinary_queries_are_left_alone() -> None:
    words = terms()
    plain, asked = compiled(words, exact=True), list(queries())
    assert len(asked) >= 50_000
    shares = {}
    for name, known in (("no sample", 0.0), ("half of the words", 0.5), ("the dictionaries", 1.0)):
        gate = compiled(words)
        if known:
            gate = compiled(words, ordinary=weigh(gate, sample(known)).ordinary)
        hits = [query for query in asked if gate.decide(query) and not plain.decide(query)]
        shares[name] = len(hits) / len(asked)
        print(
            f"{len(words):,} terms, {len(asked):,} queries, sample: {name}: {shares[name]:.4%}; such as {hits[:5]}"
        )
    assert shares["the dictionaries"] <= 0.0005
    assert shares["half of the words"] <= 0.003
    # The control: the sample is what spares them, so without one there is something to spare.
    assert shares["no sample"] > shares["half of the words"] > shares["the dictionaries"]


def test_of_ordinary_words_with_a_doubled_letter_hardly_one_is_looked_at_twice() -> None:
    """The control: without the sample many are, and of words that the sample does not know, a few."""
    doubled = [word.lower() for word in harmless.dictionary("en") if word.isascii() and word.isalpha()]
    doubled = [word for word in doubled if any(map(str.__eq__, word, word[1:]))]
    made = tuple(Term(n, word, "en", "harmless") for n, word in enumerate(harmless.invented(5_000), 1))

    def share(words: list[str], known: list[str]) -> float:
        find = compile_terms([TermList("harmless", made)], doubled=known).automaton.find_overlapping
        return sum(bool(find(f" {word} ".encode())) for word in words) / len(words)

    assert share(doubled, []) > 0.3
    assert share(doubled, doubled) < 0.01
    assert 0.01 < share(doubled[::2], doubled[1::2]) < 0.1
