"""Taking in: pulling sealed envelopes from a server into the inbox.

Pure but for the store that is handed in; HTTP is the caller's. Not here: opening (opening), files (folder).
The invariant: a pull that broke off is made whole by another.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offramp.desk.folder import Server
from offramp.desk.totals import is_period
from offramp.errors import Refusal, refuse
from offramp.sealing import PAGE_KEY_BYTES, DeskKeys, PageKey, pull_question
from offramp.store import Envelope, Store, Tally

Json = dict[str, Any]
# Takes a path and a JSON object, returns the status and the JSON that came back.
Post = Callable[[str, Json], tuple[int, Json]]
CHALLENGE, PULL = "/desk/v1/challenge", "/desk/v1/pull"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull brought."""

    server: Server
    envelopes: int
    tombstones: int


def pull(
    post: Post, keys: DeskKeys, inbox: Store, known: Server | None, now: bool = False,
    arrived: Callable[[int], None] = lambda _: None,
) -> Pulled:  # fmt: skip
    """Fetch everything that the server hands out into the inbox; `arrived` hears how many, batch by batch.

    Always from the beginning: a page that was sent again lies where it lay before. Refusals: pull.*
    """
    line = _Line(post, keys, known, now)
    batch = line.batch("")
    totals, tombstones, envelopes = batch.totals, len(batch.tombstones), 0
    if batch.tombstones:
        inbox.forget(batch.tombstones)
    forgotten = set(inbox.forgotten())
    while True:
        living = [envelope for envelope in batch.envelopes if envelope.key not in forgotten]
        if living:
            inbox.keep(living)
        envelopes += len(living)
        arrived(envelopes)
        if not batch.next:
            break
        batch = line.batch(batch.next)
    inbox.replace_totals(totals)
    return Pulled(line.server, envelopes, tombstones)


class _Line:
    """The line to one server, with a challenge signed; a long pull outlives a challenge, and then signs another."""

    def __init__(self, post: Post, keys: DeskKeys, known: Server | None, now: bool) -> None:
        self.post, self.keys, self.known, self.now = post, keys, known, now
        self.server, self.challenge = self._greet()

    def _greet(self) -> tuple[Server, bytes]:
        """Return who the server is, and its challenge. Refusals: pull.protocol, pull.other_server."""
        greeting = _ask(self.post, CHALLENGE, {})
        try:
            server = Server(str(greeting["service"]), greeting["demonstration"] is True)
            challenge = bytes.fromhex(greeting["challenge"])
        except (KeyError, TypeError, ValueError):
            raise _nonsense(CHALLENGE) from None
        if self.known is not None and self.known != server:
            other = f"This desk belongs to “{self.known.service}”, not “{server.service}”."
            raise refuse(
                "pull.other_server", "pull", other, "Please correct the address, or use another desk folder."
            )
        return server, challenge

    def batch(self, after: str) -> Batch:
        """Return the batch that follows a key, the first without one."""
        try:
            answer = self._pull(after)
        except Refusal as refusal:
            if not after or refusal.codes != ("pull.signature",):
                raise
            self.known, (self.server, self.challenge) = self.server, self._greet()
            answer = self._pull(after)
        return read_batch(answer, after)

    def _pull(self, after: str) -> Json:
        signature = self.keys.sign(
            pull_question(self.challenge, bytes.fromhex(after), self.now), self.server.service
        )
        return _ask(self.post, PULL, {"challenge": self.challenge.hex(), "signature": signature.hex(),
                                      "after": after, "now": self.now})  # fmt: skip


def _ask(post: Post, path: str, question: Json) -> Json:
    status, answer = post(path, question)
    if status == 200:
        return answer
    try:
        code, message = str(answer["code"]), str(answer["message"])
    except (KeyError, TypeError):
        raise _nonsense(path) from None
    raise refuse(code, f"server, {path}", message, "Please ask the server’s operator if this does not help.")


def _nonsense(path: str) -> Refusal:
    return refuse("pull.protocol", f"server, {path}", "The answer is not that of an Offramp server of this version.",
                  "Please check the address, and that server and desk have the same version.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of a pull; `next` is the key that the following one begins after."""

    envelopes: list[Envelope]
    tombstones: list[PageKey]
    totals: dict[Tally, int]
    next: str


def read_batch(answer: Json, after: str = "") -> Batch:
    """Return one page of a pull, each of its values checked. Refusal pull.protocol."""
    try:
        totals = {
            Tally(str(t["name"]), str(t["subject"]), str(t["language"]), str(t["period"])): int(t["n"])
            for t in answer["totals"]
        }
        if not all(is_period(tally.period) and n >= 0 for tally, n in totals.items()):
            raise ValueError("a total of no week or day")
        following = _key(answer["next"]).hex() if answer["next"] else ""
        if following and following <= after:
            raise ValueError("the pages of a pull do not go forward")
        return Batch([_envelope(e) for e in answer["envelopes"]], [_key(k) for k in answer["tombstones"]],
                      totals, following)  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise _nonsense(PULL) from None


def _envelope(plain: Mapping[str, str]) -> Envelope:
    if not is_period(plain["week"]) or not 0 < len(plain["survey"]) <= 40:
        raise ValueError("week or survey")
    body = base64.b64decode(plain["body"], validate=True)
    return Envelope(_key(plain["key"]), plain["survey"], plain["week"], body)


def _key(text: str) -> PageKey:
    key = bytes.fromhex(text)
    if len(key) != PAGE_KEY_BYTES:
        raise ValueError("key")
    return PageKey(key)
