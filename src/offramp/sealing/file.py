"""Sealed files, and the keys of 32 bytes that installations keep as hex.

Not here: what the files contain. The invariant: a file of one purpose never opens as one of another.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from offramp.errors import refuse
from offramp.sealing.pieces import KEY, NONCE, TAG, Random

_FILE = b"OFRF\x01"


def seal_file(body: bytes, key: bytes, purpose: str, random: Random = os.urandom) -> bytes:
    """Seal a whole file under a key of 32 bytes; `purpose` keeps one kind of file from passing as another."""
    nonce = random(NONCE)
    return _FILE + nonce + ChaCha20Poly1305(key).encrypt(nonce, body, _FILE + purpose.encode())


def open_file(sealed: bytes, key: bytes, purpose: str) -> bytes:
    """Open a sealed file. Refusal sealing.cannot_open: not such a file, damaged, or another key or purpose."""
    start = len(_FILE) + NONCE
    try:
        if sealed.startswith(_FILE) and len(sealed) >= start + TAG:
            opener = ChaCha20Poly1305(key)
            # A view, as a file may be large.
            return opener.decrypt(
                sealed[len(_FILE) : start], memoryview(sealed)[start:], _FILE + purpose.encode()
            )
    except InvalidTag:
        pass
    raise refuse("sealing.cannot_open", f"{purpose} file", "The file is damaged, or the key is not its key.",
                 "Please check that key and file belong together, or restore the file.")  # fmt: skip


def read_key(text: str, place: str) -> bytes:
    """Return a key of 32 bytes written as 64 hex digits."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY:
        raise refuse("sealing.key", place, "A key is 64 hex digits.",
                     "Please make one with “openssl rand -hex 32”.")  # fmt: skip
    return key
