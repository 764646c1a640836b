"""The count store: all that is counted of a study, as blocks of bit planes, flagged responses in blocks of their own.

Here: from opened pages to blocks. Not here: the planes (planes), counting (reckoning). The invariant: a store has codes
and nothing else of a response: no id, no word that anybody wrote, no order of its answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from offramp.desk.clean import Rule, clean
from offramp.desk.members import Key
from offramp.desk.planes import Block, blocks
from offramp.errors import refuse
from offramp.survey import Body, Survey, join


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


class Study:
    """A study on its way into blocks: joined, cleaned, and laid out in planes. Refusal report.mixture."""

    def __init__(self, survey: Survey, bodies: Iterable[Body], rules: Sequence[Rule]) -> None:
        opened = list(bodies)
        kinds = {body.context.synthetic for body in opened}
        if len(kinds) > 1:
            raise refuse("report.mixture", "archive", "Real and made-up responses lie in one archive.",
                         "Please keep a desk folder for each, and report them apart.")  # fmt: skip
        known = {version.structure for version in survey.versions}
        self.synthetic = True in kinds
        self.elsewhere = any(body.context.structure not in known for body in opened)
        self._responses = join(survey, opened)
        self._flags = clean(survey, self._responses, rules).flags

    def blocks(self) -> Iterator[tuple[bool, Block]]:
        """Yield all blocks, and whether the responses in them have a flag."""
        cleaned = list(zip(self._responses, self._flags, strict=True))
        for flagged in (False, True):
            for block in blocks((response, own) for response, own in cleaned if bool(own) is flagged):
                yield flagged, block
