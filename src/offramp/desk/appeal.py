"""How often made-up visitors click on what of each arm of the messages. Everything in this table is invented.

Planted on purpose, so that `offramp desk arms` has something to find: two arms differ from the neutral one, six do not.
No figure comes from any study, nor says anything about any message. The invariant: an arm that is not named here is
clicked on like most others.

Nobody made up leaves by the quick exit: that link leads out of the house, and no demonstration asks strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Appeal:
    """Of those who are shown an arm and give no response, how many click on what; the others close the page."""

    survey: float = 0.18
    help: float = 0.10
    not_looking: float = 0.08

    def target(self, chance: float) -> str:
        """Return the target that a number from 0 to 1 leads to, or nothing."""
        for target, share in (
            ("survey", self.survey),
            ("help", self.help),
            ("not-looking", self.not_looking),
        ):
            if chance < share:
                return target
            chance -= share
        return ""


_PLAIN = Appeal()
APPEALS: Mapping[str, Appeal] = {
    "harm-negative": _PLAIN,
    "harm-positive": _PLAIN,
    "control-negative": _PLAIN,
    "control-positive": Appeal(help=0.26),
    "legality-negative": Appeal(not_looking=0.24),
    "legality-positive": _PLAIN,
    "distress-negative": _PLAIN,
    "distress-positive": _PLAIN,
    "neutral": _PLAIN,
}


def appeal_of(arm: str) -> Appeal:
    """Return how an arm is clicked on."""
    return APPEALS.get(arm, _PLAIN)
