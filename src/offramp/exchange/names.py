"""Names of other forms as ids of ours: lower-case letters, digits and _, a letter first, 32 at most, none twice.

Not here: what is named. The invariant: a name that is an id already, and was not given before, stays as it is.
"""

from __future__ import annotations

import re

from offramp.survey import OTHER, Missing

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
# What the software itself calls so, as a question and as an answer.
_QUESTIONS = frozenset((OTHER, "responses", "language", "week"))
_OPTIONS = frozenset((OTHER, *(code.value for code in Missing)))


class Names:
    """The ids given so far; pages, questions and the options of each question do not get in each other's way."""

    def __init__(self) -> None:
        self._pages: set[str] = set()
        self._questions: set[str] = set()

    def page(self, name: str) -> str:
        return _new(name, "page", self._pages, frozenset((OTHER,)))

    def question(self, name: str) -> str:
        return _new(name, "q", self._questions, _QUESTIONS)

    def option(self, name: str, taken: set[str]) -> str:
        return _new(name, "o", taken, _OPTIONS)


def _new(name: str, letter: str, taken: set[str], reserved: frozenset[str]) -> str:
    plain = re.sub(r"[^a-z0-9_]+", "_", name.strip().lower())
    if not _ID.fullmatch(plain) or plain.startswith(("offer_", "take_")):
        plain = f"{letter}_{plain}".strip("_")[:32]
    candidate, number = plain, 2
    while candidate in taken | reserved:
        candidate = f"{plain[:28]}_{number}"
        number += 1
    taken.add(candidate)
    return candidate
