"""Telltales: a doubled letter with as many letters around it as tell a disguise of a term from ordinary words.

Here: growing them, for the automaton to find. Not here: judging what it found (tame, reveal). Every third query has a
doubled letter, and hardly any of these is one too many: "oo" by itself says little, " zoor" says that "zorblaxin" may
be near, where no ordinary word begins so. The invariant: whoever writes a letter of a term more often than the term has
it writes a telltale, whatever the ordinary words are; these decide only how long the telltales are.

It is enough to look at the first letter that stands too often. What is before it is written as in the term; what comes
after it, once or twice. A letter three times in a row is a telltale by itself.

A telltale stands at the beginning of its word or begins with the double. In the middle of words an automaton would have
to remember some letters wherever it goes, and all queries would pay for it (decision 0018).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

_BEHIND = 2
"""Letters after the double of a telltale that may stand anywhere in a word."""


def telltales(
    words: Iterable[str], stems: Iterable[str], letters: Collection[str], ordinary: Iterable[str]
) -> list[bytes]:
    """Return the telltales of these words; `stems` may go on in a query, `letters` are those that may be doubled.

    `ordinary` are words that should have none, as far as none of them is a term with a letter too many.
    """
    begun, inside = _ordinary(ordinary)
    found = {letter * 3 for letter in letters}

    def tell(text: str, at: int, settled: int) -> None:
        """Note what tells a text in which this letter is doubled from ordinary words, and so on for those behind it."""
        # Where nothing is known to be ordinary, the beginning of a term tells more than a double by itself.
        ends = range(at + 2, min(at + 2 + _BEHIND, len(text)) + 1) if inside else ()
        if end := next((end for end in ends if text[at:end] not in inside), 0):
            found.add(text[at:end])
        else:
            end = next((end for end in range(at + 2, len(text)) if text[:end] not in begun), len(text))
            found.add(text[:end])
        for last in range(settled, end - 1):
            if text[last - 1] != text[last] != text[last + 1]:
                tell(text[: last + 1] + text[last:], at, last + 2)

    # The last letter of a stem twice is the stem, and what goes on with it.
    for word in chain(map(" {} ".format, words), map(" {}".format, stems)):
        for at in range(1, len(word) - 1):
            if word[at] in letters and word[at - 1] != word[at] != word[at + 1]:
                tell(word[: at + 1] + word[at:], at, at + 2)
    return sorted(text.encode() for text in found)


def _ordinary(words: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return how ordinary words begin, to a double and beyond it, and how they go on from a double inside."""
    begun: set[str] = set()
    inside: set[str] = set()
    for word in map(" {} ".format, words):
        for at in range(1, len(word) - 2):
            if word[at] == word[at + 1]:
                begun.update(word[:end] for end in range(at + 2, len(word) + 1))
                inside.update(word[at:end] for end in range(at + 2, min(at + 2 + _BEHIND, len(word)) + 1))
    return begun, inside
