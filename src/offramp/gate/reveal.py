"""The slow views of an odd query: what it says once a disguise is taken off.

Here: decoding, taking a query apart into pieces, trying what pieces spell together, and asking letter by letter
whether that is a disguise. Not here: which characters may stand for which (oddity), and the verdict (match). The
invariant: a disguise is found only where something is odd: each one that is taken off has at least one repeated
letter, sign, digit, gap or look-alike in its own span, and everything around it stays as it was.

Words cut into pieces of several letters by spaces are left alone, on purpose: most such pieces are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import groupby, islice, product, takewhile
from unicodedata import is_normalized, name, normalize

from offramp.gate.fold import MAX_QUERY, fold, plain, thin
from offramp.gate.oddity import AS_LETTERS, AS_SEPARATORS, KEPT, SHAPE, SIGNS, collapse, looks, meanings
from offramp.gate.words import SHORTEST, Words

ROUNDS = 3
"""How often a query is decoded: what is percent-encoded twice is read, what is encoded ten times is not."""
MOST_VIEWS = 4
MOST_SIGNS = 8
"""Signs in a row at the end of a piece that may all be letters."""
_GAPS = re.escape(f" -'{SIGNS}")
_PIECE = re.compile(f"[^{_GAPS}]+")
_LEET = re.escape(SIGNS)
_JOINS = re.compile(
    rf"[^{_GAPS}][-'{_LEET}]+[^{_GAPS}]|(?<![^{_GAPS}])([^{_GAPS}])\1*[{_GAPS}]+([^{_GAPS}])\2*(?![^{_GAPS}])"
    rf"|[{_LEET}][^{_GAPS}]|[^{_GAPS}][{_LEET}]"
)
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BARE = re.compile("[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u31ff\u3400-\u9fff\uac00-\ud7af]+")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class View:
    """A folded text, and where in it a disguise was taken off."""

    text: bytes
    odd: tuple[Span, ...] = ()
    spellings: tuple[str, ...] = ()
    """What stood there instead, for whoever weighs a benign sample; never kept of a real query."""


@dataclass(frozen=True, slots=True)
class _Swap:
    """One disguise: where it stands in what is kept of the query, and the word that it is one of."""

    start: int
    end: int
    word: str


def reveal(query: str, words: Words) -> Iterator[View]:
    """Yield what a query says: as it stands, decoded, and with its disguises taken off."""
    query = query[:MAX_QUERY]
    yield View(fold(query))
    decoded = _decode(query)
    if decoded != query:
        yield View(fold(decoded))
    kept = keep(decoded)
    swaps = sorted(set(_swaps(kept, words)), key=lambda swap: (swap.start - swap.end, swap.start, swap.word))
    for _ in range(MOST_VIEWS):
        if not swaps:
            return
        taken: list[_Swap] = []
        left: list[_Swap] = []
        for swap in swaps:
            free = all(swap.end <= other.start or other.end <= swap.start for other in taken)
            (taken if free and len(taken) < 100 else left).append(swap)
        yield _without(kept, sorted(taken, key=lambda swap: swap.start))
        swaps = left


def keep(text: str) -> str:
    """Return what is kept of a query for the slow views: folded, but for signs and the case of look-alikes."""
    if text.isascii():
        return text.lower()
    text = text.translate(KEPT)
    return text if is_normalized("NFC", text) else normalize("NFC", thin(text))


def _decode(text: str) -> str:
    for _ in range(ROUNDS):
        before = text
        if "&" in text:
            text = unescape(text)
        if "%" in text:
            text = _ENCODED.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)
        if text == before:
            break
    return text


def _without(kept: str, swaps: list[_Swap]) -> View:
    view, place = b" ", 0
    odd: list[Span] = []
    for swap in swaps:
        view += fold(kept[place : swap.start])[1:]
        odd.append((len(view), len(view) + len(swap.word.encode())))
        view += swap.word.encode() + b" "
        place = swap.end
    spellings = tuple(kept[swap.start : swap.end] for swap in swaps)
    return View(view + fold(kept[place:])[1:], tuple(odd), spellings)


# -- pieces, and what they spell together ---------------------------------------------------------------------


def _swaps(kept: str, words: Words) -> Iterator[_Swap]:
    shape = kept.translate(SHAPE)
    collapsed = _PIECE.findall(collapse(shape))
    joins = _JOINS.search(shape)
    known = not words.shapes.keys().isdisjoint(collapsed) or _begins_stem(collapsed, words)
    if not joins and not known:
        return
    pieces = [found.span() for found in _PIECE.finditer(shape)]
    if known:
        for (start, end), found in zip(pieces, collapsed, strict=True):
            yield from _fitting(kept, shape, start, end, found, AS_SEPARATORS, words)
    if joins:
        for chain in _chains(shape, pieces, collapsed):
            yield from _joined(kept, shape, chain, words)


def _begins_stem(shapes: list[str], words: Words) -> bool:
    return any(shape[:length] in words.stems for length in words.stem_lengths for shape in shapes)


def _chains(shape: str, pieces: list[Span], collapsed: list[str]) -> Iterator[list[Span]]:
    """Give the rows of pieces that may spell a word together: joined by signs, or single letters in a row."""
    chain: list[Span] = []
    for number, piece in enumerate(pieces):
        if chain:
            gap = shape[chain[-1][1] : piece[0]]
            if " " in gap and (len(collapsed[number]) > 1 or len(collapsed[number - 1]) > 1):
                yield chain
                chain = []
        chain.append(piece)
    if chain:
        yield chain


def _joined(kept: str, shape: str, chain: list[Span], words: Words) -> Iterator[_Swap]:
    """Try what neighbouring pieces of a chain spell, with the signs at their ends and without."""
    for bare, run in groupby(chain, lambda span: bool(_BARE.fullmatch(kept, *span))):
        if bare and len(spans := list(run)) > 2:
            text = "".join(kept[start:end] for start, end in spans)
            yield _Swap(spans[0][0], spans[-1][1], text)
    for first, (start, _) in enumerate(chain):
        lefts = [start, *_signs_before(shape, start)]
        letters = 0
        for last in range(first, len(chain)):
            end = chain[last][1]
            letters += len(collapse(shape[chain[last][0] : end]))
            if letters > words.longest:
                break
            rights = [end, *_signs_after(shape, end)]
            # Of every length at one end, all or none at the other: the work stays linear in the signs.
            tried = {*product(lefts, (end, rights[-1])), *product((start, lefts[-1]), rights)}
            for left, right in sorted(tried):
                if last > first or left < start or right > end:
                    yield from _spelt(kept, shape, left, right, words)


def _signs_before(shape: str, start: int) -> list[int]:
    """Return where a word may begin, if signs right before a piece are letters of it."""
    run = takewhile(lambda place: shape[place] in SIGNS, range(start - 1, -1, -1))
    return list(islice(run, MOST_SIGNS))


def _signs_after(shape: str, end: int) -> list[int]:
    run = takewhile(lambda place: shape[place] in SIGNS, range(end, len(shape)))
    return [place + 1 for place in islice(run, MOST_SIGNS)]


def _spelt(kept: str, shape: str, start: int, end: int, words: Words) -> Iterator[_Swap]:
    text = shape[start:end]
    signed = any(sign in text for sign in SIGNS)
    for table in (AS_LETTERS, AS_SEPARATORS) if signed else (AS_SEPARATORS,):
        if table is AS_LETTERS or (text[0] not in SIGNS and text[-1] not in SIGNS):
            yield from _fitting(kept, shape, start, end, collapse(text.translate(table)), table, words)


# -- does it fit? -------------------------------------------------------------------------------------------


def _fitting(kept: str, shape: str, start: int, end: int, found: str, table: dict[int, str | None],
             words: Words) -> Iterator[_Swap]:  # fmt: skip
    """Give the words that a span is a disguise of, `found` being its collapsed shape."""
    whole = words.shapes.get(found, "").split()
    begun = [word for length in words.stem_lengths for word in words.stems.get(found[:length], "").split()]
    if not (whole or begun):
        return
    text = kept[start:end]
    if text in words.ordinary or _is_elision(shape[start:end]):
        return
    letters = [c for c, one in zip(text, shape[start:end], strict=True) if table.get(ord(one), one) is not None]
    if not any(c.isalpha() for c in letters):
        return
    for word in whole:
        if word != text and _fits(letters, word, False):
            yield _Swap(start, end, word)
    for word in begun:
        if not text.startswith(word) and (rest := _fits(letters, word, True)):
            yield _Swap(start, end, word + rest[1:])


def _is_elision(shape: str) -> bool:
    """Tell whether an apostrophe is all that joins two pieces: that is how "he'll" and "l'eau" are written."""
    return shape.count("'") == 1 and "-" not in shape and not any(sign in shape for sign in SIGNS)


def _fits(letters: list[str], word: str, goes_on: bool) -> str:
    """Tell whether these characters can be read as the word, each letter of it once or more often.

    The answer is empty if not; otherwise "=" and, for a word that goes on, what it goes on with.
    """
    places: dict[str, int] = {}
    for place, letter in enumerate(word, 1):
        for look in looks(letter):
            places[look] = places.get(look, 0) | 1 << place
    reached, whole = 1, 1 << len(word)
    for number, character in enumerate(letters):
        here = 0
        for meaning in meanings(character):
            here |= places.get(meaning, 0)
        if not (here := (reached | reached << 1) & here):
            return ""
        reached = here
        if goes_on and reached & whole:
            rest = letters[number + 1 :]
            while rest and word[-1] in meanings(rest[0]):
                rest = rest[1:]
            return "=" + "".join(map(plain, rest)) if _one_hand(letters, word) else ""
    return "=" if reached & whole and _one_hand(letters, word) else ""


def _one_hand(letters: list[str], word: str) -> bool:
    """Tell whether look-alikes are mixed with another script; a whole word of one script is a word of its own."""
    alike = [c for c in letters if c.isalpha() and plain(c) not in word]
    if not alike or any(_script(c) == "LATIN" and not c.isascii() for c in alike):
        return True
    return len({_script(c) for c in letters if c.isalpha()}) > 1


def _script(letter: str) -> str:
    return name(letter, "").partition(" ")[0]
