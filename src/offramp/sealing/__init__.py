"""All cryptography is in this room. Formats are explained in docs/reference/formats.md.

Here: envelopes (sealed to researchers), drafts (sealed by the server to itself for some hours), journals (sealed
under a participant's own code), sealed files, key files, and the keys derived from a respondent's secret. Not here:
what any of these contain. The invariant: whatever cannot be opened is refused under a name of its own and yields
not one byte.
"""

from offramp.sealing.desk import (
    CONFIRM,
    PULL,
    DeskKeys,
    Recipient,
    confirmation,
    lock_private,
    new_id,
    pull_question,
    read_recipient,
    read_verifier,
    signed,
    unlock_private,
)
from offramp.sealing.draft import DraftKeys
from offramp.sealing.envelope import Binding, envelope_bytes, seal, unseal
from offramp.sealing.file import open_file, read_key, seal_file
from offramp.sealing.locker import LOCKER_BYTES, ROW_BODIES, Locker, RowKey, locker_from_code, new_locker
from offramp.sealing.pieces import Random, padded_bytes
from offramp.sealing.secret import (
    PAGE_KEY_BYTES,
    SECRET_BYTES,
    PageKey,
    Secret,
    draw_of,
    new_secret,
    page_key,
    response_id,
)

__all__ = [
    "CONFIRM", "LOCKER_BYTES", "PAGE_KEY_BYTES", "PULL", "ROW_BODIES", "SECRET_BYTES", "Binding", "DeskKeys",
    "DraftKeys", "Locker", "PageKey", "Random", "Recipient", "RowKey", "Secret", "confirmation", "draw_of",
    "envelope_bytes", "lock_private", "locker_from_code", "new_id", "new_locker", "new_secret", "open_file",
    "padded_bytes", "page_key", "pull_question", "read_key", "read_recipient", "read_verifier", "response_id", "seal",
    "seal_file", "signed", "unlock_private", "unseal",
]  # fmt: skip
