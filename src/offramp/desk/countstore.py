"""The count store: all that is counted of a study, as blocks of bit planes, flagged responses in blocks of their own.

Here: from opened pages to blocks. Not here: the planes (planes), counting (reckoning). The invariant: a store has codes
and nothing else of a response: no id, no word that anybody wrote, no order of its answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from offramp.desk.clean import Cleaner, Common, Rule
from offramp.desk.members import Key
from offramp.desk.pieces import Piece, Tell, silent
from offramp.desk.planes import Block, Filling
from offramp.errors import refuse
from offramp.survey import Response, Survey, join


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
    """A study on its way into blocks, piece by piece: joined, cleaned, and laid out in planes.

    What shows only where all are looked at together must be known before a response is cleaned, so that a study of
    several pieces is joined twice.
    """

    def __init__(
        self, survey: Survey, pieces: Sequence[Piece], rules: Sequence[Rule], tell: Tell = silent
    ) -> None:
        self._survey, self._pieces, self._rules, self._tell = survey, pieces, rules, tell
        self._known = {version.structure for version in survey.versions}
        self._kinds: set[bool] = set()
        self.elsewhere = False

    @property
    def synthetic(self) -> bool:
        return True in self._kinds

    def blocks(self) -> Iterator[tuple[bool, Block]]:
        """Yield all blocks, and whether the responses in them have a flag. Refusal report.mixture."""
        common, n, joined = Common(), 0, list[Response]()
        for place, piece in enumerate(self._pieces, 1):
            joined = self._joined(piece)
            common.note(joined)
            n += len(joined)
            self._tell(n, place / len(self._pieces) / 2)
        cleaner, halves = Cleaner(self._survey, common, self._rules), (Filling(), Filling())
        for place, piece in enumerate(self._pieces, 1):
            for response in joined if len(self._pieces) == 1 else self._joined(piece):
                flags = cleaner.flags(response)
                if block := halves[bool(flags)].take(response, flags):
                    yield bool(flags), block
            self._tell(n, (1 + place / len(self._pieces)) / 2)
        yield from ((bool(place), half.block()) for place, half in enumerate(halves) if half.n)

    def _joined(self, piece: Piece) -> list[Response]:
        opened = list(piece())
        self._kinds |= {body.context.synthetic for body in opened}
        if len(self._kinds) > 1:
            raise refuse("report.mixture", "archive", "Real and made-up responses lie in one archive.",
                         "Please keep a desk folder for each, and report them apart.")  # fmt: skip
        self.elsewhere |= any(body.context.structure not in self._known for body in opened)
        return join(self._survey, opened)
