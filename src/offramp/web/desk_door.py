"""The desk's door: a challenge, and sealed envelopes for whoever signs it with the desk's key.

The invariant: without `now`, only envelopes of completed weeks whose drafts have all expired leave; `now` is for
demonstrations alone. Everything that leaves here is sealed, a tombstone, or a total.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offramp.errors import Refusal, refuse
from offramp.sealing import PAGE_KEY_BYTES, pull_question, signed
from offramp.web.guard import read_body
from offramp.web.house import DRAFT_SECONDS, House, week_of

CHALLENGE_SECONDS = 600
_CHALLENGE = "desk/challenge"
_LIMIT = 4096
_BATCH = 400


class DeskDoor:
    """The endpoints for `offramp desk pull`."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def challenge(self, request: Request) -> Response:
        """POST: a fresh challenge, good for ten minutes. Nothing of it is kept: it is sealed as a draft is."""
        house = self.house
        challenge = house.drafts.seal(b"", _CHALLENGE, house.now())
        return JSONResponse({"service": house.settings.service, "challenge": challenge.hex(),
                             "demonstration": house.settings.demonstration})  # fmt: skip

    def _proven(self, challenge: bytes, signature: bytes, after: bytes, now: bool) -> bool:
        """Whether this server's desk asks for this very batch, with a challenge that is fresh."""
        house = self.house
        try:
            _, made = house.drafts.open(challenge, _CHALLENGE, house.now())
        except Refusal:
            return False
        question = pull_question(challenge, after, now)
        fresh = house.now() - made < CHALLENGE_SECONDS
        return fresh and signed(house.settings.verifier, signature, question, house.settings.service)

    async def pull(self, request: Request) -> Response:
        """POST: one batch of closed envelopes; tombstones and totals come with the first. Refusal pull.*"""
        house = self.house
        challenge, signature, after, now = _read(await read_body(request, _LIMIT))
        if not self._proven(challenge, signature, after, now):
            raise refuse("pull.signature", "pull", "This is not this server's desk, or the challenge is old.",
                         "Please pull again, with the desk whose verifier the server has.")  # fmt: skip
        if now and not house.settings.demonstration:
            raise refuse("pull.now", "pull", "Only a demonstration hands out a week that is not over.",
                         "Please pull without --now.")  # fmt: skip
        before = "~" if now else week_of(house.clock() - timedelta(seconds=2 * DRAFT_SECONDS))
        envelopes = await house.stored(house.store.envelopes, before, after, _BATCH)
        first = not after
        totals = await house.stored(house.store.totals) if first else {}
        return JSONResponse({
            "envelopes": [
                {"key": e.key.hex(), "survey": e.survey, "week": e.week, "body": base64.b64encode(e.body).decode()}
                for e in envelopes
            ],
            "tombstones": [key.hex() for key in await house.stored(house.store.forgotten)] if first else [],
            "totals": [{**tally._asdict(), "n": n} for tally, n in totals.items()],
            "next": envelopes[-1].key.hex() if len(envelopes) == _BATCH else None,
        })  # fmt: skip


def _read(body: bytes) -> tuple[bytes, bytes, bytes, bool]:
    """Return challenge, signature, after and now. Refusal pull.unreadable."""
    try:
        asked = json.loads(body)
        after = bytes.fromhex(asked["after"])
        if len(after) not in (0, PAGE_KEY_BYTES):
            raise ValueError("after")
        return (
            bytes.fromhex(asked["challenge"]),
            bytes.fromhex(asked["signature"]),
            after,
            asked["now"] is True,
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refuse("pull.unreadable", "pull", "This is no request of a desk.",
                     "Please use “offramp desk pull” of the same version.") from None  # fmt: skip
