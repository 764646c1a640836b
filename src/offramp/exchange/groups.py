"""The rows of an XLSForm by what is asked together: its outermost groups, with inner ones taken apart.

Not here: what a row asks. The invariant: every row that asks something is in exactly one group, in its order, and is
asked on no other condition than before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from offramp.exchange.workbook import Row

# What a form may record by itself of a person or a device. Nothing of it is recorded here.
_RECORDED = frozenset((
    "start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "simserial", "subscriberid",
    "start-geopoint",
))  # fmt: skip
_LOOSE: Row = {"name": "page"}


def both(outer: str, inner: str) -> str:
    """Return a condition that holds where both do; either may be empty."""
    return f"({outer}) and ({inner})" if outer and inner else outer or inner


def groups(rows: Iterable[Row], lose: Callable[[Row, str], None]) -> Iterator[tuple[Row, list[Row]]]:
    """Yield each outermost group with what is in it; rows outside any make groups too."""
    heads: list[Row] = []
    inside: list[Row] = []
    for row in rows:
        word = row.get("type", "").strip().replace(" ", "_").lower()
        if word in ("begin_group", "begin_repeat"):
            if word == "begin_repeat":
                lose(row, "what may be answered several times is asked once")
            if heads:
                lose(row, "a group inside a group is taken apart")
            elif inside:
                yield _LOOSE, inside
                inside = []
            heads.append(row)
        elif word in ("end_group", "end_repeat") and heads:
            head = heads.pop()
            if not heads:
                yield head, inside
                inside = []
        elif word in _RECORDED:
            lose(row, f"“{word}” is not recorded: nothing of a person or a device is")
        else:
            inside.append(_within(heads[1:], row))
    if inside:
        yield (heads[0] if heads else _LOOSE), inside


def _within(heads: list[Row], row: Row) -> Row:
    """Return a row with the conditions of the inner groups around it."""
    condition = row.get("relevant", "")
    for head in reversed(heads):
        condition = both(head.get("relevant", ""), condition)
    return {**row, "relevant": condition} if condition else row
