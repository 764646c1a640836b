"""The desk's door: a challenge, and sealed envelopes for whoever signs it with the desk's key.

The invariant: without `now`, only envelopes of completed weeks whose drafts have all expired leave; `now` is for
demonstrations alone. Everything that leaves here is sealed, a tombstone, or a total.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from datetime import timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offramp.errors import Refusal, refuse
from offramp.sealing import CONFIRM, PAGE_KEY_BYTES, PULL, confirmation, pull_question, signed
from offramp.store import LAST_KEY
from offramp.web.guard import read_body
from offramp.web.house import DRAFT_SECONDS, House, week_of

CHALLENGE_SECONDS = 600
_CHALLENGE = "desk/challenge"
_LIMIT = 4096
# Ten years of weeks fit.
_LIMIT_OF_WEEKS = 16 * 1024
# Numbers are kept as integers of 64 bits, and travel as JSON.
_MOST = 2**53
_BATCH = 400
_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)


class DeskDoor:
    """The endpoints for `offramp desk pull`, and for what it confirms."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def challenge(self, request: Request) -> Response:
        """POST: a fresh challenge, good for ten minutes. Nothing of it is kept: it is sealed as a draft is."""
        house = self.house
        challenge = house.drafts.seal(b"", _CHALLENGE, house.now())
        return JSONResponse({"service": house.settings.service, "challenge": challenge.hex(),
                             "demonstration": house.settings.demonstration})  # fmt: skip

    def _demand(self, challenge: bytes, signature: bytes, question: bytes, purpose: str = PULL) -> None:
        """Demand that this server's desk signed this very question, with a challenge that is fresh."""
        house, proven = self.house, False
        with contextlib.suppress(Refusal):
            _, made = house.drafts.open(challenge, _CHALLENGE, house.now())
            fresh = house.now() - made < CHALLENGE_SECONDS
            settings = house.settings
            proven = fresh and signed(settings.verifier, signature, question, settings.service, purpose)
        if not proven:
            raise refuse("pull.signature", "pull", "This is not this server's desk, or the challenge is old.",
                         "Please pull again, with the desk whose verifier the server has.")  # fmt: skip

    def _closed(self) -> str:
        """Return the week before which all drafts have expired: nothing of a week before it can change any more."""
        return week_of(self.house.clock() - timedelta(seconds=2 * DRAFT_SECONDS))

    async def pull(self, request: Request) -> Response:
        """POST: one batch of closed envelopes; tombstones and totals come with the first. Refusal pull.*"""
        house = self.house
        asked = _read(await read_body(request, _LIMIT))
        question = pull_question(asked.challenge, asked.after, asked.now, asked.since, asked.before)
        self._demand(asked.challenge, asked.signature, question)
        if asked.now and not house.settings.demonstration:
            raise refuse("pull.now", "pull", "Only a demonstration hands out a week that is not over.",
                         "Please pull without --now.")  # fmt: skip
        closed = min(self._closed(), asked.before or "~")
        before, first = "~" if asked.now else closed, not asked.after
        envelopes = await house.stored(
            house.store.envelopes, before, asked.after, _BATCH, LAST_KEY, asked.since
        )
        totals = await house.stored(house.store.totals) if first else {}
        return JSONResponse({
            "envelopes": [
                {"key": e.key.hex(), "survey": e.survey, "week": e.week, "body": base64.b64encode(e.body).decode()}
                for e in envelopes
            ],
            "tombstones": [key.hex() for key in await house.stored(house.store.forgotten)] if first else [],
            "totals": [{**tally._asdict(), "n": n} for tally, n in totals.items()],
            "closed": closed,
            "next": envelopes[-1].key.hex() if len(envelopes) == _BATCH else None,
        })  # fmt: skip

    async def confirm(self, request: Request) -> Response:
        """POST: how many envelopes of each whole week the desk has safely. Refusal pull.*

        Only of weeks of which it has all anything is noted. What comes back are these, and the closed weeks of which
        there is more here than any desk has said to have.
        """
        house = self.house
        challenge, signature, weeks = _read_weeks(await read_body(request, _LIMIT_OF_WEEKS))
        self._demand(challenge, signature, confirmation(challenge, weeks), CONFIRM)
        closed = self._closed()
        over = {week: n for week, n in weeks.items() if week < closed}
        safe = await house.stored(house.store.confirm, over)
        left = await house.stored(house.store.unconfirmed, closed)
        return JSONResponse({"confirmed": sorted(safe), "unconfirmed": sorted(left)})


class _Asked(NamedTuple):
    """What a desk asks for."""

    challenge: bytes
    signature: bytes
    after: bytes
    now: bool
    since: str
    before: str


def _read(body: bytes) -> _Asked:
    """Return what is asked. Refusal pull.unreadable."""
    try:
        asked = json.loads(body)
        after, since, before = bytes.fromhex(asked["after"]), asked.get("since", ""), asked.get("before", "")
        if len(after) not in (0, PAGE_KEY_BYTES) or not all(_WEEK.fullmatch(w) for w in (since, before) if w):
            raise ValueError("after, since or before")
        challenge, signature = bytes.fromhex(asked["challenge"]), bytes.fromhex(asked["signature"])
        return _Asked(challenge, signature, after, asked["now"] is True, since, before)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unreadable() from None


def _read_weeks(body: bytes) -> tuple[bytes, bytes, dict[str, int]]:
    """Return challenge, signature, and how many envelopes of each week. Refusal pull.unreadable."""
    try:
        said = json.loads(body)
        weeks = {
            week: n for week, n in said["weeks"].items() if _WEEK.fullmatch(week) and type(n) is int and n > 0
        }
        if len(weeks) != len(said["weeks"]) or max(weeks.values(), default=0) > _MOST:
            raise ValueError("weeks")
        return bytes.fromhex(said["challenge"]), bytes.fromhex(said["signature"]), weeks
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unreadable() from None


def _unreadable() -> Refusal:
    return refuse("pull.unreadable", "pull", "This is no request of a desk.",
                  "Please use “offramp desk pull” of the same version.")  # fmt: skip
