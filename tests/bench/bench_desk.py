"""`python -m tests.bench.bench_desk`: what opening costs at the desk, all in, and that a second opening opens none.

Made-up answers to the real survey, each page sealed to a key for throwing away under a response of its own; the inbox
lies in a temporary folder (5.4 KB an envelope). Processor time is that of this process and of all that it started.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from offramp.cli.scan import cores
from offramp.desk import Desk, open_all, reader, shared
from offramp.desk.folder import Server
from offramp.sealing import Binding, DeskKeys, PageKey, seal
from offramp.store import Envelope, Store
from tests.desk.studies import SERVICE, WEEKS, help_us, pages

ENVELOPES = 40_000
_PORTION = 2_000


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


def processor() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def timed(desk: Desk, inbox: Store, processes: int) -> Iterator[str]:
    """Open twice; yield what it took."""
    keys, survey = DeskKeys(bytes(32)), help_us()
    for which in ("first", "second"):
        begun, before = time.monotonic(), processor()
        archive = desk.archive(keys)
        opener = shared(reader(keys, Server(SERVICE, True), {survey.slug: survey}), processes)
        opened = open_all(archive, inbox, opener)
        seconds, spent = time.monotonic() - begun, processor() - before
        n = opened.new + opened.already
        yield (f"{which} opening: {opened.new:,} new, {opened.already:,} already; {spent / n * 1e6:.0f} us of "
               f"processor time an envelope, {seconds:.1f} s, a million in {seconds / n * 1e6 / 60:.1f} min; memory "
               f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")  # fmt: skip
        assert (opened.new == 0) == (which == "second")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--envelopes", type=int, default=ENVELOPES)
    parser.add_argument("--processes", type=int, default=cores())
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, {asked.processes} processes; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        inbox = desk.inbox()
        fill(inbox, asked.envelopes)
        for line in timed(desk, inbox, asked.processes):
            print(line, flush=True)
        inbox.release()


if __name__ == "__main__":
    main()
