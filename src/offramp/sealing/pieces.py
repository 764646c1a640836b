"""What all sealing is made of: lengths, padding, and keys that are derived under a label.

Not here: what is sealed with them. The invariant: two labels never give the same key.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from offramp.errors import Fault

Random = Callable[[int], bytes]
KEY, NONCE, TAG, FINGERPRINT = 32, 12, 16, 16
LENGTH = 4


def labelled(material: bytes, label: str, length: int) -> bytes:
    """Return a key of `length` bytes that only this material gives, and only under this label."""
    return HKDF(hashes.SHA256(), length, salt=None, info=b"offramp/" + label.encode()).derive(material)


def padded_bytes(body: bytes) -> int:
    """Return the least size to which a body can be padded."""
    return LENGTH + len(body)


def pad(body: bytes, size: int) -> bytes:
    """Return length, body and zeros, `size` bytes in all."""
    if len(body) + LENGTH > size:
        raise Fault("a body is larger than the size that the check promised")
    return (len(body).to_bytes(LENGTH, "big") + body).ljust(size, b"\0")


def unpad(padded: bytes) -> bytes:
    """Return the body out of what `pad` made. Raises ValueError for what it cannot have made."""
    length = int.from_bytes(padded[:LENGTH], "big")
    if length > len(padded) - LENGTH:
        raise ValueError("length beyond the body")
    return padded[LENGTH : LENGTH + length]
