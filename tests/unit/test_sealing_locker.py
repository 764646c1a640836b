"""Lockers: one opens its own rows and no others, and nothing that was changed."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Fault, Refusal
from offramp.sealing import LOCKER_BYTES, ROW_BODIES, Locker, locker_from_code, new_locker

LOCKER, OTHER = Locker(b"a" * 32), Locker(b"b" * 32)
PEPPER = b"p" * 32
CODE = b"seven words for tests alone and plainly"
# Version, nonce, tag and length; what a row is longer than its body's size.
AROUND = 5 + 12 + 16


def refused(locker: Locker, row: str, sealed: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        locker.open(row, sealed)
    return caught.value.codes[0]


@pytest.mark.parametrize("length", [0, 1, 2044, 2045, 4092, 4093, 8188, 8189, 16380])
def test_a_row_opens_again_and_has_one_of_four_lengths(length: int) -> None:
    body = os.urandom(length)
    sealed = LOCKER.seal("entry/one", body)
    assert LOCKER.open("entry/one", sealed) == body
    assert len(sealed) - AROUND == min(size for size in ROW_BODIES if size >= length + 4)


def test_a_row_beyond_the_largest_is_a_mistake_of_ours() -> None:
    with pytest.raises(Fault):
        LOCKER.seal("entry/one", bytes(16381))


def test_a_secret_of_another_length_is_a_mistake_of_ours() -> None:
    with pytest.raises(Fault):
        Locker(b"short")


def test_another_locker_or_another_row_does_not_open_it() -> None:
    sealed = LOCKER.seal("entry/one", b"a hedgehog")
    assert refused(OTHER, "entry/one", sealed) == "sealing.cannot_open"
    assert refused(LOCKER, "entry/two", sealed) == "sealing.cannot_open"


@given(st.integers(0, AROUND + 2048 - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    sealed = bytearray(LOCKER.seal("head/0", b"a hedgehog"))
    sealed[place] ^= by
    assert refused(LOCKER, "head/0", bytes(sealed)) in ("sealing.cannot_open", "sealing.version")


@given(st.integers(0, AROUND + 2048 - 1))
def test_a_row_that_was_cut_is_refused(length: int) -> None:
    assert refused(LOCKER, "head/0", LOCKER.seal("head/0", b"a hedgehog")[:length]).startswith("sealing.")


def test_a_row_of_a_later_version_is_told_apart_from_a_damaged_one() -> None:
    sealed = LOCKER.seal("head/0", b"a hedgehog")
    assert refused(LOCKER, "head/0", sealed[:4] + b"\x02" + sealed[5:]) == "sealing.version"


def test_nothing_of_two_rows_is_alike() -> None:
    one, two = LOCKER.seal("entry/one", b"a hedgehog"), LOCKER.seal("entry/one", b"a hedgehog")
    alike = sum(a == b for a, b in zip(one[5:], two[5:], strict=True))
    assert alike < 40, "about one byte in 256 is alike by chance"
    keys = Counter(
        locker.row_key(row) for locker in (LOCKER, OTHER) for row in ("head/0", "head/1", "entry/one")
    )
    assert set(keys.values()) == {1}
    assert {len(key) for key in keys} == {24}


def test_the_secret_of_a_locker_is_never_printed() -> None:
    assert "aaaa" not in repr(LOCKER)


def test_a_code_and_a_pepper_make_one_locker() -> None:
    assert locker_from_code(CODE, PEPPER) == locker_from_code(CODE, PEPPER)
    assert locker_from_code(CODE + b"x", PEPPER) != locker_from_code(CODE, PEPPER)
    assert locker_from_code(CODE, b"q" * 32) != locker_from_code(CODE, PEPPER)


def test_a_sitting_has_a_locker_by_chance() -> None:
    assert len({new_locker().secret for _ in range(20)}) == 20
    assert len(new_locker().secret) == LOCKER_BYTES
