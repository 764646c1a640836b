"""The one file with cryptography in it. Formats are explained in docs/reference/formats.md.

Here: envelopes (sealed to researchers), drafts (sealed by the server to itself for some hours), sealed files,
key files, and the keys derived from a respondent's secret. Not here: what any of these contain.
The invariant: whatever cannot be opened is refused under a name of its own and yields not one byte.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NewType

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from offramp.errors import Fault, refuse

Random = Callable[[int], bytes]
Secret = NewType("Secret", bytes)
PageKey = NewType("PageKey", bytes)

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_ENVELOPE = b"OFRE\x01"
_FILE = b"OFRF\x01"
_PRIVATE = b"OFRK\x01"
_PUBLIC = "offramp-recipient-v1"
_SIGNER = "offramp-desk-v1"
_KEY, _NONCE, _TAG, _FINGERPRINT, _LENGTH = 32, 12, 16, 16, 4
_WRAPPED = 1120 + _KEY + _TAG
SECRET_BYTES = 16
PAGE_KEY_BYTES = 24


def _labelled(material: bytes, label: str, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=b"offramp/" + label.encode()).derive(material)


# -- keys of researchers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom envelopes are sealed: a public key (1216 bytes) and its fingerprint (16 bytes)."""

    public: bytes
    fingerprint: bytes = field(init=False)
    key: hpke.MLKEM768X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            key = hpke.MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(self.public[:1184]),
                X25519PublicKey.from_public_bytes(self.public[1184:]),
            )
        except ValueError:
            raise refuse("sealing.public_key", "recipient key", "These bytes are no public key.",
                         "Please copy the recipient file from the desk again.") from None  # fmt: skip
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "fingerprint", hashlib.sha256(self.public).digest()[:_FINGERPRINT])

    def to_text(self) -> str:
        """Return the one line that a recipient file holds."""
        return f"{_PUBLIC} {base64.b64encode(self.public).decode()}\n"


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """The desk's private keys: one opens envelopes, one signs a pull. Never on the server, never printed."""

    seed: bytes = field(repr=False)
    recipient: Recipient = field(init=False)
    _opener: hpke.MLKEM768X25519PrivateKey = field(init=False, repr=False, compare=False)
    _signer: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _KEY:
            raise Fault("the desk's seed has 32 bytes")
        mlkem = MLKEM768PrivateKey.from_seed_bytes(_labelled(self.seed, "desk/mlkem768", 64))
        x25519 = X25519PrivateKey.from_private_bytes(_labelled(self.seed, "desk/x25519", 32))
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        signer = Ed25519PrivateKey.from_private_bytes(_labelled(self.seed, "desk/ed25519", 32))
        object.__setattr__(self, "_opener", hpke.MLKEM768X25519PrivateKey(mlkem, x25519))
        object.__setattr__(self, "_signer", signer)
        object.__setattr__(self, "recipient", Recipient(public))

    def archive_key(self) -> bytes:
        """Return the key (32 bytes) of the desk's own archive of opened rows."""
        return _labelled(self.seed, "desk/archive", _KEY)

    def verifier_text(self) -> str:
        """Return the one line by which a server knows this desk's signature."""
        raw = self._signer.public_key().public_bytes_raw()
        return f"{_SIGNER} {base64.b64encode(raw).decode()}\n"

    def sign(self, challenge: bytes, service: str) -> bytes:
        """Return a signature (64 bytes) over what a server is asked (see `pull_question`)."""
        return self._signer.sign(b"offramp/pull/v1\0" + service.encode() + b"\0" + challenge)


def _line(text: str, label: str, place: str) -> bytes:
    parts = text.split()
    try:
        if len(parts) >= 2 and parts[0] == label:
            return base64.b64decode(parts[1], validate=True)
    except binascii.Error:
        pass
    raise refuse("sealing.key_file", place, f"This is no “{label}” file.",
                 "Please copy the file again from where “offramp desk keygen” wrote it.")  # fmt: skip


def read_recipient(text: str, place: str) -> Recipient:
    """Return the recipient in the text of a recipient file."""
    return Recipient(_line(text, _PUBLIC, place))


def read_verifier(text: str, place: str) -> Ed25519PublicKey:
    """Return the public key that checks a desk's signatures."""
    try:
        return Ed25519PublicKey.from_public_bytes(_line(text, _SIGNER, place))
    except ValueError:
        raise refuse("sealing.key_file", place, f"This is no “{_SIGNER}” file.",
                     "Please copy the file again.") from None  # fmt: skip


def signed(verifier: Ed25519PublicKey, signature: bytes, challenge: bytes, service: str) -> bool:
    """Tell whether `signature` is this desk's over this challenge."""
    try:
        verifier.verify(signature, b"offramp/pull/v1\0" + service.encode() + b"\0" + challenge)
    except InvalidSignature:
        return False
    return True


def pull_question(challenge: bytes, after: bytes, now: bool) -> bytes:
    """Return what a desk signs to get the batch after a key: nobody can turn it into another batch."""
    return challenge + bytes((now, len(after))) + after


def lock_private(keys: DeskKeys, passphrase: str, random: Random = os.urandom) -> bytes:
    """Return the desk's private key file, locked by a passphrase (Argon2id, 64 MiB, three passes)."""
    salt, nonce = random(16), random(_NONCE)
    head = _PRIVATE + salt + nonce
    return head + ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(nonce, keys.seed, head)


def unlock_private(locked: bytes, passphrase: str, place: str) -> DeskKeys:
    """Return the desk's keys out of its private key file; a wrong passphrase is refused."""
    head, body = locked[: len(_PRIVATE) + 28], locked[len(_PRIVATE) + 28 :]
    if not locked.startswith(_PRIVATE) or len(body) != _KEY + _TAG:
        raise refuse("sealing.key_file", place, "This is no private key file of a desk.",
                     "Please name the file desk.key that “offramp desk keygen” wrote.")  # fmt: skip
    salt, nonce = head[-28:-12], head[-12:]
    try:
        return DeskKeys(ChaCha20Poly1305(_stretched(passphrase, salt)).decrypt(nonce, body, head))
    except InvalidTag:
        raise refuse("sealing.passphrase", place, "The passphrase does not open this key.",
                     "Please type it again; without it, nobody can open what was sealed.") from None  # fmt: skip


def _stretched(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=_KEY, iterations=3, lanes=4, memory_cost=64 * 1024)
    return kdf.derive(passphrase.encode())


# -- envelopes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Binding:
    """What an envelope is bound to besides its recipient: the installation and what the body is for."""

    service: str
    purpose: str

    def info(self, fingerprint: bytes) -> bytes:
        return b"\0".join((b"offramp/envelope/v1", self.service.encode(), self.purpose.encode(), fingerprint))


def envelope_bytes(size: int, recipients: int) -> int:
    """Return how long an envelope of `size` body bytes to that many recipients is."""
    return len(_ENVELOPE) + 1 + recipients * (_FINGERPRINT + _WRAPPED) + size + _TAG


def seal(
    body: bytes, size: int, recipients: Sequence[Recipient], binding: Binding, random: Random = os.urandom
) -> bytes:
    """Seal `body`, padded to `size` bytes, to every recipient; each of them alone can open it."""
    if not recipients or len(recipients) > 255:
        raise Fault("an envelope has between 1 and 255 recipients")
    key = random(_KEY)
    head = _ENVELOPE + bytes((len(recipients),))
    for recipient in recipients:
        wrapped = _SUITE.encrypt(key, recipient.key, info=binding.info(recipient.fingerprint))
        head += recipient.fingerprint + wrapped
    # The key is used this once, so a nonce of zeros is as good as any.
    return head + ChaCha20Poly1305(key).encrypt(bytes(_NONCE), pad(body, size), head)


def unseal(envelope: bytes, keys: DeskKeys, binding: Binding) -> bytes:
    """Open an envelope.

    Refusals: sealing.version, sealing.truncated, sealing.foreign (to other recipients),
    sealing.cannot_open (damaged, or bound to another service or purpose).
    """
    place, remedy = "envelope", "Please set it aside, and ask the server's operator about it."
    if not envelope.startswith(_ENVELOPE):
        raise refuse("sealing.version", place, "This is no envelope of version 1.", remedy)
    count = envelope[len(_ENVELOPE)] if len(envelope) > len(_ENVELOPE) else 0
    end = len(_ENVELOPE) + 1 + count * (_FINGERPRINT + _WRAPPED)
    if not count or len(envelope) < end + _TAG + _LENGTH:
        raise refuse("sealing.truncated", place, "The envelope ends too early.", remedy)
    head, fingerprint = envelope[:end], keys.recipient.fingerprint
    for start in range(len(_ENVELOPE) + 1, end, _FINGERPRINT + _WRAPPED):
        if head[start : start + _FINGERPRINT] == fingerprint:
            wrapped = head[start + _FINGERPRINT : start + _FINGERPRINT + _WRAPPED]
            break
    else:
        raise refuse("sealing.foreign", place, "The envelope is sealed to somebody else.", remedy)
    try:
        key = _SUITE.decrypt(wrapped, keys._opener, info=binding.info(fingerprint))
        return unpad(ChaCha20Poly1305(key).decrypt(bytes(_NONCE), envelope[end:], head))
    except (InvalidTag, ValueError):
        raise refuse("sealing.cannot_open", place,
                     "The envelope is damaged, or made for another service or purpose.", remedy) from None  # fmt: skip


def pad(body: bytes, size: int) -> bytes:
    """Return length, body and zeros, `size` bytes in all."""
    if len(body) + _LENGTH > size:
        raise Fault("a body is larger than the size that the check promised")
    return (len(body).to_bytes(_LENGTH, "big") + body).ljust(size, b"\0")


def unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:_LENGTH], "big")
    if length > len(padded) - _LENGTH:
        raise ValueError("length beyond the body")
    return padded[_LENGTH : _LENGTH + length]


# -- drafts: what travels in the page -----------------------------------------------------------------------


class DraftKeys:
    """The server's keys for drafts: a ratchet that goes forward and never back, in memory only.

    Time runs in epochs of one lifetime, counted from `start`. From the chain key of an epoch come its own key and the
    chain key of the next; a chain key under which nothing can be open any more is dropped, and what came from it
    cannot be derived again. Processes that inherited one ratchet derive the same keys and need not talk.
    A draft is nonce, ciphertext and tag. It opens for `lifetime` seconds and never after a restart.
    Not safe to share between threads without the caller's own order; the server uses it from one loop.
    """

    def __init__(self, lifetime: int, start: int, random: Random = os.urandom) -> None:
        self._lifetime, self._start, self._random = lifetime, start, random
        self._oldest, self._chain = 0, random(_KEY)
        self._keys: dict[int, ChaCha20Poly1305] = {}

    def seal(self, body: bytes, purpose: str, now: int) -> bytes:
        """Seal a body (of any length; its maker keeps the length fixed) at `now` (seconds)."""
        self.expire(now)
        nonce = self._random(_NONCE)
        stamped = now.to_bytes(8, "big") + body
        return nonce + self._key(self._epoch(now)).encrypt(nonce, stamped, purpose.encode())

    def expire(self, now: int) -> None:
        """Forget the keys under which nothing can be open any more. A clock that goes back brings none of them back."""
        while self._oldest < (now - self._start) // self._lifetime - 1:
            self._keys.pop(self._oldest, None)
            self._chain = _labelled(self._chain, "draft/chain", _KEY)
            self._oldest += 1

    def open(self, draft: bytes, purpose: str, now: int) -> tuple[bytes, int]:
        """Return the body and when it was sealed. Refusal draft.closed: foreign, changed or too old.

        What seems to come from the future was sealed by somebody who read the clock before it was set back, so it is
        as young as can be: it counts as sealed `now`.
        """
        self.expire(now)
        present = self._epoch(now)
        for epoch in (present, max(present - 1, self._oldest), present + 1):
            try:
                stamped = self._key(epoch).decrypt(draft[:_NONCE], draft[_NONCE:], purpose.encode())
            except (InvalidTag, ValueError):
                continue
            sealed_at = int.from_bytes(stamped[:8], "big")
            if now - sealed_at < self._lifetime:
                return stamped[8:], min(sealed_at, now)
        raise refuse("draft.closed", "draft", "This page can no longer be continued.",
                     "Please go on with the receipt, or start afresh.")  # fmt: skip

    def _epoch(self, now: int) -> int:
        """Return the epoch to seal in: that of the clock, or the oldest that is left if the clock is behind it."""
        return max((now - self._start) // self._lifetime, self._oldest)

    def _key(self, epoch: int) -> ChaCha20Poly1305:
        if epoch not in self._keys:
            chain = self._chain
            for _ in range(self._oldest, epoch):
                chain = _labelled(chain, "draft/chain", _KEY)
            self._keys[epoch] = ChaCha20Poly1305(_labelled(chain, "draft/key", _KEY))
        return self._keys[epoch]


# -- a respondent's secret ----------------------------------------------------------------------------------


def new_secret(random: Random = os.urandom) -> Secret:
    """Return a new response's secret, from which its receipt and all its keys come."""
    return Secret(random(SECRET_BYTES))


def page_key(secret: Secret, survey: str, page: str) -> PageKey:
    """Return the key (24 bytes) under which one page of one response lies; nothing links two of them."""
    return PageKey(_labelled(secret, f"page/{survey}/{page}", PAGE_KEY_BYTES))


def draw_of(secret: Secret, survey: str) -> bytes:
    """Return the draw (8 bytes) of a response: chance that comes back whenever its receipt does."""
    return _labelled(secret, f"draw/{survey}", 8)


def response_id(secret: Secret, survey: str) -> str:
    """Return the id (32 hex digits) that joins the pages of one response inside their envelopes."""
    return _labelled(secret, f"response/{survey}", 16).hex()


def new_id(key: bytes, response: str) -> str:
    """Return the id (32 hex digits) that a desk gives a response; without its key nobody can tell which one it was."""
    return hashlib.blake2b(response.encode(), key=key, digest_size=16, person=b"offramp/new-id").hexdigest()


# -- sealed files -------------------------------------------------------------------------------------------


def seal_file(body: bytes, key: bytes, purpose: str, random: Random = os.urandom) -> bytes:
    """Seal a whole file under a key of 32 bytes; `purpose` keeps one kind of file from passing as another."""
    nonce = random(_NONCE)
    return _FILE + nonce + ChaCha20Poly1305(key).encrypt(nonce, body, _FILE + purpose.encode())


def open_file(sealed: bytes, key: bytes, purpose: str) -> bytes:
    """Open a sealed file. Refusal sealing.cannot_open: not such a file, damaged, or another key or purpose."""
    start = len(_FILE) + _NONCE
    try:
        if sealed.startswith(_FILE) and len(sealed) >= start + _TAG:
            opener = ChaCha20Poly1305(key)
            return opener.decrypt(sealed[len(_FILE) : start], sealed[start:], _FILE + purpose.encode())
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
    if len(key) != _KEY:
        raise refuse("sealing.key", place, "A key is 64 hex digits.",
                     "Please make one with “openssl rand -hex 32”.")  # fmt: skip
    return key
