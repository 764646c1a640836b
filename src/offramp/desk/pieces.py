"""Pieces of an archive: every page of a response in the same one, each small enough to be joined in memory.

A small archive is one piece and stays where it is. Of a larger one pages are sorted into files beside the count store,
sealed under a key that exists in memory alone: what a broken-off sorting leaves behind nobody can open. Not here:
joining (countstore). The invariant: all pages of one survey are in the pieces, each once.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from offramp.desk.archive import Archive
from offramp.errors import Fault
from offramp.sealing import Random, open_file, seal_file
from offramp.survey import Body, read_body

Piece = Callable[[], Iterator[Body]]
Tell = Callable[[int, float], None]
# Of at most 4,096 pages each: a piece is about as large as so many of them.
BLOCKS = 16
PREFIX, _PURPOSE = ".pieces-", "desk-piece"
_PORTION = 1 << 18
_ID, _LENGTH = 32, 4


def silent(n: int, share: float) -> None:
    """Say nothing of how far something is."""


class Spool:
    """Portions under names, in sealed files of a folder; nobody else has the key."""

    def __init__(self, folder: Path, random: Random = os.urandom) -> None:
        self._folder, self._random, self._key = folder, random, random(32)

    def put(self, name: str, portion: bytes) -> None:
        sealed = seal_file(portion, self._key, f"{_PURPOSE}/{name}", self._random)
        with (self._folder / name).open("ab") as file:
            file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)

    def portions(self, name: str) -> Iterator[bytes]:
        """Yield what was put under a name, in order."""
        path = self._folder / name
        if path.exists():
            with path.open("rb") as file:
                while length := int.from_bytes(file.read(_LENGTH), "big"):
                    yield open_file(file.read(length), self._key, f"{_PURPOSE}/{name}")


@contextlib.contextmanager
def pieces(
    archive: Archive, survey: str, beside: Path, tell: Tell, blocks: int = BLOCKS, random: Random = os.urandom
) -> Iterator[tuple[Sequence[Piece], Spool | None]]:
    """Yield the pieces of a survey, and a spool for what is made of each; a small archive needs none.

    `beside` is the folder where there is room for them.
    """
    n = -(-len(archive.numbers()) // blocks)
    if n < 2:
        yield [partial(archive.bodies, survey)], None
        return
    beside.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside) as folder:
        spool = Spool(Path(folder), random)
        sorting = _Sorting(spool, n)
        for done, number in enumerate(archive.numbers(), 1):
            for row in archive.block(number).rows:
                if row.survey == survey:
                    sorting.take(archive.id_of(row.response), row.body)
            tell(sorting.taken, done / len(archive.numbers()))
        sorting.flush()
        yield [partial(_bodies, spool, number) for number in range(n)], spool


class _Sorting:
    """Pages on their way into pieces."""

    def __init__(self, spool: Spool, n: int) -> None:
        self.spool, self.taken = spool, 0
        self.waiting = [bytearray() for _ in range(n)]

    def take(self, response: str, body: bytes) -> None:
        number = int(response[:8], 16) % len(self.waiting)
        self.waiting[number] += response.encode() + len(body).to_bytes(_LENGTH, "big") + body
        self.taken += 1
        if len(self.waiting[number]) >= _PORTION:
            self._put(number)

    def flush(self) -> None:
        for number, waiting in enumerate(self.waiting):
            if waiting:
                self._put(number)

    def _put(self, number: int) -> None:
        self.spool.put(str(number), bytes(self.waiting[number]))
        self.waiting[number].clear()


def _bodies(spool: Spool, number: int) -> Iterator[Body]:
    for plain in spool.portions(str(number)):
        at = 0
        while at < len(plain):
            start = at + _ID + _LENGTH
            response = plain[at : at + _ID].decode()
            at = start + int.from_bytes(plain[at + _ID : start], "big")
            if at > len(plain):
                raise Fault("a piece ends in the middle of a page")
            body = read_body(plain[start:at])
            yield replace(body, context=replace(body.context, response=response))
