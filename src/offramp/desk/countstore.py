"""The count store: all that is counted of a study, as blocks of bit planes, flagged responses in blocks of their own.

Here: from opened pages to blocks. Not here: the planes (planes), counting (reckoning). The invariant: a store has codes
and nothing else of a response: no id, no word that anybody wrote, no order of its answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from offramp.desk.clean import Cleaner, Common, Rule, Seen
from offramp.desk.joiners import joined
from offramp.desk.members import Key
from offramp.desk.pieces import Piece, Spool, Tell, silent
from offramp.desk.planes import FLAG, Block, Filling, keys
from offramp.desk.reckoning import Asked, Found, reckon
from offramp.errors import refuse
from offramp.survey import Survey, join

# Of the time that a study takes; what is left is laying out.
_JOINING = 0.8
_LOOKED = "looked"


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

    def found(self, asked: Asked) -> Found:
        """Return what is found of all responses, whether they have a flag or not."""
        return reckon(self.clear.blocks(), asked) + reckon(self.flagged.blocks(), asked)

    def codes(self, subject: str) -> list[str]:
        """Return the codes of one subject that occur."""
        return sorted(code for each, code in self.occurring if each == subject)


class Looked(NamedTuple):
    """What is left of the responses of one piece once they are joined: codes, by their place in a list of all, and what
    cleaning has seen. `kinds` tells whether they are made up, `elsewhere` whether a page is of an unknown version.
    """

    keys: list[Key]
    codes: list[list[int]]
    seen: list[Seen]
    kinds: list[bool]
    elsewhere: bool


class Looker:
    """Joins one piece after another and cleans each response by itself; it can be handed to other processes."""

    def __init__(self, survey: Survey, rules: Sequence[Rule]) -> None:
        self._survey, self._cleaner = survey, Cleaner(survey, rules)
        self._known = {version.structure for version in survey.versions}

    def look(self, piece: Piece) -> Looked:
        opened = list(piece())
        places: dict[Key, int] = {}
        codes, seen = [], []
        for response in join(self._survey, opened):
            codes.append([places.setdefault(key, len(places)) for key in keys(response)])
            seen.append(self._cleaner.seen(response))
        kinds = sorted({body.context.synthetic for body in opened})
        elsewhere = any(body.context.structure not in self._known for body in opened)
        return Looked(list(places), codes, seen, kinds, elsewhere)


class Study:
    """A study on its way into blocks, piece by piece: joined, cleaned, and laid out in planes.

    What shows only where all are looked at together must be known before a response has its flags. So all pieces are
    joined first, and what is left of each waits in the spool, or in memory where there is none.
    """

    def __init__(
        self, survey: Survey, pieces: Sequence[Piece], rules: Sequence[Rule], tell: Tell = silent,
        spool: Spool | None = None, processes: int = 1,
    ) -> None:  # fmt: skip
        self._looker, self._pieces, self._tell, self._spool = Looker(survey, rules), pieces, tell, spool
        self._processes, self._common = processes, Common()
        self._kinds: set[bool] = set()
        self._waiting: list[Looked] = []
        self.elsewhere = False

    @property
    def synthetic(self) -> bool:
        return True in self._kinds

    def blocks(self) -> Iterator[tuple[bool, Block]]:
        """Yield all blocks, and whether the responses in them have a flag. Refusal report.mixture."""
        n = 0
        for place, looked in enumerate(joined(self._looker.look, self._pieces, self._processes), 1):
            n += len(looked.seen)
            self._take(looked)
            self._tell(n, _JOINING * place / len(self._pieces))
        self._common.settle()
        halves = (Filling(), Filling())
        for place, looked in enumerate(self._kept(), 1):
            for codes, seen in zip(looked.codes, looked.seen, strict=True):
                flags = self._common.flags(seen)
                own = chain((looked.keys[code] for code in codes), ((FLAG, flag) for flag in flags))
                if block := halves[bool(flags)].take(own):
                    yield bool(flags), block
            self._tell(n, _JOINING + (1 - _JOINING) * place / len(self._pieces))
        yield from ((bool(place), half.block()) for place, half in enumerate(halves) if half.n)

    def _take(self, looked: Looked) -> None:
        self._kinds.update(looked.kinds)
        if len(self._kinds) > 1:
            raise refuse("report.mixture", "archive", "Real and made-up responses lie in one archive.",
                         "Please keep a desk folder for each, and report them apart.")  # fmt: skip
        self.elsewhere |= looked.elsewhere
        for seen in looked.seen:
            self._common.note(seen)
        if self._spool is None:
            self._waiting.append(looked)
        else:
            self._spool.put(_LOOKED, json.dumps(looked, ensure_ascii=False).encode())

    def _kept(self) -> Iterator[Looked]:
        yield from self._waiting
        for portion in self._spool.portions(_LOOKED) if self._spool else ():
            names, codes, seen, *rest = json.loads(portion)
            again = [Seen(own, texts, (language, week)) for own, texts, (language, week) in seen]
            yield Looked([(subject, code) for subject, code in names], codes, again, *rest)
