"""Opening a participant's journal for one page, and writing what the page brought.

Between pages a journal's locker travels in the page, sealed by the server to itself for two hours; nothing of it is
kept in between. Not here: what a journal is (`programme`), what pages show (leaves). The invariant: a locker is
handed out only to whoever sent its code, or a page that carried it.
"""

from __future__ import annotations

import base64
import binascii
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from offramp.errors import Fault, refuse
from offramp.language import Tag
from offramp.programme import (
    Facts,
    Journal,
    Programme,
    change_journal,
    delete_journal,
    move_journal,
    new_id,
    open_journal,
)
from offramp.sealing import Locker, new_locker
from offramp.web.house import House

PURPOSE, OPEN_SECONDS = "journal", 2 * 60 * 60
# A sitting is over when its page is closed; what is left of it lies for so many days at most.
SITTING_DAYS = 2


@dataclass(frozen=True, slots=True)
class Opened:
    """A journal in the state in which this page found it, and what opens it."""

    locker: Locker
    journal: Journal


def kept_until(today: date, months: int) -> date:
    """Return the last day of the month so many months ahead: the finest that is kept of when a journal was used."""
    month = today.year * 12 + today.month - 1 + months
    year, number = month // 12, month % 12 + 1
    return date(year, number, monthrange(year, number)[1])


class Keeping:
    """Journals behind the pages of one house."""

    def __init__(self, house: House) -> None:
        self.house = house

    def token(self, locker: Locker) -> str:
        """Return what a page carries of an open journal."""
        sealed = self.house.drafts.seal(locker.secret, PURPOSE, self.house.now())
        return base64.urlsafe_b64encode(sealed).decode()

    def carried(self, token: str) -> Locker:
        """Return the locker that a page carried. Refusal draft.closed: foreign, changed, or more than two hours old."""
        try:
            sealed = base64.urlsafe_b64decode(token.encode("ascii"))
        except (binascii.Error, UnicodeEncodeError):
            sealed = b""
        secret, made = self.house.drafts.open(sealed, PURPOSE, self.house.now())
        if self.house.now() - made >= OPEN_SECONDS:
            raise refuse(
                "draft.closed", "journal", "This page was open for too long.", "Please type the code again."
            )
        return Locker(secret)

    async def opened(self, locker: Locker) -> Opened:
        """Open what lies in a locker. Refusals: journal.unknown, and those of `open_journal`."""
        found = await self.house.stored(open_journal, self.house.store.journals, locker)
        if found is None:
            raise refuse(
                "journal.unknown", "journal", "There is no journal here.", "Please compare the code."
            )
        return Opened(locker, found.journal)

    async def locker(self, typed: str) -> Locker:
        """Return what a code opens, whether or not anything lies there. Refusals: as `Codes.read`. Raises Busy."""
        return await self._stretched(self.house.content.guides.codes.read(typed))

    async def by_code(self, typed: str) -> Opened:
        """Open by a code. Refusals: as `locker`, as `opened`. Raises Busy."""
        return await self.opened(await self.locker(typed))

    async def new_code(self, tag: Tag) -> tuple[tuple[str, ...], Locker]:
        """Draw a code, and return what it opens. Raises Busy."""
        codes = self.house.content.guides.codes
        code = codes.new(tag, self.house.random_bytes)
        return code, await self._stretched(codes.read(" ".join(code)))

    def new_id(self) -> str:
        """Return an id for an entry that a page may bring."""
        return new_id(self.house.random_bytes)

    def sitting(self) -> Locker:
        """Return a locker without a code."""
        return new_locker(self.house.random_bytes)

    async def change(
        self, programme: Programme, locker: Locker, act: Callable[[Journal], Journal], kept: bool = True,
        new: Facts | None = None,
    ) -> Opened:  # fmt: skip
        """Do something to a journal; return it when it is on the disk. Raises as `change_journal`, and Unwritten."""
        until, random_bytes = self._until(programme, kept), self.house.random_bytes
        journal = await self.house.stored(
            change_journal, self.house.store.journals, locker, act, until, random_bytes, new
        )
        return Opened(locker, journal)

    async def move(self, programme: Programme, opened: Opened, locker: Locker) -> Opened:
        """Put the journal of a sitting under a code."""
        until, random_bytes = self._until(programme, True), self.house.random_bytes
        journals = self.house.store.journals
        journal = await self.house.stored(move_journal, journals, opened.locker, locker, until, random_bytes)
        return Opened(locker, journal)

    async def delete(self, locker: Locker) -> None:
        await self.house.stored(delete_journal, self.house.store.journals, locker)

    def until(self, programme: Programme, journal: Journal) -> str:
        """Return the month (2028-05) in whose end an unused journal is deleted; nothing for a sitting."""
        return self._until(programme, True)[:7] if journal.facts.kept else ""

    def _until(self, programme: Programme, kept: bool) -> str:
        today = self.house.clock().date()
        if not kept:
            return (today + timedelta(days=SITTING_DAYS)).isoformat()
        return kept_until(today, programme.keep_months).isoformat()

    async def _stretched(self, code: bytes) -> Locker:
        if self.house.stretching is None:
            raise Fault("no programme is offered without a pepper")
        return await self.house.stretching.locker(code)
