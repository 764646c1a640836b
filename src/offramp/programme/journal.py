"""The journal as values: no SQL, no clock, no key.

The invariant: an entry is what one person entered on one page at one time; nothing in it says when, or who.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.programme.definition import StepId
from offramp.survey import Answer, QuestionId


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered on the page of one exercise or check-in.

    `number` counts the entries of one step, from 1 on: more than one where a step may be repeated. `stamp` counts the
    changes of the journal, so that the later of two entries is known; it is no time.
    """

    id: str
    step: StepId
    number: int
    answers: Mapping[QuestionId, Answer]
    words: Mapping[QuestionId, str]
    stamp: int
