"""Opening: each envelope of the inbox once, into the archive, in one pass over both in the order of their keys.

Here: what is new, what is there, what was withdrawn, and what is set aside. Not here: who opens (hands), the archive's
files. The invariants: an envelope is opened at most once in each of its states; whatever cannot be taken is set aside
with its reason and stops nothing; memory grows by a fingerprint for each page and by nothing else.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from offramp.desk.archive import Archive
from offramp.desk.blocks import Aside, Block, Known, Row
from offramp.desk.fingerprints import Fingerprints
from offramp.desk.folder import Server
from offramp.desk.unsealing import COPY, Found, Portion, Reader, forms
from offramp.sealing import PAGE_KEY_BYTES, DeskKeys, PageKey
from offramp.store import LAST_KEY, Store
from offramp.survey import Survey

Opener = Callable[[Store, Iterator[Portion]], Iterator[Found]]
# What other content, or a later program that knows more of what can be inside, may make good; the rest stays.
_TRY_AGAIN = frozenset((
    "intake.unknown_survey", "intake.unknown_version", "intake.other_survey", "intake.unreadable",
))  # fmt: skip
BLOCK_ROWS = 4096
# About so many envelopes are opened by one process at a time.
PORTION = 400
_PREFIX = 4


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
    archive: Archive, inbox: Store, opener: Opener, reached: Callable[[int, float], None] = lambda n, share: None
) -> Opened:  # fmt: skip
    """Open what is not in the archive yet; `reached` hears how many envelopes are done with, and which share of all.

    An opening that was broken off is made whole by the next: what is not in a block yet is opened again.
    """
    archive.fill_gaps()
    opening = _Opening(archive, set(inbox.forgotten()))
    done = 0
    for found in opener(inbox, opening.portions(_cuts(inbox.rough_number() // PORTION))):
        opening.take_all(found)
        done += found.already + len(found.results)
        reached(done, int.from_bytes(found.upto[:_PREFIX], "big") / (1 << 8 * _PREFIX))
    opening.flush()
    return Opened(opening.new, opening.already, dict(sorted(opening.aside.items())), opening.withdrawn)


def _cuts(pieces: int) -> Iterator[bytes]:
    """Yield the keys up to which pieces go that are about alike: keys are chance, and lie as densely everywhere."""
    for piece in range(1, pieces):
        yield ((piece << 8 * _PREFIX) // pieces).to_bytes(_PREFIX, "big").ljust(PAGE_KEY_BYTES, b"\0")
    yield LAST_KEY


# What the archive knows of a key, and in which block.
_Entry = tuple[Known, int]


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
        # What the archive knows of the portions that are being opened.
        self.waiting: deque[_Entry] = deque()
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

    def portions(self, cuts: Iterator[bytes]) -> Iterator[Portion]:
        """Yield the whole space of keys in portions, each with what the archive has of it."""
        entry, after = next(self.entries, None), b""
        for upto in cuts:
            settled = {}
            while entry and entry[0].key <= upto:
                self.waiting.append(entry)
                if entry[0].code not in _TRY_AGAIN:
                    settled[entry[0].key] = entry[0].digest
                entry = next(self.entries, None)
            yield Portion(after, upto, settled)
            after = upto

    def take_all(self, found: Found) -> None:
        """Take what came of a portion; of the rest, what the archive has stays, unless it was withdrawn."""
        before: dict[PageKey, _Entry] = {}
        while self.waiting and self.waiting[0][0].key <= found.upto:
            entry = self.waiting.popleft()
            before[entry[0].key] = entry
        self.already += found.already
        for result in found.results:
            if result.key not in self.gone:
                self.take(result, before.pop(result.key, None))
        for entry in before.values():
            self._stays(entry)

    def _stays(self, entry: _Entry) -> None:
        """Leave a page where it is, unless it was withdrawn."""
        known, _ = entry
        if known.key in self.gone:
            self.withdrawn += not known.code
            self._take_out(entry)
        elif known.code:
            self.aside[known.code] += 1

    def take(self, result: Row | Aside, entry: _Entry | None) -> None:
        """Take what came of an envelope: it stands for what lay under its key, as the person's last word."""
        before = entry[0] if entry else None
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
        if entry:
            self._take_out(entry)
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
