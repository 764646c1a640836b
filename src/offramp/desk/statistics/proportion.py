"""A share and Wilson's interval of it.

The interval is chance alone, as if responses were independent of each other; it says nothing of who did not answer.
The invariant: the bounds lie between 0 and 1 and hold the share between them.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from offramp.desk.estimate import Interval
from offramp.errors import Fault

LEVEL = 0.95


def wilson(hits: int, base: int, level: float = LEVEL) -> Interval:
    """Return Wilson's score interval (no continuity correction) of a share."""
    if not 0 <= hits <= base or base == 0:
        raise Fault("a share needs a base, and no more hits than that")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = hits / base, z * z / base
    middle = (share + spread / 2) / (1 + spread)
    width = z / (1 + spread) * math.sqrt(share * (1 - share) / base + spread / base / 4)
    # At the ends the formula gives 0 and 1, but for the last digit.
    return Interval(
        0.0 if hits == 0 else max(0.0, middle - width), 1.0 if hits == base else min(1.0, middle + width)
    )
