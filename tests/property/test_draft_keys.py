"""Laws of the ratchet: several processes that inherited it, clocks that are set back, and what is gone for good."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.sealing import DraftKeys

LIFETIME, START = 100, 10_000
WORKERS = 2
# Who reads the clock, and how far it went since it was last read: across a border, several epochs on, or back.
READINGS = st.lists(
    st.tuples(st.integers(0, WORKERS - 1), st.one_of(st.integers(-LIFETIME, LIFETIME), st.integers(-3, 3),
              st.just(3 * LIFETIME)), st.booleans()), max_size=25,
)  # fmt: skip


def inherited(keys: DraftKeys) -> DraftKeys:
    """Return what a process has that was begun by the one with these keys."""
    twin = copy.copy(keys)
    twin._keys = dict(keys._keys)
    return twin


def opens(keys: DraftKeys, draft: bytes, now: int) -> bool:
    """Ask a copy, so that asking changes nothing."""
    try:
        body, sealed_at = inherited(keys).open(draft, "draft/tiny", now)
    except Refusal:
        return False
    assert body == b"body"
    assert sealed_at <= now
    return True


@dataclass
class Server:
    """A parent and its workers; the clock may be set back by less than one lifetime behind the furthest reading."""

    parent: DraftKeys = field(default_factory=lambda: DraftKeys(LIFETIME, START))
    workers: list[DraftKeys] = field(default_factory=list)
    drafts: list[tuple[int, bytes]] = field(default_factory=list)
    now: int = START
    furthest: int = START

    def __post_init__(self) -> None:
        self.workers = [inherited(self.parent) for _ in range(WORKERS)]

    def read_the_clock(self, step: int) -> None:
        self.now = max(self.now + step, self.furthest - LIFETIME + 1)
        self.furthest = max(self.furthest, self.now)

    def seal(self, who: int) -> None:
        self.drafts.append((self.now, self.workers[who].seal(b"body", "draft/tiny", self.now)))

    def replace(self, who: int) -> None:
        self.parent.expire(self.now)
        self.workers[who] = inherited(self.parent)

    def check(self) -> None:
        """A draft opens everywhere until somebody has read the clock a lifetime later, and nowhere after that."""
        for sealed_at, draft in self.drafts:
            answers = {opens(worker, draft, self.now) for worker in self.workers}
            if self.furthest < sealed_at + LIFETIME:
                assert answers == {True}
            elif self.now >= sealed_at + LIFETIME:
                assert answers == {False}


@given(READINGS)
def test_a_draft_opens_at_every_worker_for_its_lifetime_whatever_the_clock_does(
    readings: list[tuple[int, int, bool]],
) -> None:
    server = Server()
    for who, step, replaced in readings:
        server.read_the_clock(step)
        if replaced:
            server.replace(who)
        server.seal(who)
        server.check()


@given(st.integers(0, 5 * LIFETIME), st.integers(0, 5 * LIFETIME), st.integers(-LIFETIME, 10 * LIFETIME))
def test_what_was_dropped_opens_by_no_clock(sealed_after: int, further: int, asked: int) -> None:
    keys = DraftKeys(LIFETIME, START)
    sealed_at = START + sealed_after
    draft = keys.seal(b"body", "draft/tiny", sealed_at)
    assert opens(keys, draft, sealed_at)
    keys.expire(sealed_at + 2 * LIFETIME + further)
    assert not opens(keys, draft, sealed_at)
    assert not opens(keys, draft, START + asked)


@given(st.integers(-20 * LIFETIME, 20 * LIFETIME), st.integers(-20 * LIFETIME, 20 * LIFETIME))
def test_after_any_leap_of_the_clock_fresh_drafts_open(leap: int, back: int) -> None:
    keys = DraftKeys(LIFETIME, START + 20 * LIFETIME)
    for now in (START + 20 * LIFETIME + leap, START + 20 * LIFETIME + back):
        draft = keys.seal(b"body", "draft/tiny", now)
        assert opens(keys, draft, now)
        assert opens(keys, draft, now + LIFETIME - 1)
        assert not opens(keys, draft, now + LIFETIME)


def test_two_workers_at_the_border_read_the_clock_on_either_side_of_it() -> None:
    border = START + LIFETIME
    parent = DraftKeys(LIFETIME, START)
    early, late = inherited(parent), inherited(parent)
    for sealer, opener, sealed_at, opened_at in (
        (late, early, border, border - 1), (early, late, border - 1, border),
    ):  # fmt: skip
        draft = sealer.seal(b"body", "draft/tiny", sealed_at)
        assert opener.open(draft, "draft/tiny", opened_at) == (b"body", border - 1)


def test_servers_that_were_begun_apart_open_nothing_of_each_other() -> None:
    one, other = DraftKeys(LIFETIME, START), DraftKeys(LIFETIME, START)
    draft = one.seal(b"body", "draft/tiny", START)
    assert one.open(draft, "draft/tiny", START)
    with pytest.raises(Refusal):
        other.open(draft, "draft/tiny", START)
