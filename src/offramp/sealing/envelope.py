"""Envelopes: a body sealed to researchers, which the server that sealed it cannot open.

Not here: what a body contains. The invariant: what cannot be opened is refused under a name of its own and yields
not one byte.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from offramp.errors import Fault, refuse
from offramp.sealing.desk import DeskKeys, Recipient
from offramp.sealing.pieces import FINGERPRINT, KEY, LENGTH, NONCE, TAG, Random, pad, unpad

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_ENVELOPE = b"OFRE\x01"
_WRAPPED = 1120 + KEY + TAG


@dataclass(frozen=True, slots=True)
class Binding:
    """What an envelope is bound to besides its recipient: the installation and what the body is for."""

    service: str
    purpose: str

    def info(self, fingerprint: bytes) -> bytes:
        return b"\0".join((b"offramp/envelope/v1", self.service.encode(), self.purpose.encode(), fingerprint))


def envelope_bytes(size: int, recipients: int) -> int:
    """Return how long an envelope of `size` body bytes to that many recipients is."""
    return len(_ENVELOPE) + 1 + recipients * (FINGERPRINT + _WRAPPED) + size + TAG


def seal(
    body: bytes, size: int, recipients: Sequence[Recipient], binding: Binding, random: Random = os.urandom
) -> bytes:
    """Seal `body`, padded to `size` bytes, to every recipient; each of them alone can open it."""
    if not recipients or len(recipients) > 255:
        raise Fault("an envelope has between 1 and 255 recipients")
    key = random(KEY)
    head = _ENVELOPE + bytes((len(recipients),))
    for recipient in recipients:
        wrapped = _SUITE.encrypt(key, recipient.key, info=binding.info(recipient.fingerprint))
        head += recipient.fingerprint + wrapped
    # The key is used this once, so a nonce of zeros is as good as any.
    return head + ChaCha20Poly1305(key).encrypt(bytes(NONCE), pad(body, size), head)


def unseal(envelope: bytes, keys: DeskKeys, binding: Binding) -> bytes:
    """Open an envelope.

    Refusals: sealing.version, sealing.truncated, sealing.foreign (to other recipients),
    sealing.cannot_open (damaged, or bound to another service or purpose).
    """
    place, remedy = "envelope", "Please set it aside, and ask the server's operator about it."
    if not envelope.startswith(_ENVELOPE):
        raise refuse("sealing.version", place, "This is no envelope of version 1.", remedy)
    count = envelope[len(_ENVELOPE)] if len(envelope) > len(_ENVELOPE) else 0
    end = len(_ENVELOPE) + 1 + count * (FINGERPRINT + _WRAPPED)
    if not count or len(envelope) < end + TAG + LENGTH:
        raise refuse("sealing.truncated", place, "The envelope ends too early.", remedy)
    head, fingerprint = envelope[:end], keys.recipient.fingerprint
    for start in range(len(_ENVELOPE) + 1, end, FINGERPRINT + _WRAPPED):
        if head[start : start + FINGERPRINT] == fingerprint:
            wrapped = head[start + FINGERPRINT : start + FINGERPRINT + _WRAPPED]
            break
    else:
        raise refuse("sealing.foreign", place, "The envelope is sealed to somebody else.", remedy)
    try:
        key = _SUITE.decrypt(wrapped, keys._opener, info=binding.info(fingerprint))
        return unpad(ChaCha20Poly1305(key).decrypt(bytes(NONCE), envelope[end:], head))
    except (InvalidTag, ValueError):
        raise refuse("sealing.cannot_open", place,
                     "The envelope is damaged, or made for another service or purpose.", remedy) from None  # fmt: skip
