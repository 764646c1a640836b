"""Work is linear in length, and ends where the gate stops reading: steps are counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest

from offramp.gate import Gate
from offramp.gate.compiled import compile_terms
from offramp.gate.fold import MAX_QUERY
from offramp.gate.lists import Pair, Term, TermList

GATE = Gate(
    compile_terms([
        TermList(
            "harmless",
            (Term(1, "zircon", "en", "c"), Term(2, "lily", "en", "c"), Term(3, "rose garden", "en", "c")),
            pairs=(Pair(1, ("agate",), ("opal",), 2, "c", False),),
        )
    ])
)  # fmt: skip
WORST: Mapping[str, Callable[[int], str]] = {
    "one long word": lambda n: "z" * n,
    "marks": lambda n: "z" + "\u0301" * n,
    "marks that stay": lambda n: "ก" + "\u0e38\u094d\u3099" * (n // 3),
    "separators": lambda n: "z.i-r_c" * (n // 7),
    "nested separators": lambda n: "-" * (n // 2) + "z" + "-" * (n // 2),
    "single letters": lambda n: "z i r c o " * (n // 10),
    "signs that may be letters": lambda n: "l!|1" * (n // 4),
    "signs alone": lambda n: "!$@|" * (n // 4),
    "letters and signs": lambda n: "z!!!!!!!!" * (n // 9),
    "a term again and again": lambda n: "z1rcon " * (n // 7),
    "lilies": lambda n: "l-i" * (n // 3),
    "pairs": lambda n: "agate x y z " * (n // 24) + "opal " * (n // 10),
    "entities": lambda n: "&amp;" * (n // 5),
    "percent signs": lambda n: "%25" * (n // 3),
    "mixed scripts": lambda n: "zі" * (n // 2),
}


def steps(query: str) -> tuple[int, int]:
    """Return how many lines of Python a decision takes, and how many bytes the automaton reads."""
    lines = scanned = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    find = GATE._find

    def counting(view: bytes) -> list[tuple[int, int, int]]:
        nonlocal scanned
        scanned += len(view)
        return find(view)

    counted = Gate(GATE._compiled)
    counted._find = counting
    counted.decide = counted._decider(None)
    sys.settrace(trace)
    try:
        counted.decide(query)
    finally:
        sys.settrace(None)
    return lines, scanned


@pytest.mark.parametrize("name", WORST)
def test_work_grows_no_faster_than_the_query(name: str) -> None:
    sizes = (MAX_QUERY // 4, MAX_QUERY // 2, MAX_QUERY)
    measured = [steps(WORST[name](size)) for size in sizes]
    for (less, fewer), (more, bytes_read) in pairwise(measured):
        assert more <= 2.3 * less + 300
        assert bytes_read <= 2.3 * fewer + 300
    assert measured[-1][0] < 600 * MAX_QUERY
    assert measured[-1][1] <= 40 * MAX_QUERY


@pytest.mark.parametrize("name", WORST)
def test_beyond_the_cap_nothing_is_done(name: str) -> None:
    for size in (100_000, 1_000_000):
        whole = WORST[name](size)
        lines, scanned = steps(whole)
        cut_lines, cut_scanned = steps(whole[:MAX_QUERY])
        assert abs(lines - cut_lines) <= 0.05 * lines + 20
        assert scanned == cut_scanned


def test_a_term_counts_up_to_the_cap_and_not_after_it() -> None:
    filler = "y" * (MAX_QUERY - 8)
    assert GATE.decide(f"{filler} z1rcon") is not None
    assert GATE.decide(f"{filler}yyyy z1rcon") is None
    assert GATE.decide("z1rcon " + "\u0301" * 1_000_000) is not None
