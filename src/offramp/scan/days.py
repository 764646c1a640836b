"""The day of a row, from whatever a column of days or times holds.

Here: what counts as a day. Not here: where columns are. The invariant: nothing finer than a day leaves, and what is no
day becomes "" and is counted as such, never guessed at.

A time that carries a zone in its type (Parquet) gives its day in UTC; a text gives the day that it begins with, as it
was written ("2026-11-29", "2026-11-29T08:15:00+01:00", "2026-11-29 08:15").
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?", re.DOTALL)


def day_of(value: object) -> str:
    """Return the day of one value, YYYY-MM-DD, or ""."""
    if isinstance(value, str):
        return _day_of_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else ""


@lru_cache(maxsize=4096)
def _day_of_text(text: str) -> str:
    if not (found := _DAY.fullmatch(text.strip())):
        return ""
    try:
        return date.fromisoformat(found[1]).isoformat()
    except ValueError:
        return ""
