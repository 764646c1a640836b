"""Drafts: what travels in a page, sealed by the server to itself for some hours.

Not here: what a draft contains. The invariant: a key under which nothing may open any more is gone for good.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from offramp.errors import refuse
from offramp.sealing.pieces import KEY, NONCE, Random, labelled


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
        self._oldest, self._chain = 0, random(KEY)
        self._keys: dict[int, ChaCha20Poly1305] = {}

    def seal(self, body: bytes, purpose: str, now: int) -> bytes:
        """Seal a body (of any length; its maker keeps the length fixed) at `now` (seconds)."""
        self.expire(now)
        nonce = self._random(NONCE)
        stamped = now.to_bytes(8, "big") + body
        return nonce + self._key(self._epoch(now)).encrypt(nonce, stamped, purpose.encode())

    def expire(self, now: int) -> None:
        """Forget the keys under which nothing can be open any more. A clock that goes back brings none of them back."""
        while self._oldest < (now - self._start) // self._lifetime - 1:
            self._keys.pop(self._oldest, None)
            self._chain = labelled(self._chain, "draft/chain", KEY)
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
                stamped = self._key(epoch).decrypt(draft[:NONCE], draft[NONCE:], purpose.encode())
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
                chain = labelled(chain, "draft/chain", KEY)
            self._keys[epoch] = ChaCha20Poly1305(labelled(chain, "draft/key", KEY))
        return self._keys[epoch]
