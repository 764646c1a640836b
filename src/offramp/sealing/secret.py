"""What follows from a respondent's secret: the keys of its pages, its draw, and the id that joins its pages.

Not here: how a receipt is written (survey/receipt.py). The invariant: without the secret nothing links two of them.
"""

from __future__ import annotations

import os
from typing import NewType

from offramp.sealing.pieces import Random, labelled

Secret = NewType("Secret", bytes)
PageKey = NewType("PageKey", bytes)
SECRET_BYTES = 16
PAGE_KEY_BYTES = 24


def new_secret(random: Random = os.urandom) -> Secret:
    """Return a new response's secret, from which its receipt and all its keys come."""
    return Secret(random(SECRET_BYTES))


def page_key(secret: Secret, survey: str, page: str) -> PageKey:
    """Return the key (24 bytes) under which one page of one response lies; nothing links two of them."""
    return PageKey(labelled(secret, f"page/{survey}/{page}", PAGE_KEY_BYTES))


def draw_of(secret: Secret, survey: str) -> bytes:
    """Return the draw (8 bytes) of a response: chance that comes back whenever its receipt does."""
    return labelled(secret, f"draw/{survey}", 8)


def response_id(secret: Secret, survey: str) -> str:
    """Return the id (32 hex digits) that joins the pages of one response inside their envelopes."""
    return labelled(secret, f"response/{survey}", 16).hex()
