"""The count store: all that is counted of a study, as blocks of bit planes, flagged responses in blocks of their own.

Here: from opened pages to blocks. Not here: the planes (planes), counting (reckoning). The invariant: a store has codes
and nothing else of a response: no id, no word that anybody wrote, no order of its answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from offramp.desk.clean import Rule, clean
from offramp.desk.members import Key
from offramp.desk.planes import Block, blocks
from offramp.errors import refuse
from offramp.survey import Body, Response, Survey, join


@dataclass(frozen=True, slots=True)
class Half:
    """The responses with, or without, a flag: how many, which codes occur among them, and how to go through them."""

    n: int
    occurring: frozenset[Key]
    blocks: Callable[[], Iterator[Block]]


@dataclass(frozen=True, slots=True)
class CountStore:
    """A study as it is counted. `elsewhere` tells that there are pages of a version that nobody knows here."""

    clear: Half
    flagged: Half
    synthetic: bool
    elsewhere: bool

    @property
    def n(self) -> int:
        return self.clear.n + self.flagged.n

    @property
    def occurring(self) -> frozenset[Key]:
        return self.clear.occurring | self.flagged.occurring

    def codes(self, subject: str) -> list[str]:
        """Return the codes of one subject that occur."""
        return sorted(code for each, code in self.occurring if each == subject)


def count_store(survey: Survey, bodies: Iterable[Body], rules: Sequence[Rule]) -> CountStore:
    """Join opened pages, look for what stands out, and lay all out in planes. Refusal report.mixture."""
    opened = list(bodies)
    kinds = {body.context.synthetic for body in opened}
    if len(kinds) > 1:
        raise refuse("report.mixture", "archive", "Real and made-up responses lie in one archive.",
                     "Please keep a desk folder for each, and report them apart.")  # fmt: skip
    known = {version.structure for version in survey.versions}
    elsewhere = any(body.context.structure not in known for body in opened)
    responses = join(survey, opened)
    flags = clean(survey, responses, rules).flags
    clear = _half((response, own) for response, own in zip(responses, flags, strict=True) if not own)
    flagged = _half(compress(zip(responses, flags, strict=True), map(bool, flags)))
    return CountStore(clear, flagged, True in kinds, elsewhere)


def _half(responses: Iterable[tuple[Response, frozenset[str]]]) -> Half:
    own = list(blocks(responses))
    occurring = frozenset(key for block in own for key in block.planes)
    return Half(sum(block.n for block in own), occurring, lambda: iter(own))
