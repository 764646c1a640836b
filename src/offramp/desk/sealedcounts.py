"""The count store on the disk: sealed blocks of planes under one sealed head, made anew when its source has changed.

Here: the files, and from what they were made. Not here: what is counted in them (countstore, reckoning). The
invariants: the files are the old store or a wholly new one, whatever breaks off the writing; a store is used only for
exactly the archive, questionnaire and rules that it was made from; nothing of it is ever in the clear on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from offramp import __version__
from offramp.desk.archive import Archive
from offramp.desk.clean import Rule
from offramp.desk.countstore import CountStore, Half, Study
from offramp.desk.members import Key
from offramp.desk.pieces import BLOCKS, PREFIX, Piece, Spool, Tell, pieces, silent
from offramp.desk.planes import Block, row_bytes
from offramp.desk.wholefile import write_whole
from offramp.errors import Fault, Refusal, refuse
from offramp.sealing import Random, open_file, seal_file
from offramp.survey import Survey, difference

HEAD, SURVEYS, PURPOSE = "head.sealed", "surveys.sealed", "desk-counts"
_VERSION = 1
_FILE = "{}-{:06d}.planes"
_ALIGNED = 64
# Of the time that a store takes; what is left is joining.
_SORTING = 0.2
_HALVES = ("clear", "flagged")


@dataclass(frozen=True, slots=True)
class SealedCounts:
    """The folder of one desk's count stores, one for each survey; so many `processes` may make one."""

    folder: Path
    key: bytes
    random: Random = os.urandom
    processes: int = 1

    def store(
        self,
        archive: Archive,
        survey: Survey,
        rules: Sequence[Rule],
        tell: Tell = silent,
        blocks: int = BLOCKS,
    ) -> CountStore:
        """Return the store of a survey, made anew if there is none or its source has changed since."""
        source = archive.stamp()
        stamp = _stamp(source, survey, rules)
        if (there := self.find(survey.slug, stamp)) is not None:
            return there
        with self.in_pieces(archive, survey.slug, tell, blocks) as (own, spool, joined):
            self.keep(survey.slug, stamp, source, Study(survey, own, rules, joined, spool, self.processes))
        made = self.find(survey.slug, stamp)
        if made is None:
            raise Fault("a count store was written and is not there")
        return made

    @contextlib.contextmanager
    def in_pieces(
        self, archive: Archive, survey: str, tell: Tell, blocks: int = BLOCKS
    ) -> Iterator[tuple[Sequence[Piece], Spool | None, Tell]]:
        """Yield the pieces of a survey, a spool if they need one, and how to tell how far the joining of them is."""
        with pieces(
            archive, survey, self.folder, lambda n, share: tell(n, share * _SORTING), blocks
        ) as found:
            yield *found, lambda n, share: tell(n, _SORTING + share * (1 - _SORTING))

    def forget(self, archive: Archive) -> None:
        """Remove what was made from the archive as it no longer is: whoever has withdrawn is not counted any more."""
        source = archive.stamp()
        for head in self.folder.glob(f"*/{HEAD}"):
            if self._head(head, head.parent.name).get("archive") != source:
                shutil.rmtree(head.parent)
        for broken_off in self.folder.glob(f"{PREFIX}*"):
            shutil.rmtree(broken_off)

    def surveys(self, archive: Archive) -> tuple[str, ...]:
        """Return the surveys of an archive, without going through it again as long as it has not changed."""
        path, stamp = self.folder / SURVEYS, archive.stamp()
        known = self._head(path, SURVEYS)
        if known.get("stamp") == stamp:
            return tuple(known["surveys"])
        there = archive.surveys()
        self._seal(path, json.dumps({"stamp": stamp, "surveys": there}).encode(), SURVEYS)
        return there

    def find(self, slug: str, stamp: str) -> CountStore | None:
        """Return a store that was made from exactly this, if there is one."""
        head = self._head(self.folder / slug / HEAD, slug)
        if head.get("stamp") != stamp:
            return None
        clear, flagged = (self._half(slug, head["generation"], head[name]) for name in _HALVES)
        return CountStore(clear, flagged, head["synthetic"], head["elsewhere"])

    def _half(self, slug: str, generation: str, plain: dict[str, Any]) -> Half:
        occurring = frozenset((subject, code) for subject, code in plain["occurring"])
        return Half(plain["n"], occurring, partial(self._blocks, slug, generation, plain["blocks"]))

    def _blocks(self, slug: str, generation: str, numbers: Sequence[int]) -> Iterator[Block]:
        """Yield blocks; while one of them is counted, the next is read and opened."""
        with ThreadPoolExecutor(1) as beside:
            coming: deque[Future[Block]] = deque()
            for number in numbers:
                coming.append(beside.submit(self._block, slug, generation, number))
                if len(coming) > 1:
                    yield coming.popleft().result()
            if coming:
                yield coming.popleft().result()

    def _block(self, slug: str, generation: str, number: int) -> Block:
        path = self.folder / slug / _FILE.format(generation, number)
        try:
            purpose = f"{PURPOSE}/{_name(slug, generation, number)}"
            return read_planes(open_file(path.read_bytes(), self.key, purpose))
        except (Refusal, OSError):
            raise refuse("counts.damaged", str(path), "This part of the count store is damaged or missing.",
                         "Please either restore it, or remove its folder: the next report makes it anew from "
                         "the archive.") from None  # fmt: skip

    def keep(self, slug: str, stamp: str, archive: str, study: Study) -> None:
        """Write all blocks under names of their own, then the head, which alone makes them count."""
        generation = self.random(8).hex()
        numbers: dict[str, list[int]] = {half: [] for half in _HALVES}
        occurring: dict[str, set[Key]] = {half: set() for half in _HALVES}
        n = Counter[str]()
        for number, (flagged, block) in enumerate(study.blocks(), 1):
            path, half = self.folder / slug / _FILE.format(generation, number), _HALVES[flagged]
            self._seal(path, lay_out(block), _name(slug, generation, number))
            n[half] += block.n
            numbers[half].append(number)
            occurring[half].update(block.planes)
        head = {
            "stamp": stamp, "archive": archive, "generation": generation,
            "synthetic": study.synthetic, "elsewhere": study.elsewhere,
            **{half: {"n": n[half], "blocks": numbers[half], "occurring": sorted(occurring[half])} for half in _HALVES},
        }  # fmt: skip
        self._seal(self.folder / slug / HEAD, json.dumps(head, ensure_ascii=False).encode(), slug)
        for path in (self.folder / slug).glob("*.planes"):
            if not path.name.startswith(generation):
                path.unlink(missing_ok=True)

    def _seal(self, path: Path, plain: bytes, purpose: str) -> None:
        write_whole(path, seal_file(plain, self.key, f"{PURPOSE}/{purpose}", self.random))

    def _head(self, path: Path, purpose: str) -> dict[str, Any]:
        """Return what a head says; nothing where there is none that opens, as it can be made anew."""
        with contextlib.suppress(Refusal, OSError):
            plain: dict[str, Any] = json.loads(open_file(path.read_bytes(), self.key, f"{PURPOSE}/{purpose}"))
            return plain
        return {}


def lay_out(block: Block) -> bytes:
    """Return a block as bytes: a line that says what is in it, and its planes one behind another."""
    names = sorted(block.planes)
    head = json.dumps({"n": block.n, "planes": names}, ensure_ascii=False, separators=(",", ":")).encode()
    # Planes begin where words of a processor do.
    padded = head + b" " * (-(len(head) + 1) % _ALIGNED) + b"\n"
    return b"".join((padded, *(block.planes[name] for name in names)))


def read_planes(plain: bytes) -> Block:
    """Return a block; its planes are views of these bytes."""
    start = plain.index(b"\n") + 1
    head, view = json.loads(plain[:start]), memoryview(plain)
    length = row_bytes(head["n"])
    planes = {
        (subject, code): view[start + place * length : start + (place + 1) * length]
        for place, (subject, code) in enumerate(head["planes"])
    }
    return Block(head["n"], planes)


def _name(slug: str, generation: str, number: int) -> str:
    return f"{slug}/{generation}/{number}"


def _stamp(archive: str, survey: Survey, rules: Sequence[Rule]) -> str:
    """Return what is the same only for the same pages, the same questionnaire, and the same rules."""
    # What of an earlier version can be counted with this one may hang on a wording, too.
    apart = [
        [(change.subject, change.joins) for change in difference(version, survey)]
        for version in survey.earlier
    ]
    made_by = [
        _VERSION, __version__, survey.slug, [version.structure for version in survey.versions],
        apart,
        [(rule.id, rule.what) for rule in rules], archive,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(made_by, ensure_ascii=False).encode()).hexdigest()
