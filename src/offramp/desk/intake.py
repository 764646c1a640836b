"""Taking in: pulling sealed envelopes from a server into the inbox, and telling it what is safe here.

Pure but for the store that is handed in; HTTP is the caller's. Not here: opening (opening), files (folder).
The invariants: a pull that broke off goes on and is made whole by another; what is confirmed are whole weeks.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from offramp.desk.folder import Reach, Server
from offramp.desk.totals import is_period
from offramp.errors import Refusal, refuse
from offramp.sealing import CONFIRM, PAGE_KEY_BYTES, DeskKeys, PageKey, confirmation, pull_question
from offramp.store import Envelope, Store, Tally

Json = dict[str, Any]
# Takes a path and a JSON object, returns the status and the JSON that came back.
Post = Callable[[str, Json], tuple[int, Json]]
CHALLENGE, PULL, CONFIRMATION = "/desk/v1/challenge", "/desk/v1/pull", "/desk/v1/confirm"
# Keys are chance, so their first bytes say how much of everything lies behind one.
_KEYS = 1 << 16
# Ten years: for longer than that no server keeps anything.
_MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull brought: all of the weeks from `since` on, before `closed`. `went_on` where one had broken off."""

    server: Server
    envelopes: int
    tombstones: int
    since: str = ""
    closed: str = ""
    went_on: bool = False


def pull(
    post: Post, keys: DeskKeys, inbox: Store, known: Server | None, now: bool = False,
    arrived: Callable[[int, float], None] = lambda n, share: None,
    reach: Reach | None = None, reached: Callable[[Reach], None] = lambda _: None,
) -> Pulled:  # fmt: skip
    """Fetch what the server hands out into the inbox, of the weeks that are not whole there by `reach`.

    `arrived` hears after each batch how many envelopes came and how far it is; `reached` is told what of that is on the
    disk. A pull that had broken off goes on, with the weeks that it had begun with: nothing of a closed week changes
    but by a deletion, and all tombstones come first in any case. Refusals: pull.*
    """
    line = _Line(post, keys, known, now)
    service = line.server.service
    if now or reach is None or reach.service != service or not inbox.envelopes(limit=1):
        # What is in hand says nothing of this inbox, or of weeks that are not over.
        reach = Reach(service, "")
    line.since, line.before = reach.whole, reach.closed
    batch = line.batch("")
    line.before = batch.closed
    totals, tombstones, envelopes = batch.totals, len(batch.tombstones), 0
    if batch.tombstones:
        inbox.forget(batch.tombstones)
    forgotten = set(inbox.forgotten())
    while True:
        living = [envelope for envelope in batch.envelopes if envelope.key not in forgotten]
        if living:
            inbox.keep(living)
        envelopes += len(living)
        if not batch.next:
            break
        after = max(batch.next, reach.after)
        if not now:
            reached(replace(reach, closed=line.before, after=after))
        arrived(envelopes, int(after[:4], 16) / _KEYS)
        batch = line.batch(after)
    inbox.replace_totals(totals)
    if not now:
        reached(Reach(service, line.before))
    return Pulled(line.server, envelopes, tombstones, reach.whole, line.before, bool(reach.after))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Of which weeks the server now knows that all is safe here, of which it has more, and which have closed since."""

    weeks: tuple[str, ...]
    short: tuple[str, ...]
    since: tuple[str, ...]


def confirm(post: Post, keys: DeskKeys, inbox: Store, pulled: Pulled) -> Confirmed:
    """Tell the server how many envelopes of each whole week are in the inbox, which is on the disk. Refusals: pull.*"""
    here = dict(sorted(inbox.older(pulled.closed).items())[-_MOST_WEEKS:])
    line = _Line(post, keys, pulled.server, False)
    signature = keys.sign(confirmation(line.challenge, here), line.server.service, CONFIRM)
    said = {"challenge": line.challenge.hex(), "signature": signature.hex(), "weeks": here}
    answer = _ask(post, CONFIRMATION, said)
    try:
        weeks, left = (sorted(str(week) for week in answer[name]) for name in ("confirmed", "unconfirmed"))
        if not (set(weeks) <= here.keys() and all(map(is_period, left))):
            raise ValueError("weeks")
    except (KeyError, TypeError, ValueError):
        raise _nonsense(CONFIRMATION) from None
    short, since = ([week for week in left if (week < pulled.closed) is old] for old in (True, False))
    return Confirmed(tuple(weeks), tuple(short), tuple(since))


class _Line:
    """The line to one server, with a challenge signed; a long pull outlives a challenge, and then signs another."""

    def __init__(self, post: Post, keys: DeskKeys, known: Server | None, now: bool) -> None:
        self.post, self.keys, self.known, self.now = post, keys, known, now
        self.since = self.before = ""
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
        question = pull_question(self.challenge, bytes.fromhex(after), self.now, self.since, self.before)
        signature = self.keys.sign(question, self.server.service)
        asked = {"after": after, "now": self.now, "since": self.since, "before": self.before}
        proof = {"challenge": self.challenge.hex(), "signature": signature.hex()}
        return _ask(self.post, PULL, {**proof, **asked})


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
    """One page of a pull; `next` is the key that the following one begins after, `closed` the week before
    which nothing changes any more (a parcel has none)."""

    envelopes: list[Envelope]
    tombstones: list[PageKey]
    totals: dict[Tally, int]
    next: str
    closed: str


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
        closed = str(answer.get("closed", ""))
        if closed and not ("W" in closed and is_period(closed)):
            raise ValueError("no week")
        return Batch([_envelope(e) for e in answer["envelopes"]], [_key(k) for k in answer["tombstones"]],
                      totals, following, closed)  # fmt: skip
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
