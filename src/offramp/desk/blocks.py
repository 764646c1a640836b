"""What one block of the archive holds, and how it is laid out in bytes: columns in front, the bodies behind them.

Not here: sealing and files (archive). The invariants: what is laid out reads back the same; whoever only asks what is
there reads columns, and not one body.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, cast

from offramp.sealing import PAGE_KEY_BYTES, PageKey

VERSION = 3
DIGEST, _RESPONSE = 32, 16
# Small numbers that stand for names, lengths of bodies, places of pages: little-endian, of 2, 4 and 8 bytes.
_NAME, _LENGTH, _PLACE = "H", "I", "Q"


class Row(NamedTuple):
    """One opened page: which envelope it came from (key and digest), what of which response it is, and what it says.

    `response` is the id inside the envelope, 32 hex digits; `part` is the page, or the page's words.
    """

    key: PageKey
    digest: bytes
    survey: str
    response: str
    part: str
    body: bytes


class Aside(NamedTuple):
    """An envelope that could not be taken: which one, and the code of the reason."""

    key: PageKey
    digest: bytes
    code: str


class Known(NamedTuple):
    """What can be known of a page without reading it: of which envelope, why set aside, and the place of a row."""

    key: PageKey
    digest: bytes
    code: str
    place: int


@dataclass(frozen=True, slots=True)
class Block:
    """What one file holds, rows and what was set aside both in the order of their keys.

    `places` has one number for each row, the same for the same page of the same response.
    """

    rows: Sequence[Row]
    places: Sequence[int]
    aside: Sequence[Aside]

    def without(self, keys: Container[PageKey]) -> Block:
        """Return the block without some of its pages."""
        kept = [
            (row, place) for row, place in zip(self.rows, self.places, strict=True) if row.key not in keys
        ]
        aside = [each for each in self.aside if each.key not in keys]
        return Block([row for row, _ in kept], [place for _, place in kept], aside)


class Extent(NamedTuple):
    """From which key to which a block goes (nothing where it is empty), and the places of its rows."""

    first: bytes
    last: bytes
    places: Sequence[int]


def lay_out(block: Block) -> bytes:
    """Return a block as bytes."""
    rows, aside = block.rows, block.aside
    surveys, survey_of = _named([row.survey for row in rows])
    parts, part_of = _named([row.part for row in rows])
    codes, code_of = _named([each.code for each in aside])
    head = {
        "v": VERSION,
        "rows": len(rows),
        "aside": len(aside),
        "surveys": surveys,
        "parts": parts,
        "codes": codes,
    }
    return b"".join((
        json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode(), b"\n",
        *(row.key for row in rows), *(row.digest for row in rows), _packed(_PLACE, block.places),
        *(each.key for each in aside), *(each.digest for each in aside), _packed(_NAME, code_of),
        _packed(_NAME, survey_of), _packed(_NAME, part_of), *(bytes.fromhex(row.response) for row in rows),
        _packed(_LENGTH, [len(row.body) for row in rows]), *(row.body for row in rows),
    ))  # fmt: skip


def version(plain: bytes) -> object:
    """Return of which version a block is; an earlier one was JSON as a whole, and says so as well."""
    return _head(plain)["v"]


def what_is_there(plain: bytes) -> Iterator[Known]:
    """Yield what a block knows of each of its pages, in the order of their keys."""
    columns = _Columns(plain)
    rows, aside = columns.known_rows(), columns.known_aside()
    return merge(rows, aside) if columns.head["aside"] else rows


def extent(plain: bytes) -> Extent:
    """Return from which key to which a block goes, and the places of its rows."""
    columns = _Columns(plain)
    found: list[bytes] = []
    numbers: Sequence[int] = ()
    for name in ("rows", "aside"):
        if n := columns.head[name]:
            end = columns.at + PAGE_KEY_BYTES * n
            found += plain[columns.at : columns.at + PAGE_KEY_BYTES], plain[end - PAGE_KEY_BYTES : end]
        columns.at += (PAGE_KEY_BYTES + DIGEST) * n
        if name == "rows":
            numbers = columns.numbers(_PLACE, n)
    return Extent(min(found, default=b""), max(found, default=b""), numbers)


def read_block(plain: bytes) -> Block:
    """Return all that a block holds."""
    columns = _Columns(plain)
    known, aside = list(columns.known_rows()), list(columns.known_aside())
    head, n = columns.head, columns.head["rows"]
    surveys, parts = ([head[names][at] for at in columns.numbers(_NAME, n)] for names in ("surveys", "parts"))
    responses = [each.hex() for each in columns.pieces(_RESPONSE, n)]
    ends = accumulate(columns.numbers(_LENGTH, n), initial=columns.at)
    rows = [
        Row(each.key, each.digest, survey, response, part, plain[start:end])
        for each, survey, response, part, (start, end) in zip(
            known, surveys, responses, parts, pairwise(ends), strict=True
        )
    ]
    return Block(rows, [each.place for each in known], [Aside(e.key, e.digest, e.code) for e in aside])


class _Columns:
    """The columns of a block one after another; `at` is where the next begins."""

    def __init__(self, plain: bytes) -> None:
        self.plain, self.head, self.at = plain, _head(plain), plain.index(b"\n") + 1

    def pieces(self, size: int, n: int) -> list[bytes]:
        start, self.at = self.at, self.at + size * n
        return [self.plain[place : place + size] for place in range(start, self.at, size)]

    def keys(self, n: int) -> list[PageKey]:
        return cast(list[PageKey], self.pieces(PAGE_KEY_BYTES, n))

    def numbers(self, kind: str, n: int) -> array[int]:
        found = array(kind)
        start, self.at = self.at, self.at + found.itemsize * n
        found.frombytes(self.plain[start : self.at])
        return _little(found)

    def known_rows(self) -> Iterator[Known]:
        n = self.head["rows"]
        keys, digests = self.keys(n), self.pieces(DIGEST, n)
        return map(Known, keys, digests, [""] * n, self.numbers(_PLACE, n))

    def known_aside(self) -> Iterator[Known]:
        n = self.head["aside"]
        keys, digests = self.keys(n), self.pieces(DIGEST, n)
        codes = [self.head["codes"][at] for at in self.numbers(_NAME, n)]
        return map(Known, keys, digests, codes, [0] * n)


def _head(plain: bytes) -> dict[str, Any]:
    end = plain.find(b"\n")
    found: dict[str, Any] = json.loads(plain if end < 0 else plain[:end])
    return found


def _named(names: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the different names, and for each its number among them."""
    different = list(dict.fromkeys(names))
    number = {name: at for at, name in enumerate(different)}
    return different, [number[name] for name in names]


def _packed(kind: str, numbers: Sequence[int]) -> bytes:
    return _little(array(kind, numbers)).tobytes()


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
