"""Opening: each envelope of the inbox once, into the archive, in one pass over both in the order of their keys.

Here: what is new, what is there, what was withdrawn, and what is set aside. Not here: who opens (hands), the archive's
files. The invariants: an envelope is opened at most once in each of its states; whatever cannot be taken is set aside
with its reason and stops nothing; memory grows by a fingerprint for each page and by nothing else.
"""

from __future__ import annotations

import hashlib
import heapq
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from offramp.desk.archive import Archive, Aside, Row
from offramp.desk.fingerprints import Fingerprints
from offramp.desk.folder import Server
from offramp.desk.unsealing import COPY, Envelopes, Reader, forms
from offramp.errors import Fault
from offramp.sealing import DeskKeys, PageKey, Random
from offramp.store import Envelope
from offramp.survey import Survey

Opener = Callable[[Iterator[Envelopes]], Iterator[list[Row | Aside]]]
# What other content, or a later program that knows more of what can be inside, may make good; the rest stays.
_TRY_AGAIN = frozenset((
    "intake.unknown_survey", "intake.unknown_version", "intake.other_survey", "intake.unreadable",
))  # fmt: skip
BLOCK_ROWS = 4096
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """What one opening did: how many were new, were there already, were set aside, were withdrawn."""

    new: int
    already: int
    aside: Mapping[str, int]
    withdrawn: int


def reader(keys: DeskKeys, server: Server, surveys: Mapping[str, Survey]) -> Reader:
    """Return what opens one envelope after another; it can be handed to other processes."""
    return Reader(keys.seed, server.service, forms(surveys))


def open_all(
    archive: Archive, envelopes: Iterable[Envelope], withdrawn: Iterable[PageKey], opener: Opener,
    random: Random = os.urandom,
) -> Opened:  # fmt: skip
    """Open what is not in the archive yet. The envelopes come in the order of their keys.

    An opening that was broken off is made whole by the next: what is not in a block yet is opened again.
    """
    archive.fill_gaps()
    opening = _Opening(archive, set(withdrawn), Fingerprints(random(32)))
    waiting: deque[list[_Task]] = deque()

    def batches() -> Iterator[Envelopes]:
        todo = opening.todo(envelopes)
        while batch := list(islice(todo, _AT_ONCE)):
            waiting.append(batch)
            yield [(task.envelope, task.digest) for task in batch]

    for results in opener(batches()):
        for task, result in zip(waiting.popleft(), results, strict=True):
            opening.take(task, result)
    opening.flush()
    return Opened(opening.new, opening.already, dict(sorted(opening.aside.items())), opening.withdrawn)


class _Entry(NamedTuple):
    """What the archive knows of a key: in which block, of which envelope, why set aside, and the place of its page."""

    key: PageKey
    block: int
    digest: bytes
    code: str
    place: int


class _Task(NamedTuple):
    """An envelope to be opened, and what the archive has under its key."""

    envelope: Envelope
    digest: bytes
    before: _Entry | None


class _Opening:
    """One opening: what was seen, what waits to be written."""

    def __init__(self, archive: Archive, gone: set[PageKey], places: Fingerprints) -> None:
        self.archive, self.gone, self.places = archive, gone, places
        self.new = self.already = self.withdrawn = 0
        self.aside: Counter[str] = Counter()
        self.fresh: list[Row | Aside] = []
        self.out: dict[int, set[PageKey]] = {}
        self.entries = heapq.merge(*(self._entries(run) for run in self._runs()))

    def _runs(self) -> list[list[int]]:
        """Return the blocks in runs within which keys ascend, and note the place of every page."""
        runs: list[list[int]] = []
        last: bytes | None = None
        for number in self.archive.numbers():
            block = self.archive.block(number)
            for row in block.rows:
                self.places.add(self._place(row))
            keys = [row.key for row in block.rows] + [each.key for each in block.aside]
            if keys:
                if last is None or min(keys) < last:
                    runs.append([])
                runs[-1].append(number)
                last = max(keys)
        return runs

    def _entries(self, run: Sequence[int]) -> Iterator[_Entry]:
        for number in run:
            block = self.archive.block(number)
            rows = [_Entry(row.key, number, row.digest, "", self._place(row)) for row in block.rows]
            aside = [_Entry(each.key, number, each.digest, each.code, 0) for each in block.aside]
            del block
            yield from heapq.merge(rows, aside)

    def _place(self, row: Row) -> int:
        return self.places.of(f"{row.survey}/{row.response}/{row.part}")

    def todo(self, envelopes: Iterable[Envelope]) -> Iterator[_Task]:
        """Yield what has to be opened; note on the way what is there, and what was withdrawn."""
        entry = next(self.entries, None)
        last = b""
        for envelope in envelopes:
            if envelope.key <= last:
                raise Fault("envelopes come in the order of their keys")
            last = envelope.key
            while entry and entry.key < envelope.key:
                self._stays(entry)
                entry = next(self.entries, None)
            before = None
            if entry and entry.key == envelope.key:
                before, entry = entry, next(self.entries, None)
            if envelope.key in self.gone:
                if before:
                    self._stays(before)
                continue
            digest = hashlib.sha256(envelope.body).digest()
            if before and before.digest == digest and before.code not in _TRY_AGAIN:
                self.already += 1
                self._stays(before)
            else:
                yield _Task(envelope, digest, before)
        while entry:
            self._stays(entry)
            entry = next(self.entries, None)

    def _stays(self, entry: _Entry) -> None:
        """Leave a page where it is, unless it was withdrawn."""
        if entry.key in self.gone:
            self.withdrawn += not entry.code
            self._take_out(entry)
        elif entry.code:
            self.aside[entry.code] += 1

    def take(self, task: _Task, result: Row | Aside) -> None:
        """Take what came of an envelope: it stands for what lay under its key, as the person's last word."""
        before = task.before
        if isinstance(result, Row):
            place = self._place(result)
            own = before is not None and before.place == place
            if place in self.places and not own:
                # A server can copy what it cannot open; a copy under a key of its own would outlive a deletion.
                result = Aside(result.key, result.digest, COPY)
            else:
                self.places.add(place)
                self.new += 1
        if isinstance(result, Aside):
            self.aside[result.code] += 1
            if before and (before.digest, before.code) == (result.digest, result.code):
                return
        if before:
            self._take_out(before)
        self.fresh.append(result)
        if len(self.fresh) >= BLOCK_ROWS:
            self.flush()

    def _take_out(self, entry: _Entry) -> None:
        self.out.setdefault(entry.block, set()).add(entry.key)

    def flush(self) -> None:
        """Write what waits. What is replaced goes first: the inbox still has what comes in its place."""
        for number, keys in self.out.items():
            self.archive.take_out(number, keys)
        self.out.clear()
        if self.fresh:
            rows = [each for each in self.fresh if isinstance(each, Row)]
            self.archive.append(rows, [each for each in self.fresh if isinstance(each, Aside)])
            self.fresh.clear()
