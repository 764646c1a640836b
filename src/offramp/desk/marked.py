"""Which answers have marked words, for the researcher who keeps the study's protocol for disclosures.

Not for any report: a listing names single responses (by their new ids) and may show what they wrote. The invariant:
words leave this file in a form in which nothing can be clicked, fetched or run, whatever was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import category

from offramp.survey import Body, Marks

_SCHEME = re.compile(r"(?i)\bh[t]{2}p")
# Whatever joins the parts of an address: a dot, colon, slash or at with something behind it.
_JOINT = re.compile(r"[.:@/\\#](?=\S)|[@#]")


@dataclass(frozen=True, slots=True)
class Marked:
    """The words to one question that were marked; `words` are defanged."""

    response: str
    week: str
    language: str
    question: str
    marks: Marks
    words: str


def marked(bodies: Iterable[Body]) -> list[Marked]:
    """Return every answer with marked words, in the order of responses and questions."""
    found = [
        Marked(body.context.response, body.context.week, body.context.language, question, body.marks, defanged(text))
        for body in bodies
        if body.marks
        for question, text in (body.words or {}).items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.response, each.question))


def defanged(text: str) -> str:
    """Return words in one line in which no program sees an address, and no terminal an order."""
    seen = "".join(
        c if category(c)[0] != "C" else " / " if c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
    return _JOINT.sub(lambda joint: f"[{joint[0]}]", _SCHEME.sub("hxxp", seen))
