"""Lockers: what seals a participant's journal, so that it opens under its own code and under nothing else.

A locker is a secret of 32 bytes, from a code or from chance. From it come where each row lies and the key that
opens it; two rows share nothing that anybody without the secret could see. Not here: what rows contain, how a code
is written. The invariant: a row that was changed, cut, or moved to another place is refused and yields not one byte.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from offramp.errors import Fault, refuse
from offramp.sealing.pieces import KEY, NONCE, TAG, Random, labelled, pad, padded_bytes, unpad

RowKey = NewType("RowKey", bytes)
ROW_KEY_BYTES = 24
LOCKER_BYTES = KEY
# What a row may be as long as: it says no more of what is in it than these four.
ROW_BODIES = (2048, 4096, 8192, 16384)
_ROW = b"OFRJ\x01"
# Seven drawn words carry the security; this is cheap on purpose, so that opening exhausts nobody's server.
_PASSES, _KIBIBYTES, _LANES, _SALT = 2, 19 * 1024, 1, 16


@dataclass(frozen=True, slots=True)
class Locker:
    """What opens one journal. `row` names a row: `head/0`, `entry/…`."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != LOCKER_BYTES:
            raise Fault("a locker's secret has 32 bytes")

    def row_key(self, row: str) -> RowKey:
        """Return the key (24 bytes) under which a row lies; nothing links two of them."""
        return RowKey(labelled(self.secret, f"journal/row/{row}", ROW_KEY_BYTES))

    def seal(self, row: str, body: bytes, random: Random = os.urandom) -> bytes:
        """Seal a body into its row, padded to the next of the four lengths."""
        size = next((size for size in ROW_BODIES if padded_bytes(body) <= size), None)
        if size is None:
            raise Fault("a row of a journal is larger than its form allows")
        nonce = random(NONCE)
        return _ROW + nonce + self._cipher(row).encrypt(nonce, pad(body, size), _ROW + self.row_key(row))

    def open(self, row: str, sealed: bytes) -> bytes:
        """Return the body of a row. Refusals: sealing.version (of a later version), sealing.cannot_open."""
        place, remedy = "journal", "Please go on with what is left of it, and ask the server's operator."
        start = len(_ROW) + NONCE
        if sealed[:4] == _ROW[:4] and not sealed.startswith(_ROW):
            raise refuse("sealing.version", place, "A row is of another version.", remedy)
        try:
            if sealed.startswith(_ROW) and len(sealed) >= start + TAG:
                nonce, bound = sealed[len(_ROW) : start], _ROW + self.row_key(row)
                return unpad(self._cipher(row).decrypt(nonce, sealed[start:], bound))
        except (InvalidTag, ValueError):
            pass
        raise refuse("sealing.cannot_open", place, "A row is damaged.", remedy)

    def _cipher(self, row: str) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(labelled(self.secret, f"journal/seal/{row}", KEY))


def new_locker(random: Random = os.urandom) -> Locker:
    """Return the locker of a sitting without a code."""
    return Locker(random(LOCKER_BYTES))


def locker_from_code(code: bytes, pepper: bytes) -> Locker:
    """Return the locker of a code. It takes 19 MiB and some hundredths of a second, for every code alike.

    The pepper lies outside the database: whoever has the database alone cannot even begin to guess.
    """
    salt = labelled(pepper, "journal/salt", _SALT)
    kdf = Argon2id(salt=salt, length=LOCKER_BYTES, iterations=_PASSES, lanes=_LANES, memory_cost=_KIBIBYTES)
    return Locker(kdf.derive(code))
