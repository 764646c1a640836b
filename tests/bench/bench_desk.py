"""`python -m tests.bench.bench_desk`: what opening costs at the desk, the count store behind it, and exact rows.

Made-up answers to the real survey, each page sealed to a key for throwing away under a response of its own. The inbox
takes 8.8 KB an envelope in a temporary folder, or in one that is named, and is then used again. Each opening has a
process of its own, so that its processor time and memory are its own and those of the processes that it starts.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

from offramp.cli.scan import cores
from offramp.desk import (
    EVERYWHERE,
    Archive,
    Desk,
    SealedCounts,
    described,
    exact,
    open_all,
    reader,
    rowfiles,
    shared,
    shortlabels,
    spss,
    stata,
)
from offramp.desk.folder import Server
from offramp.desk.opening import Opened
from offramp.desk.pieces import silent
from offramp.language import Tag
from offramp.sealing import Binding, DeskKeys, PageKey, seal, unseal
from offramp.store import Envelope, Store
from tests.desk.studies import SERVICE, WEEKS, help_us, pages
from tests.desk.test_desk_export import LABELS

ENVELOPES = 40_000
_PORTION = 2_000
_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def sealed(seed: int) -> list[Envelope]:
    """Return one portion of envelopes, all of responses that no other portion has."""
    survey, random = help_us(), Random(seed)
    keys, binding = DeskKeys(bytes(32)), Binding(SERVICE, f"survey/{help_us().slug}")
    made = [body for _, body in pages(survey, Random(seed % 7), 60)]
    ids = {body.partition(b'"response":"')[2][:32] for body in made}
    envelopes: list[Envelope] = []
    while len(envelopes) < _PORTION:
        new = {old: random.randbytes(16).hex().encode() for old in ids}
        for body in made:
            old = body.partition(b'"response":"')[2][:32]
            key, plain = PageKey(random.randbytes(24)), body.replace(old, new[old])
            envelope = seal(plain, survey.body_bytes, [keys.recipient], binding)
            envelopes.append(Envelope(key, survey.slug, WEEKS[0], envelope))
    return envelopes[:_PORTION]


def fill(inbox: Store, envelopes: int) -> None:
    with ProcessPoolExecutor(cores()) as crew:
        for start in range(0, envelopes // _PORTION, cores()):
            # A few at a time, so that what is measured as memory is the opening's.
            for portion in crew.map(sealed, range(start, min(start + cores(), envelopes // _PORTION))):
                inbox.keep(portion)


class Spent(NamedTuple):
    """What an opening took; `seal` is what the library alone took for the seal of one envelope, just before."""

    opened: Opened
    seconds: float
    processor: float
    seal: float
    own_megabytes: float
    megabytes_of_a_hand: float


def once(folder: Path, archive: Path, processes: int) -> Spent:
    """Open what is new."""
    keys, survey, inbox = DeskKeys(bytes(32)), help_us(), Desk(folder).inbox()
    some, binding, before = (
        inbox.envelopes(limit=1000),
        Binding(SERVICE, f"survey/{survey.slug}"),
        _processor(),
    )
    for envelope in some:
        unseal(envelope.body, keys, binding)
    seal_alone = (_processor() - before) / len(some)
    begun, before = time.monotonic(), _processor()
    opener = shared(reader(keys, Server(SERVICE, True), {survey.slug: survey}), processes)
    opened = open_all(Archive.at(archive, keys.archive_key()), inbox, opener)
    seconds, spent = time.monotonic() - begun, _processor() - before
    own, others = (resource.getrusage(who).ru_maxrss / 1024 for who in _WHO)
    inbox.release()
    return Spent(opened, seconds, spent, seal_alone, own, others)


class Stored(NamedTuple):
    """What a count store, or a file of exact rows, took."""

    responses: int
    seconds: float
    processor: float
    own_megabytes: float
    megabytes_of_another: float


def stored(archive: Path, processes: int) -> Stored:
    """Make the count store of what was opened, or find it."""
    key, survey = DeskKeys(bytes(32)).archive_key(), help_us()
    counts = SealedCounts(archive.parent / "counts", key, processes=processes)
    begun, before = time.monotonic(), _processor()
    store = counts.store(Archive.at(archive, key), survey, EVERYWHERE)
    seconds, spent = time.monotonic() - begun, _processor() - before
    return Stored(store.n, seconds, spent, *(resource.getrusage(who).ru_maxrss / 1024 for who in _WHO))


def counted(archive: Path, processes: int) -> Iterator[str]:
    """Make the count store and find it again; yield what it took."""
    for which in ("made", "found again"):
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            spent = alone.submit(stored, archive, processes).result()
        yield (f"count store of {spent.responses:,} responses {which}: {spent.seconds:.2f} s, processor "
               f"{spent.processor / spent.responses * 1e6:.0f} us a response; memory {spent.own_megabytes:.0f} MB, and "
               f"{spent.megabytes_of_another:.0f} MB each of the others")  # fmt: skip


def exported(archive: Path, processes: int) -> Iterator[str]:
    """Write exact rows in each form; yield what it took."""
    for form in ("csv", "parquet", "sav", "dta"):
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            spent = alone.submit(written, archive, form, processes).result()
        yield (f"exact rows of {spent.responses:,} responses as {form}: {spent.seconds:.1f} s, processor "
               f"{spent.processor / spent.responses * 1e6:.0f} us a response; memory {spent.own_megabytes:.0f} MB, and "
               f"{spent.megabytes_of_another:.0f} MB each of the others")  # fmt: skip


def written(archive: Path, form: str, processes: int) -> Stored:
    """Write all rows with the questionnaire's own ids as labels, which fit into every form."""
    key, survey = DeskKeys(bytes(32)).archive_key(), help_us()
    counts = SealedCounts(archive.parent / "counts", key, processes=processes)
    begun, before = time.monotonic(), _processor()
    with counts.in_pieces(Archive.at(archive, key), survey.slug, silent) as (own, _, tell):
        rows = exact(survey, own, EVERYWHERE, tell, processes)
    fields = shortlabels.in_codes(described(survey, rows.columns, LABELS, Tag("en"), rows.flags))
    with tempfile.TemporaryDirectory() as folder:
        match form:
            case "csv":
                rowfiles.write_csv(rows, fields, Path(folder), "rows")
            case "parquet":
                rowfiles.write_parquet(rows, fields, Path(folder), "rows")
            case "sav":
                spss.write_sav(rows, fields, fields, Path(folder), "rows")
            case _:
                stata.write_dta(rows, fields, fields, Path(folder), "rows")
    seconds, spent = time.monotonic() - begun, _processor() - before
    return Stored(rows.n, seconds, spent, *(resource.getrusage(who).ru_maxrss / 1024 for who in _WHO))


def _processor() -> float:
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, _WHO))


def timed(folder: Path, archive: Path, processes: int) -> Iterator[str]:
    """Open twice; yield what it took."""
    for which in ("first", "second"):
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            spent = alone.submit(once, folder, archive, processes).result()
        opened = spent.opened
        n = opened.new + opened.already
        yield f"{which} opening: {opened.new:,} opened, {opened.already:,} were already"
        yield (f"  processor, all in: {spent.processor / n * 1e6:.0f} us an envelope "
               f"(a seal alone took {spent.seal * 1e6:.0f})")  # fmt: skip
        yield (f"  time: {spent.seconds:.1f} s; {spent.processor / processes:.1f} s, had {processes} cores nothing "
               "else to do")  # fmt: skip
        yield f"  memory: {spent.own_megabytes:.0f} MB, and {spent.megabytes_of_a_hand:.0f} MB each of the others"
        assert (opened.new == 0) == (which == "second")
        assert not opened.aside


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--envelopes", type=int, default=ENVELOPES)
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--folder", type=Path, help="where the inbox stays, for another run")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, {asked.processes} processes; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        inbox = Desk(folder).inbox()
        if not inbox.envelopes(limit=1):
            fill(inbox, asked.envelopes)
        inbox.release()
        archive = Path(temporary) / "archive"
        for measured in (partial(timed, folder), counted, exported):
            for line in measured(archive, asked.processes):
                print(line, flush=True)


if __name__ == "__main__":
    main()
