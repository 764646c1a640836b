"""Opening what version 1 sealed without one line of offramp: the format document, read by a second pair of eyes.

Primitives alone (ML-KEM-768, X25519, ChaCha20-Poly1305, Argon2id, HMAC, SHA-2, SHA-3); HPKE's key schedule and its
hybrid are written out. Whoever has to open an archive in thirty years can start here.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SUITE = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (3).to_bytes(2, "big")
HYBRID_LABEL = b"\\.//^\\"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def expand(key: bytes, info: bytes, length: int) -> bytes:
    out = block = b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes((number,)), "sha256")
        out += block
    return out[:length]


def labelled(material: bytes, label: str, length: int) -> bytes:
    """HKDF-SHA256 without salt, with info "offramp/" and the label."""
    return expand(hmac.digest(bytes(32), material, "sha256"), b"offramp/" + label.encode(), length)


def open_envelope(envelope: bytes, seed: bytes, service: str, purpose: str) -> bytes:
    """Return the body of an envelope that is sealed to the desk of this seed."""
    assert envelope[:5] == b"OFRE\x01"
    mlkem = MLKEM768PrivateKey.from_seed_bytes(labelled(seed, "desk/mlkem768", 64))
    x25519 = X25519PrivateKey.from_private_bytes(labelled(seed, "desk/x25519", 32))
    public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    fingerprint = hashlib.sha256(public).digest()[:16]
    head = 6 + envelope[5] * 1184
    entries = [envelope[start : start + 1184] for start in range(6, head, 1184)]
    wrapped = next(entry[16:] for entry in entries if entry[:16] == fingerprint)
    info = b"\0".join((b"offramp/envelope/v1", service.encode(), purpose.encode(), fingerprint))
    key = hpke_open(wrapped, mlkem, x25519, info)
    padded = ChaCha20Poly1305(key).decrypt(bytes(12), envelope[head:], envelope[:head])
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def hpke_open(wrapped: bytes, mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey, info: bytes) -> bytes:
    """RFC 9180, base mode, single shot, with the hybrid KEM 0x647A, HKDF-SHA256 and ChaCha20-Poly1305."""
    for_mlkem, for_x25519, sealed = wrapped[:1088], wrapped[1088:1120], wrapped[1120:]
    shared = hashlib.sha3_256(
        mlkem.decapsulate(for_mlkem)
        + x25519.exchange(X25519PublicKey.from_public_bytes(for_x25519))
        + for_x25519
        + x25519.public_key().public_bytes_raw()
        + HYBRID_LABEL
    ).digest()
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    secret = _extract(shared, b"secret", b"")
    key, nonce = _expand(secret, b"key", context, 32), _expand(secret, b"base_nonce", context, 12)
    return ChaCha20Poly1305(key).decrypt(nonce, sealed, b"")


def _extract(salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + material, "sha256")


def _expand(secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand(secret, length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info, length)


def page_key(secret: bytes, survey: str, page: str) -> bytes:
    return labelled(secret, f"page/{survey}/{page}", 24)


def response(secret: bytes, survey: str) -> str:
    return labelled(secret, f"response/{survey}", 16).hex()


def receipt(secret: bytes) -> str:
    number = int.from_bytes(secret, "big")
    check = int.from_bytes(hashlib.sha256(b"offramp/receipt/" + secret).digest()[:4], "big") % 1024
    digits = [number >> 5 * place & 31 for place in range(25, -1, -1)] + [check >> 5, check & 31]
    text = "".join(CROCKFORD[digit] for digit in digits)
    return "-".join(text[start : start + 4] for start in range(0, 28, 4))


def draft_key(chain: bytes, epoch: int) -> bytes:
    """Return the key of an epoch; every chain key is made of the one before it."""
    for _ in range(epoch):
        chain = labelled(chain, "draft/chain", 32)
    return labelled(chain, "draft/key", 32)


def open_draft(draft: bytes, key: bytes, purpose: str) -> tuple[int, bytes]:
    """Return when a draft was sealed, and what it carries."""
    stamped = ChaCha20Poly1305(key).decrypt(draft[:12], draft[12:], purpose.encode())
    return int.from_bytes(stamped[:8], "big"), stamped[8:]


def open_file(sealed: bytes, key: bytes, purpose: str) -> bytes:
    assert sealed[:5] == b"OFRF\x01"
    return ChaCha20Poly1305(key).decrypt(sealed[5:17], sealed[17:], b"OFRF\x01" + purpose.encode())


def seed_of(locked: bytes, passphrase: str) -> bytes:
    assert locked[:5] == b"OFRK\x01"
    head, salt, nonce = locked[:33], locked[5:21], locked[21:33]
    stretched = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=65536)
    return ChaCha20Poly1305(stretched.derive(passphrase.encode())).decrypt(nonce, locked[33:], head)


def code(drawn: str, words: list[str]) -> str:
    """Return a code of seven drawn words with its eighth."""
    digest = hashlib.sha256(b"offramp/code/" + drawn.encode()).digest()
    return drawn + " " + words[int.from_bytes(digest[:16], "big") % len(words)]


def journal_locker(code_bytes: bytes, pepper: bytes) -> bytes:
    salt = labelled(pepper, "journal/salt", 16)
    return Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=19456).derive(code_bytes)


def journal_row_key(locker: bytes, row: str) -> bytes:
    return labelled(locker, "journal/row/" + row, 24)


def open_journal_row(locker: bytes, row: str, sealed: bytes) -> bytes:
    assert sealed[:5] == b"OFRJ\x01"
    cipher = ChaCha20Poly1305(labelled(locker, "journal/seal/" + row, 32))
    padded = cipher.decrypt(sealed[5:17], sealed[17:], b"OFRJ\x01" + journal_row_key(locker, row))
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]
