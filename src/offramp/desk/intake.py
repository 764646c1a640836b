"""Taking in: pulling sealed envelopes from a server, and opening each of them once.

Pure but for the store that is handed in; HTTP is the caller's. Not here: files (folder), joining and counting.
The invariants: a pull that broke off is made whole by another; an envelope is opened at most once in each of its
states; whatever cannot be taken is set aside with its reason and stops nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from offramp.desk.archive import Archive, Aside, Row
from offramp.desk.codebook import belongs, codebook
from offramp.desk.folder import Server
from offramp.desk.totals import is_period
from offramp.errors import Fault, Refusal, refuse
from offramp.sealing import PAGE_KEY_BYTES, Binding, DeskKeys, PageKey, Random, pull_question, unseal
from offramp.store import Envelope, Store, Tally
from offramp.survey import Body, Survey, read_body

Json = dict[str, Any]
# Takes a path and a JSON object, returns the status and the JSON that came back.
Post = Callable[[str, Json], tuple[int, Json]]
CHALLENGE, PULL = "/desk/v1/challenge", "/desk/v1/pull"
_RESPONSE = re.compile(r"[0-9a-f]{32}")
_ID_BYTES = 16
# What other content, or a later program that knows more of what can be inside, may make good; the rest stays.
_TRY_AGAIN = frozenset((
    "intake.unknown_survey", "intake.unknown_version", "intake.other_survey", "intake.unreadable",
))  # fmt: skip


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

    def batch(self, after: str) -> _Batch:
        """Return the batch that follows a key, the first without one."""
        try:
            answer = self._pull(after)
        except Refusal as refusal:
            if not after or refusal.codes != ("pull.signature",):
                raise
            self.known, (self.server, self.challenge) = self.server, self._greet()
            answer = self._pull(after)
        return _batch(answer, after)

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
class _Batch:
    envelopes: list[Envelope]
    tombstones: list[PageKey]
    totals: dict[Tally, int]
    next: str


def _batch(answer: Json, after: str = "") -> _Batch:
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
        return _Batch([_envelope(e) for e in answer["envelopes"]], [_key(k) for k in answer["tombstones"]],
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


@dataclass(frozen=True, slots=True)
class Opened:
    """What one opening did: how many were new, were there already, were set aside, were withdrawn."""

    new: int
    already: int
    aside: Mapping[str, int]
    withdrawn: int


def open_all(
    archive: Archive, envelopes: Iterable[Envelope], withdrawn: Iterable[PageKey], keys: DeskKeys,
    server: Server, surveys: Mapping[str, Survey], random: Random,
) -> tuple[Archive, Opened]:  # fmt: skip
    """Open what is not in the archive yet; return the archive as it then is, and what was done."""
    gone = set(withdrawn)
    rows = {key: row for key, row in archive.rows.items() if key not in gone}
    aside = {key: each for key, each in archive.aside.items() if key not in gone}
    removed, new, already = len(archive.rows) - len(rows), 0, 0
    reader = _Reader(keys, server, surveys, rows.values())
    for envelope in envelopes:
        key, digest = envelope.key, hashlib.sha256(envelope.body).digest()
        if key in gone:
            continue
        if _is_there(rows.get(key) or aside.get(key), digest):
            already += 1
            continue
        # What lies under this key now takes the place of what lay there: it is the person's last word.
        rows.pop(key, None), aside.pop(key, None)
        try:
            rows[key] = reader.read(envelope, digest)
            new += 1
        except Refusal as refusal:
            aside[key] = Aside(key, digest, refusal.codes[0])
    responses = sorted({row.response for row in rows.values()})
    ids = {response: archive.ids.get(response) or random(_ID_BYTES).hex() for response in responses}
    reasons = Counter(each.code for each in aside.values())
    ordered = {key: rows[key] for key in sorted(rows)}
    return Archive(ordered, aside, ids), Opened(new, already, dict(sorted(reasons.items())), removed)


def _is_there(before: Row | Aside | None, digest: bytes) -> bool:
    if before is None or before.digest != digest:
        return False
    return isinstance(before, Row) or before.code not in _TRY_AGAIN


class _Reader:
    """Opens one envelope after another and checks that its page can be of its survey."""

    def __init__(
        self, keys: DeskKeys, server: Server, surveys: Mapping[str, Survey], rows: Iterable[Row]
    ) -> None:
        self.keys, self.server, self.surveys = keys, server, surveys
        self.variables = {
            version.structure: {v.id: v for v in codebook(version)}
            for survey in surveys.values()
            for version in survey.versions
        }
        self.places = {(row.response, row.part): row.key for row in rows}

    def read(self, envelope: Envelope, digest: bytes) -> Row:
        """Return the row of an envelope. Refusals: sealing.*, intake.*"""
        opened = unseal(envelope.body, self.keys, Binding(self.server.service, f"survey/{envelope.survey}"))
        try:
            body = read_body(opened)
        except Fault:
            raise _aside("intake.unreadable", "What is inside is no page of version 1.") from None
        if envelope.survey not in self.surveys:
            raise _aside("intake.unknown_survey", "The content has no such survey.")
        version = self.surveys[envelope.survey].with_structure(body.context.structure)
        if version is None or version.structure != body.context.structure:
            raise _aside(
                "intake.unknown_version", "The content has no version of the survey with this structure."
            )
        if not self._fits(version, body):
            raise _aside(
                "intake.other_survey", "The page does not belong to the survey that it is kept under."
            )
        response, part = (
            body.context.response,
            "/".join((body.page, *(() if body.words is None else ("words", *body.words)))),
        )
        if self.places.setdefault((response, part), envelope.key) != envelope.key:
            # A server can copy what it cannot open; a copy under a key of its own would outlive a deletion.
            raise _aside("intake.copy", "The same page of the same response lies under another key.")
        return Row(envelope.key, digest, envelope.survey, response, part, opened)

    def _fits(self, version: Survey, body: Body) -> bool:
        context = body.context
        if (
            context.survey != version.slug
            or not _RESPONSE.fullmatch(context.response)
            or not is_period(context.week)
        ):
            return False
        return belongs(self.variables[version.structure], version, body)


def _aside(code: str, what: str) -> Refusal:
    return refuse(code, "envelope", what, "Please ask the server’s operator about it.")
