"""Unsealing one envelope of the inbox after another, and checking that each page can be of its survey.

All that this needs can be handed to another process. Not here: what is new, and what becomes of it (opening).
The invariant: whatever is inside an envelope, a row or a reason comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from offramp.desk.blocks import Aside, Row
from offramp.desk.codebook import Form, belongs, form
from offramp.desk.totals import is_period
from offramp.errors import Fault, Refusal
from offramp.sealing import Binding, DeskKeys, PageKey, unseal
from offramp.store import Envelope, Store
from offramp.survey import Body, Survey, read_body

COPY = "intake.copy"
# So many envelopes are in memory at once, however many lie within one portion.
MOST_AT_ONCE = 1000
# Of each survey what its versions can hold, by their structure.
Forms = Mapping[str, Mapping[str, Form]]
_RESPONSE, _DRAW = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")


def forms(surveys: Mapping[str, Survey]) -> Forms:
    """Return what every version of every survey can hold."""
    return {
        slug: {version.structure: form(version) for version in survey.versions}
        for slug, survey in surveys.items()
    }


class Portion(NamedTuple):
    """Some of the inbox: what comes after one key, up to another; `settled` are the digests of what stays as it is."""

    after: bytes
    upto: bytes
    settled: Mapping[PageKey, bytes]


class Found(NamedTuple):
    """What came of a portion, in the order of keys, as far as the key `upto`; `already` were as they had been."""

    upto: bytes
    already: int
    results: list[Row | Aside]


@lru_cache(64)
def _binding(service: str, survey: str) -> Binding:
    return Binding(service, f"survey/{survey}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Opens envelopes of one service with the desk's keys, which it makes from their seed."""

    seed: bytes = field(repr=False)
    service: str
    forms: Forms

    def keys(self) -> DeskKeys:
        return DeskKeys(self.seed)

    def open_portion(self, inbox: Store, portion: Portion, keys: DeskKeys) -> Found:
        """Open what is new in a portion of the inbox, or as much of it as may be in memory."""
        with inbox.sound():
            envelopes = inbox.envelopes(after=portion.after, upto=portion.upto, limit=MOST_AT_ONCE)
        results = []
        for envelope in envelopes:
            digest = sha256(envelope.body).digest()
            if portion.settled.get(envelope.key) != digest:
                results.append(self._read(envelope, digest, keys))
        whole = len(envelopes) < MOST_AT_ONCE
        upto = portion.upto if whole else envelopes[-1].key
        return Found(upto, len(envelopes) - len(results), results)

    def _read(self, envelope: Envelope, digest: bytes, keys: DeskKeys) -> Row | Aside:
        try:
            opened = unseal(envelope.body, keys, _binding(self.service, envelope.survey))
            body = read_body(opened)
        except Refusal as refusal:
            return Aside(envelope.key, digest, refusal.codes[0])
        except Fault:
            return Aside(envelope.key, digest, "intake.unreadable")
        if wrong := self._wrong(envelope.survey, body):
            return Aside(envelope.key, digest, wrong)
        part = "/".join((body.page, *(() if body.words is None else ("words", *body.words))))
        return Row(envelope.key, digest, envelope.survey, body.context.response, part, opened)

    def _wrong(self, survey: str, body: Body) -> str:
        """Return why a page cannot be taken for one of its survey; nothing where it can."""
        context = body.context
        if survey not in self.forms:
            return "intake.unknown_survey"
        form = self.forms[survey].get(context.structure)
        if form is None:
            return "intake.unknown_version"
        sound = (
            context.survey == survey
            and _RESPONSE.fullmatch(context.response)
            and _DRAW.fullmatch(context.draw)
            and is_period(context.week)
            and belongs(form, body)
        )
        return "" if sound else "intake.other_survey"
