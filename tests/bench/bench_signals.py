"""`make bench-signals`: how much the tables of content/signals find, how much they mark wrongly, and what it costs.

The sentences are those in tests/signals, all invented. With --missed every sentence that is missed, or marked
without cause, is printed too: for whoever works on the tables.
"""

from __future__ import annotations

import argparse
import time

from tests.signals.measured import FILES, ORDINARY, Sentence, lines, sentences, shipped

ROUNDS = 20


def wrong(sentence: Sentence) -> bool:
    return bool(sentence.found) if sentence.wanted == ORDINARY else sentence.wanted not in sentence.found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    signals = shipped()
    for file, tag in FILES.items():
        read = sentences(file, signals)
        print(*lines(file, read), sep="\n")
        if asked.missed:
            print(
                *(f"    {s.when} {s.wanted} -> {', '.join(s.found)}: {s.text}" for s in read if wrong(s)),
                sep="\n",
            )
        begun = time.process_time()
        for sentence in read * ROUNDS:
            signals(sentence.text, tag)
        each = (time.process_time() - begun) / ROUNDS / len(read)
        print(f"{file} marking one of these took {1e6 * each:.0f} µs on the mean")


if __name__ == "__main__":
    main()
