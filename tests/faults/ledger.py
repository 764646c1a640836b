"""What was acknowledged beside what the desk's keys open: every difference, in a sentence.

The invariant: an empty list says that each acknowledged page is there as it was sent last, each acknowledged deletion
holds, nothing is there that nobody sent, and no total has lost or doubled what it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from offramp.sealing import PageKey
from offramp.store import Envelope
from offramp.survey import Body, PageId, Walk
from offramp.survey.definition import Part, QuestionId
from tests.faults.crowd import Crowd, Deletion, Record, Sent
from tests.web.installation import Installation

Pages = Mapping[PageId, Sent]


@dataclass
class Opened:
    """Everything in the database, opened; what belongs to a receipt is taken out as it is asked for."""

    place: Installation
    tombstones: frozenset[bytes] = frozenset()
    envelopes: dict[PageKey, Envelope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tombstones = frozenset(self.place.tombstones())
        self.envelopes = {envelope.key: envelope for envelope in self.place.envelopes()}

    def take(self, keys: Mapping[PageKey, object]) -> Pages:
        return pages(self.place.open(self.envelopes.pop(key)) for key in keys if key in self.envelopes)

    def others(self) -> list[Pages]:
        """What belongs to no receipt that anybody has."""
        by_response: dict[str, list[Body]] = {}
        for envelope in self.envelopes.values():
            body = self.place.open(envelope)
            by_response.setdefault(body.context.response, []).append(body)
        return [pages(bodies) for bodies in by_response.values()]


def pages(bodies: Iterator[Body] | list[Body]) -> Pages:
    """Return what is kept of each page of one response."""
    answers: dict[PageId, Mapping[QuestionId, object]] = {}
    words: dict[PageId, dict[QuestionId, str]] = {}
    for body in bodies:
        if body.answers is not None:
            answers[body.page] = body.answers
        words.setdefault(body.page, {}).update(body.words or {})
    return {page: Sent(answers.get(page, {}), {q: w for q, w in words[page].items() if w}) for page in words}  # type: ignore[arg-type]


def differences(place: Installation, crowd: Crowd, uncounted: int = 0) -> list[str]:
    """Return everything that is not as it was acknowledged; so many visits may be missing from their totals."""
    opened = Opened(place)
    found, orphans, there = [], [], {}
    for number, record in enumerate(crowd.records):
        if not record.receipt:
            orphans.append(record)
            continue
        keys = Walk.from_receipt(crowd.survey, record.receipt).locations()
        there[number] = opened.take(keys)
        found += [f"response {number}: {what}"
                  for what in _response(record, there[number], opened.tombstones & keys.keys() == keys.keys(),
                                        bool(opened.tombstones & keys.keys()))]  # fmt: skip
    others = opened.others()
    found += _others(others, orphans)
    return found + list(_totals(place, crowd, there, len(others), uncounted))


def lost(found: list[str]) -> list[str]:
    """Return which of these say that an acknowledged page is gone or another."""
    return [what for what in found if "acknowledged" in what and "page" in what]


def _response(record: Record, there: Pages, all_buried: bool, some_buried: bool) -> Iterator[str]:
    if record.deletion is Deletion.NONE and some_buried:
        yield "is deleted, which nobody asked for"
    elif record.deletion is Deletion.DONE and not all_buried:
        yield "its acknowledged deletion is not remembered"
    elif some_buried and not all_buried:
        yield "is half deleted"
    if some_buried:
        yield from (f"page {page} is still there after its deletion" for page in there)
        return
    for page in record.sure - there.keys():
        yield f"the acknowledged page {page} is gone"
    for page, kept in there.items():
        may_be = record.pages.get(page, [])
        if kept not in may_be:
            sure = "the acknowledged " if page in record.sure else ""
            yield f"{sure}page {page} holds {kept}, and was sent as {may_be}"


def _others(others: list[Pages], orphans: list[Record]) -> list[str]:
    """A first page that nobody was told of may be kept; then it is as somebody sent it."""
    sent = [sent for record in orphans for several in record.pages.values() for sent in several]
    found = [f"nobody sent {kept}" for kept in others if any(page not in sent for page in kept.values())]
    if len(others) > len(orphans):
        found.append(f"{len(others)} responses belong to nobody, and {len(orphans)} people have no receipt")
    return found


def _totals(
    place: Installation, crowd: Crowd, there: Mapping[int, Pages], others: int, uncounted: int
) -> Iterator[str]:
    survey = crowd.survey
    counted: Counter[str] = Counter()
    for tally, n in place.totals().items():
        counted[tally.name] += n
    modules = [survey.module_pages(module)[0].id for module in survey.modules]
    first = next(page.id for page in survey.pages if page.part is Part.CORE)
    milestones = {"first_page": [first], "module_taken": modules, "finished": [survey.pages[-1].id]}
    for name, where in milestones.items():
        low = high = 0
        for number, kept in there.items():
            record = crowd.records[number]
            for page in where:
                if page in record.sure or page in kept:
                    low, high = low + 1, high + 1
                elif record.deletion is not Deletion.NONE and page in record.pages:
                    high += 1
        extra = others if name == "first_page" else 0
        if not low + extra <= counted[name] <= high + extra:
            yield f"total {name} is {counted[name]}, and should be {low + extra} to {high + extra}"
    for name in ("consent_shown", "agreed"):
        low, high = crowd.told[name] - uncounted, crowd.asked[name]
        if not low <= counted[name] <= high:
            yield f"total {name} is {counted[name]}, and should be {low} to {high}"
