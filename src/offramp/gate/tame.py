"""An odd query that holds no term and no disguise after all, told without taking it apart.

Here: what people write without a second thought: "don't", "well-known", "example.com", "4th", "vitamin b c", a question
mark. Not here: disguises (reveal); what is not told here is looked at there. The invariant: a query is called tame only
where the slow views would find nothing: each of its words, its words with a sign left out, and its words with a sign
or a digit for a letter is looked up, and no shape of a term is among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from offramp.gate.fold import is_of_one_script, tidy
from offramp.gate.oddity import AS_LETTERS, LETTER_BYTES, SHAPE, collapse
from offramp.gate.reveal import keep
from offramp.gate.words import Words

Found = list[tuple[int, int, int]]
Finder = Callable[[bytes], Found]
_AGAIN = re.compile(rb"(.)(?=\1)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tamer:
    """What it takes to tell that an odd query is tame: what the automaton's numbers stand for, and the words."""

    first_sentinel: int
    first_gap: int
    first_telltale: int
    words: Words = field(repr=False)

    def is_tame(self, query: str, view: bytes, found: Found, find: Finder) -> bool:
        """Tell whether a query that looks odd at a glance holds nothing; if it may hold something, the answer is no."""
        if not (query.isascii() or is_of_one_script(query)):
            return False
        if b"\x1e" in view:
            if view.count(b"\x1e") > 1 or not self._are_signs_tame(query):
                return False
            view = view.replace(b"\x1e", b"\x1f")
        if b"\x1f" not in view and b"  " not in view:
            return self._holds_nothing(view, found)
        # A sign that stands at either end of a word joins nothing.
        inside = view.replace(b"\x1f ", b" ").replace(b" \x1f", b" ")
        if signs := inside.count(b"\x1f"):
            if signs > 1:
                return False
            inside += inside.replace(b"\x1f", b"")  # both ways to read it, one after the other
        spaced = tidy(inside)
        return self._holds_nothing(spaced, find(spaced))

    def _are_signs_tame(self, query: str) -> bool:
        """Tell whether no chunk with a sign that may be a letter is a term once it is read as one."""
        if "&" in query or "%" in query:
            return False  # it may be a code
        chunks = (chunk for chunk in keep(query).split() if not chunk.isalnum())
        return not any(self.words.has_shape(_as_letters(chunk)) for chunk in chunks)

    def _holds_nothing(self, view: bytes, found: Found) -> bool:
        doubled = gaps = odd = False
        for _, _, number in found:
            if number < self.first_sentinel:
                return False
            if number >= self.first_telltale:
                doubled = True
            elif number >= self.first_gap:
                gaps = True
            else:
                odd = True
        words = self.words
        if doubled and words.has_disguised(view):
            return False
        if gaps and [*map(len, collapse(view.decode()).split())].count(1) > 2:
            return False
        return not odd or not any(map(words.has_shape, _odd_shapes(view.split())))


def _odd_shapes(tokens: Iterable[bytes]) -> Iterable[bytes]:
    """Give the shapes of the words that are not written in plain Latin letters alone."""
    for token in tokens:
        if token.isascii():
            if not (token.isalpha() or token.isdigit()):
                yield _AGAIN.sub(b"", token.translate(LETTER_BYTES))
        else:
            yield collapse(token.decode().translate(SHAPE)).encode()


def _as_letters(chunk: str) -> bytes:
    return collapse(chunk.translate(SHAPE).translate(AS_LETTERS)).encode("utf-8", "ignore")
