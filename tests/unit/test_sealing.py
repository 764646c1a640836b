"""Sealing: what opens, what does not, and under which name each failure goes."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from offramp.errors import Fault, Refusal
from offramp.sealing import (
    Binding,
    DeskKeys,
    DraftKeys,
    Secret,
    envelope_bytes,
    lock_private,
    new_secret,
    open_file,
    page_key,
    read_key,
    read_recipient,
    read_verifier,
    response_id,
    seal,
    seal_file,
    signed,
    unlock_private,
    unseal,
)  # fmt: skip

DESK, OTHER_DESK = DeskKeys(b"a" * 32), DeskKeys(b"b" * 32)
BINDING = Binding("service", "survey/tiny")


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.codes[0]


def test_each_recipient_opens_an_envelope_alone_and_its_size_is_that_of_every_other() -> None:
    short = seal(b"yes", 400, [DESK.recipient, OTHER_DESK.recipient], BINDING)
    long = seal(b"x" * 396, 400, [DESK.recipient, OTHER_DESK.recipient], BINDING)
    assert len(short) == len(long) == envelope_bytes(400, 2)
    assert unseal(short, DESK, BINDING) == unseal(short, OTHER_DESK, BINDING) == b"yes"
    assert unseal(long, OTHER_DESK, BINDING) == b"x" * 396


def test_sealing_the_same_twice_gives_nothing_to_compare() -> None:
    one, two = (seal(b"yes", 64, [DESK.recipient], BINDING) for _ in range(2))
    head = 6 + 16  # magic, count and fingerprint are the same for all
    assert one[:head] == two[:head]
    assert sum(a == b for a, b in zip(one[head:], two[head:], strict=True)) < len(one) / 50


def test_an_envelope_opens_for_its_service_and_purpose_only() -> None:
    envelope = seal(b"yes", 64, [DESK.recipient], BINDING)
    for binding in (Binding("elsewhere", "survey/tiny"), Binding("service", "programme/tiny")):
        assert refused(lambda binding=binding: unseal(envelope, DESK, binding)) == "sealing.cannot_open"


def test_each_kind_of_damage_has_a_name() -> None:
    envelope = seal(b"yes", 64, [DESK.recipient], BINDING)
    assert refused(lambda: unseal(envelope, OTHER_DESK, BINDING)) == "sealing.foreign"
    assert refused(lambda: unseal(b"OFRE\x02" + envelope[5:], DESK, BINDING)) == "sealing.version"
    assert refused(lambda: unseal(envelope[:1000], DESK, BINDING)) == "sealing.truncated"
    assert refused(lambda: unseal(b"", DESK, BINDING)) == "sealing.version"
    assert refused(lambda: unseal(envelope[:5], DESK, BINDING)) == "sealing.truncated"
    assert refused(lambda: unseal(envelope[:-1], DESK, BINDING)) == "sealing.cannot_open"


@pytest.mark.parametrize("place", [30, 200, 1180, -70, -1])
def test_one_changed_bit_closes_an_envelope(place: int) -> None:
    envelope = bytearray(seal(b"yes", 64, [DESK.recipient], BINDING))
    envelope[place] ^= 1
    assert refused(lambda: unseal(bytes(envelope), DESK, BINDING)) == "sealing.cannot_open"


def test_a_body_larger_than_promised_is_our_fault() -> None:
    with pytest.raises(Fault):
        seal(b"x" * 61, 64, [DESK.recipient], BINDING)
    with pytest.raises(Fault):
        seal(b"x", 64, [], BINDING)


def test_key_files_are_read_as_they_were_written() -> None:
    assert read_recipient(DESK.recipient.to_text(), "here") == DESK.recipient
    challenge = os.urandom(32)
    verifier = read_verifier(DESK.verifier_text(), "here")
    assert signed(verifier, DESK.sign(challenge, "service"), challenge, "service")
    assert not signed(verifier, DESK.sign(challenge, "elsewhere"), challenge, "service")
    assert not signed(verifier, OTHER_DESK.sign(challenge, "service"), challenge, "service")
    assert not signed(verifier, b"", challenge, "service")
    for text in ("", "offramp-recipient-v1", "offramp-recipient-v1 !!", "offramp-recipient-v1 aGFsbG8="):
        assert refused(lambda text=text: read_recipient(text, "here")) in (
            "sealing.key_file",
            "sealing.public_key",
        )
    assert refused(lambda: read_verifier(DESK.recipient.to_text(), "here")) == "sealing.key_file"


def test_a_private_key_opens_with_its_passphrase_only() -> None:
    locked = lock_private(DESK, "seven blue teapots")
    assert unlock_private(locked, "seven blue teapots", "desk.key") == DESK
    assert refused(lambda: unlock_private(locked, "seven blue teapot", "desk.key")) == "sealing.passphrase"
    assert (
        refused(lambda: unlock_private(locked[:-1], "seven blue teapots", "desk.key")) == "sealing.key_file"
    )
    assert DESK.seed not in locked


def test_nothing_private_is_printed() -> None:
    assert "aaaa" not in repr(DESK)
    assert DESK.seed.hex() not in repr(DESK)


def test_a_draft_lives_for_its_lifetime_across_a_change_of_keys_and_not_longer() -> None:
    keys = DraftKeys(100, 1000)
    early = keys.seal(b"early", "draft/tiny", 1000)
    late = keys.seal(b"late", "draft/tiny", 1099)
    keys.seal(b"next key", "draft/tiny", 1100)
    assert keys.open(late, "draft/tiny", 1198) == (b"late", 1099)
    assert refused(lambda: keys.open(early, "draft/tiny", 1100)) == "draft.closed"
    assert refused(lambda: keys.open(late, "draft/tiny", 1199)) == "draft.closed"
    assert refused(lambda: keys.open(late, "draft/other", 1150)) == "draft.closed"
    assert keys.open(late, "draft/tiny", 1050) == (b"late", 1050), "the clock was set back since"
    assert refused(lambda: DraftKeys(100, 1000).open(late, "draft/tiny", 1150)) == "draft.closed"


@pytest.mark.parametrize("draft", [b"", b"x", b"x" * 12, b"x" * 200])
def test_what_is_no_draft_is_closed(draft: bytes) -> None:
    keys = DraftKeys(100, 0)
    keys.seal(b"body", "draft/tiny", 0)
    assert refused(lambda: keys.open(draft, "draft/tiny", 0)) == "draft.closed"


def test_page_keys_of_one_response_have_nothing_in_common_and_depend_on_everything() -> None:
    secret = new_secret()
    keys = {page_key(secret, survey, page) for survey in ("a", "b") for page in ("p", "q")}
    assert len(keys) == 4
    assert page_key(Secret(b"x" * 16), "a", "p") not in keys
    assert {len(key) for key in keys} == {24}
    assert secret.hex() not in response_id(secret, "a")


def test_sealed_files_open_with_their_key_and_purpose() -> None:
    sealed = seal_file(b"list", b"k" * 32, "gate-list")
    assert open_file(sealed, b"k" * 32, "gate-list") == b"list"
    assert refused(lambda: open_file(sealed, b"l" * 32, "gate-list")) == "sealing.cannot_open"
    assert refused(lambda: open_file(sealed, b"k" * 32, "desk-archive")) == "sealing.cannot_open"
    assert refused(lambda: open_file(sealed[:-1], b"k" * 32, "gate-list")) == "sealing.cannot_open"
    assert refused(lambda: open_file(b"", b"k" * 32, "gate-list")) == "sealing.cannot_open"


def test_a_key_is_64_hex_digits() -> None:
    assert read_key("ab" * 32 + "\n", "here") == b"\xab" * 32
    for text in ("", "ab", "zz" * 32, "ab" * 33):
        assert refused(lambda text=text: read_key(text, "here")) == "sealing.key"
