"""What a door counts about messages: which arm, in which language, on which day, and what came of it.

Not here: keeping counts (whoever is handed them), or drawing arms (messages). The invariant: a Count has no place for
a query, for a person, or for a time finer than the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

Target = Literal["shown", "help", "survey", "programme", "exit", "not_meant", "shadow"]
"""What is counted: a display, a click on one of the ways, or what a gate in shadow mode would have shown."""
TARGETS: tuple[Target, ...] = get_args(Target)
HELP_SEEKING = "help-seeking"
"""In the place of an arm: the page that greets somebody who asks for help. No arm of an experiment is shown there."""


@dataclass(frozen=True, slots=True)
class Day:
    """Which day it is, as somebody with a clock says: "2026-11-29", and its ISO week, "2026-W48"."""

    date: str
    week: str


@dataclass(frozen=True, slots=True)
class Count:
    """One more of something. In shadow mode there is no arm, since none was drawn."""

    arm: str
    language: str
    day: str
    target: Target


CountSink = Callable[[Count], object]
