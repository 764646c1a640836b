"""The desk's keys: what opens envelopes and signs pulls, what a server knows of them, and their file.

Not here: envelopes themselves. The invariant: the private half is made and used at the desk alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from offramp.errors import Fault, refuse
from offramp.sealing.pieces import FINGERPRINT, KEY, NONCE, TAG, Random, labelled

_PRIVATE = b"OFRK\x01"
_PUBLIC = "offramp-recipient-v1"
_SIGNER = "offramp-desk-v1"
# What is signed for the one purpose is nothing for the other.
PULL, CONFIRM = "pull", "confirm"


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
        object.__setattr__(self, "fingerprint", hashlib.sha256(self.public).digest()[:FINGERPRINT])

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
        if len(self.seed) != KEY:
            raise Fault("the desk's seed has 32 bytes")
        mlkem = MLKEM768PrivateKey.from_seed_bytes(labelled(self.seed, "desk/mlkem768", 64))
        x25519 = X25519PrivateKey.from_private_bytes(labelled(self.seed, "desk/x25519", 32))
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        signer = Ed25519PrivateKey.from_private_bytes(labelled(self.seed, "desk/ed25519", 32))
        object.__setattr__(self, "_opener", hpke.MLKEM768X25519PrivateKey(mlkem, x25519))
        object.__setattr__(self, "_signer", signer)
        object.__setattr__(self, "recipient", Recipient(public))

    def archive_key(self) -> bytes:
        """Return the key (32 bytes) of the desk's own archive of opened rows."""
        return labelled(self.seed, "desk/archive", KEY)

    def verifier_text(self) -> str:
        """Return the one line by which a server knows this desk's signature."""
        raw = self._signer.public_key().public_bytes_raw()
        return f"{_SIGNER} {base64.b64encode(raw).decode()}\n"

    def sign(self, question: bytes, service: str, purpose: str = PULL) -> bytes:
        """Return a signature (64 bytes) over what a server is asked or told (`pull_question`, `confirmation`)."""
        return self._signer.sign(_signed(question, service, purpose))


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


def signed(
    verifier: Ed25519PublicKey, signature: bytes, question: bytes, service: str, purpose: str = PULL
) -> bool:
    """Tell whether `signature` is this desk's over this question."""
    try:
        verifier.verify(signature, _signed(question, service, purpose))
    except InvalidSignature:
        return False
    return True


def _signed(question: bytes, service: str, purpose: str) -> bytes:
    return f"offramp/{purpose}/v1".encode() + b"\0" + service.encode() + b"\0" + question


def pull_question(challenge: bytes, after: bytes, now: bool, since: str = "", before: str = "") -> bytes:
    """Return what a desk signs to get the batch after a key: nobody can turn it into another batch.

    It asks for weeks from `since` on, where it says one, and for those before `before`, where it says that.
    """
    return challenge + bytes((now, len(after))) + after + f"{since}/{before}".encode()


def confirmation(challenge: bytes, weeks: Mapping[str, int]) -> bytes:
    """Return what a desk signs to say how many envelopes of each week it has safely.

    The challenge is hashed, so that a false server cannot hide weeks of its own at the end of one.
    """
    said = "".join(f"\0{week}={n}" for week, n in sorted(weeks.items()))
    return hashlib.sha256(challenge).digest() + said.encode()


def lock_private(keys: DeskKeys, passphrase: str, random: Random = os.urandom) -> bytes:
    """Return the desk's private key file, locked by a passphrase (Argon2id, 64 MiB, three passes)."""
    salt, nonce = random(16), random(NONCE)
    head = _PRIVATE + salt + nonce
    return head + ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(nonce, keys.seed, head)


def unlock_private(locked: bytes, passphrase: str, place: str) -> DeskKeys:
    """Return the desk's keys out of its private key file; a wrong passphrase is refused."""
    head, body = locked[: len(_PRIVATE) + 28], locked[len(_PRIVATE) + 28 :]
    if not locked.startswith(_PRIVATE) or len(body) != KEY + TAG:
        raise refuse("sealing.key_file", place, "This is no private key file of a desk.",
                     "Please name the file desk.key that “offramp desk keygen” wrote.")  # fmt: skip
    salt, nonce = head[-28:-12], head[-12:]
    try:
        return DeskKeys(ChaCha20Poly1305(_stretched(passphrase, salt)).decrypt(nonce, body, head))
    except InvalidTag:
        raise refuse("sealing.passphrase", place, "The passphrase does not open this key.",
                     "Please type it again; without it, nobody can open what was sealed.") from None  # fmt: skip


def _stretched(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=KEY, iterations=3, lanes=4, memory_cost=64 * 1024)
    return kdf.derive(passphrase.encode())


def new_id(key: bytes, response: str) -> str:
    """Return the id (32 hex digits) that a desk gives a response; without its key nobody can tell which one it was."""
    return hashlib.blake2b(response.encode(), key=key, digest_size=16, person=b"offramp/new-id").hexdigest()
