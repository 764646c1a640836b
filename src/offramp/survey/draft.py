"""The draft: all that must travel from page to page, as bytes of one fixed length.

It carries the response's secret, which pages are saved, and the closed answers; never a word that a
person wrote. Sealing it is the server's affair. The invariant: its length depends on the survey alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from offramp.errors import refuse
from offramp.sealing import SECRET_BYTES, Secret
from offramp.survey.answers import Known, pack, packed_bytes, unpack
from offramp.survey.definition import PageId, QuestionId, Survey

ARM_BYTES, STRUCTURE_BYTES = 24, 16


@dataclass(frozen=True, slots=True)
class Draft:
    """One response as its page knows it."""

    secret: Secret
    arm: str = ""
    continued: bool = False
    saved: frozenset[PageId] = frozenset()
    worded: frozenset[QuestionId] = frozenset()
    answers: Mapping[QuestionId, Known] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.answers is None:
            object.__setattr__(self, "answers", {})

    def with_page(
        self, page: PageId, answers: Mapping[QuestionId, Known], worded: frozenset[QuestionId]
    ) -> Draft:
        """Return the draft after a page was saved; `worded` are the questions whose words are kept."""
        return replace(self, saved=self.saved | {page}, worded=worded, answers={**self.answers, **answers})


def _flags(survey: Survey, draft: Draft) -> int:
    bits = [draft.continued]
    bits += [page.id in draft.saved for page in survey.pages]
    bits += [question.id in draft.worded for question in survey.questions if question.open]
    return sum(1 << place for place, bit in enumerate(bits) if bit)


@lru_cache(maxsize=64)
def _flag_bytes(survey: Survey) -> int:
    return (1 + len(survey.pages) + sum(question.open for question in survey.questions) + 7) // 8


@lru_cache(maxsize=64)
def draft_bytes(survey: Survey) -> int:
    """Return how long every draft of this survey is."""
    return STRUCTURE_BYTES + SECRET_BYTES + ARM_BYTES + _flag_bytes(survey) + packed_bytes(survey)


def encode(survey: Survey, draft: Draft) -> bytes:
    """Return the draft as bytes, bound to the structure of its survey."""
    return b"".join((
        bytes.fromhex(survey.structure)[:STRUCTURE_BYTES],
        draft.secret,
        draft.arm.encode("ascii").ljust(ARM_BYTES, b"\0"),
        _flags(survey, draft).to_bytes(_flag_bytes(survey), "little"),
        pack(survey, draft.answers),
    ))  # fmt: skip


def decode(survey: Survey, encoded: bytes) -> tuple[Survey, Draft]:
    """Return the draft in `encoded`, and of which version it is. Refusal draft.structure: of none that is here."""
    version = survey.with_structure(encoded[:STRUCTURE_BYTES].hex())
    if version is None or len(encoded) != draft_bytes(version):
        raise refuse("draft.structure", "draft", "The survey has changed since this page was made.",
                     "Please go on with the receipt, or start afresh.")  # fmt: skip
    return version, _decode(version, encoded)


def _decode(survey: Survey, encoded: bytes) -> Draft:
    start = STRUCTURE_BYTES
    parts = []
    for length in (SECRET_BYTES, ARM_BYTES, _flag_bytes(survey)):
        parts.append(encoded[start : start + length])
        start += length
    bits = iter(range(len(parts[2]) * 8))
    flags = int.from_bytes(parts[2], "little")
    continued = bool(flags >> next(bits) & 1)
    saved = frozenset(page.id for page in survey.pages if flags >> next(bits) & 1)
    worded = frozenset(q.id for q in survey.questions if q.open and flags >> next(bits) & 1)
    arm = parts[1].rstrip(b"\0").decode("ascii")
    return Draft(Secret(parts[0]), arm, continued, saved, worded, unpack(survey, encoded[start:]))
