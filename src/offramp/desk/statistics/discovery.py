"""What is left of many looks at once: Benjamini and Hochberg's bound on the share of false alarms among the finds.

Where one false find would already do harm, Holm's correction is used instead (`estimate`).
"""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return the adjusted p-values, in the order given."""
    adjusted, lowest = [0.0] * len(ps), 1.0
    falling = sorted(range(len(ps)), key=lambda index: ps[index], reverse=True)
    for place, index in enumerate(falling):
        lowest = min(lowest, ps[index] * len(ps) / (len(ps) - place))
        adjusted[index] = lowest
    return adjusted
