"""The row archive: every opened page once, in a folder of sealed blocks.

Here: rows, blocks, their form as bytes, and the new ids that responses get. Not here: opening envelopes (opening).
A block is written whole under its number and never grows; a page that was withdrawn or sent again is taken out of its
block, which alone is written anew. The invariants: an archive is as it was or wholly new, block by block; an id that a
respondent's secret could lead to never leaves it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from offramp.desk.wholefile import write_whole
from offramp.errors import Refusal, refuse
from offramp.sealing import PageKey, Random, new_id, open_file, seal_file
from offramp.survey import Body, read_body

VERSION = 2
HEAD, PURPOSE = "head.sealed", "desk-archive"
_BLOCK = "{:06d}.block"
_ID_KEY_BYTES = 32


class Row(NamedTuple):
    """One opened page: which envelope it came from (key and digest), what of which response it is, and what it says.

    `response` is the id inside the envelope; `part` is the page, or the page's words.
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


@dataclass(frozen=True, slots=True)
class Block:
    """What one file holds, both in the order of their keys."""

    rows: Sequence[Row]
    aside: Sequence[Aside]


class Archive:
    """A folder of blocks. `at` makes nothing: the first write does."""

    def __init__(self, folder: Path, key: bytes, id_key: bytes, random: Random) -> None:
        self._folder, self._key, self._id_key, self._random = folder, key, id_key, random

    @classmethod
    def at(cls, folder: Path, key: bytes, random: Random = os.urandom) -> Self:
        """Return the archive in a folder. Refusals: sealing.cannot_open, archive.version, archive.gap."""
        head = folder / HEAD
        if head.exists():
            plain = _plain(head, key, PURPOSE)
            return cls(folder, key, bytes.fromhex(plain["ids"]), random)
        if any(folder.glob("*.block")):
            raise refuse("archive.gap", str(head), "The archive has blocks and no head.",
                         "Please restore this file, or move the folder away and open the inbox anew.")  # fmt: skip
        return cls(folder, key, random(_ID_KEY_BYTES), random)

    def numbers(self) -> list[int]:
        """Return the numbers of all blocks. Refusal archive.gap: one of them is missing."""
        there = sorted(int(path.stem) for path in self._folder.glob("*.block"))
        missing = sorted(set(range(1, len(there) + 1)) - set(there))
        if missing:
            raise refuse("archive.gap", str(self._path(missing[0])), "This block is missing.",
                         "Please restore it, or type “offramp desk open”, which opens its envelopes anew.")  # fmt: skip
        return there

    def fill_gaps(self) -> None:
        """Put an empty block in the place of a missing one; what it held is opened anew, as it is not here."""
        there = {int(path.stem) for path in self._folder.glob("*.block")}
        for number in set(range(1, max(there, default=0))) - there:
            self._write(number, Block((), ()))

    def block(self, number: int) -> Block:
        """Return one block. Refusals: sealing.cannot_open, archive.version."""
        plain = _plain(self._path(number), self._key, f"{PURPOSE}/{number}")
        return Block(
            [Row(PageKey(bytes.fromhex(key)), bytes.fromhex(digest), survey, response, part, body.encode())
             for key, digest, survey, response, part, body in plain["rows"]],
            [Aside(PageKey(bytes.fromhex(key)), bytes.fromhex(digest), code) for key, digest, code in plain["aside"]],
        )  # fmt: skip

    def append(self, rows: Sequence[Row], aside: Sequence[Aside]) -> None:
        """Write one more block, its rows in the order of their keys."""
        if not (self._folder / HEAD).exists():
            head = json.dumps({"v": VERSION, "ids": self._id_key.hex()}).encode()
            write_whole(self._folder / HEAD, seal_file(head, self._key, PURPOSE, self._random))
        self._write(len(self.numbers()) + 1, Block(rows, aside))

    def take_out(self, number: int, keys: Container[PageKey]) -> None:
        """Write one block anew without some of its pages."""
        block = self.block(number)
        kept = [row for row in block.rows if row.key not in keys]
        self._write(number, Block(kept, [each for each in block.aside if each.key not in keys]))

    def rows(self) -> Iterator[Row]:
        """Yield all rows, block by block."""
        for number in self.numbers():
            yield from self.block(number).rows

    def bodies(self, survey: str) -> Iterator[Body]:
        """Yield the opened pages of a survey, their responses under the new ids."""
        for row in self.rows():
            if row.survey == survey:
                body = read_body(row.body)
                yield replace(body, context=replace(body.context, response=self.id_of(row.response)))

    def surveys(self) -> tuple[str, ...]:
        return tuple(sorted({row.survey for row in self.rows()}))

    def id_of(self, response: str) -> str:
        """Return the new id of a response: always the same in this archive, and like chance to everybody else."""
        return new_id(self._id_key, response)

    def _write(self, number: int, block: Block) -> None:
        plain = {
            "v": VERSION,
            "aside": [[each.key.hex(), each.digest.hex(), each.code] for each in block.aside],
            "rows": [
                [row.key.hex(), row.digest.hex(), row.survey, row.response, row.part, row.body.decode()]
                for row in block.rows
            ],
        }
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
        write_whole(self._path(number), seal_file(text, self._key, f"{PURPOSE}/{number}", self._random))

    def _path(self, number: int) -> Path:
        return self._folder / _BLOCK.format(number)


def _plain(path: Path, key: bytes, purpose: str) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(open_file(path.read_bytes(), key, purpose))
    except Refusal:
        raise refuse("sealing.cannot_open", str(path), "The file is damaged, or the key is not its key.",
                     "Please check that the desk's key belongs to this archive. If it does, either restore the file, "
                     "or move a block away and type “offramp desk open”, which opens it anew.") from None  # fmt: skip
    if plain["v"] != VERSION:
        raise refuse("archive.version", str(path), f"The archive has version {plain['v']}, not {VERSION}.",
                     "Please use the version of Offramp that wrote it.")  # fmt: skip
    return plain
