"""Somebody keeps one journal in two tabs at once, in any order, and no entry is lost, doubled or mixed up.

Each tab has a page open that was made from some earlier state: for a new entry or for one that was there. It sends
it, sends it again, removes, deletes everything; and while it does, between its reading and its writing, the other tab
does something of its own. A model remembers what was acknowledged; the journal must say exactly that after each
step. The database is a real one, and settles in between.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from offramp.errors import Refusal
from offramp.programme import Facts, Sent, StepId, change_journal, delete_journal, new_id, open_journal
from offramp.programme.shelf import Change, Kept
from offramp.sealing import RowKey, new_locker
from offramp.store import Forgotten, Store
from offramp.survey import QuestionId
from offramp.survey.answers import WRITTEN

STEPS = (StepId("urges"), StepId("chain"))
NOTE = QuestionId("note")
TABS = st.integers(0, 1)
MEANWHILE = st.sampled_from(["nothing", "nothing", "send", "send", "new", "remove", "tell"])


@dataclass
class Page:
    """What a tab shows: which entry, in which revision."""

    id: str
    revision: int
    step: StepId


@dataclass
class Model:
    """What was acknowledged: per entry its revision and its words."""

    entries: dict[str, tuple[int, str]] = field(default_factory=dict)
    beside: dict[tuple[str, str, int], str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    language: str = "en"


class Interrupted:
    """The real rows, and somebody who does something just before the first write of a change."""

    def __init__(self, store: Store, meanwhile: object) -> None:
        self._store, self._meanwhile = store, meanwhile

    def rows(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Kept]:
        return self._store.journals.rows(keys)

    def forgotten(self, keys: Iterable[RowKey]) -> frozenset[bytes]:
        return self._store.journals.forgotten(keys)

    def write(self, change: Change) -> bool:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()  # type: ignore[operator]
        return self._store.journals.write(change)


class TwoTabs(RuleBasedStateMachine):
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.locker, self.model, self.deleted, self.sent = new_locker(), Model(), False, 0
        self.pages = [Page(new_id(os.urandom), 0, STEPS[0]), Page(new_id(os.urandom), 0, STEPS[1])]

    @initialize()
    def first(self) -> None:
        self.send(0, "nothing", again=False)

    # -- what a tab can do ----------------------------------------------------------------------------------

    @rule(tab=TABS, step=st.sampled_from(STEPS))
    def open_new(self, tab: int, step: StepId) -> None:
        self.pages[tab] = Page(new_id(os.urandom), 0, step)

    @precondition(lambda self: self.model.entries)
    @rule(tab=TABS, which=st.integers(0, 50))
    def open_one(self, tab: int, which: int) -> None:
        opened = open_journal(self.store.journals, self.locker)
        if opened is not None:
            entry = opened.journal.entries[which % len(opened.journal.entries)]
            self.pages[tab] = Page(entry.id, opened.journal.index[entry.id].revision, entry.step)

    @rule(tab=TABS, meanwhile=MEANWHILE, again=st.booleans())
    def send(self, tab: int, meanwhile: str, again: bool) -> None:
        self.sent += not again
        self._send(tab, f"words {self.sent}", self._meanwhile(1 - tab, meanwhile))

    @precondition(lambda self: self.model.entries)
    @rule(tab=TABS, meanwhile=MEANWHILE)
    def remove(self, tab: int, meanwhile: str) -> None:
        self._remove(tab, self._meanwhile(1 - tab, meanwhile))

    @rule(language=st.sampled_from(["en", "es", "ar"]), meanwhile=MEANWHILE)
    def tell(self, language: str, meanwhile: str) -> None:
        self._tell(language, self._meanwhile(1, meanwhile))

    @rule(way=st.integers(0, 9))
    def settle(self, way: int) -> None:
        if way == 0:
            self.store.settle()

    @precondition(lambda self: self.sent > 5)
    @rule(way=st.integers(0, 9))
    def delete(self, way: int) -> None:
        if way == 0:
            delete_journal(self.store.journals, self.locker)
            self.deleted, self.model = True, Model()

    # -- what comes of it -----------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        opened = open_journal(self.store.journals, self.locker)
        if self.deleted or (not self.model.entries and opened is None):
            assert opened is None
            return
        assert opened is not None
        journal = opened.journal
        assert (journal.damaged, journal.lost) == (False, ())
        assert {
            e.id: (journal.index[e.id].revision, e.words[NOTE]) for e in journal.entries
        } == self.model.entries
        assert len({(e.step, e.number) for e in journal.entries}) == len(journal.entries)
        assert journal.facts.language == self.model.language

    def _send(self, tab: int, words: str, meanwhile: object) -> None:
        page = self.pages[tab]
        sent = Sent(page.id, page.revision, page.step, {NOTE: WRITTEN}, {NOTE: words})
        shelf = Interrupted(self.store, meanwhile)
        try:
            after = change_journal(shelf, self.locker, lambda now: now.record(sent), "2028-05-31", os.urandom,
                                   Facts("en", kept=True))  # fmt: skip
        except Forgotten:
            assert self.deleted or page.id in self.model.removed
        except Refusal as refusal:
            if refusal.codes != ("journal.removed",):
                raise
            assert page.id in self.model.removed or self.deleted
        else:
            self._acknowledge(page, words, {e.id for e in after.entries if e.words[NOTE] == words})

    def _acknowledge(self, page: Page, words: str, where: set[str]) -> None:
        there = self.model.entries.get(page.id)
        if there is None:
            assert not page.revision
            self.model.entries[page.id] = (1, words)
        elif there[1] == words:
            pass
        elif there[0] == page.revision:
            self.model.entries[page.id] = (page.revision + 1, words)
        elif (page.id, words, page.revision) not in self.model.beside:
            # It stands beside, under an id of its own that nobody had.
            (beside,) = where - self.model.entries.keys()
            self.model.entries[beside] = (1, words)
            self.model.beside[page.id, words, page.revision] = beside

    def _remove(self, tab: int, meanwhile: object) -> None:
        page = self.pages[tab]
        if self.deleted or page.id not in self.model.entries:
            return
        shelf = Interrupted(self.store, meanwhile)
        change_journal(shelf, self.locker, lambda now: now.remove(page.id), "2028-05-31", os.urandom)
        self.model.entries.pop(page.id, None)
        self.model.removed.add(page.id)

    def _tell(self, language: str, meanwhile: object) -> None:
        if not self.deleted:
            shelf = Interrupted(self.store, meanwhile)
            change_journal(shelf, self.locker, lambda now: now.telling(Facts(language, kept=True)), "2028-06-30",
                           os.urandom)  # fmt: skip
            self.model.language = language

    def _meanwhile(self, tab: int, what: str) -> object:
        self.sent += 1
        words = f"words {self.sent}"
        match what:
            case "send":
                return partial(self._send, tab, words, None)
            case "new":
                self.pages[tab] = Page(new_id(os.urandom), 0, STEPS[0])
                return partial(self._send, tab, words, None)
            case "remove":
                return partial(self._remove, tab, None)
            case "tell":
                return partial(self._tell, "fi", None)
        return None


def run(examples: int, steps: int) -> None:
    # In memory where there is such a folder: it is the order that is tried, not the disk.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        store = Store.open(Path(folder, "store.sqlite"), Path(folder, "ledger.sqlite"))
        machine = type("TwoTabsHere", (TwoTabs,), {"store": store})
        machine.TestCase.settings = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
        machine.TestCase("runTest").runTest()
        store.release()


def test_two_tabs_lose_no_entry() -> None:
    run(25, 12)


@pytest.mark.full
def test_two_tabs_lose_no_entry_in_a_thousand_interleavings() -> None:
    run(1000, 10)
