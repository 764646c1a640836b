"""`make bench-gate`: what the gate costs beside the bare scan of pre-folded bytes by the same engine.

All contenders take turns in one process, round after round, so that what else the machine does falls on all alike;
quote the ratios before the times, which are those of the processor and not of the clock.

Terms are invented words and phrases in the letters of eight languages; queries are put together from Debian's
dictionaries (ops/install/dictionaries.sh) and are as odd as real ones were measured to be: of all English queries
34 % have a doubled letter, 2 % a sign inside a word, 1.1 % a digit beside a letter, 0.6 % two single letters in a
row, 0.07 % a letter three times in a row; 2 % more are given sentence punctuation here.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from daachorse import DoubleArrayAhoCorasick

from offramp.gate.compiled import PURPOSE, Compiled, compile_terms, pack
from offramp.gate.fold import fold
from offramp.gate.lists import Match, Term, TermList
from offramp.gate.match import Gate
from offramp.gate.sample import weigh
from offramp.sealing import seal_file
from tests.gate import harmless

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv")
SIZES = (1_000, 10_000, 100_000, 500_000)
QUERIES, ROUNDS, LENGTH = 100_000, 7, 24
KEY = bytes(range(32))
_DOUBLED = re.compile(r"(.)\1")
Timed = tuple[Callable[[Any], object], Sequence[Any]]


def terms(number: int) -> list[str]:
    """Return invented terms: seven of ten are words, the others phrases of two words."""
    random = Random(7)
    share = -(-number // len(LANGUAGES))
    made = sorted({word for language in LANGUAGES for word in harmless.invented(share, language=language)})
    return [word if random.random() < 0.7 else f"{word} {random.choice(made)}" for word in made[:number]]


def plain_words(language: str) -> list[str]:
    return [word.lower() for word in harmless.dictionary(language) if word.isalpha()]


def queries(number: int, languages: Sequence[str] = ("en",), seed: int = 1) -> list[str]:
    """Return queries of about 24 characters, as odd as real ones."""
    random, made = Random(seed), list[str]()
    vocabularies = [plain_words(language) for language in languages]
    while len(made) < number:
        words = random.choice(vocabularies)
        query = random.choice(words)
        while len(query) < LENGTH - 4:
            query += " " + random.choice(words)
        wanted = random.random() < 0.34
        if bool(_DOUBLED.search(query)) is wanted:
            made.append(odd(query, random))
    return made


def odd(query: str, random: Random) -> str:
    """Make one of a hundred queries odd as people do: don't, well-known, example.com, 4th, vitamin b c."""
    chance, words = random.random(), query.split(" ")
    place = random.randrange(len(words))
    if chance < 0.02:
        words[place] += random.choice(("'s", "'s", "'s", ".com", f"-{words[0]}", f"/{words[-1]}"))
    elif chance < 0.031:
        words[place] = random.choice(
            (f"{words[place]}{random.randrange(100)}", "4th", "20mg", "mp3", "covid19")
        )
    elif chance < 0.037:
        words[place] = f"{random.choice('abcdefgh')} {random.choice('klmnopqr')}"
    elif chance < 0.0377:
        words[place] += words[place][-1] * 2
    elif chance < 0.0577:
        words[place] += random.choice(",.?!") if place + 1 < len(words) else random.choice("?.!")
    return " ".join(words)


def rounds(contenders: dict[str, Timed], number: int = ROUNDS) -> dict[str, list[float]]:
    """Return nanoseconds per query for each contender and round; the contenders take turns."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(number):
        for name, (call, values) in contenders.items():
            begun = time.thread_time_ns()
            for value in values:
                call(value)
            taken[name].append((time.thread_time_ns() - begun) / len(values))
    return taken


def slow_ones(call: Callable[[Any], object], values: Sequence[Any], repeats: int = 5) -> float:
    """Return the 99th percentile in nanoseconds, of each query the fastest of some tries (its own cost)."""
    best = [float("inf")] * len(values)
    for _ in range(repeats):
        for place, value in enumerate(values):
            begun = time.perf_counter_ns()
            call(value)
            best[place] = min(best[place], time.perf_counter_ns() - begun)
    return sorted(best)[len(best) * 99 // 100]


def compiled(words: Sequence[str]) -> Compiled:
    """Return a list as `offramp gate build --benign` makes it, the sample being the English dictionary."""
    lists = [listed(words)]
    weighed = weigh(Gate(compile_terms(lists)), ((word, 1) for word in harmless.dictionary("en")))
    return compile_terms(lists, weighed.ordinary, weighed.usual, weighed.doubled)


def gate_of(words: Sequence[str]) -> Gate:
    return Gate(compiled(words))


def listed(words: Sequence[str]) -> TermList:
    return TermList("bench", tuple(Term(n, word, "en", "c", Match.WORD) for n, word in enumerate(words, 1)))


def others(words: Sequence[str]) -> dict[str, Callable[[str], object]]:
    """Return the other engines, each with folding alone in front; what is not installed is left out."""
    found: dict[str, Callable[[str], object]] = {}
    if find_spec("ahocorasick"):
        import ahocorasick

        automaton = ahocorasick.Automaton()
        for number, word in enumerate(words):
            automaton.add_word(f" {word} ", number)
        automaton.make_automaton()
        found["pyahocorasick, folded"] = lambda query: list(automaton.iter(fold(query).decode()))
    if find_spec("flashtext2"):
        from flashtext2 import KeywordProcessor

        processor = KeywordProcessor(case_sensitive=True)
        for word in words:
            processor.add_keyword(word)
        found["flashtext2, folded"] = lambda query: processor.extract_keywords(fold(query).decode())
    return found


def engines(words: Sequence[str]) -> dict[str, Callable[[Any], object]]:
    """Return all contenders; the first one wants its queries folded."""
    bare = DoubleArrayAhoCorasick([fold(word) for word in words]).find_overlapping
    return {"bare scan": bare, "gate": gate_of(words).decide, **others(words)}


def asking(engines: Mapping[str, Callable[[Any], object]], asked: Sequence[str]) -> dict[str, Timed]:
    folded = [fold(query) for query in asked]
    return {name: (call, folded if name == "bare scan" else asked) for name, call in engines.items()}


def report(title: str, found: dict[str, Timed], number: int = ROUNDS) -> float:
    """Print one table and return the ratio of the gate to the bare scan."""
    taken = rounds(found, number)
    ratios = {name: statistics.median(a / b for a, b in zip(each, taken["bare scan"], strict=True))
              for name, each in taken.items()}  # fmt: skip
    print(f"\n{title}\n{'':24}{'ratio':>8}{'ns, median':>12}{'ns, best':>10}")
    for name, each in taken.items():
        print(f"{name:24}{ratios[name]:8.2f}{statistics.median(each):12.0f}{min(each):10.0f}")
    return ratios["gate"]


def loaded(words: Sequence[str]) -> None:
    """Print what a process that opens a sealed list of these words takes."""
    program = """
import resource, sys, time
from pathlib import Path
from offramp.gate import load
def resident():
    with open("/proc/self/statm") as lines:
        return int(lines.read().split()[1]) * resource.getpagesize() / 1e6
before, begun, worked = resident(), time.perf_counter(), time.process_time()
gate = load(Path(sys.argv[1]), bytes(range(32)))
print(f"{time.process_time() - worked:.3f} s of the processor ({time.perf_counter() - begun:.3f} s of the clock), "
      f"{resident() - before:.0f} MB more than before")
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.sealed"
        path.write_bytes(seal_file(pack(compiled(words)), KEY, PURPOSE))
        size = path.stat().st_size / 1e6
        print(f"\nA sealed list of {len(words):,} terms has {size:.1f} MB. Loading it, three times:")
        for _ in range(3):
            subprocess.run([sys.executable, "-c", program, str(path)], check=True, env={**os.environ})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--queries", type=int, default=QUERIES)
    chosen = parser.parse_args()
    english = queries(chosen.queries)
    mixed = [
        *queries(chosen.queries * 7 // 10),
        *queries(chosen.queries * 3 // 10, ("uk", "bg", "pl"), seed=2),
    ]
    print(f"Queries: {statistics.mean(map(len, english)):.1f} characters; of the mixed ones "
          f"{sum(not query.isascii() for query in mixed) / len(mixed):.0%} are not ASCII.")  # fmt: skip
    mixed = Random(3).sample(mixed, len(mixed))
    for size in chosen.sizes:
        words = terms(size)
        found = engines(words)
        report(f"{size:,} terms, ASCII queries", asking(found, english))
        if size == 100_000:
            print(f"p99 of the gate {slow_ones(found['gate'], english) / 1000:.1f} us, of the bare scan "
                  f"{slow_ones(found['bare scan'], [*map(fold, english)]) / 1000:.2f} us")  # fmt: skip
            report(f"{size:,} terms, mixed queries", asking(found, mixed))
            loaded(words)
            ukrainian = harmless.invented(size // 10, language="uk")
            found = engines([*words[len(ukrainian) :], *ukrainian])
            report(f"{size:,} terms, one of ten Ukrainian, mixed queries", asking(found, mixed))


if __name__ == "__main__":
    main()
