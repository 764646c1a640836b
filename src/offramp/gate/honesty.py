"""The check that refuses a text which makes an untrue claim, in the language that it is written in.

The claims themselves are data (claims). The invariant: a language whose row is not complete passes nothing, since
nobody could tell what its texts claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from offramp.errors import Problem
from offramp.gate.claims import CONCERNS, Concern, claims
from offramp.gate.fold import fold
from offramp.language import Catalogue

# Words that may stand between two parts of a claim: enough for an adverb or two, too few to reach another thought.
_BETWEEN = 4
_TAKEN_OUT = " ~"


def untrue_claims(catalogue: Catalogue, place: str) -> Iterator[Problem]:
    """Name each claim in these texts that is untrue here, and each kind of claim that nobody has listed yet."""
    tag = catalogue.language.tag
    listed = claims(tag)
    missing = [concern for concern in Concern if concern not in listed.untrue]
    if missing:
        what = "; ".join(CONCERNS[concern] for concern in missing)
        yield Problem("messages.unchecked", place, f"For “{tag}” no untrue claims are listed that say {what}.",
                      f"Please have somebody who knows the language list them in gate/untrue/{tag}.toml.")  # fmt: skip
    for key, text in catalogue.texts.items():
        view = fold(text).decode()
        for phrase in listed.honest:
            view = _pattern(phrase).sub(_TAKEN_OUT, view)
        for concern, phrases in listed.untrue.items():
            for claim in phrases:
                if _pattern(claim).search(view):
                    yield Problem("messages.untrue", f"{place}, {key}",
                                  f"“{claim}” says {CONCERNS[concern]}.",
                                  "Please leave that out, or use other words.")  # fmt: skip


@cache
def _pattern(claim: str) -> re.Pattern[str]:
    """Return how to find a claim in a folded text, where words stand between single spaces."""
    parts = []
    for part in claim.split("…"):
        words = part.strip()
        before = "" if words.startswith("*") else " "
        after = r"\S*(?=\s)" if words.endswith("*") else r"(?=\s)"
        inside = re.escape(fold(words.strip("*")).decode().strip())
        parts.append(before + inside + after)
    return re.compile(rf"(?: \S+){{0,{_BETWEEN}}}?".join(parts))
