"""What was found in a view, weighed: terms, pairs, and the exceptions that speak for them.

Not here: finding anything (match). The invariant: an exception masks only the hits that it covers, and a Decision
holds no part of a query.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from offramp.gate.compiled import Compiled, Kind, Rule

Span = tuple[int, int]
Placed = tuple[Span, Rule]


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a message is shown: the list, the category and the rule ("term 3" of that list), never the query.

    `intent` is "help" when the words around the term ask for help or want to report, so that the page can say so.
    """

    list: str
    category: str
    rule: str
    intent: Literal["search", "help"]


def judge(
    compiled: Compiled, view: bytes, found: Iterable[tuple[int, int, int]], odd: Sequence[Span] = ()
) -> Decision | None:
    """Return the decision about a view and what the automaton found in it; `odd` is where a disguise was."""
    sentinel = compiled.first_sentinel
    if not (ruled := [hit for hit in found if hit[2] < sentinel]):
        return None
    spans: dict[Kind, list[Placed]] = {kind: [] for kind in Kind}
    for start, end, number in ruled:
        rule = compiled.rule(number)
        span = start + rule.left, end - rule.right
        if not (rule.exact and any(span[0] < last and first < span[1] for first, last in odd)):
            spans[rule.kind].append((span, rule))
    placed = [hit for hit in spans[Kind.TERM] if _is_long_enough(view, *hit)]
    if spans[Kind.FIRST] and spans[Kind.SECOND]:
        placed += _pairs(view, spans[Kind.FIRST], spans[Kind.SECOND])
    if not placed:
        return None
    hits = [span for span, _ in placed]
    benign = _inside(hits, [span for span, _ in spans[Kind.BENIGN]])
    helped = _asks_for_help(hits, [span for span, _ in spans[Kind.HELP]])
    live = [(helped[i], start, -end, i) for i, (start, end) in enumerate(hits) if not benign[i]]
    if not live:
        return None
    asks, _, _, chosen = min(live)  # a hit that nothing explains counts before one that asks for help
    rule = placed[chosen][1]
    kind = "term" if rule.kind is Kind.TERM else "pair"
    return Decision(rule.list, rule.category, f"{kind} {rule.number}", "help" if asks else "search")


def _is_long_enough(view: bytes, span: Span, rule: Rule) -> bool:
    """Tell whether what was found, to the end of its last word, has the letters that its term asks for."""
    if not rule.measure:
        return True
    end = span[1] if rule.right or not rule.left else view.find(b" ", span[1])
    return len(view[span[0] : end].decode("utf-8", "ignore").replace(" ", "")) >= rule.measure


def _pairs(view: bytes, firsts: Sequence[Placed], seconds: Sequence[Placed]) -> Iterator[Placed]:
    """Give each pair whose words stand near enough, as one hit from the first word to the last."""
    gaps = [place for place, byte in enumerate(view) if byte == 0x20]
    partners: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for span, rule in seconds:
        partners[rule.list, rule.number].append(span)
    for (start, end), rule in firsts:
        near = partners[rule.list, rule.number]
        place = bisect_left(near, (start, end))
        # Of all partners the nearest on each side is enough; one that overlaps is the same word.
        before = next((near[i] for i in range(place - 1, -1, -1) if near[i][1] <= start), None)
        after = next((near[i] for i in range(place, len(near)) if near[i][0] >= end), None)
        for other in filter(None, (before, after)):
            inner = (end, other[0]) if other is after else (other[1], start)
            if bisect_left(gaps, inner[1]) - bisect_left(gaps, inner[0]) <= rule.measure:
                yield (min(start, other[0]), max(end, other[1])), rule


def _asks_for_help(hits: Sequence[Span], phrases: Sequence[Span]) -> list[bool]:
    """Tell for each hit whether it asks for help.

    A phrase that contains a hit ("help with x") speaks for that hit alone; one that contains none ("how to stop")
    speaks for the whole query.
    """
    holds_one = _inside([(-start, -end) for start, end in phrases], [(-start, -end) for start, end in hits])
    return [True] * len(hits) if not all(holds_one) else _inside(hits, phrases)


def _inside(inner: Sequence[Span], outer: Sequence[Span]) -> list[bool]:
    """Tell for each inner span whether some single outer span covers it, in about linear time.

    Turn all signs round, and it tells for each "inner" one whether it covers some "outer" one.
    """
    ordered = sorted(outer)
    reach = list(accumulate((end for _, end in ordered), max))
    starts = [start for start, _ in ordered]
    found = (bisect_right(starts, start) for start, _ in inner)
    return [i > 0 and reach[i - 1] >= end for i, (_, end) in zip(found, inner, strict=True)]
