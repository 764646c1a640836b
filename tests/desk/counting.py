"""Counting a list of responses in tests: the same blocks, the same reckoning, the same sheet as a report's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offramp.desk.codebook import Variable
from offramp.desk.count import Counted, count
from offramp.desk.planes import blocks
from offramp.desk.reckoning import reckon
from offramp.survey import Response


def counted(
    variables: Sequence[Variable], pages: Sequence[str], languages: Sequence[str], weeks: Sequence[str],
    responses: Sequence[Response], *more: Any, size: int = 1 << 18,
) -> Counted:  # fmt: skip
    own = list(blocks(((response, ()) for response in responses), size))
    occurring = frozenset(key for block in own for key in block.planes)
    layout = count(variables, pages, languages, weeks, occurring, *more)
    return layout.counted(reckon(own, layout.sheet.asked()))
