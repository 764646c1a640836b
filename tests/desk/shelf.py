"""A server's shelf of sealed envelopes, as the desk meets it: the protocol of a pull, and nothing else.

The real server is met in test_desk_chain. The invariant: what is handed out is what is on the shelf, in the order of
keys, to whoever signs the challenge with the right key.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from offramp.sealing import DeskKeys, pull_question, read_verifier, signed
from offramp.store import Envelope, Tally
from tests.desk.studies import SERVICE


@dataclass
class Shelf:
    """What one server has; `break_off` at a batch plays a lost connection, `good_for` lets challenges grow old."""

    keys: DeskKeys
    envelopes: list[Envelope] = field(default_factory=list)
    tombstones: list[bytes] = field(default_factory=list)
    totals: dict[Tally, int] = field(default_factory=dict)
    service: str = SERVICE
    batch: int = 7
    break_off: int = -1
    good_for: int = 1000
    batches: int = 0
    challenge: bytes = b""
    used: int = 0
    closed: str = "2026-W49"
    asked: list[str] = field(default_factory=list)

    def post(self, path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/desk/v1/challenge":
            self.challenge, self.used = self.challenge[:31] + bytes([len(self.challenge)]), 0
            return 200, {"service": self.service, "challenge": self.challenge.hex(), "demonstration": True}
        verifier = read_verifier(self.keys.verifier_text(), "test")
        self.used += 1
        signature = bytes.fromhex(question["signature"])
        since, before = question["since"], question["before"]
        asked = pull_question(
            self.challenge, bytes.fromhex(question["after"]), question["now"], since, before
        )
        if self.used > self.good_for or not signed(verifier, signature, asked, self.service):
            return 400, {"code": "pull.signature", "message": "This is not this server's desk."}
        self.batches += 1
        if self.batches == self.break_off:
            raise ConnectionError
        after, closed = bytes.fromhex(question["after"]), min(self.closed, before or "~")
        self.asked.append(question["after"])
        weeks = [e for e in self.envelopes if question["now"] or since <= e.week < closed]
        later = sorted(e for e in weeks if e.key > after)
        return 200, {
            "envelopes": [_plain(e) for e in later[: self.batch]],
            "tombstones": [] if after else [key.hex() for key in self.tombstones],
            "totals": [] if after else [{**t._asdict(), "n": n} for t, n in self.totals.items()],
            "closed": closed,
            "next": later[self.batch - 1].key.hex() if len(later) > self.batch else None,
        }


def _plain(envelope: Envelope) -> dict[str, str]:
    body = base64.b64encode(envelope.body).decode()
    return {"key": envelope.key.hex(), "survey": envelope.survey, "week": envelope.week, "body": body}


Change = Callable[[dict[str, Any]], object]


def spoilt(shelf: Shelf, change: Change) -> Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]:
    """Return the shelf's `post`, with each batch changed on its way."""

    def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, answer = shelf.post(path, question)
        if path.endswith("pull"):
            change(answer)
        return status, answer

    return post
