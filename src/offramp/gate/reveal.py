"""The slow views of an odd query: what it says once a disguise is taken off.

Here: decoding, taking a query apart into pieces, trying what pieces spell together, and asking letter by letter
whether that is a disguise. Not here: which characters may stand for which (oddity), and the verdict (match). The
invariant: a disguise is found only where something is odd: each one that is taken off has at least one repeated
letter, sign, digit, gap or look-alike in its own span, and everything around it stays as it was.

Words cut into pieces of several letters by spaces are left alone, on purpose: most such pieces are words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from unicodedata import is_normalized, name, normalize

from offramp.gate.fold import MAX_QUERY, fold, plain, thin
from offramp.gate.oddity import (
    AS_LETTERS,
    AS_SEPARATORS,
    ASCII_SHAPE,
    KEPT,
    LETTER_BYTES,
    SHAPE,
    SIGNS,
    collapse,
    key,
    looks,
    meanings,
)
from offramp.gate.words import Words

ROUNDS = 6
"""How often a query is decoded: what is encoded twice is read, what is encoded ten times is not."""
MOST_VIEWS = 4
MOST_PIECES = 40
"""Pieces that may spell one word together, signs between its letters among them."""
_GAPS = re.escape(f" -'{SIGNS}")
_PIECE = re.compile(f"[^{_GAPS}]+")
_PIECE_OR_SIGN = re.compile(f"[^{_GAPS}]+|[{re.escape(SIGNS)}]")
_LIGATURES = frozenset(map(key, ("fi", "fl", "st", "ae", "oe", "ij")))  # what is left of them is two letters
_AGAIN = re.compile(rb"(.)(?=\1)", re.DOTALL)
_DIGITS = b"0123456789"
_SIGN_BYTES = bytes(code for code in range(0x80) if chr(code) in "-'" + SIGNS or ASCII_SHAPE[code] in b"-'")
_LEET_BYTES = bytes(code for code in _SIGN_BYTES if chr(code) in SIGNS)
_TO_SPACE = bytes.maketrans(_SIGN_BYTES, b" " * len(_SIGN_BYTES))
_WORDS = bytes(
    0x20 if ASCII_SHAPE[code] == 0x20 or code in _SIGN_BYTES else code for code in range(0x80)
).lower()
_WORDS += bytes(0x80)
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of letters, or a sign that may be one: where it stands in what is kept, and its collapsed shape."""

    start: int
    end: int
    text: str


def reveal(query: str, words: Words) -> Iterator[View]:
    """Yield what an odd query says beside what it says as it stands: decoded, and with its disguises taken off."""
    query = query[:MAX_QUERY]
    decoded = _decode(query) if "&" in query or "%" in query else query
    if decoded != query:
        yield View(fold(decoded))
    if decoded.isascii() and not is_suspect(decoded, words):
        return
    kept = keep(decoded)
    swaps = sorted(set(_swaps(kept, words)), key=lambda swap: (swap.start - swap.end, swap.start, swap.word))
    for _ in range(MOST_VIEWS):
        if not swaps:
            return
        taken, swaps = _apart(swaps)
        yield _without(kept, taken)


def _apart(swaps: Sequence[_Swap]) -> tuple[list[_Swap], list[_Swap]]:
    """Take swaps that do not overlap, the first ones first; the answer is those, in their order, and the rest."""
    taken: list[_Swap] = []
    left: list[_Swap] = []
    for swap in swaps:
        place = bisect_left(taken, swap.start, key=lambda other: other.start)
        free = (place == len(taken) or swap.end <= taken[place].start) and (
            place == 0 or taken[place - 1].end <= swap.start
        )
        if free:
            taken.insert(place, swap)
        else:
            left.append(swap)
    return taken, left


def keep(text: str) -> str:
    """Return what is kept of a query for the slow views: folded, but for signs and the case of look-alikes."""
    if text.isascii():
        return text.lower()
    text = text.translate(KEPT)
    return text if is_normalized("NFC", text) else normalize("NFC", thin(text))


def _decode(text: str) -> str:
    for _ in range(ROUNDS):
        # Percent signs first: half of "&#1%305;" would be another character.
        if ("%" in text and (found := _ENCODED.sub(_percent, text)) != text) or (
            "&" in text and (found := unescape(text)) != text
        ):
            text = found
        else:
            break
    return text


def _percent(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace")


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


def is_suspect(text: str, words: Words) -> bool:
    """Tell soon that most odd ASCII queries hold no disguise, without ever missing one."""
    if words.stem_lengths:
        return True
    spelt = text.encode().translate(_WORDS)
    tokens = _AGAIN.sub(b"", spelt).split()
    if [*map(len, tokens)].count(1) > 2:
        return True
    if words.has_disguised(spelt):
        return True
    return any(_may_stand_for(chunk.encode(), words) for chunk in text.lower().split() if not chunk.isalpha())


def _may_stand_for(chunk: bytes, words: Words) -> bool:
    """Tell whether a chunk is a word once its one sign is left out or read as a letter, and digits as letters."""
    bare = chunk.translate(None, _SIGN_BYTES)
    signs = len(chunk) - len(bare)
    if signs > 1 or not bare or bare.isdigit():
        return signs > 1 and not bare.isdigit() and bool(bare)
    if bare.isalpha():
        if b"'" in chunk:
            return False  # as in "he'll"
        inside = chunk[:1].isalpha() and chunk[-1:].isalpha()
        if inside and _shape(bare, LETTER_BYTES) in words.shapes:
            return True
        return chunk.translate(None, _LEET_BYTES) != chunk and _shape(chunk, LETTER_BYTES) in words.shapes
    pieces = chunk.translate(_TO_SPACE).split() if signs else ()
    return any(_shape(part, LETTER_BYTES) in words.shapes for part in (bare, chunk, *pieces))


def _shape(text: bytes, table: bytes) -> bytes:
    return _AGAIN.sub(b"", text.translate(table))


def _swaps(kept: str, words: Words) -> list[_Swap]:
    """Return the disguises in what is kept of a query."""
    shape = kept.encode().translate(ASCII_SHAPE).decode() if kept.isascii() else kept.translate(SHAPE)
    collapsed = _PIECE.findall(collapse(shape))
    pieces = [found.span() for found in _PIECE.finditer(shape)]
    swaps: list[_Swap] = []
    if not pieces:
        return swaps
    for (start, end), found in zip(pieces, collapsed, strict=True):
        swaps += _fitting(kept, shape, start, end, found, AS_SEPARATORS, words)
    for chain in _chains(kept, shape):
        swaps += _bare(kept, chain)
        for joined in _joined(chain, words.longest):
            swaps += _fitting(kept, shape, *joined, words)
    return swaps


def _chains(kept: str, shape: str) -> Iterator[list[_Piece]]:
    """Give the rows of pieces that may spell a word together: joined by signs, or single letters in a row.

    A sign that may be a letter is a piece, and a single letter is one piece with its repetitions.
    """
    chain: list[_Piece] = []
    for found in _PIECE_OR_SIGN.finditer(shape):
        text, (start, end) = collapse(found[0]), found.span()
        if chain:
            last = chain[-1]
            apart = " " in shape[last.end : start]
            if apart and not (_is_single(text) and _is_single(last.text)):
                if len(chain) > 1:
                    yield chain
                chain = []
            elif kept[start] == kept[last.start] and len(text) == len(last.text) == 1:
                chain[-1] = _Piece(last.start, end, text)
                continue
        chain.append(_Piece(start, end, text))
    if len(chain) > 1:
        yield chain


def _is_single(text: str) -> bool:
    return len(text) == 1 or text in _LIGATURES


def _joined(
    chain: Sequence[_Piece], longest: int
) -> Iterator[tuple[int, int, str, Mapping[int, str | None]]]:
    """Give what neighbouring pieces of a chain spell: each span, its shape, and how its signs were read."""
    for first, piece in enumerate(chain):
        texts: list[str] = []
        letters = signs = 0
        for last in chain[first : first + MOST_PIECES]:
            texts.append(last.text)
            if last.text in SIGNS:
                signs += 1
            else:
                letters += len(last.text)
            if letters > longest:
                break
            if len(texts) == 1 or not letters:
                continue
            whole = "".join(texts)
            if signs:
                yield piece.start, last.end, collapse(whole.translate(AS_LETTERS)), AS_LETTERS
            if piece.text not in SIGNS and last.text not in SIGNS:
                yield piece.start, last.end, collapse(whole.translate(AS_SEPARATORS)), AS_SEPARATORS


def _bare(kept: str, chain: Sequence[_Piece]) -> Iterator[_Swap]:
    """Give single characters in a row of a script without spaces, put together again."""
    if kept.isascii():
        return
    for is_bare, run in groupby(chain, lambda piece: bool(_BARE.fullmatch(piece.text))):
        if is_bare and len(pieces := list(run)) > 2:
            start, end = pieces[0].start, pieces[-1].end
            letters = (c for c in kept[start:end] if _PIECE.fullmatch(c.translate(SHAPE)))
            yield _Swap(start, end, "".join(letters))


# -- does it fit? -------------------------------------------------------------------------------------------


def _fitting(kept: str, shape: str, start: int, end: int, found: str, table: Mapping[int, str | None],
             words: Words) -> list[_Swap]:  # fmt: skip
    """Return the words that a span is a disguise of, `found` being its collapsed shape."""
    whole = words.shapes.get(found.encode("utf-8", "ignore"), b"").decode().split()
    begun = [word for length in words.stem_lengths
             for word in words.stems.get(found[:length].encode("utf-8", "ignore"), b"").decode().split()]  # fmt: skip
    text = kept[start:end]
    if (
        not (whole or begun)
        or text in whole
        or text.encode("utf-8", "ignore") in words.ordinary
        or _is_elision(shape[start:end])
    ):
        return []
    letters = [
        c for c, one in zip(text, shape[start:end], strict=True) if table.get(ord(one), one) is not None
    ]
    if not any(c.isalpha() for c in letters):
        return []
    core = _within(letters)
    fit = [
        _Swap(start, end, word)
        for word in whole
        if _fits(letters, word, False) and not (len(core) < len(letters) and _fits(core, word, False))
    ]
    for word in begun:
        if not text.startswith(word) and (rest := _fits(letters, word, True)):
            fit.append(_Swap(start, end, word + rest[1:]))
    return fit


def _within(letters: list[str]) -> list[str]:
    """Leave out digits and signs at both ends: where a word stands without them, "mix3" is not "mixe" twice over."""
    places = [place for place, character in enumerate(letters) if character.isalpha()]
    return letters[places[0] : places[-1] + 1]


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
    if any(not c.isalpha() for c in letters):
        return True  # an ordinary word has no digit in it
    return len({_script(c) for c in letters if c.isalpha()}) > 1


def _script(letter: str) -> str:
    return name(letter, "").partition(" ")[0]
