"""The journal as values: no SQL, no clock, no key. What was entered, and what follows from one more page.

Not here: how a journal is sealed and written (shelf). The invariants: an entry is what one person entered on one
page at one time, and nothing in it says when, or who; and no change loses what another change has entered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from offramp.errors import refuse
from offramp.programme.definition import StepId
from offramp.sealing import Random, Secret
from offramp.survey import Answer, QuestionId, to_plain

_ID_BYTES = 8


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


@dataclass(frozen=True, slots=True)
class Noted:
    """What the index of a journal says of an entry; `revision` counts how often it was written, from 1 on."""

    id: str
    revision: int
    step: StepId
    number: int
    stamp: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What was entered on a page. The page says to which entry it belongs, and in which revision it showed it.

    A page for something new carries an id of its own (`new_id`) and revision 0, so that a page that is sent twice
    is one entry.
    """

    id: str
    revision: int
    step: StepId
    answers: Mapping[QuestionId, Answer]
    words: Mapping[QuestionId, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a journal knows beside its entries.

    `kept` is whether it lies under a code, or for one sitting alone. `link` is the secret of the response that
    check-ins are sent as, where somebody has agreed to that; nothing derives it from the code.
    """

    language: str
    kept: bool
    link: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Journal:
    """One journal in one state.

    `index` has every entry; `entries` those that could be read, the latest change last. What is in the first alone
    is damaged. `damaged` is whether there was another state, perhaps a newer one, that could not be read.
    """

    facts: Facts
    version: int = 0
    index: Mapping[str, Noted] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    damaged: bool = False

    @property
    def lost(self) -> tuple[Noted, ...]:
        """The entries that are damaged."""
        read = {entry.id for entry in self.entries}
        return tuple(noted for noted in self.index.values() if noted.id not in read)

    def entry(self, identity: str) -> Entry | None:
        """Return an entry, or nothing if it is not there or damaged."""
        return next((entry for entry in self.entries if entry.id == identity), None)

    def record(self, sent: Sent) -> Journal:
        """Return the journal with what a page brought.

        An entry that was changed elsewhere since the page was made stays as it is, and what the page brought is put
        beside it. What is there already, to the letter, is not written again. Refusal journal.removed: the page
        showed an entry that was removed meanwhile.
        """
        noted = self.index.get(sent.id)
        if noted is None:
            if sent.revision:
                raise refuse("journal.removed", "journal", "This entry was removed meanwhile.",
                             "Please keep what you wrote as a new entry, or leave it.")  # fmt: skip
            return self._with(Noted(sent.id, 1, sent.step, self._next(sent.step), self._stamp()), sent)
        if self._same(sent.id, sent):
            return self
        if noted.revision == sent.revision:
            return self._with(replace(noted, revision=noted.revision + 1, stamp=self._stamp()), sent)
        beside = _id_beside(sent)
        if beside in self.index:
            return self
        return self._with(Noted(beside, 1, sent.step, self._next(sent.step), self._stamp()), sent)

    def remove(self, identity: str) -> Journal:
        """Return the journal without an entry; without a change if it is not there."""
        if identity not in self.index:
            return self
        return replace(
            self, version=self.version + 1, index={i: n for i, n in self.index.items() if i != identity},
            entries=tuple(entry for entry in self.entries if entry.id != identity),
        )  # fmt: skip

    def telling(self, facts: Facts) -> Journal:
        """Return the journal with other facts."""
        return self if facts == self.facts else replace(self, facts=facts, version=self.version + 1)

    def _next(self, step: StepId) -> int:
        return 1 + max((noted.number for noted in self.index.values() if noted.step == step), default=0)

    def _stamp(self) -> int:
        return 1 + max((noted.stamp for noted in self.index.values()), default=0)

    def _same(self, identity: str, sent: Sent) -> bool:
        entry = self.entry(identity)
        return entry is not None and (entry.answers, entry.words) == (sent.answers, sent.words)

    def _with(self, noted: Noted, sent: Sent) -> Journal:
        entry = Entry(noted.id, noted.step, noted.number, sent.answers, sent.words, noted.stamp)
        others = tuple(other for other in self.entries if other.id != noted.id)
        return replace(
            self, version=self.version + 1, index={**self.index, noted.id: noted}, entries=(*others, entry)
        )


def new_id(random: Random) -> str:
    """Return an id for an entry that a page may bring."""
    return random(_ID_BYTES).hex()


def _id_beside(sent: Sent) -> str:
    # From what was sent, so that the same page sent once more lies where it lay.
    plain = [{q: to_plain(answer) for q, answer in sent.answers.items()}, dict(sent.words), sent.revision]
    text = json.dumps(plain, sort_keys=True)
    return hashlib.sha256(f"offramp/beside/{sent.id}/{text}".encode()).digest()[:_ID_BYTES].hex()
