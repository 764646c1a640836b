"""`python -m tests.bench.bench_counts`: what counting a full report costs, beside the decoding of the same columns.

Sixty questions, twenty of them by language, every figure with and without flagged responses. The answers are made up at
random and written straight as columns: as sealed planes, and as Parquet, one small number for each closed question and
one for each tick. Each round counts and decodes in a process of its own, one after the other; seconds are of the work
alone, memory is the highest of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from offramp.desk import SealedCounts
from offramp.desk.clean import EVERYWHERE
from offramp.desk.codebook import Variable, codebook, parts
from offramp.desk.count import Layout, count
from offramp.desk.countstore import CountStore
from offramp.desk.disclose import HOUSE
from offramp.desk.joint import Crosstab, Joint
from offramp.desk.jointpage import JointCounts
from offramp.desk.planes import BLOCK, Arithmetic, Block, Numbers, Words, row_bytes
from offramp.desk.twofold import twofold
from offramp.survey import Missing, Survey
from tests.questionnaires import HEAD, read

ROUNDS, PAGES = 5, 20
KEY, SLUG = bytes(32), "tiny"
LANGUAGES = ("en", "ar", "de", "es", "fa", "fr", "ru", "zh")
WEEKS = tuple(f"2026-W{week}" for week in range(30, 50))
RULES = tuple(rule.id for rule in EVERYWHERE)
_PARQUET = "columns.parquet"


def survey() -> Survey:
    """Return a questionnaire of sixty closed questions on twenty pages, some of them asked of some only."""
    pages = []
    for page in range(PAGES):
        condition = f"relevant = \"${{a{page - 1}}} = 'o1'\"\n" if page else ""
        options = ", ".join(f'{{ id = "o{n}", text = "Option {n}" }}' for n in range(4 + page % 9))
        third = (
            f'kind = "multiple"\noptions = [{options}]' if page % 2
            else 'kind = "scale"\nlow = 0\nhigh = 10\nlow_label = "Low"\nhigh_label = "High"'
        )  # fmt: skip
        pages.append(
            f'[[page]]\nid = "p{page}"\npart = "core"\ntitle = "Page {page}"\n'
            f'[[page.question]]\nid = "a{page}"\nkind = "single"\ntext = "A?"\noptions = [{options}]\n'
            f'[[page.question]]\nid = "b{page}"\nkind = "single"\ntext = "B?"\n'
            f"{condition}options = [{options}]\n"
            f'[[page.question]]\nid = "c{page}"\ntext = "C?"\n{third}\n'
        )
    return read(HEAD + "\n".join(pages))


def columns(variables: tuple[Variable, ...], n: int, seed: int) -> dict[str, Any]:
    """Return made-up answers as columns of small numbers: the place of a code, or of a missing code behind them."""
    random = np.random.default_rng(seed)
    left = random.geometric(0.03, n)
    made: dict[str, Any] = {
        "language": random.choice(len(LANGUAGES), n, p=np.arange(8, 0, -1) / 36),
        "week": random.integers(0, len(WEEKS), n), "last page": np.minimum(left, PAGES - 1),
        "flagged": random.random(n) < 0.06, "rule": random.integers(0, len(RULES), n),
    }  # fmt: skip
    missing = list(Missing)
    for place, variable in enumerate(variables):
        k, page = len(variable.categories), place // 3
        answer = random.integers(0, k, n)
        answer[random.random(n) < 0.05] = k + missing.index(Missing.SKIPPED)
        answer[random.random(n) < 0.03] = k + missing.index(Missing.REFUSED)
        if variable.relevant:
            answer[made[variables[place - 4].id] != 1] = k + missing.index(Missing.NOT_SHOWN)
        answer[left == page] = k + missing.index(Missing.SEEN_NOT_SENT)
        answer[left < page] = k + missing.index(Missing.NOT_REACHED)
        made[variable.id] = answer.astype(np.int8)
        if variable.multiple:
            for tick in range(k):
                ticked = (answer == tick) | ((answer < k) & (random.random(n) < 0.2))
                made[f"{variable.id}={tick}"] = ticked.astype(np.int8)
    return made


def block(variables: tuple[Variable, ...], made: dict[str, Any], which: Any, structure: str) -> Block:
    """Return some of the responses in these columns as planes."""
    n = int(which.sum())
    planes: dict[tuple[str, str], bytes] = {}

    def plane(subject: str, code: str, found: Any) -> None:
        if (own := found[which]).any():
            planes[subject, code] = np.packbits(own, bitorder="little").tobytes().ljust(row_bytes(n), b"\0")

    everybody = np.ones(len(which), bool)
    for subject, codes in (("responses", ("",)), ("structure", (structure,)), ("arm", ("",))):
        plane(subject, codes[0], everybody)
    for subject, names in (("language", LANGUAGES), ("week", WEEKS)):
        for place, code in enumerate(names):
            plane(subject, code, made[subject] == place)
    for page in range(PAGES):
        plane("last page", f"p{page}", made["last page"] == page)
    for place, rule in enumerate(RULES):
        plane("flag", rule, made["flagged"] & (made["rule"] == place))
    for variable in variables:
        for place, category in enumerate(variable.categories):
            one = made[variable.id] == place
            plane(
                variable.id,
                *category.codes,
                made[f"{variable.id}={place}"] == 1 if variable.multiple else one,
            )
        for place, code in enumerate(Missing, len(variable.categories)):
            plane(variable.id, code.value, made[variable.id] == place)
    return Block(n, planes)


class MadeUp:
    """A study of random columns on its way into a store, and into Parquet beside it."""

    synthetic, elsewhere = True, False

    def __init__(self, responses: int, folder: Path) -> None:
        self.responses, self.folder = responses, folder

    def blocks(self) -> Iterator[tuple[bool, Block]]:
        asked = survey()
        variables, writer = codebook(asked), None
        waiting: list[dict[str, Any]] = []
        for number, start in enumerate(range(0, self.responses, BLOCK)):
            made = columns(variables, min(BLOCK, self.responses - start), number)
            kept = {name: own.astype(np.int8) for name, own in made.items()}
            # What a set of ticks has beside them is which of them has no answer.
            table = pa.table(kept)
            writer = writer or parquet.ParquetWriter(self.folder / _PARQUET, table.schema)
            writer.write_table(table)
            yield False, block(variables, made, ~made["flagged"], asked.structure)
            # Those with a flag fill blocks of their own, as in a store.
            waiting.append({name: own[made["flagged"]] for name, own in made.items()})
            if sum(len(each["flagged"]) for each in waiting) >= BLOCK or start + BLOCK >= self.responses:
                flagged = {name: np.concatenate([each[name] for each in waiting]) for name in made}
                yield True, block(variables, flagged, flagged["flagged"], asked.structure)
                waiting.clear()
        if writer:
            writer.close()


def counting(store: CountStore) -> dict[str, float]:
    """Count everything that a report of this study prints; return what it took."""
    asked = survey()
    variables = codebook(asked)
    pages = [page.id for page in asked.pages]
    modules = {part: own for part, own in parts(asked).items() if part.startswith("module-")}
    closed = [variable.id for variable in variables if variable.kind != "scale"][:20]
    by_language = Joint(crosstabs=(Crosstab("by", "By language", "language", tuple(closed)),))

    def layout(occurring: Any, own: Any, rules: Any) -> Layout:
        return count(own, pages, LANGUAGES, WEEKS, occurring, (), (asked.structure,), modules, rules)

    begun, spent = time.perf_counter(), time.process_time()
    joint = JointCounts(store.occurring, by_language, variables, asked)
    two = twofold(layout, variables, store, EVERYWHERE, HOUSE, joint.sheet.asked())
    tables = joint.sheet.tables(two.found)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds, "processor": time.process_time() - spent, "responses": store.n,
        "counts": len(two.tables.counts) + len(tables.counts), "sums": len(two.tables.sums) + len(tables.sums),
    }  # fmt: skip


def decoding(folder: Path) -> dict[str, float]:
    begun, spent = time.perf_counter(), time.process_time()
    table = parquet.read_table(folder / _PARQUET)
    seconds = time.perf_counter() - begun
    assert table.num_rows
    return {"seconds": seconds, "processor": time.process_time() - spent, "columns": table.num_columns}


def alone(work: str, folder: Path) -> dict[str, float]:
    """Do one of the two in a process of its own."""
    own = [sys.executable, "-m", "tests.bench.bench_counts", "--only", work, str(folder)]
    found: dict[str, float] = json.loads(
        subprocess.run(own, check=True, capture_output=True, text=True).stdout
    )
    return found


def measure(responses: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        SealedCounts(folder / "counts", KEY).keep(SLUG, "made up", "", MadeUp(responses, folder))
        kept = sum(path.stat().st_size for path in (folder / "counts").rglob("*") if path.is_file())
        print(f"{responses:,} made-up responses: store {kept / responses:.0f} bytes each, Parquet "
              f"{(folder / _PARQUET).stat().st_size / responses:.0f}", flush=True)  # fmt: skip
        found = [(alone("count", folder), alone("decode", folder)) for _ in range(rounds)]
        plain = alone("plain", folder)
    for number, (own, other) in enumerate(found, 1):
        print(f"  round {number}: counted in {own['seconds']:.2f} s (processor {own['processor']:.2f}), decoded in "
              f"{other['seconds']:.2f} s (processor {other['processor']:.2f}), ratio "
              f"{own['seconds'] / other['seconds']:.2f}")  # fmt: skip
    ratios = sorted(own["seconds"] / other["seconds"] for own, other in found)
    print(f"  without numpy: {plain['seconds']:.2f} s (processor {plain['processor']:.2f})")
    first = found[0][0]
    print(f"  {first['counts']:,.0f} counts, {first['sums']:,.0f} sums; median ratio {ratios[len(ratios) // 2]:.2f}; "
          f"memory of the counting process {max(own['memory'] for own, _ in found):,.0f} MB")  # fmt: skip


def beside_bytes() -> str:
    """Return what planes cost beside one byte for each answer, of one block: a question, and a question by language."""
    random = np.random.default_rng(1)
    by, answer = (random.integers(0, k, BLOCK, dtype=np.int8) for k in (8, 12))
    own = [[np.packbits(codes == k, bitorder="little").tobytes() for k in range(n)]
           for codes, n in ((by, 8), (answer, 12))]  # fmt: skip

    def tables(bits: Arithmetic) -> list[list[int]]:
        groups, answers = ([bits.mask(plane) for plane in planes] for planes in own)
        return [[bits.size(bits.both(one, other)) for other in answers] for one in groups]

    def question(bits: Arithmetic) -> list[int]:
        return [bits.size(bits.mask(plane)) for plane in own[1]]

    crossed = np.bincount(by.astype(np.int16) * 12 + answer, minlength=96).reshape(8, 12).tolist()
    words, numbers = Words(np), Numbers()
    assert tables(words) == tables(numbers) == crossed
    found = {
        name: tuple(_quickest(work) for work in works)
        for name, works in {
            "planes with numpy": (lambda: question(words), lambda: tables(words)),
            "planes without": (lambda: question(numbers), lambda: tables(numbers)),
            "bytes with numpy": (lambda: np.bincount(answer, minlength=12),
                                 lambda: np.bincount(by.astype(np.int16) * 12 + answer, minlength=96)),
        }.items()
    }  # fmt: skip
    return "; ".join(
        f"{name} {one:.2f} ms, by language {other:.2f} ms" for name, (one, other) in found.items()
    )


def _quickest(work: Callable[[], object]) -> float:
    """Return milliseconds of processor time, of the quickest of some rounds."""
    times = []
    for _ in range(7):
        begun = time.process_time()
        for _ in range(10):
            work()
        times.append((time.process_time() - begun) * 100)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--responses", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", nargs=2)
    asked = parser.parse_args()
    if asked.only:
        work, folder = asked.only[0], Path(asked.only[1])
        store = SealedCounts(folder / "counts", KEY).find(SLUG, "made up")
        assert store is not None
        if work == "plain":
            sys.modules["numpy"] = None  # type: ignore[assignment]
        found = decoding(folder) if work == "decode" else counting(store)
        found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    print(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    print(f"one question of 12 answers in a block of {BLOCK:,}: {beside_bytes()}", flush=True)
    for responses in asked.responses:
        measure(responses, asked.rounds)


if __name__ == "__main__":
    main()
