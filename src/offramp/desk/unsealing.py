"""Unsealing one envelope after another, and checking that each page can be of its survey.

All that this needs can be handed to another process. Not here: what is new, and what becomes of it (opening).
The invariant: whatever is inside an envelope, a row or a reason comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from offramp.desk.blocks import Aside, Row
from offramp.desk.codebook import Form, belongs, form
from offramp.desk.totals import is_period
from offramp.errors import Fault, Refusal
from offramp.sealing import Binding, DeskKeys, unseal
from offramp.store import Envelope
from offramp.survey import Body, Survey, read_body

COPY = "intake.copy"
Envelopes = Sequence[tuple[Envelope, bytes]]
# Of each survey what its versions can hold, by their structure.
Forms = Mapping[str, Mapping[str, Form]]
_RESPONSE, _DRAW = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")


def forms(surveys: Mapping[str, Survey]) -> Forms:
    """Return what every version of every survey can hold."""
    return {
        slug: {version.structure: form(version) for version in survey.versions}
        for slug, survey in surveys.items()
    }


@dataclass(frozen=True, slots=True)
class Reader:
    """Opens envelopes of one service with the desk's keys, which it makes from their seed."""

    seed: bytes = field(repr=False)
    service: str
    forms: Forms

    def keys(self) -> DeskKeys:
        return DeskKeys(self.seed)

    def read_all(self, envelopes: Envelopes, keys: DeskKeys) -> list[Row | Aside]:
        """Return for each envelope its row, or why there is none."""
        return [self._read(envelope, digest, keys) for envelope, digest in envelopes]

    def _read(self, envelope: Envelope, digest: bytes, keys: DeskKeys) -> Row | Aside:
        binding = Binding(self.service, f"survey/{envelope.survey}")
        try:
            opened = unseal(envelope.body, keys, binding)
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
