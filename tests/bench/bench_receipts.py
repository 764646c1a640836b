"""What the time of an answer tells about a receipt: python -m tests.bench.bench_receipts [ROUNDS]

Receipts of four kinds are sent in turn to one server in this process, each round in another order: one that is none,
one of nobody, one whose response is there, and one whose response was deleted before. Printed: the median time of each,
and for each pair how often the slower kind took longer (50 % says nothing, 100 % tells them apart by one look).
The network, which only adds noise, is left out. The invariant: what is compared was measured in the same rounds.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

from offramp.sealing import new_secret
from offramp.survey.receipt import write_receipt
from tests.web.asking import Asking, asking
from tests.web.installation import Installation
from tests.web.respondent import Respondent

KINDS = ("none", "of nobody", "there", "deleted")
ADDRESS = "/en/s/help-us/receipt"


def receipts(server: Asking, place: Installation) -> dict[str, str]:
    """Return a fresh receipt of each kind."""
    there, deleted = (Respondent(server, place.survey).begin().next().next().next() for _ in range(2))
    post(server, deleted.seen.receipt, "delete")
    made = write_receipt(new_secret(os.urandom))
    broken = made[:-1] + ("0" if made[-1] != "0" else "1")
    return dict(zip(KINDS, (broken, made, there.seen.receipt, deleted.seen.receipt), strict=True))


def post(server: Asking, receipt: str, go: str) -> tuple[float, int, int]:
    """Return how long an answer took, its status and its length."""
    body = urlencode({"receipt": receipt, "go": go}).encode()
    start = time.perf_counter()
    answer = server.send(ADDRESS, body)
    return time.perf_counter() - start, answer.status_code, len(answer.content)


def rounds(
    server: Asking, place: Installation, go: str, number: int
) -> Iterator[dict[str, tuple[float, int, int]]]:
    for _ in range(number):
        fresh = list(receipts(server, place).items())
        random.shuffle(fresh)
        yield {kind: post(server, receipt, go) for kind, receipt in fresh}


def told_apart(one: list[float], other: list[float]) -> float:
    """Return how often the slower of two kinds took longer, over all pairs of one and the other."""
    longer = sum((a > b) + (a == b) / 2 for a in one for b in other) / (len(one) * len(other))
    return max(longer, 1 - longer)


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder) / "server")
        with asking(place) as server:
            for go in ("delete", "continue"):
                measured = list(rounds(server, place, go, number))
                times = {kind: [one[kind][0] for one in measured] for kind in KINDS}
                print(f"{go}, {number} rounds:")
                for kind in KINDS:
                    seen = sorted({one[kind][1:] for one in measured})
                    print(
                        f"  {kind:10} median {statistics.median(times[kind]) * 1000:6.2f} ms, status and length {seen}"
                    )
                for one, other in combinations(KINDS, 2):
                    print(f"  {one} or {other}: right in {told_apart(times[one], times[other]):.0%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
