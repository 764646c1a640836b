"""The row archive: every opened page once, in one file sealed by the desk's own key.

Here: its rows, their form as bytes, and the new ids that responses get. Not here: opening envelopes (intake), the
file itself (folder). The invariant: an id that a respondent's secret could lead to never leaves the archive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offramp.errors import refuse
from offramp.sealing import PageKey, open_file, seal_file
from offramp.survey import Body, read_body

VERSION = 1
PURPOSE = "desk-archive"


@dataclass(frozen=True, slots=True)
class Row:
    """One opened page: which envelope it came from (key and digest), what of which response it is, and what it says.

    `response` is the id inside the envelope; `part` is the page, or the page's words.
    """

    key: PageKey
    digest: bytes
    survey: str
    response: str
    part: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Aside:
    """An envelope that could not be taken: which one, and the code of the reason."""

    key: PageKey
    digest: bytes
    code: str


@dataclass(frozen=True, slots=True)
class Archive:
    """All rows, what was set aside, and the new id of each response."""

    rows: Mapping[PageKey, Row] = field(default_factory=dict)
    aside: Mapping[PageKey, Aside] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)

    def bodies(self, survey: str) -> Iterator[Body]:
        """Yield the opened pages of a survey, their responses under the new ids."""
        for row in self.rows.values():
            if row.survey == survey:
                body = read_body(row.body)
                yield replace(body, context=replace(body.context, response=self.ids[row.response]))

    def surveys(self) -> tuple[str, ...]:
        return tuple(sorted({row.survey for row in self.rows.values()}))

    def to_bytes(self, key: bytes) -> bytes:
        """Return the archive as a sealed file."""
        plain = {
            "v": VERSION,
            "ids": dict(self.ids),
            "aside": [[a.key.hex(), a.digest.hex(), a.code] for a in self.aside.values()],
            "rows": [
                [r.key.hex(), r.digest.hex(), r.survey, r.response, r.part, r.body.decode()]
                for r in self.rows.values()
            ],
        }
        return seal_file(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), key, PURPOSE)

    @classmethod
    def from_bytes(cls, sealed: bytes, key: bytes) -> Archive:
        """Return the archive in a sealed file. Refusals: sealing.cannot_open, archive.version."""
        plain: dict[str, Any] = json.loads(open_file(sealed, key, PURPOSE))
        if plain["v"] != VERSION:
            raise refuse("archive.version", "archive", f"The archive has version {plain['v']}, not {VERSION}.",
                         "Please use the version of Offramp that wrote it.")  # fmt: skip
        rows = (
            Row(PageKey(bytes.fromhex(key)), bytes.fromhex(digest), survey, response, part, body.encode())
            for key, digest, survey, response, part, body in plain["rows"]
        )
        aside = (Aside(PageKey(bytes.fromhex(k)), bytes.fromhex(d), code) for k, d, code in plain["aside"])
        return cls({row.key: row for row in rows}, {each.key: each for each in aside}, plain["ids"])
