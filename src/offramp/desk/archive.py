"""The row archive: every opened page once, in a folder of sealed blocks.

Here: the files, and the new ids that responses get. Not here: what is in a block (blocks), opening envelopes (opening).
A block is written whole under its number and never grows; a page that was withdrawn or sent again is taken out of its
block, which alone is written anew. The invariants: an archive is as it was or wholly new, block by block; an id that a
respondent's secret could lead to never leaves it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from offramp.desk.blocks import (
    VERSION,
    Aside,
    Block,
    Extent,
    Known,
    Row,
    extent,
    lay_out,
    read_block,
    version,
    what_is_there,
)
from offramp.desk.fingerprints import fingerprint
from offramp.desk.wholefile import write_whole
from offramp.errors import Refusal, refuse
from offramp.sealing import PageKey, Random, new_id, open_file, seal_file
from offramp.survey import Body, read_body

__all__ = ["HEAD", "PURPOSE", "Archive", "Aside", "Block", "Known", "Row"]
HEAD, PURPOSE = "head.sealed", "desk-archive"
_FILE = "{:06d}.block"
_KEY_BYTES = 32
_ENDS = 64


class Archive:
    """A folder of blocks. `at` makes nothing: the first write does."""

    def __init__(self, folder: Path, key: bytes, id_key: bytes, place_key: bytes, random: Random) -> None:
        self._folder, self._key, self._random = folder, key, random
        self._id_key, self._place_key = id_key, place_key

    @classmethod
    def at(cls, folder: Path, key: bytes, random: Random = os.urandom) -> Self:
        """Return the archive in a folder. Refusals: sealing.cannot_open, archive.version, archive.gap."""
        head = folder / HEAD
        if head.exists():
            plain = json.loads(_opened(head, key, PURPOSE))
            _demand(plain["v"], head)
            return cls(folder, key, bytes.fromhex(plain["ids"]), bytes.fromhex(plain["places"]), random)
        if any(folder.glob("*.block")):
            raise refuse("archive.gap", str(head), "The archive has blocks and no head.",
                         "Please restore this file, or move the folder away and open the inbox anew.")  # fmt: skip
        return cls(folder, key, random(_KEY_BYTES), random(_KEY_BYTES), random)

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
            self._write(number, Block((), (), ()))

    def block(self, number: int) -> Block:
        """Return one block. Refusals: sealing.cannot_open, archive.version."""
        return read_block(self._plain(number))

    def known(self, number: int) -> Iterator[Known]:
        """Yield what is in a block, in the order of keys, without reading a body; refusals as for a block."""
        return what_is_there(self._plain(number))

    def extent(self, number: int) -> Extent:
        """Return from which key to which a block goes, and the places of its rows; refusals as for a block."""
        return extent(self._plain(number))

    def place_of(self, row: Row) -> int:
        """Return the number of 64 bits that is the same for the same page of the same response, in this archive."""
        return fingerprint(f"{row.survey}/{row.response}/{row.part}", self._place_key)

    def append(self, block: Block) -> None:
        """Write one more block."""
        if not (self._folder / HEAD).exists():
            head = {"v": VERSION, "ids": self._id_key.hex(), "places": self._place_key.hex()}
            sealed = seal_file(json.dumps(head).encode(), self._key, PURPOSE, self._random)
            write_whole(self._folder / HEAD, sealed)
        self._write(len(self.numbers()) + 1, block)

    def take_out(self, number: int, keys: Container[PageKey]) -> None:
        """Write one block anew without some of its pages."""
        self._write(number, self.block(number).without(keys))

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

    def stamp(self) -> str:
        """Return what changes with every block that is written, however little; no block is opened for it."""
        digest = hashlib.sha256()
        for number in self.numbers():
            with self._path(number).open("rb") as file:
                # The number by chance at the beginning, and the tag over all of it at the end.
                first = file.read(_ENDS)
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _ENDS))
                digest.update(b"%d/%d/" % (number, size) + first + file.read())
        return digest.hexdigest()

    def id_of(self, response: str) -> str:
        """Return the new id of a response: always the same in this archive, and like chance to everybody else."""
        return new_id(self._id_key, response)

    def _plain(self, number: int) -> bytes:
        path = self._path(number)
        plain = _opened(path, self._key, f"{PURPOSE}/{number}")
        _demand(version(plain), path)
        return plain

    def _write(self, number: int, block: Block) -> None:
        sealed = seal_file(lay_out(block), self._key, f"{PURPOSE}/{number}", self._random)
        write_whole(self._path(number), sealed)

    def _path(self, number: int) -> Path:
        return self._folder / _FILE.format(number)


def _opened(path: Path, key: bytes, purpose: str) -> bytes:
    try:
        return open_file(path.read_bytes(), key, purpose)
    except Refusal:
        raise refuse("sealing.cannot_open", str(path), "The file is damaged, or the key is not its key.",
                     "Please check that the desk's key belongs to this archive. If it does, either restore the file, "
                     "or move a block away and type “offramp desk open”, which opens it anew.") from None  # fmt: skip


def _demand(found: object, path: Path) -> None:
    if found != VERSION:
        raise refuse("archive.version", str(path), f"The archive has version {found}, not {VERSION}.",
                     "Please either use the version of Offramp that wrote it, or move the folder of the archive away "
                     "and type “offramp desk open”, which opens the inbox anew.")  # fmt: skip
