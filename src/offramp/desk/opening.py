"""Opening: each envelope of the inbox once, into the archive, in one pass over both in the order of their keys.

Here: what is new, what is there, what was withdrawn, and what is set aside. Not here: who opens (hands), the archive's
files. The invariants: an envelope is opened at most once in each of its states; whatever cannot be taken is set aside
with its reason and stops nothing; memory grows by a fingerprint for each page and by nothing else.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import NamedTuple

from offramp.desk.archive import Archive
from offramp.desk.blocks import Aside, Block, Known, Row
from offramp.desk.fingerprints import Fingerprints
from offramp.desk.folder import Server
from offramp.desk.unsealing import COPY, Envelopes, Reader, forms
from offramp.errors import Fault
from offramp.sealing import DeskKeys, PageKey
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
    archive: Archive, envelopes: Iterable[Envelope], withdrawn: Iterable[PageKey], opener: Opener
) -> Opened:
    """Open what is not in the archive yet. The envelopes come in the order of their keys.

    An opening that was broken off is made whole by the next: what is not in a block yet is opened again.
    """
    archive.fill_gaps()
    opening = _Opening(archive, set(withdrawn))
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


# What the archive knows of a key, and in which block.
_Entry = tuple[Known, int]


class _Task(NamedTuple):
    """An envelope to be opened, and what the archive has under its key."""

    envelope: Envelope
    digest: bytes
    before: _Entry | None


class _Opening:
    """One opening: what was seen, what waits to be written."""

    def __init__(self, archive: Archive, gone: set[PageKey]) -> None:
        self.archive, self.gone, self.places = archive, gone, Fingerprints()
        self.new = self.already = self.withdrawn = 0
        self.aside: Counter[str] = Counter()
        self.rows: list[Row] = []
        self.rows_places: list[int] = []
        self.put_aside: list[Aside] = []
        self.out: dict[int, set[PageKey]] = {}
        self.entries = heapq.merge(*(self._entries(run) for run in self._runs()))

    def _runs(self) -> list[list[int]]:
        """Return the blocks in runs within which keys ascend, and note the place of every page."""
        runs: list[list[int]] = []
        last: bytes | None = None
        for number in self.archive.numbers():
            there = self.archive.extent(number)
            for place in there.places:
                self.places.add(place)
            if there.last:
                if last is None or there.first < last:
                    runs.append([])
                runs[-1].append(number)
                last = there.last
        return runs

    def _entries(self, run: Sequence[int]) -> Iterator[_Entry]:
        for number in run:
            yield from zip(self.archive.known(number), repeat(number))

    def todo(self, envelopes: Iterable[Envelope]) -> Iterator[_Task]:
        """Yield what has to be opened; note on the way what is there, and what was withdrawn."""
        entry = next(self.entries, None)
        last = b""
        for envelope in envelopes:
            if envelope.key <= last:
                raise Fault("envelopes come in the order of their keys")
            last = envelope.key
            while entry and entry[0].key < last:
                self._stays(entry)
                entry = next(self.entries, None)
            before = None
            if entry and entry[0].key == last:
                before, entry = entry, next(self.entries, None)
            if last in self.gone:
                if before:
                    self._stays(before)
                continue
            digest = hashlib.sha256(envelope.body).digest()
            if before and before[0].digest == digest and before[0].code not in _TRY_AGAIN:
                self.already += 1
                self._stays(before)
            else:
                yield _Task(envelope, digest, before)
        while entry:
            self._stays(entry)
            entry = next(self.entries, None)

    def _stays(self, entry: _Entry) -> None:
        """Leave a page where it is, unless it was withdrawn."""
        known, _ = entry
        if known.key in self.gone:
            self.withdrawn += not known.code
            self._take_out(entry)
        elif known.code:
            self.aside[known.code] += 1

    def take(self, task: _Task, result: Row | Aside) -> None:
        """Take what came of an envelope: it stands for what lay under its key, as the person's last word."""
        before = task.before[0] if task.before else None
        place = 0
        if isinstance(result, Row):
            place = self.archive.place_of(result)
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
        if task.before:
            self._take_out(task.before)
        self._put(result, place)

    def _put(self, result: Row | Aside, place: int) -> None:
        if isinstance(result, Row):
            self.rows.append(result)
            self.rows_places.append(place)
        else:
            self.put_aside.append(result)
        if len(self.rows) + len(self.put_aside) >= BLOCK_ROWS:
            self.flush()

    def _take_out(self, entry: _Entry) -> None:
        known, number = entry
        self.out.setdefault(number, set()).add(known.key)

    def flush(self) -> None:
        """Write what waits. What is replaced goes first: the inbox still has what comes in its place."""
        for number, keys in self.out.items():
            self.archive.take_out(number, keys)
        self.out.clear()
        if self.rows or self.put_aside:
            self.archive.append(Block(self.rows, self.rows_places, self.put_aside))
            self.rows, self.rows_places, self.put_aside = [], [], []
